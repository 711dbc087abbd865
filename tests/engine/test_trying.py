# SPDX-License-Identifier: Apache-2.0
"""In a plan, arms say whose turn it is and how an idea is drawn, and never who agreed to what."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consent.gate import Permit
from consent.policy import Policy
from consent.tables import preview
from consent.words import Purpose, Step, Subject
from engine import choosing, trying
from engine.rooms import Rooms
from feed.experiments.treatments import treatment
from feed.ranking import Candidate
from feed.scenarios import shipped
from tests.engine.trying import Tried, engine
from tests.feed.trying import plan, sets


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Tried]:
    made = engine(tmp_path, 5, waiting=False)
    yield made
    made.rooms.consent.ledger.engine.dispose()


def due(town: Tried) -> set[Subject]:
    now = town.rooms.consent.ledger.now()
    with town.rooms.consent.ledger.read() as connection:
        resting = trying.not_due(town.rooms, connection, town.trial.people, now)
    return set(town.trial.people) - resting


def under(rooms: Rooms, policy: Policy) -> Rooms:
    """See the same rooms under another policy."""
    rooms.feed.trials._policy = policy
    return replace(rooms, consent=replace(rooms.consent, policy=policy))


def test_without_an_experiment_the_policy_says_whose_turn_it_is(town: Tried) -> None:
    town.trial.meet(town.trial.people[:1])
    assert due(town) == set(town.trial.people)
    town.trial.home.insert(town.trial.people[1])
    assert due(town) == set(town.trial.people) - {town.trial.people[1]}


def test_an_arm_with_a_lower_week_rests_sooner_once_it_acts(town: Tried) -> None:
    town.trial.start_with(plan(arms=(sets("usual"), sets("rarer", per_week=1))), usual=1, rarer=1)
    town.trial.meet()
    assert town.trial.exposed() == 0
    town.trial.home.later(days=1.1)
    assert due(town) == set(town.trial.people), "due for whoever any arm would have due"
    waiting = town.trial.meet(scenario="jazz")
    arms = town.trial.arms()
    for person in arms["rarer"]:
        town.rooms.consent.withdrawals.destroy(person, waiting[person])
    assert due(town) == set(arms["usual"])
    town.rooms.feed.switches.stop(town.trial.running().experiment.id, by="Ines", arm="rarer")
    assert due(town) == set(town.trial.people)


def test_who_might_be_in_an_arm_with_a_higher_week_is_due_until_it_is_known(
    town: Tried,
) -> None:
    usual = town.rooms.consent.policy
    low = replace(usual, slots=replace(usual.slots, per_week=1))
    strict = replace(town, rooms=under(town.rooms, low))
    town.trial.meet()
    town.trial.home.later(days=1.1)
    assert due(strict) == set()
    town.trial.start(plan(arms=(sets("usual"), sets("more", per_week=2))))
    assert due(strict) == set(town.trial.people)


def test_nothing_is_made_for_who_is_held_out(town: Tried) -> None:
    town.trial.start()
    usual = town.rooms.consent.policy
    none = replace(usual, experiments=replace(usual.experiments, holdout_permille=1_000))
    assert due(town) == set(town.trial.people)
    assert due(replace(town, rooms=under(town.rooms, none))) == set()


def test_nothing_is_made_for_whom_an_arm_asks_first_and_who_has_not_answered(
    town: Tried,
) -> None:
    asked = town.rooms.consent.policy
    silent = replace(asked, rules=treatment(sets("x", preview=False), asked).policy.rules)
    under(town.rooms, silent)
    unasked = replace(town, rooms=under(town.rooms, silent))
    town.trial.start_with(
        plan(arms=(sets("straight"), sets("asked", preview=True))), straight=1, asked=1
    )
    stands = [(who, town.trial.stand(who).places[0]) for who in town.trial.people]
    with town.rooms.consent.ledger.write() as writing:
        writing.connection.execute(preview.delete())
        town.rooms.feed.trials.expose(writing, stands)
    arms = town.trial.arms()
    assert due(unasked) == set(arms["straight"])
    for person in arms["asked"]:
        town.rooms.consent.grants.answer_preview(person, accepted=True)
    assert due(unasked) == set(town.trial.people)


def permits_of(town: Tried) -> list[Permit[Step.SELECT]]:
    return [
        town.trial.home.rooms.ask(Step.SELECT, one, Purpose.FEED_INSERT, obj, request=obj)
        for one in town.trial.people
        for obj in [town.trial.home.rooms.object()]
    ]


def candidates(town: Tried) -> list[Candidate]:
    return [Candidate(draw_key=7919 * n + 1) for n in range(len(town.trial.people))]


def test_who_would_be_drawn_something_else_is_counted_and_drawn_by_their_arm(
    town: Tried,
) -> None:
    town.trial.start_with(
        plan(arms=(sets("usual"), sets("any", ranker="uniform"))), usual=2, any=2
    )
    terms = replace(
        choosing.terms(town.rooms), renders=frozenset(s.id for s in shipped().scenarios)
    )
    permits, given = permits_of(town), candidates(town)
    people = trying.with_rankers(town.rooms, permits, given, terms)
    exposed = town.trial.exposed()
    assert exposed > 0, "two rankers never drew the same for all of them"
    for person, one in zip(town.trial.people, people, strict=True):
        (place,) = town.trial.stand(person).places
        uniform = place.exposed and place.arm == "any"
        assert one.ranker == ("uniform" if uniform else "explore")
    again = trying.with_rankers(town.rooms, permits, given, terms)
    assert (again, town.trial.exposed()) == (people, exposed)


def test_arms_that_draw_alike_count_nobody(town: Tried) -> None:
    town.trial.start()
    terms = choosing.terms(town.rooms)
    given = candidates(town)
    assert trying.with_rankers(town.rooms, permits_of(town), given, terms) == tuple(given)
    assert town.trial.exposed() == 0
