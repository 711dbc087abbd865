# SPDX-License-Identifier: Apache-2.0
"""A choice is kept under the basis it was made on, its reasons under the one they are known on."""

from dataclasses import replace

import pytest

from consent.gate import Permit
from consent.words import Purpose, Step, Subject
from feed import ranking
from feed.features import History
from feed.ranking import Candidate, Decision, Round
from feed.reasons import Part
from feed.tables import decision, decision_part
from tests.feed.conftest import Home


def chosen(
    home: Home, subject: Subject, history: History | None = None
) -> tuple[Permit, Decision, tuple[Part, ...]]:  # type: ignore[type-arg]
    obj = home.rooms.object()
    permit = home.rooms.ask(Step.SELECT, subject, Purpose.FEED_INSERT, obj, request=obj)
    terms = Round(
        seed=7,
        now=home.rooms.clock.now(),
        policy=home.rooms.consent.policy,
        renders=frozenset({"aurora", "jazz"}),
    )
    candidate = Candidate(draw_key=5, history=history, asked=True)
    (made,) = ranking.choose(home.feed.model, home.feed.catalogue, [candidate], terms)
    scenario = home.feed.catalogue.of(made.scenario or "")
    parts = ranking.explain(home.feed.model, scenario, candidate, home.feed.catalogue, terms)
    return permit, made, parts


def test_the_reasons_come_back_as_they_were_and_sum_to_the_value(home: Home) -> None:
    ada = home.rooms.inserted_person()
    permit, made, parts = chosen(home, ada)
    home.feed.decisions.record([(permit, made, parts)])
    read = home.feed.decisions.reasons(ada, permit.object)
    assert read == parts
    assert sum(part.effect for part in read) == pytest.approx(made.value, abs=1e-9)


def test_nobody_reads_anothers_reasons(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    permit, made, parts = chosen(home, ada)
    home.feed.decisions.record([(permit, made, parts)])
    assert home.feed.decisions.reasons(bob, permit.object) == ()


def test_a_withdrawal_takes_the_decision(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.feed.decisions.record([chosen(home, ada)])
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    assert home.rooms.count(decision) == home.rooms.count(decision_part) == 0


def test_who_withdrew_meanwhile_leaves_no_decision_and_the_others_stay(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    made = [chosen(home, ada), chosen(home, bob)]
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    home.feed.decisions.record(made)
    assert (home.rooms.count(decision, ada), home.rooms.count(decision, bob)) == (0, 1)


def test_personal_reasons_go_with_personalisation_and_the_decision_stays(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    now = home.rooms.clock.now()
    permit, made, parts = chosen(home, ada, History(acts=(), shown=(now,), since=now))
    assert any(part.personal for part in parts)
    home.feed.decisions.record([(permit, made, parts)])
    assert home.feed.decisions.reasons(ada, permit.object) == parts
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.PERSONALISATION)
    left = home.feed.decisions.reasons(ada, permit.object)
    assert left == tuple(part for part in parts if not part.personal)
    assert home.rooms.count(decision, ada) == 1


def test_recording_again_after_a_crash_keeps_one(home: Home) -> None:
    ada = home.rooms.inserted_person()
    made = chosen(home, ada)
    home.feed.decisions.record([made])
    home.feed.decisions.record([made])
    assert home.rooms.count(decision) == 1
    assert home.feed.decisions.reasons(ada, made[0].object) == made[2]


def test_no_insert_is_recorded_like_any_other_choice(home: Home) -> None:
    ada = home.rooms.inserted_person()
    permit, made, _ = chosen(home, ada)
    home.feed.decisions.record([(permit, replace(made, scenario=None), ())])
    assert home.rooms.count(decision, ada) == 1
    assert home.feed.decisions.reasons(ada, permit.object) == ()


def test_recording_nothing_writes_nothing(home: Home) -> None:
    home.feed.decisions.record([])
    assert home.rooms.count(decision) == 0


def test_the_lot_is_told_to_its_owner_alone(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    permit, made, parts = chosen(home, ada)
    home.feed.decisions.record([(permit, made, parts)])
    lot = home.feed.decisions.lot(ada, permit.object)
    assert lot is not None
    assert (lot.chance, lot.among) == (made.propensity, made.eligible)
    assert home.feed.decisions.lot(bob, permit.object) is None
