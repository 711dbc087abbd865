# SPDX-License-Identifier: Apache-2.0
import re
import stat
import time
from pathlib import Path

import pytest

from consent.blobs import ObstoreBlobs, blob_name
from consent.chance import FixedChance
from consent.errors import Broken
from consent.words import SECOND, Reason


@pytest.fixture
def blobs(tmp_path: Path) -> ObstoreBlobs:
    return ObstoreBlobs(str(tmp_path / "blobs"))


def test_what_is_put_is_got(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/one", b"sealed")
    assert blobs.get("ab/one") == b"sealed"
    assert blobs.head("ab/one")


def test_a_name_is_written_once(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/one", b"sealed")
    with pytest.raises(Broken) as taken:
        blobs.put_new("ab/one", b"another")
    assert taken.value.reason is Reason.UNAVAILABLE
    assert blobs.get("ab/one") == b"sealed"


def test_deleting_succeeds_again_when_repeated(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/one", b"sealed")
    for _ in range(2):
        blobs.delete("ab/one")
    assert not blobs.head("ab/one")
    with pytest.raises(Broken) as gone:
        blobs.get("ab/one")
    assert gone.value.reason is Reason.UNAVAILABLE


def test_the_list_names_all_with_the_time_they_were_written(blobs: ObstoreBlobs) -> None:
    assert blobs.list() == ()
    for name in ("cd/two", "ab/one"):
        blobs.put_new(name, b"sealed")
    found = blobs.list()
    assert [one.name for one in found] == ["ab/one", "cd/two"]
    now = time.time_ns() // 1_000
    assert all(now - 60 * SECOND < one.written_at <= now + SECOND for one in found)


def test_nobody_else_on_the_machine_may_read_a_blob(blobs: ObstoreBlobs, tmp_path: Path) -> None:
    blobs.put_new("ab/one", b"sealed")
    for path in (tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_names_tell_nothing_and_never_repeat() -> None:
    chance = FixedChance(7)
    names = [blob_name(chance) for _ in range(500)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{30}", name) for name in names)


def test_a_store_can_be_named_by_url(tmp_path: Path) -> None:
    (tmp_path / "bucket").mkdir()
    blobs = ObstoreBlobs(f"file://{tmp_path}/bucket")
    blobs.put_new("ab/one", b"sealed")
    assert (tmp_path / "bucket" / "ab" / "one").read_bytes() == b"sealed"


def test_the_size_of_what_is_not_there_is_nothing(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/1", b"12345")
    assert (blobs.size("ab/1"), blobs.size("ab/2")) == (5, 0)
