# SPDX-License-Identifier: Apache-2.0
"""A plan with a budget draws for some and leaves the others for later, whole."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from consent.words import HOUR, Micros, Purpose, Subject
from engine import cycle, pregeneration, selection
from engine.plans import Plan, Plans, slot_of
from engine.rooms import Rooms
from feed.reasons import LOT
from generation.batching import Made
from generation.portraits import Request
from generation.studio import Studio
from generation.tables import render_pass
from tests.engine.town import NINE, Town


def on(town: Town, **changed: int) -> Rooms:
    """Run the same home under other settings."""
    return replace(town.rooms, settings=replace(town.rooms.settings, **changed))


def all_want(town: Town) -> None:
    """Let Bo and Cy want inserts too."""
    for name, number in (("Bo", None), ("Cy", 7)):
        town.says_yes(name, Purpose.LIKENESS, Purpose.FEED_INSERT)
        town.rooms.consent.grants.answer_preview(town.people[name], accepted=True)
        if number is not None:
            town.gives_selfie(name, number)


def plan(town: Town, rooms: Rooms) -> dict[str, int]:
    return dict(cycle.run(rooms, town.clock.now()))


def a_portrait_takes_a_second(town: Town) -> None:
    """Have it timed so often that the quick passes of a test do not show in the mean."""
    rooms = town.rooms
    one = {"id": 1, "at": NINE, "recipe": "quick", "recipe_sha256": rooms.studio.card.sha256}
    one |= {"device": "cpu", "dtype": "uint8", "size": 1, "rows": 1_000, "micros": 10**9}
    with rooms.consent.ledger.write() as writing:
        writing.insert(render_pass, [one])


def test_without_a_budget_nothing_of_this_is_in_force(small_town: Town) -> None:
    all_want(small_town)
    outcome = small_town.plan()
    assert set(outcome) == set(cycle.COUNTED)
    assert outcome["made"] == outcome["selected"] == 3


def test_a_plan_draws_as_many_as_its_seconds_hold_and_counts_the_others(
    small_town: Town,
) -> None:
    all_want(small_town)
    rooms = on(small_town, gpu_seconds=2)
    outcome = plan(small_town, rooms)
    assert (outcome["selected"], outcome["made"], outcome["later"]) == (3, 2, 1)
    assert len(small_town.bodies("effect", step="select")) == 2


def test_whoever_is_left_for_later_has_used_nothing_up_and_is_next(small_town: Town) -> None:
    all_want(small_town)
    a_portrait_takes_a_second(small_town)
    rooms = on(small_town, gpu_seconds=1)
    for expected in (3, 2, 1):
        outcome = plan(small_town, rooms)
        assert (outcome["selected"], outcome["made"]) == (expected, 1)
        small_town.next_day()
    assert [small_town.inserts_of(name) for name in small_town.people] == [1, 1, 1]


def test_a_plan_that_was_cut_off_does_not_spend_its_budget_twice(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_studio: Studio, requests: Sequence[Request], *_: object) -> Iterator[Made]:
        if requests:
            raise KeyboardInterrupt
        return iter(())

    all_want(small_town)
    a_portrait_takes_a_second(small_town)
    rooms = on(small_town, gpu_seconds=2)
    with monkeypatch.context() as patch:
        patch.setattr(Studio, "making", cut_off)
        with pytest.raises(KeyboardInterrupt):
            plan(small_town, rooms)
    assert len(rooms.studio.pending()) == 2
    outcome = plan(small_town, rooms)
    assert (outcome["made"], outcome["later"]) == (2, 1)


def test_the_record_says_whose_turn_was_drawn_by_lot(small_town: Town) -> None:
    all_want(small_town)
    for number in range(2):
        name = f"More {number}"
        small_town.people[name] = small_town.rooms.consent.accounts.add(name).subject
        small_town.says_yes(name, Purpose.LIKENESS, Purpose.FEED_INSERT)
        small_town.rooms.consent.grants.answer_preview(small_town.people[name], accepted=True)
    rooms = on(small_town, gpu_seconds=3)
    selected = selection.due(rooms, _plan(rooms))
    turn = pregeneration.within(rooms, _plan(rooms), selected.permits, before=0)
    assert (len(turn.permits), turn.later, len(turn.drawn)) == (3, 2, 1)
    assert plan(small_town, rooms)["lot"] == 1
    parts = {
        permit.object: {p.feature for p in rooms.feed.decisions.reasons(permit.subject, obj)}
        for permit in turn.permits
        if (obj := permit.object)
    }
    assert {obj for obj, names in parts.items() if LOT in names} == turn.drawn


def test_a_habit_moves_a_portrait_to_the_plan_before_its_hour(small_town: Town) -> None:
    """Ada looks at about seven in the evening; plans run every six hours."""
    ada, rooms = small_town.people["Ada"], on(small_town, gpu_seconds=9, plan_hours=6)
    _looks_at(small_town, ada, days=3, hour=19)
    early = {}
    for slot in range(0, 24, 6):
        day = small_town.clock.now() // (24 * HOUR) * 24 * HOUR
        at = replace(_plan(rooms), slot=Micros(day + slot * HOUR))
        early[slot] = pregeneration.too_early(rooms, at, [ada])
    assert early == {0: {ada}, 6: {ada}, 12: {ada}, 18: set()}
    morning = replace(at, slot=NINE)
    assert pregeneration.too_early(rooms, morning, [ada]) == {ada}
    for other in ({"gpu_seconds": 9}, {"plan_hours": 6}):  # a plan a day; no budget
        assert not pregeneration.too_early(on(small_town, **other), morning, [ada])
    rooms.consent.withdrawals.withdraw(ada, Purpose.TELEMETRY)
    assert not pregeneration.too_early(rooms, morning, [ada])


def _plan(rooms: Rooms) -> Plan:
    slot = slot_of(rooms.consent.ledger.now(), rooms.settings.plan_hours)
    return Plans(rooms.consent.ledger, rooms.consent.policy.id).open(slot)


def _looks_at(town: Town, person: Subject, *, days: int, hour: int) -> None:
    """Let somebody look at a portrait at the same hour, some days long."""
    town.says_yes("Ada", Purpose.TELEMETRY)
    for _ in range(days):
        town.plan()
        day = town.clock.now() // (24 * HOUR) * 24 * HOUR
        town.clock.turn_to(Micros(day + hour * HOUR))
        town.rooms.feed.pages.of(person)
        town.file("Ada")
        town.clock.turn_to(Micros(day + 33 * HOUR))
