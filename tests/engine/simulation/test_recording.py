# SPDX-License-Identifier: Apache-2.0
"""A simulated experiment's record holds all that a report is made of."""

from functools import cache

from engine.simulation import recording
from engine.simulation.recording import Order, Simulated
from feed.experiments.analysis import analyse
from feed.model import HEADS
from tests.engine.simulation import crowd
from tests.engine.simulation.trials import plan

PLAN = plan(days=5)


@cache
def simulated() -> Simulated:
    order = Order(people=1_200, swept=300, topics=("depth",))
    return recording.simulate(crowd.setup(), PLAN, order)


def test_it_tells_days_funnel_outcomes_swings_reliability_and_other_rankers() -> None:
    record = simulated().record
    assert [one.day for one in record.days] == [1, 2, 3, 4, 5]
    assert record.funnel[0].people == record.people == 1_200
    assert [one.policy for one in record.outcomes] == ["strict-opt-in", "instagram-2025"]
    assert {one.coefficient for one in record.sensitivity} == {"depth.mean", "depth.leave"}
    assert {one.head for one in record.reliability} == set(HEADS)
    assert {one.target for one in record.off_policy} == {"best", "uniform"}
    assert record.seed == crowd.SEED


def test_its_figures_can_be_judged_as_those_of_the_feed_are() -> None:
    told = analyse(simulated().record)
    assert told.split.verdict == "sound"
    assert {one.metric for one in told.effects} >= {"withdrew", "surprised", "taken-for-ad"}


def test_what_was_stopped_is_only_what_the_feeds_own_rule_stops() -> None:
    record = simulated().record
    assert all(stop.day <= 5 for stop in record.stops)
    assert {stop.arm for stop in record.stops} <= {"instagram-2025"}


def test_no_sweep_is_made_where_none_is_asked_for() -> None:
    found = recording.simulate(crowd.setup(), plan(days=1), Order(people=400, swept=0))
    assert found.record.sensitivity == ()
