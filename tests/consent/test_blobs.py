# SPDX-License-Identifier: Apache-2.0
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from threading import Barrier, Lock, Thread
from types import MappingProxyType

import pytest
from typing_extensions import override

from consent import faults
from consent.blobs import Blobs, ObstoreBlobs, blob_name
from consent.chance import FixedChance
from consent.errors import Broken
from consent.stores import Reach
from consent.words import SECOND, Micros, Reason
from tests.buckets import CREDENTIALS
from tests.conftest import BUCKET


@pytest.fixture(params=["folder", BUCKET])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> ObstoreBlobs:
    """Open an empty store; a test that asks for it runs on both kinds."""
    if request.param == "folder":
        return ObstoreBlobs(str(tmp_path / "blobs"))
    found: ObstoreBlobs = request.getfixturevalue("bucket").open()
    return found


@pytest.fixture
def folder(tmp_path: Path) -> ObstoreBlobs:
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


def test_a_write_that_landed_though_the_store_said_no_is_a_write(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/one", b"sealed")
    blobs.put_new("ab/one", b"sealed")
    assert [one.name for one in blobs.list()] == ["ab/one"]


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


def test_one_part_of_the_names_is_listed_alone(blobs: ObstoreBlobs) -> None:
    for name in ("ab/one", "ab/two", "abc/none", "cd/three"):
        blobs.put_new(name, b"sealed")
    found = {one.name for page in blobs.pages("ab") for one in page}
    assert found == {"ab/one", "ab/two"}


def test_a_list_comes_in_pages(blobs: ObstoreBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consent.blobs._PAGE", 4)
    for number in range(9):
        blobs.put_new(f"ab/{number}", b"sealed")
    assert max(len(page) for page in blobs.pages()) == 4
    assert sum(len(page) for page in blobs.pages()) == 9


# --- several at once

MANY = tuple((f"ab/{number}", b"sealed %d" % number) for number in range(12))


def test_several_are_on_their_way_at_once_and_never_more_than_are_allowed(
    blobs: ObstoreBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, met, lock, under_way = blobs._put, Barrier(4), Lock(), [0, 0]

    def put(name: str, content: bytes) -> None:
        with lock:
            under_way[:] = under_way[0] + 1, max(under_way[1], under_way[0] + 1)
        met.wait(timeout=10)
        honest(name, content)
        with lock:
            under_way[0] -= 1

    monkeypatch.setattr(blobs, "_put", put)
    blobs.put_all(MANY)
    assert 4 <= under_way[1] <= 8
    names = [name for name, _ in reversed(MANY)]
    assert blobs.get_all(names) == tuple(content for _, content in reversed(MANY))


def test_one_that_fails_takes_no_other_with_it(
    blobs: ObstoreBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = blobs._put

    def put(name: str, content: bytes) -> None:
        if name == "ab/3":
            raise OSError(28, "no space")
        honest(name, content)

    monkeypatch.setattr(blobs, "_put", put)
    with pytest.raises(Broken, match="OSError"):
        blobs.put_all(MANY)
    read = blobs.get_all([name for name, _ in MANY])
    missing = [one for one in read if isinstance(one, Broken)]
    assert [read.index(one) for one in missing] == [3]
    assert "missing" in missing[0].sentence
    assert [one for one in read if one not in missing] == [c for n, c in MANY if n != "ab/3"]
    assert blobs.get_all([]) == ()


def test_what_is_put_into_a_folder_is_on_the_disk_before_anybody_is_told(
    folder: ObstoreBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    root = tmp_path / "blobs"
    folder.put_new("ab/one", b"sealed")
    assert synced == [path.stat().st_ino for path in (root / "ab" / "one", root / "ab", root)]
    folder.put_new("ab/two", b"sealed")
    assert synced[3:] == [path.stat().st_ino for path in (root / "ab" / "two", root / "ab")]


def test_what_cannot_be_brought_to_the_disk_was_not_put(
    folder: ObstoreBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(5, "input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    assert "OSError" in refused(folder, "put")


def test_the_size_of_what_is_not_there_is_nothing(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/1", b"12345")
    assert (blobs.size("ab/1"), blobs.size("ab/2")) == (5, 0)


def test_drafts_of_a_crash_go_once_they_are_old(folder: ObstoreBlobs, tmp_path: Path) -> None:
    folder.put_new("ab/one", b"sealed")
    for number, age in ((1, 2 * 3_600), (2, 0)):
        draft = tmp_path / "blobs" / "ab" / f"two#{number}"
        draft.write_bytes(b"half of")
        written = time.time_ns() - age * 1_000 * SECOND
        os.utime(draft, ns=(written, written))
    assert [one.name for one in folder.list()] == ["ab/one"]
    assert folder.clear(Micros(time.time_ns() // 1_000 - 3_600 * SECOND)) == 1
    assert {path.name for path in (tmp_path / "blobs" / "ab").iterdir()} == {"one", "two#2"}


def test_a_bucket_shows_no_drafts(blobs: ObstoreBlobs) -> None:
    blobs.put_new("ab/one", b"sealed")
    assert blobs.clear(Micros(time.time_ns())) == 0
    assert blobs.head("ab/one")


def test_nobody_else_on_the_machine_may_read_a_blob(folder: ObstoreBlobs, tmp_path: Path) -> None:
    folder.put_new("ab/one", b"sealed")
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


# --- a store that fails

ACTS: Mapping[str, Callable[[Blobs], object]] = MappingProxyType(
    {
        "put": lambda blobs: blobs.put_new("ab/two", b"sealed"),
        "get": lambda blobs: blobs.get("ab/one"),
        "delete": lambda blobs: blobs.delete("ab/one"),
        "head": lambda blobs: blobs.head("ab/one"),
        "size": lambda blobs: blobs.size("ab/one"),
        "pages": lambda blobs: tuple(blobs.pages()),
    }
)


def refused(blobs: Blobs, act: str) -> str:
    with pytest.raises(Broken) as failed:
        ACTS[act](blobs)
    assert failed.value.reason is Reason.UNAVAILABLE
    return failed.value.sentence


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.usefixtures("_credentials")
def test_a_dead_server_is_said_at_once_and_is_no_answer(act: str) -> None:
    dead = Reach(endpoint="http://127.0.0.1:9", region="x", seconds=1, retries=0)
    started = time.monotonic()
    said = refused(ObstoreBlobs("s3://bucket", dead), act)
    assert time.monotonic() - started < 10
    assert "127.0.0.1" not in said


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


class _Lying(BaseHTTPRequestHandler):
    """Take what is put and say 500 to the first; afterwards say that it is there."""

    tries = count()
    held = b""

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        first = next(type(self).tries) == 0
        type(self).held = content if first else type(self).held
        self._say(500 if first else 412)

    def do_GET(self) -> None:
        self._say(200, type(self).held)

    def _say(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@pytest.fixture
def lying() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Lying)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("_credentials")
def test_a_put_that_landed_behind_an_error_is_found_out(lying: str) -> None:
    reach = Reach(endpoint=lying, region="x", seconds=2, retries=1)
    ObstoreBlobs("s3://bucket", reach).put_new("ab/one", b"sealed")
    assert next(_Lying.tries) == 2
    with pytest.raises(Broken, match="drawn twice"):
        ObstoreBlobs("s3://bucket", reach).put_new("ab/one", b"another")


@pytest.mark.parametrize("act", ["put", "get", "delete", "pages"])
@pytest.mark.parametrize("error", [OSError(5, "input/output error"), OSError(28, "no space")])
def test_a_disk_that_fails_is_a_store_that_fails(
    folder: ObstoreBlobs, act: str, error: OSError
) -> None:
    folder.put_new("ab/one", b"sealed")

    def fail(_point: str) -> None:
        raise error

    with faults.injecting(fail):
        refused(folder, act)
    assert [one.name for one in folder.list()] == ["ab/one"]


def test_a_full_disk_leaves_no_part_of_an_object(tmp_path: Path) -> None:
    folder = ObstoreBlobs(str(tmp_path / "blobs"))
    (tmp_path / "blobs" / "ab").write_bytes(b"a file stands where the folder should")
    assert "fails" in refused(folder, "put")
    assert folder.clear(Micros(time.time_ns())) == 0
