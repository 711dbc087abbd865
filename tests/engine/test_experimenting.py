# SPDX-License-Identifier: Apache-2.0
"""Every plan looks: days are closed, harm is stopped, all of it together or none of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from consent.words import Purpose
from engine import experimenting
from engine.experimenting import look
from feed.experiments.analysis import analyse, harm_stops
from feed.experiments.plan import Guardrail
from feed.tables import exposure, feed_insert
from feed.trials import switches
from tests.engine.trying import Tried, engine
from tests.feed.conftest import imagined
from tests.feed.trying import plan

EASY = Guardrail(metric="withdrew", level=0.5)
"""Stops where the evidence is two to one."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Tried]:
    made = engine(tmp_path)
    yield made
    made.rooms.consent.ledger.engine.dispose()


def leave(tried: Tried, arm: str, count: int) -> None:
    for person in tried.trial.arms()[arm][:count]:
        tried.rooms.consent.withdrawals.withdraw(person, Purpose.FEED_INSERT)


def test_a_day_is_closed_at_the_first_look_after_it_and_once(town: Tried) -> None:
    assert look(town.rooms) == ()
    town.trial.start()
    before = len(town.trial.home.written())
    assert look(town.rooms) == ()
    assert len(town.trial.home.written()) == before
    town.trial.home.later(days=1)
    look(town.rooms)
    look(town.rooms)
    assert [day.day for day in town.trial.record().days] == [1]
    town.trial.home.later(days=3)
    look(town.rooms)
    assert [day.day for day in town.trial.record().days] == [1, 4]


def test_harm_stops_an_arm_with_all_that_it_rests_on_in_one_transaction(town: Tried) -> None:
    town.trial.start_with(plan(guardrails=(EASY,)), now=3, later=5)
    portraits = town.trial.count_in()
    arms = town.trial.arms()
    leave(town, "later", 4)
    before = len(town.trial.home.written())
    (seq,) = look(town.rooms)
    entries = town.trial.home.written()[before:]
    waiting = len(arms["later"]) - 4
    assert [one["t"] for one in entries] == [
        "aggregate",
        *["destroy"] * waiting,
        "experiment.stop",
    ]
    (stop,) = town.trial.record().stops
    assert (stop.seq, stop.arm, stop.why, stop.by) == (seq, "later", "withdrew", None)
    assert stop.value >= EASY.threshold
    assert town.trial.running().off == {"later"}
    assert look(town.rooms) == ()
    for person in arms["later"][4:]:
        assert imagined(town.trial.home.page(person)) == []
    for person in arms["now"]:
        assert imagined(town.trial.home.page(person)) == [portraits[person]]


def test_what_stopped_an_arm_is_recomputed_from_what_was_logged(town: Tried) -> None:
    town.trial.start_with(plan(guardrails=(EASY,)), now=3, later=5)
    town.trial.count_in()
    leave(town, "later", 4)
    look(town.rooms)
    record = town.trial.record()
    (stop,) = record.stops
    (again,) = harm_stops(record.experiment, record.days, (), at=stop.at, ceiling=10)
    assert replace(again, seq=stop.seq) == stop
    (harm,) = [one for one in analyse(record).harms if one.arm == "later"]
    assert harm.e_value == stop.value


def test_too_many_in_a_day_stop_an_arm_without_a_comparison(town: Tried) -> None:
    town.trial.start_with(plan(guardrails=()), now=1, later=5)
    town.trial.count_in()
    leave(town, "later", 5)
    look(town.rooms)
    (stop,) = town.trial.record().stops
    assert (stop.arm, stop.why) == ("later", "ceiling")
    assert stop.value > town.rooms.consent.policy.experiments.withdrawals_permille


def test_where_the_control_does_harm_everything_ends(town: Tried) -> None:
    town.trial.start_with(plan(guardrails=()), now=5, later=1)
    town.trial.count_in()
    arms = town.trial.arms()
    leave(town, "now", 5)
    look(town.rooms)
    (stop,) = town.trial.record().stops
    assert (stop.arm, stop.why) == (None, "ceiling")
    exposed = {who for people in arms.values() for who in people}
    with town.rooms.consent.ledger.read() as connection:
        assert exposed.isdisjoint(connection.execute(select(feed_insert.c.subject)).scalars())


def test_a_split_that_is_not_as_meant_ends_it_for_good(town: Tried) -> None:
    town.trial.start_with(now=1, later=11)
    town.trial.count_in()
    with town.rooms.consent.ledger.write() as writing:
        lost = exposure.c.arm == "now"
        writing.connection.execute(delete(exposure).where(lost))
    look(town.rooms)
    (stop,) = town.trial.record().stops
    assert (stop.arm, stop.why) == (None, "split")
    assert analyse(town.trial.record()).state == "invalid"


def test_its_last_day_is_counted_up_and_rows_of_who_was_where_go(town: Tried) -> None:
    town.trial.start(plan(days=2))
    town.trial.count_in()
    leave(town, "later", 1)
    town.trial.home.later(days=2.5)
    assert look(town.rooms) == ()
    record = town.trial.record()
    assert [day.day for day in record.days] == [2]
    let_in = sum(not town.trial.stand(who).held_out for who in town.trial.people)
    assert sum(arm.exposed for arm in record.days[-1].arms.values()) == let_in > 0
    assert town.trial.exposed() == 0
    assert analyse(record).state == "done"
    before = len(town.trial.home.written())
    town.trial.home.later(days=5)
    look(town.rooms)
    assert len(town.trial.home.written()) == before


def test_nothing_of_a_stop_stands_without_all_of_it(
    town: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.trial.start_with(plan(guardrails=(EASY,)), now=3, later=5)
    town.trial.count_in()
    leave(town, "later", 4)
    before = len(town.trial.home.written())
    honest = switches.halt

    def halt(*given: object) -> None:
        honest(*given)  # type: ignore[arg-type]
        raise RuntimeError("no power")

    monkeypatch.setattr(experimenting.switches, "halt", halt)
    with pytest.raises(RuntimeError):
        look(town.rooms)
    assert len(town.trial.home.written()) == before
    assert town.trial.record().stops == town.trial.record().days == ()
    assert town.trial.running().off == frozenset()
    monkeypatch.undo()
    assert len(look(town.rooms)) == 1


def test_an_arm_that_was_started_again_is_judged_by_what_happens_since(town: Tried) -> None:
    one = town.trial.start_with(plan(guardrails=(EASY,)), now=6, later=6)
    town.trial.count_in()
    leave(town, "later", 4)
    look(town.rooms)
    town.trial.home.later(days=1)
    town.rooms.feed.switches.again(one.id, by="Ines", arm="later")
    town.trial.home.later(days=1)
    assert look(town.rooms) == ()
    leave(town, "later", 6)
    town.trial.home.later(days=1)
    assert len(look(town.rooms)) == 1
