# SPDX-License-Identifier: Apache-2.0
import os
import stat
from pathlib import Path

import pytest

from consent import key_files
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
