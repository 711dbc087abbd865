# SPDX-License-Identifier: Apache-2.0
"""What a run says at the end of a day."""

from dataclasses import replace

import pytest

from feed.experiments.analysis import analyse
from tests.feed.experiments import runs
from tests.feed.experiments.runs import arm, coins, experiment, record, stop, tally

PLAN = experiment()
QUIET = runs.days(PLAN, {"as-is": [10] * 30, "wider": [10] * 30})


def test_a_run_before_its_first_day_says_nothing_yet() -> None:
    found = analyse(record(PLAN, ()))
    assert (found.day, found.state, found.split.verdict) == (0, "running", "too-few")
    assert [one.exposed for one in found.arms] == [0, 0]
    assert found.effects == ()
    assert [(one.e_value, one.series) for one in found.harms] == [(1.0, ())]


def test_counts_are_those_of_the_last_day() -> None:
    days = [tally(1, {"as-is": arm(100, 1, left=2), "wider": arm(90, 3, left=4)})]
    found = analyse(record(PLAN, days))
    assert [(one.subjects, one.exposed, one.withdrew, one.left) for one in found.arms] == [
        (100, 100, 1, 2),
        (90, 90, 3, 4),
    ]
    assert found.censored == 6


def test_every_metric_of_every_arm_has_its_series_of_days() -> None:
    plan = experiment(("a", "b", "c"))
    days = runs.days(plan, {"a": [10] * 4, "b": [12] * 4, "c": [9] * 4})
    found = analyse(record(plan, days))
    asked = [(one.metric, one.arm) for one in found.effects]
    assert asked == [("engaged", "b"), ("engaged", "c"), ("withdrew", "b"), ("withdrew", "c")]
    for effect in found.effects:
        assert [point.day for point in effect.series] == [1, 2, 3, 4]
        assert (effect.series[-1].low, effect.series[-1].high) == (effect.low, effect.high)
        assert effect.low < effect.fixed_low < effect.estimate < effect.fixed_high < effect.high


def test_analysis_of_an_earlier_day_is_what_was_said_on_that_day() -> None:
    stops = (stop("wider", 20),)
    then = analyse(record(PLAN, QUIET[:10]))
    assert analyse(record(PLAN, QUIET, stops), 10) == then
    assert then.state == "running"


def test_an_arm_is_read_up_to_the_day_it_ended_and_the_control_with_it() -> None:
    found = analyse(record(PLAN, QUIET, (stop("wider", 12),)))
    assert {one.series[-1].day for one in found.effects} == {12}
    assert [one.series[-1][0] for one in found.harms] == [12]
    assert [one.stopped_day for one in found.harms] == [12]
    assert [one.stopped_day for one in found.arms] == [None, 12]


def test_an_arm_stopped_by_hand_was_stopped_by_no_guardrail() -> None:
    found = analyse(record(PLAN, QUIET, (stop("wider", 12, "by hand"),)))
    assert [one.stopped_day for one in found.harms] == [None]


@pytest.mark.parametrize(
    ("stops", "day", "state"),
    [
        ((), 29, "running"),
        ((), 30, "done"),
        ((stop("wider", 5),), 4, "running"),
        ((stop("wider", 5),), 5, "stopped"),
        ((stop("wider", 5, lifted=7),), 6, "stopped"),
        ((stop("wider", 5, lifted=7),), 8, "running"),
        ((stop(None, 5, "by hand"),), 30, "stopped"),
    ],
)
def test_its_state_follows_from_days_and_stops(stops: tuple, day: int, state: str) -> None:
    assert analyse(record(PLAN, QUIET, stops), day).state == state


def test_one_arm_of_two_stopped_leaves_the_rest_running() -> None:
    plan = experiment(("a", "b", "c"))
    days = runs.days(plan, {"a": [10] * 6, "b": [10] * 6, "c": [10] * 6})
    assert analyse(record(plan, days, (stop("b", 3),))).state == "running"


def test_a_wrong_split_is_invalid_and_has_no_effects() -> None:
    days = [tally(1, {"as-is": arm(5_000, 50), "wider": arm(4_500, 90)})]
    found = analyse(record(PLAN, days))
    assert (found.state, found.split.verdict) == ("invalid", "invalid")
    assert found.split.p < 0.001
    assert found.effects == found.harms == ()


def test_p_of_the_primary_metric_pays_for_its_arms_and_others_for_each_other() -> None:
    plan = experiment(("a", "b", "c"))
    engaged = {"a": coins(2_000, 200), "b": coins(2_000, 240), "c": coins(2_000, 245)}
    arms = {name: arm(2_000, 20 + n, engaged=engaged[name]) for n, name in enumerate("abc")}
    found = analyse(record(plan, [tally(1, arms)])).effects
    primary, others = found[:2], found[2:]
    assert primary[1].p < primary[0].p
    assert primary[1].p_adjusted == pytest.approx(2 * primary[1].p)
    assert primary[0].p_adjusted == pytest.approx(max(primary[0].p, 2 * primary[1].p))
    assert others[0].p_adjusted == pytest.approx(max(one.p for one in others))


def test_an_arm_without_people_has_no_effect_and_no_evidence() -> None:
    days = [tally(1, {"as-is": arm(3, 0)})]
    found = analyse(record(PLAN, days))
    assert found.effects == ()
    assert [one.e_value for one in found.harms] == [pytest.approx(1.0)]


def test_a_metric_that_nobody_counted_yet_is_left_out() -> None:
    plan = replace(PLAN, metrics=("engaged", "withdrew", "hidden"))
    assert {one.metric for one in analyse(record(plan, QUIET)).effects} == {"engaged", "withdrew"}


def test_the_same_sums_give_the_same_analysis_bit_for_bit() -> None:
    assert analyse(record(PLAN, QUIET)) == analyse(record(PLAN, list(QUIET)))
