# SPDX-License-Identifier: Apache-2.0
"""What an entry may say."""

from pathlib import Path
from typing import Any

import pytest

from consent import entries
from consent.verify.grammar import read_entry
from tests.consent.conftest import Year
from tests.consent.findings import found_in
from tests.consent.forge import Operator, read_log, sign, write_log

GOOD = b'{"at":1,"t":"admin","v":1}'


MALFORMED = {
    "keys out of order": b'{"t":"admin","at":1,"v":1}',
    "white space": b'{"at":1, "t":"admin","v":1}',
    "a float": b'{"at":1.0,"t":"admin","v":1}',
    "not a number": b'{"at":NaN,"t":"admin","v":1}',
    "null": b'{"at":1,"note":null,"t":"admin","v":1}',
    "a key twice": b'{"at":1,"at":1,"t":"admin","v":1}',
    "a key that is not ASCII": '{"at":1,"t":"admin","v":1,"\u00e9":1}'.encode(),
    "text not in NFC": '{"at":1,"note":"e\u0301","t":"admin","v":1}'.encode(),
    "a number too large": b'{"at":1,"note":9007199254740992,"t":"admin","v":1}',
    "true for one": b'{"at":1,"t":"admin","v":true}',
    "another version": b'{"at":1,"t":"admin","v":2}',
    "no time": b'{"t":"admin","v":1}',
    "a time before time": b'{"at":-1,"t":"admin","v":1}',
    "no type": b'{"at":1,"v":1}',
    "a type nobody knows": b'{"at":1,"t":"gossip","v":1}',
    "a purpose nobody knows": b'{"at":1,"purpose":"fun","t":"admin","v":1}',
    "a list": b"[]",
    "no JSON": b"entry",
    "nothing": b"",
    "bytes": b"\xff\xfe",
    "half a surrogate": b'{"at":1,"note":"\\ud800","t":"admin","v":1}',
    "a grant of nothing": b'{"at":1,"t":"grant","v":1}',
    "a self-test of nothing": b'{"at":1,"t":"selftest","v":1}',
    "an abyss": b'{"at":1,"note":' + b"[" * 5_000 + b"]" * 5_000 + b',"t":"admin","v":1}',
    "a well": b'{"at":1,"note":' + b"[" * 900 + b"]" * 900 + b',"t":"admin","v":1}',
    "a number without end": b'{"at":' + b"9" * 5_000 + b',"t":"admin","v":1}',
}


@pytest.mark.parametrize("name", MALFORMED)
def test_an_entry_that_is_not_canonical_and_whole_is_found(name: str) -> None:
    assert isinstance(read_entry(GOOD), dict)
    assert isinstance(read_entry(MALFORMED[name]), str)


SELFTEST = {"v": 1, "t": "selftest", "at": 1, "recipe": "0a" * 32}


@pytest.mark.parametrize(
    ("kind", "verdict"), [("bit-identical", "pass"), ("single", "pass"), ("leak", "fail")]
)
def test_a_recipes_self_test_has_words_of_its_own(kind: str, verdict: str) -> None:
    entry = SELFTEST | {"kind": kind, "verdict": verdict}
    assert read_entry(entries.canonical(entry)) == entry


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "explicit", "verdict": "pass"},
        {"kind": "single", "verdict": "allow"},
        {"kind": "single", "verdict": "pass", "tag": "oCtcYNrdwAk3cHMz1_VIsA"},
        {"kind": "single"},
        {"kind": "single", "verdict": "pass", "recipe": "photobooth"},
    ],
)
def test_a_self_test_that_says_something_else_is_malformed(wrong: dict[str, str]) -> None:
    assert isinstance(read_entry(entries.canonical(SELFTEST | wrong)), str)


def test_no_grant_is_bit_identical_and_no_decision_passes() -> None:
    for field, word in (("kind", "bit-identical"), ("verdict", "pass")):
        entry = {"v": 1, "t": "admin", "at": 1, field: word}
        assert isinstance(read_entry(entries.canonical(entry)), str)


def test_fields_that_nobody_knows_yet_are_read_past() -> None:
    more = {"note": "e\u00e9", "deep": {"a": [1, True, "x"]}, "n1": -(2**53) + 1}
    entry = {"v": 1, "t": "admin", "at": 1} | more
    assert read_entry(entries.canonical(entry)) == entry


def test_a_malformed_entry_is_passed_over_and_the_rest_is_checked(
    copied: Path, year: Year
) -> None:
    log = read_log(copied)
    sign(copied, Operator(year.rooms.consent.ledger), write_log(copied, [*log, b"entry", GOOD]))
    assert found_in(copied) == [
        ("entry-malformed", len(log)),
        ("time-reversed", len(log) + 1),
    ]


@pytest.mark.parametrize("t", sorted(entries.TYPES))
def test_both_sides_know_the_same_types(t: str) -> None:
    raw = entries.canonical({"v": 1, "t": t, "at": 1})
    read = read_entry(raw)
    assert isinstance(read, dict) or read.startswith("it lacks ")


@pytest.mark.parametrize(
    ("entry", "good"),
    [
        ({"t": "block", "step": "enrol", "n": 1, "denied": 0, "inner": "0a" * 32}, True),
        (
            {"t": "block", "step": "select", "n": 1, "denied": 0, "inner": "0a" * 32}
            | {"purpose": "story", "policy": "0b" * 32, "nonce": "oCtcYNrdwAk3cHMz1_VIsA"},
            False,
        ),
        ({"t": "aggregate", "object": "0a"}, True),
        ({"t": "aggregate", "object": "0a", "map": "0a" * 32, "n": 1}, False),
        ({"t": "policy.publish", "policy": "0b" * 32}, False),
        ({"t": "admin"}, True),
    ],
)
def test_blocks_of_decisions_and_maps_of_entries_name_no_person(
    entry: dict[str, Any], good: bool
) -> None:
    plain: dict[str, Any] = {"v": 1, "at": 1} | entry
    assert read_entry(entries.canonical(plain)) == plain
    named: dict[str, Any] = plain | {"tag": "oCtcYNrdwAk3cHMz1_VIsA"}
    read = read_entry(entries.canonical(named))
    assert read == (named if good else "it is about nobody and names a person")
