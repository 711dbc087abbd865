# SPDX-License-Identifier: Apache-2.0
import os
import stat
from pathlib import Path

import pytest

from consent import key_files
from consent.chance import SystemChance
from consent.errors import Broken
from consent.words import Reason


def test_a_key_file_is_written_whole_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "some.key"
    key_files.draft(path).write_bytes(b"half of an earlier one")
    key_files.write(path, b"k" * 32)
    assert key_files.read(path, "gone") == b"k" * 32
    assert stat.S_IMODE(path.stat().st_mode) == key_files.OWNER_ONLY
    assert list(tmp_path.iterdir()) == [path]


def test_a_destroyed_key_file_is_gone_under_every_name_its_bytes_had(tmp_path: Path) -> None:
    path = tmp_path / "some.key"
    key_files.write(path, b"k" * 32)
    os.link(path, tmp_path / "same bytes on the disk")
    key_files.destroy(path)
    key_files.destroy(path)
    assert (tmp_path / "same bytes on the disk").read_bytes() == bytes(32)
    with pytest.raises(Broken, match="gone for good") as gone:
        key_files.read(path, "gone for good")
    assert gone.value.reason is Reason.UNAVAILABLE


def test_a_log_is_given_its_keys_once(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "keys"
    key_files.found(folder, SystemChance())
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert made.keys() == {key_files.ROOT, key_files.LOG, key_files.SECOND}
    assert len(set(made.values())) == 3
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / key_files.LOG).unlink()  # as one that was killed before it was made
    key_files.found(folder, SystemChance())
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {name for name in made if after[name] != made[name]} == {key_files.LOG}
