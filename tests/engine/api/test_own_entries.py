# SPDX-License-Identifier: Apache-2.0
import itertools
from typing import Any

import pytest

from consent import entries, merkle, notes
from engine.api.own_entries import OwnEntries
from tests.engine.homes import Home


def mine(home: Home, name: str, **query: Any) -> dict[str, Any]:
    answer = home.client.get("/v1/ledger/me", headers=home.as_(name), params=query)
    assert answer.status_code == 200
    OwnEntries.model_validate(answer.json())
    body: dict[str, Any] = answer.json()
    return body


def told(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [entries.decode(entries.from_base64url(one["entry"])) for one in page["items"]]


def test_it_is_every_entry_about_the_person_and_nobody_elses(home: Home) -> None:
    page = mine(home, "Anna", limit=1_000)
    tag = page["tag"]
    expected = [
        seq
        for seq, body in enumerate(home.rooms.consent.ledger.bodies())
        if body.get("tag") == tag
    ]
    assert [one["seq"] for one in page["items"]] == expected
    assert len(expected) > 20
    assert {body["tag"] for body in told(page)} == {tag}
    assert tag != mine(home, "Ben")["tag"]


def test_each_names_the_one_before_it(home: Home) -> None:
    page = mine(home, "Anna", limit=1_000)
    before = [None, *(one["seq"] for one in page["items"])]
    assert [body.get("prev") for body in told(page)] == before[:-1]


def test_each_is_proved_at_the_signed_checkpoint(home: Home) -> None:
    page = mine(home, "Anna", limit=1_000)
    signed = notes.open_note(page["checkpoint"], home.rooms.consent.ledger.signer.verifier)
    assert signed is not None
    head = notes.parse_checkpoint(signed)
    for one in page["items"]:
        leaf = merkle.leaf_hash(entries.from_base64url(one["entry"]))
        proof = [bytes.fromhex(node) for node in one["proof"]]
        assert merkle.verify_inclusion(leaf, one["seq"], head.size, proof, head.root)


def test_pages_join_without_a_gap(home: Home) -> None:
    whole = [one["seq"] for one in mine(home, "Anna", limit=1_000)["items"]]
    pages, cursor = [], None
    for _ in itertools.count():
        page = mine(home, "Anna", limit=7, **({"cursor": cursor} if cursor else {}))
        pages += [one["seq"] for one in page["items"]]
        cursor = page.get("cursor")
        if cursor is None:
            break
    assert pages == whole


def test_the_list_is_empty_of_whom_nothing_was_said(home: Home) -> None:
    home.rooms.consent.accounts.add("Eve")
    assert mine(home, "Eve")["items"] == []


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1_001}, {"cursor": "x"}])
def test_a_bad_page_is_refused(home: Home, query: dict[str, Any]) -> None:
    answer = home.client.get("/v1/ledger/me", headers=home.as_("Anna"), params=query)
    assert answer.status_code == 422
