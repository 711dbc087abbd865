# SPDX-License-Identifier: Apache-2.0
"""Intervals: by hand, by formula, and by how often they hold the truth."""

import math

import numpy as np
import pytest
from scipy import stats

from feed.features import Matrix
from feed.off_policy import estimators, intervals
from feed.off_policy.estimators import Estimate
from feed.off_policy.logs import Log
from feed.off_policy.weights import weigh
from tests.feed.off_policy import world


def test_a_persons_parts_are_added_up() -> None:
    parts = np.array([1.0, -0.5, -0.5, 0.25, -0.25])
    assert intervals.totals(parts, np.array([7, 3, 7, 9, 9])).tolist() == [-0.3, 0.3, 0.0]


def test_with_one_decision_a_person_the_sandwich_is_students_interval() -> None:
    values = np.random.default_rng(1).random(40)
    estimate = Estimate(value=values.mean(), parts=values - values.mean())
    got = intervals.sandwich(estimate, np.arange(40), 0.95)
    expected = stats.t.interval(0.95, 39, values.mean(), values.std(ddof=1) / math.sqrt(40))
    assert (got.low, got.high) == pytest.approx(expected, abs=1e-12)


def test_decisions_of_one_person_are_no_more_than_one() -> None:
    values = np.random.default_rng(2).random(50)
    again = np.repeat(values, 4)
    once = intervals.sandwich(
        Estimate(value=values.mean(), parts=values - values.mean()), np.arange(50), 0.95
    )
    often = intervals.sandwich(
        Estimate(value=again.mean(), parts=again - again.mean()),
        np.repeat(np.arange(50), 4),
        0.95,
    )
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=1e-12)


def test_a_log_without_a_single_harm_leaves_room_for_the_rule_of_three() -> None:
    estimate = Estimate(value=0.0, parts=np.zeros(1_000))
    seen = intervals.sandwich(
        estimate, np.arange(1_000), 0.95, room=intervals.Room(down=0.0, up=1.0)
    )
    assert seen.low == 0.0
    exact = -math.log(0.025) / 1_000
    assert exact < seen.high < 1.1 * exact


def test_room_is_nothing_where_one_event_is_little() -> None:
    values = np.random.default_rng(3).random(100_000)
    estimate = Estimate(value=values.mean(), parts=values - values.mean())
    subject = np.arange(len(values))
    bare = intervals.sandwich(estimate, subject, 0.95)
    roomy = intervals.sandwich(estimate, subject, 0.95, room=intervals.Room(down=0.0, up=1.0))
    assert roomy.low == bare.low
    assert roomy.high - estimate.value < 1.02 * (bare.high - estimate.value)


RARE, PEOPLE, RUNS = 0.004, 500, 2_000


def test_room_is_what_makes_the_interval_of_a_rare_harm_hold() -> None:
    """Without it, every log that saw none says there is none."""
    held = {0.0: 0, 1.0: 0}
    seen = np.random.default_rng(4).binomial(PEOPLE, RARE, RUNS)
    for events, runs in zip(*np.unique(seen, return_counts=True), strict=True):
        values = (np.arange(PEOPLE) < events).astype(np.float64)
        estimate = Estimate(value=values.mean(), parts=values - values.mean())
        for up in held:
            room = intervals.Room(down=0.0, up=up)
            got = intervals.sandwich(estimate, np.arange(PEOPLE), 0.95, room=room)
            held[up] += runs if got.low <= RARE <= got.high else 0
    assert held[0.0] < 0.90 * RUNS
    assert held[1.0] >= 0.935 * RUNS


def test_the_bootstrap_agrees_with_the_sandwich_where_nothing_is_skewed() -> None:
    values = np.random.default_rng(5).normal(0.0, 1.0, 400)
    estimate = Estimate(value=values.mean(), parts=values - values.mean())
    people = np.arange(400) // 2
    one = intervals.sandwich(estimate, people, 0.95)
    other = intervals.bootstrap(estimate, people, 0.95, seed=1)
    width = one.high - one.low
    assert (other.low, other.high) == pytest.approx((one.low, one.high), abs=0.06 * width)
    assert intervals.bootstrap(estimate, people, 0.95, seed=1) == other


def test_the_bootstrap_of_what_never_varies_is_a_point() -> None:
    still = Estimate(value=0.5, parts=np.zeros(50))
    got = intervals.bootstrap(still, np.arange(50), 0.95, seed=1)
    assert (got.low, got.high) == (0.5, 0.5)


def test_bernstein_is_the_formula_and_holds_for_few_people_too() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    estimate = Estimate(value=0.6, parts=values - 0.6)
    got = intervals.bernstein(estimate, np.arange(5), 0.95, spread=1.0)
    logs = math.log(4 / 0.05)
    reach = math.sqrt(2 * 0.3 * logs / 5) + 7 * logs / (3 * 4)
    assert (got.low, got.high) == pytest.approx((0.6 - reach, 0.6 + reach), abs=1e-12)


def test_bernstein_counts_the_most_that_one_person_could_do() -> None:
    parts = np.zeros(6)
    got = intervals.bernstein(
        Estimate(value=0.0, parts=parts), np.array([1, 1, 1, 1, 2, 3]), 0.95, spread=1.0
    )
    reach = 7 * (4 / 2) * math.log(4 / 0.05) / (3 * 2)
    assert got.high == pytest.approx(reach, abs=1e-12)


def test_people_who_decide_often_are_the_units_and_taking_decisions_for_them_misleads() -> None:
    large, _, _, earned = world.people(n=100_000, each=1, seed=1, moods=1.5)
    worth = float((target(large) * earned).sum(axis=1).mean())
    held = {"people": 0, "decisions": 0}
    for seed in range(RUNS_OF_PEOPLE):
        log = world.people(n=60, each=8, seed=seed, moods=1.5)[0]
        estimate = estimators.snips(log, weigh(log, target(log)))
        units = {"people": log.subject, "decisions": np.arange(len(log))}
        for name, subject in units.items():
            got = intervals.sandwich(estimate, subject, 0.95)
            held[name] += got.low <= worth <= got.high
    assert held["people"] >= 0.935 * RUNS_OF_PEOPLE
    assert held["decisions"] < 0.85 * RUNS_OF_PEOPLE


RUNS_OF_PEOPLE = 400


def target(log: Log) -> Matrix:
    """Draw like the log's ranker, and more surely."""
    sure = np.square(world.logged(log))
    return np.asarray(sure / sure.sum(axis=1, keepdims=True))
