# SPDX-License-Identifier: Apache-2.0
import itertools
import json
from typing import Any

import pytest

from consent import disclosure, entries, merkle, notes
from consent.gate import Select
from consent.words import Purpose, Step
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


def test_the_map_of_last_entries_shows_that_the_end_is_the_end(home: Home) -> None:
    verifiers = home.rooms.consent.ledger.verifiers
    before = mine(home, "Anna", limit=1_000)
    assert before["newer"] == len(before["items"])
    assert disclosure.flaws(before, *verifiers) == (
        "no map of last entries is shown: entries may be missing at the end",
    )
    home.rooms.consent.lasts.log()
    home.serve("Anna", "telemetry")
    for name in ("Anna", "Ben", "Dora"):
        assert disclosure.flaws(mine(home, name, limit=1_000), *verifiers) == ()
    page = mine(home, "Anna", limit=1_000)
    assert page["newer"] == 1
    pages = [mine(home, "Anna", limit=30)]
    while "cursor" in pages[-1]:
        pages.append(mine(home, "Anna", limit=30, cursor=pages[-1]["cursor"]))
    assert disclosure.flaws(disclosure.joined(pages), *verifiers) == ()


def test_somebody_of_whom_nothing_was_said_is_shown_the_gap(home: Home) -> None:
    home.rooms.consent.lasts.log()
    home.rooms.consent.accounts.add("Eve")
    page = mine(home, "Eve")
    assert page["items"] == []
    assert 1 <= len(page["map"]["leaves"]) <= 2
    assert disclosure.flaws(page, *home.rooms.consent.ledger.verifiers) == ()


def test_what_a_block_decided_about_the_person_is_shown_and_proved(home: Home) -> None:
    """Before the map and after it; `disclosure` checks both as the person would, offline."""
    consent = home.rooms.consent
    people = [account.subject for account in consent.accounts.list()]
    select: Select = Step.SELECT
    for _ in range(2):
        consent.gate.decide_all(select, Purpose.FEED_INSERT, people)
        consent.lasts.log()
    consent.gate.decide_all(select, Purpose.FEED_INSERT, people)
    for name, reason in (("Anna", "cap"), ("Cleo", "not-granted")):
        page = mine(home, name, limit=1_000)
        assert disclosure.flaws(page, *consent.ledger.verifiers) == ()
        blocks = [one for one in page["items"] if "slot" in one]
        assert len(blocks) == 3
        for one in blocks:
            assert one["decision"]["tag"] == page["tag"]
            assert one["decision"]["step"] == "select"
            assert one["decision"]["reasons"] == [reason]
        twisted = json.loads(json.dumps(page))
        record = bytearray(entries.from_base64url(blocks[0]["record"]))
        record[-1] ^= 1
        place = page["items"].index(blocks[0])
        twisted["items"][place]["record"] = entries.base64url(bytes(record))
        told = disclosure.flaws(twisted, *consent.ledger.verifiers)
        assert f"slot {blocks[0]['slot']} is not in the block" in " ".join(told)
