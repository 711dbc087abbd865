# SPDX-License-Identifier: Apache-2.0
"""A sweep moves one assumption at a time and tells how far the primary effect goes with it."""

from dataclasses import replace
from functools import cache

import pytest

from consent.words import Micros
from engine.simulation import sweep, trial
from feed.experiments.analysis import analyse
from feed.experiments.metrics import METRICS
from feed.experiments.record import Record, Stop, Swing
from tests.engine.simulation.trials import plan, tried

PLAN = plan(days=2)
PEOPLE = 800


@cache
def record() -> Record:
    course = trial.run(tried(PLAN), PEOPLE, stopping=False)
    return Record(experiment=PLAN, started_at=Micros(0), days=tuple(course.days))


@cache
def swings() -> dict[str, Swing]:
    found = sweep.swings(tried(PLAN), record(), PEOPLE, topics=("surprised",))
    return {one.coefficient: one for one in found}


def test_every_coefficient_of_a_topic_is_swept_over_its_own_range() -> None:
    listed = [c for c in tried(PLAN).setup.coefficients.listed if c.name.startswith("surprised.")]
    assert {c.name: (c.low, c.high) for c in listed} == {
        name: (one.low_value, one.high_value) for name, one in swings().items()
    }
    widths = [abs(one.high_effect - one.low_effect) for one in swings().values()]
    assert widths == sorted(widths, reverse=True)


def test_an_end_is_what_a_run_under_that_assumption_finds() -> None:
    one = swings()["surprised.knew"]
    course = trial.run(tried(PLAN, surprised_knew=one.low_value), PEOPLE, stopping=False)
    run = replace(record(), days=tuple(course.days))
    (effect,) = [e for e in analyse(run).effects if e.metric == "surprised"]
    assert one.low_effect == pytest.approx(effect.estimate, abs=1e-9)


def test_what_a_metric_hangs_on_are_topics_that_there_are() -> None:
    topics = {one.name.split(".")[0] for one in tried(PLAN).setup.coefficients.listed}
    assert set().union(*sweep.NEAREST.values()) <= topics
    assert set(sweep.NEAREST) <= set(METRICS)


def test_knowing_why_is_what_spares_the_surprise() -> None:
    (told,) = [e.estimate for e in analyse(record()).effects if e.metric == "surprised"]
    one = swings()["surprised.knew"]
    assert one.high_effect < told < one.low_effect


def test_an_arm_is_read_on_the_day_on_which_it_was_stopped() -> None:
    stop = Stop(arm="instagram-2025", day=1, at=Micros(0), why="withdrew", value=25.0)
    stopped = replace(record(), stops=(stop,))
    (known,) = [e for e in analyse(stopped).effects if e.metric == "surprised"]
    found = sweep.swings(tried(PLAN), stopped, PEOPLE, topics=("posts",))
    assert {one.arm for one in found} == {"instagram-2025"}
    (ad,) = [one for one in found if one.coefficient == "posts.unknown"]
    assert abs(ad.low_effect - known.estimate) < 0.2 * abs(known.estimate)


@pytest.mark.slow
def test_processes_find_the_same() -> None:
    found = sweep.swings(tried(PLAN), record(), PEOPLE, topics=("surprised",), processes=2)
    assert {one.coefficient: one for one in found} == swings()
