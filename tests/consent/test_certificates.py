# SPDX-License-Identifier: Apache-2.0
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from consent import certificates, entries
from consent.statements import signed_text
from consent.words import Purpose
from tests.consent.test_erasure import full_person
from tests.rooms import Rooms

Spoil = Callable[[dict[str, Any]], None]


@pytest.fixture
def made(rooms: Rooms) -> dict[str, Any]:
    ada = full_person(rooms)
    rooms.person("Bob", Purpose.LIKENESS)
    return rooms.consent.erasures.erase(ada)


def test_it_has_the_shape_of_the_contract(made: dict[str, Any]) -> None:
    assert made["schema"] == "onlyou-erasure/1"
    assert set(made) == {
        *("schema", "requested_seq", "done_seq", "keys_destroyed", "bytes_destroyed"),
        *("checkpoint", "proofs", "signature"),
    }
    assert {frozenset(one) for one in made["proofs"]} == {frozenset({"seq", "entry", "proof"})}
    assert json.loads(json.dumps(made)) == made


def test_it_proves_every_withdrawal_and_every_key(rooms: Rooms, made: dict[str, Any]) -> None:
    told = [entries.decode(entries.from_base64url(one["entry"])) for one in made["proofs"]]
    kinds = [one["t"] for one in told]
    assert kinds[0] == "erase.request"
    assert kinds[-1] == "erase.done"
    assert kinds.count("withdraw") == kinds.count("key.destroy") == made["keys_destroyed"] - 1
    assert certificates.flaws(made, rooms.consent.ledger.signer.verifier) == ()


def drop(t: str) -> Spoil:
    def spoil(one: dict[str, Any]) -> None:
        kept = [p for p in one["proofs"] if certificates._said(p)["t"] != t]
        one["proofs"] = kept

    return spoil


def swap_request(one: dict[str, Any]) -> None:
    one["requested_seq"] += 1


def another_tag(one: dict[str, Any]) -> None:
    said = certificates._said(one["proofs"][1])
    del said["seq"]
    one["proofs"][1]["entry"] = entries.base64url(entries.canonical(said | {"tag": "x"}))


def moved(one: dict[str, Any]) -> None:
    one["proofs"][0]["seq"] += 1


def fewer_keys(one: dict[str, Any]) -> None:
    one["keys_destroyed"] -= 1


SPOILT = {
    "its request and its end": drop("erase.done"),
    "whose key was not destroyed": drop("key.destroy"),
    "it counts other keys": fewer_keys,
    "are not the entries that it names": swap_request,
    "not all about one person": another_tag,
    "is not in the tree": moved,
}


@pytest.mark.parametrize("flaw", SPOILT)
def test_even_one_that_is_really_signed_must_prove_what_it_says(
    rooms: Rooms, made: dict[str, Any], flaw: str
) -> None:
    spoilt = copy.deepcopy(made)
    SPOILT[flaw](spoilt)
    signer = rooms.consent.ledger.signer
    spoilt["signature"] = signer.line(signed_text(spoilt))
    found = certificates.flaws(spoilt, signer.verifier)
    assert any(flaw in one for one in found), found
    assert not any("signature" in one for one in found)


@pytest.mark.parametrize("field", ["bytes_destroyed", "signature", "schema", "checkpoint"])
def test_a_changed_field_is_found(rooms: Rooms, made: dict[str, Any], field: str) -> None:
    spoilt = made | {field: 7 if field == "bytes_destroyed" else "x"}
    assert certificates.flaws(spoilt, rooms.consent.ledger.signer.verifier)


@pytest.mark.parametrize("given", [{}, {"schema": 1}, {"schema": "onlyou-erasure/1"}])
def test_what_is_no_certificate_is_a_flaw_and_no_traceback(
    rooms: Rooms, given: dict[str, Any]
) -> None:
    assert certificates.flaws(given, rooms.consent.ledger.signer.verifier)
