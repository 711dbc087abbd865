# SPDX-License-Identifier: Apache-2.0
"""Openings disclose what was committed to, or are found."""

import json
from pathlib import Path

import pytest

from consent import entries, verify
from tests.consent.findings import found_in
from tests.consent.forge import Forge


def test_a_changed_opening_is_found_at_its_decision(forge: Forge) -> None:
    seq = forge.find("decision", verdict="deny")
    path = forge.bundle / f"openings/{seq}.json"
    opened = json.loads(path.read_bytes())
    opened["facts"]["used_day"] = 99
    path.write_bytes(entries.canonical(opened))
    assert found_in(forge.bundle) == [("commitment-mismatch", seq)]


SPOILT = (
    *(b"", b"[]", b"{}", b'{"seq":1e3}', b"\xff", b"[" * 100_000),
    b'{"facts":{},"salt":"?","seq":%d}',
    b'{"facts":{"note":' + b"[" * 900 + b"]" * 900 + b'},"salt":"","seq":%d}',
    b'{"facts":{"kind":7},"salt":"","seq":%d}',
)


@pytest.mark.parametrize("spoilt", SPOILT)
def test_an_opening_that_is_none_is_found(forge: Forge, spoilt: bytes) -> None:
    seq = forge.find("decision")
    path = forge.bundle / f"openings/{seq}.json"
    path.write_bytes(spoilt % seq if b"%d" in spoilt else spoilt)
    assert found_in(forge.bundle) == [("commitment-mismatch", seq)]


def test_an_opening_of_nothing_is_found(copied: Path) -> None:
    (copied / "openings/0.json").write_text("{}")
    (found,) = verify.verify(copied)["findings"]
    assert (found["code"], found["file"]) == ("commitment-mismatch", "openings/0.json")
