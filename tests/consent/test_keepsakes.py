# SPDX-License-Identifier: Apache-2.0
"""A receipt in anybody's format proves itself to whoever has the log's key and nothing else."""

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import cards, keepsakes, notes
from consent.cards import Card
from consent.keepsakes import Format, flaws
from consent.words import DAY, SECOND, Actor, Purpose, Subject
from tests.consent.schemas import shipped, wrong
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
FORMATS: tuple[Format, ...] = ("27560", "kantara")
GATE = Card.of(
    'schema = "onlyou-card/1"\nby = "this installation"\nthird_parties = []\n\n[[model]]\n'
    'name = "eyes"\nlicence = "CC0-1.0"\nsource = "here"\ndoes = "looks"\n'
)


def kept(rooms: Rooms, who: Subject, kind: Format, purpose: Purpose = FEED) -> dict[str, Any]:
    """Take a receipt home: through a file, as a person does."""
    made = rooms.consent.keepsake(who, purpose, kind)
    assert made is not None
    schema = shipped(f"receipt-{kind}")
    assert [*wrong(schema, made)] == []
    carried: dict[str, Any] = json.loads(json.dumps(made))
    return carried


def key(rooms: Rooms) -> str:
    return rooms.consent.ledger.signer.verifier


@pytest.fixture
def ada(rooms: Rooms) -> Subject:
    """Somebody whose selfie was looked at by a model that has a card."""
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED)
    permit = rooms.ask("enrol", ada, Purpose.LIKENESS, rooms.object())  # type: ignore[arg-type]
    sealed = rooms.consent.vault.seal(permit, b"x")
    with rooms.consent.ledger.write() as writing:
        cards.keep(writing, GATE)
        row = sealed.columns() | {"expires_at": writing.now + DAY}
        rooms.consent.vault.keep_selfies(writing, [permit], [row], recipe=GATE.sha256)
    return ada


@pytest.mark.parametrize("kind", FORMATS)
def test_every_act_exports_a_receipt_of_its_schema_that_proves_itself(
    rooms: Rooms, ada: Subject, kind: Format
) -> None:
    made = [kept(rooms, ada, kind)]
    rooms.grant(ada, FEED)
    made.append(kept(rooms, ada, kind))
    rooms.consent.withdrawals.withdraw(ada, FEED)
    made.append(kept(rooms, ada, kind))
    rooms.clock.advance(366 * DAY // SECOND)
    rooms.consent.retention.sweep()
    made.append(kept(rooms, ada, kind, Purpose.LIKENESS))
    assert [one["receipt"]["event"] for one in made] == ["grant", "renew", "withdraw", "withdraw"]
    assert [flaws(one, key(rooms)) for one in made] == [()] * 4


@pytest.mark.parametrize("kind", FORMATS)
def test_it_still_proves_itself_after_the_person_was_erased(
    rooms: Rooms, ada: Subject, kind: Format
) -> None:
    made = kept(rooms, ada, kind)
    rooms.consent.erasures.erase(ada)
    assert flaws(made, key(rooms)) == ()


@pytest.mark.parametrize("kind", FORMATS)
def test_whatever_is_changed_in_it_is_noticed(rooms: Rooms, ada: Subject, kind: Format) -> None:
    made = kept(rooms, ada, kind)
    for name in made:
        forged = deepcopy(made)
        forged[name] = "changed"
        assert flaws(forged, key(rooms)), name
    without = {name: value for name, value in made.items() if name != "opening"}
    assert flaws(without, key(rooms))
    other = made | {"opening": {**made["opening"], "facts": {"affirmative": False}}}
    other |= {"signature": rooms.consent.ledger.signer.line(keepsakes.signed_text(other))}
    assert flaws(other, key(rooms)) == ("its opening is not what the entry commits to",)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_log_cannot_sign_another_story_around_its_own_entry(
    rooms: Rooms, ada: Subject, kind: Format
) -> None:
    made = kept(rooms, ada, kind)
    if kind == "kantara":
        made["consentTimestamp"] += 86_400
    else:
        record = made["dpv:hasRecordOfActivity"]
        record["dpv:hasProcess"]["dpv:hasPurpose"]["dct:identifier"] = "ads"
    made["signature"] = rooms.consent.ledger.signer.line(keepsakes.signed_text(made))
    assert flaws(made, key(rooms)) == ("it says something else than its entry",)


def test_nobody_elses_key_will_do_and_neither_will_the_one_in_the_file(
    rooms: Rooms, ada: Subject
) -> None:
    made = kept(rooms, ada, "27560")
    stranger = notes.Signer(rooms.consent.ledger.origin, Ed25519PrivateKey.generate())
    assert flaws(made, stranger.verifier)
    assert made["key"] == key(rooms)


def test_the_onlyou_receipt_and_what_is_no_receipt_are_checked_too(
    rooms: Rooms, ada: Subject
) -> None:
    plain = rooms.consent.last_receipt(ada, FEED)
    assert plain is not None
    assert flaws(plain, key(rooms)) == ()
    assert flaws(plain | {"event": "renew"}, key(rooms))
    for nothing in ({}, {"version": "KI-CR-v1.1.0"}, {"schema": "onlyou-receipt/1"}):
        assert flaws(nothing, key(rooms)) == ("it has not the shape of a receipt",)


def test_it_lists_what_touched_the_face_and_only_under_its_purpose(
    rooms: Rooms, ada: Subject
) -> None:
    (card,) = kept(rooms, ada, "kantara", Purpose.LIKENESS)["processors"]
    assert (card["sha256"], card["by"]) == (GATE.sha256, "this installation")
    assert card["model"][0]["licence"] == "CC0-1.0"
    assert kept(rooms, ada, "kantara")["processors"] == []


def test_it_carries_how_the_yes_came_about_and_under_which_law(rooms: Rooms, ada: Subject) -> None:
    rooms.consent.attestations.attest(ada, age_band="adult", region="US-IL")
    rooms.grant(ada, FEED)
    for kind in FORMATS:
        made = kept(rooms, ada, kind)
        assert made["opening"]["facts"]["affirmative"] is True
        assert made["opening"]["facts"]["region"] == "US-IL"
    iso, kantara = (kept(rooms, ada, kind) for kind in FORMATS)
    law = rooms.consent.policy.jurisdiction
    assert kantara["jurisdiction"] == law
    record = iso["dpv:hasRecordOfActivity"]
    assert record["dpv:hasJurisdiction"] == {"@type": "dpv:Location", "dct:title": law}
    assert record["dpv:hasDataSubject"]["@type"] == "dpv:Adult"


def test_no_name_and_no_id_stands_in_it(rooms: Rooms, ada: Subject) -> None:
    account = rooms.consent.accounts.find("Ada")
    for kind in FORMATS:
        text = json.dumps(kept(rooms, ada, kind))
        assert not re.search(r"\bAda\b", text)  # three letters stand in some signatures
        assert account.id not in text
        assert str(ada) not in text


def test_who_said_nothing_has_nothing_to_keep(rooms: Rooms) -> None:
    assert rooms.consent.keepsake(rooms.person("Bob"), FEED, "27560") is None


def test_a_guardians_yes_and_no_are_told_as_theirs(rooms: Rooms) -> None:
    kid = rooms.person("Kid")
    rooms.consent.attestations.attest(kid, age_band="minor")
    served = rooms.consent.notices.serve(kid, Purpose.LIKENESS)
    rooms.consent.grants.grant(
        kid, Purpose.LIKENESS, served.served_id, actor=Actor.GUARDIAN, method="page"
    )
    rooms.consent.withdrawals.withdraw(kid, Purpose.LIKENESS, actor=Actor.GUARDIAN)
    record = kept(rooms, kid, "27560", Purpose.LIKENESS)["dpv:hasRecordOfActivity"]
    given, ended = record["dpv:hasConsentStatus"]
    assert given["@type"] == ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"]
    assert given["dpv:hasIndicationMethod"] == "page"
    assert ended["@type"] == ["dpv:ConsentRevoked"]
    assert {one["dpv:isIndicatedBy"] for one in (given, ended)} == {"dpv:GuardianOfDataSubject"}
    assert record["dpv:hasDataSubject"]["@type"] == "dpv:Child"
