# SPDX-License-Identifier: Apache-2.0
"""Entries are all there, or it is said which is the first that is not."""

import shutil
from pathlib import Path

import pytest

from consent import verify
from tests.consent.conftest import Year
from tests.consent.findings import found_in
from tests.consent.forge import Forge, Operator, read_log, sign, write_log


def test_a_truncated_log_ends_where_the_checkpoint_does_not(forge: Forge) -> None:
    size = len(forge.log)
    write_log(forge.bundle, read_log(forge.bundle)[:-3])
    assert ("size-mismatch", size - 3) in found_in(forge.bundle)


def test_an_entry_that_is_cut_short_is_missing(forge: Forge) -> None:
    path = next((forge.bundle / "tile/entries/000.p").iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    assert ("size-mismatch", len(forge.log) - 1) in found_in(forge.bundle)


@pytest.mark.parametrize("more", [b"\0", b"\0\1", b"\xff\xff cut short"])
def test_bytes_behind_the_last_entry_are_found(copied: Path, more: bytes) -> None:
    path = next((copied / "tile/entries/000.p").iterdir())
    path.write_bytes(path.read_bytes() + more)
    assert [code for code, _ in found_in(copied)] == ["bundle-unreadable"]


def test_a_file_behind_the_last_one_is_found_even_if_it_holds_no_entry(copied: Path) -> None:
    (copied / "tile/entries/001").write_bytes(b"\0")
    assert [code for code, _ in found_in(copied)] == ["size-mismatch"]


def test_a_checkpoint_of_another_size_is_found(forge: Forge) -> None:
    size = len(forge.log)
    forge.close(size=size + 1)
    assert ("size-mismatch", size) in found_in(forge.bundle)
    forge.close(size=size - 1)
    assert ("size-mismatch", size - 1) in found_in(forge.bundle)


def test_a_tile_missing_in_the_middle_is_a_gap(copied: Path, year: Year) -> None:
    log = [b'{"at":1,"t":"admin","v":1}'] * 600
    signer = Operator(year.rooms.consent.ledger)
    sign(copied, signer, write_log(copied, log))
    for folder in ("openings", "blocks"):
        shutil.rmtree(copied / folder)
    assert found_in(copied) == []
    (copied / "tile/entries/001").unlink()
    assert found_in(copied)[0] == ("seq-gap", 256)


def test_a_size_beyond_all_measure_ends_at_the_last_entry(forge: Forge) -> None:
    forge.close(size=10**15)
    assert ("size-mismatch", len(forge.log)) in found_in(forge.bundle)


def test_a_changed_byte_in_an_entry_is_found_at_that_entry(forge: Forge) -> None:
    log = read_log(forge.bundle)
    seq = forge.find("grant")
    path = next((forge.bundle / "tile/entries/000.p").iterdir())
    path.write_bytes(
        path.read_bytes().replace(log[seq], log[seq].replace(b"explicit", b"parental"))
    )
    found = verify.verify(forge.bundle)["findings"]
    assert {(f["code"], f["seq"]) for f in found} >= {
        ("root-mismatch", seq),
        ("root-mismatch", None),
    }
