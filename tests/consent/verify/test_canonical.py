# SPDX-License-Identifier: Apache-2.0
"""Bytes in, values out, never an error."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import entries
from consent.verify.canonical import Folder, base64url, canonical, read_json, unbase64url


@given(st.binary(max_size=40))
def test_base64url_is_the_engines_and_reads_back(raw: bytes) -> None:
    assert base64url(raw) == entries.base64url(raw)
    assert unbase64url(base64url(raw)) == raw


@pytest.mark.parametrize("raw", [None, b"", b"{", b"1.5", b"NaN", b"\xff", b"[" * 100_000])
def test_what_is_no_json_of_integers_is_none(raw: bytes | None) -> None:
    assert read_json(raw) is None


def test_canonical_bytes_are_the_engines() -> None:
    value = {"b": [1, True, "\u00e9"], "a": {"z": -1}}
    assert canonical(value) == entries.canonical(value)
    assert read_json(canonical(value)) == value


def test_what_is_not_there_is_none_and_what_is_cut_short_is_short(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    folder = Folder(tmp_path)
    assert folder.read("file") == b"0123456789"
    assert folder.read("none") is folder.read("file/none") is folder.read("a\0b") is None
    assert folder.part("file", 8, 5) == b"89"
    assert folder.part("none", 0, 5) == folder.part("file", 1 << 70, 5) == b""
    assert list(folder.names(".")) == ["file"]
    assert list(folder.names("none")) == list(folder.names("file")) == []


def test_a_file_is_read_whole_however_much_is_read_at_once_and_a_folder_is_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "inner").mkdir()
    assert folder.read("inner") is None
    for name in ("0123456789", "01234567", ""):
        (tmp_path / "file").write_text(name)
        for at_once in (1, 4, 100):
            monkeypatch.setattr("consent.verify.canonical._MOST_AT_ONCE", at_once)
            assert folder.read("file") == name.encode()
