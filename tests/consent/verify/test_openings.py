# SPDX-License-Identifier: Apache-2.0
"""Openings disclose what was committed to, or are found."""

import hashlib
import json
from pathlib import Path

import pytest

from consent import entries, verify
from consent.verify.canonical import Folder
from consent.verify.openings import Bits, Opened, list_openings, named, salted
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


def test_a_file_that_opens_nothing_is_named(copied: Path) -> None:
    for name in ("note.txt", "01.json"):
        (copied / "openings" / name).write_text("{}")
    found = verify.verify(copied)["findings"]
    assert [one["file"] for one in found] == ["openings/01.json", "openings/note.txt"]


def test_names_that_open_nothing_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.openings._MOST_STRANGERS", 2)
    (tmp_path / "openings").mkdir()
    for number in range(5):
        (tmp_path / f"openings/x{number}").write_text("")
    assert len(list_openings(Folder(tmp_path))[1]) == 2


FACTS = b'{"kind":"explicit"}'
SALT = b"AAAA"
COMMITTED = named(hashlib.sha256(salted(SALT) + FACTS).digest())
HALF = b'"\\ud800"'


@pytest.mark.parametrize(
    ("raw", "commitment", "good"),
    [
        (b'{"facts":%b,"salt":"%b","seq":3}' % (FACTS, SALT), COMMITTED, True),
        (b'{"seq":3, "salt":"%b", "facts":%b}' % (SALT, FACTS), COMMITTED, True),
        (b'{"seq":4, "salt":"%b", "facts":%b}' % (SALT, FACTS), COMMITTED, False),
        (b'{"seq":3, "salt":"%b", "facts":%b}' % (SALT, FACTS), COMMITTED[:-2], False),
        (b'{"seq":3, "salt":"A", "facts":%b}' % FACTS, COMMITTED, False),
        (b'{"seq":3, "salt":"AAAA", "facts":{"kind":%b}}' % HALF, COMMITTED, False),
    ],
)
def test_facts_are_opened_however_their_opening_is_written_but_only_those_committed_to(
    tmp_path: Path, raw: bytes, commitment: bytes, good: bool
) -> None:
    (tmp_path / "openings").mkdir()
    (tmp_path / "openings/3.json").write_bytes(raw)
    opened = Opened(Folder(tmp_path), Bits())
    assert opened.one(3, commitment) == ({"kind": "explicit"} if good else None)


def test_what_has_no_canonical_form_is_no_fact(tmp_path: Path) -> None:
    opened = Opened(Folder(tmp_path), Bits())
    assert opened.text({"a": 1}) == b'{"a":1}'
    assert opened.text([1]) is opened.text({"a": "\ud800"}) is None
    assert opened.facts(b'{"kind":%b}' % HALF) is opened.facts(b'{"kind":  "x"}') is None


def test_facts_that_were_read_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consent.verify.openings._MOST_KNOWN", 2)
    opened = Opened(Folder(tmp_path), Bits())
    for number in range(9):
        assert opened.facts(b'{"used_day":%d}' % number) == {"used_day": number}
        assert len(opened._known) <= 3
