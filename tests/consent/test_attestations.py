# SPDX-License-Identifier: Apache-2.0
"""Ages and places act for real: on the gate, on what is granted, and through who says so."""

from dataclasses import replace

import pytest

from consent import policies
from consent.attestations import barred
from consent.errors import Denied, Misused
from consent.policy import RegionRules
from consent.standing import Said
from consent.tables import attestation
from consent.words import Actor, Kind, Purpose, Reason, Seq, Step, Subject
from tests.conftest import Opener
from tests.rooms import Rooms

LIKENESS = Purpose.LIKENESS


def as_guardian(rooms: Rooms, subject: Subject, purpose: Purpose = LIKENESS) -> Seq:
    served = rooms.consent.notices.serve(subject, purpose)
    return rooms.consent.grants.grant(subject, purpose, served.served_id, actor=Actor.GUARDIAN)


@pytest.fixture
def kid(rooms: Rooms) -> Subject:
    subject = rooms.person("Kid")
    rooms.consent.attestations.attest(subject, age_band="minor", actor=Actor.OPERATOR)
    return subject


def test_what_was_said_is_kept_and_what_was_not_said_stays(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada")
    assert rooms.consent.attestations.of(ada) == Said()
    rooms.consent.attestations.attest(ada, age_band="adult")
    rooms.consent.attestations.attest(ada, region="US-IL")
    assert rooms.consent.attestations.of(ada) == Said(age_band="adult", region="US-IL")
    assert rooms.count(attestation, ada) == 1


@pytest.mark.parametrize("place", ["Illinois", "us-il", "US-", "", "US-ILLI"])
def test_a_place_is_a_code(rooms: Rooms, place: str) -> None:
    with pytest.raises(Misused, match="an ISO 3166 code such as DE or US-IL") as refused:
        rooms.consent.attestations.attest(rooms.person("Ada"), region=place)
    assert refused.value.reason is Reason.UNKNOWN_KEY


@pytest.mark.parametrize("actor", [Actor.SELF, Actor.GUARDIAN])
def test_nobody_but_the_operator_makes_a_minor_an_adult(
    rooms: Rooms, kid: Subject, actor: Actor
) -> None:
    with pytest.raises(Denied) as refused:
        rooms.consent.attestations.attest(kid, age_band="adult", actor=actor)
    assert refused.value.reason is Reason.AGE
    assert rooms.consent.attestations.of(kid).age_band == "minor"
    rooms.consent.attestations.attest(kid, age_band="adult", actor=Actor.OPERATOR)
    assert rooms.consent.attestations.of(kid).age_band == "adult"


def test_the_more_careful_word_counts_at_once(rooms: Rooms) -> None:
    ada = rooms.person("Ada", LIKENESS)
    rooms.consent.attestations.attest(ada, age_band="adult")
    rooms.ask(Step.ENROL, ada, LIKENESS, rooms.object())
    rooms.consent.attestations.attest(ada, age_band="minor")
    with pytest.raises(Denied) as refused:
        rooms.ask(Step.ENROL, ada, LIKENESS, rooms.object())
    assert refused.value.reason is Reason.GUARDIAN_REQUIRED


def test_a_minors_own_yes_is_not_enough_and_a_guardians_is(rooms: Rooms, kid: Subject) -> None:
    with pytest.raises(Denied) as refused:
        rooms.grant(kid, LIKENESS)
    assert refused.value.reason is Reason.GUARDIAN_REQUIRED
    seq = as_guardian(rooms, kid)
    body = rooms.consent.entry(seq)
    assert (body["kind"], body["actor"]) == ("parental", "guardian")
    rooms.ask(Step.ENROL, kid, LIKENESS, rooms.object())
    opened = rooms.entries("decision")[-1]
    assert (opened["verdict"], opened["basis"]) == ("allow", "parental")


def test_a_guardian_of_an_adult_or_of_somebody_unknown_is_none(rooms: Rooms) -> None:
    for number, band in enumerate((None, "adult")):
        ada = rooms.person(f"Ada {number}")
        rooms.consent.attestations.attest(ada, age_band=band)  # type: ignore[arg-type]
        before = rooms.consent.ledger.head()
        served = rooms.consent.notices.serve(ada, LIKENESS)
        with pytest.raises(Misused) as refused:
            rooms.consent.grants.grant(ada, LIKENESS, served.served_id, actor=Actor.GUARDIAN)
        assert refused.value.reason is Reason.ATTESTATION_MISSING
        with pytest.raises(Misused):
            rooms.consent.withdrawals.withdraw(ada, LIKENESS, actor=Actor.GUARDIAN)
        assert rooms.consent.ledger.head()[0] == before[0] + 1


def test_a_guardian_asks_for_nothing_that_no_step_accepts_from_one(
    rooms: Rooms, kid: Subject
) -> None:
    as_guardian(rooms, kid)
    with pytest.raises(Denied) as refused:
        as_guardian(rooms, kid, Purpose.STORY)
    assert refused.value.reason is Reason.POLICY_FORBIDS


def test_a_guardian_can_turn_off_what_they_agreed_to(rooms: Rooms, kid: Subject) -> None:
    as_guardian(rooms, kid)
    rooms.consent.withdrawals.withdraw(kid, LIKENESS, actor=Actor.GUARDIAN)
    assert rooms.entries("withdraw")[-1]["actor"] == "guardian"


def test_who_comes_of_age_keeps_the_guardians_yes_and_can_renew_it(
    rooms: Rooms, kid: Subject
) -> None:
    epoch = as_guardian(rooms, kid)
    rooms.consent.attestations.attest(kid, age_band="adult", actor=Actor.OPERATOR)
    rooms.ask(Step.ENROL, kid, LIKENESS, rooms.object())
    with pytest.raises(Misused):
        as_guardian(rooms, kid)
    rooms.grant(kid, LIKENESS)
    held = rooms.consent.grants.show(kid)[LIKENESS]
    assert (held.kind, held.epoch) == (Kind.EXPLICIT, epoch)


def test_in_a_refused_place_nothing_is_granted_and_nothing_goes_on(
    open_rooms: Opener, sqlite_url: str
) -> None:
    strict = policies.load("strict-opt-in")
    rooms = open_rooms(sqlite_url, policy=replace(strict, regions=RegionRules(refused=("US-IL",))))
    ada = rooms.person("Ada", LIKENESS)
    rooms.consent.attestations.attest(ada, region="US-IL")
    with pytest.raises(Denied) as denied:
        rooms.ask(Step.ENROL, ada, LIKENESS, rooms.object())
    assert denied.value.reason is Reason.POLICY_FORBIDS
    with pytest.raises(Denied):
        rooms.grant(ada, LIKENESS)
    rooms.consent.attestations.attest(ada, region="US-TX")
    rooms.ask(Step.ENROL, ada, LIKENESS, rooms.object())


def test_under_the_policies_of_others_a_minor_is_treated_as_they_say(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url, policy="instagram-2025")
    kid = rooms.person("Kid")
    rooms.consent.attestations.attest(kid, age_band="minor")
    rooms.grant(kid, LIKENESS)
    rooms.ask(Step.ENROL, kid, LIKENESS, rooms.object())


def test_an_age_nobody_knows_is_dealt_with_as_the_policy_says() -> None:
    strict = policies.load("strict-opt-in")
    careful = replace(strict, ages=replace(strict.ages, unknown="refused"))
    assert barred(strict, Said(), Actor.SELF) is None
    assert barred(careful, Said(), Actor.SELF) is Reason.AGE


def test_what_was_said_goes_with_the_person(rooms: Rooms, kid: Subject) -> None:
    as_guardian(rooms, kid)
    rooms.consent.erasures.erase(kid)
    assert rooms.count(attestation) == 0
