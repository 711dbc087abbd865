# SPDX-License-Identifier: Apache-2.0
"""An experiment among simulated people: harm is stopped, and an arm is all that differs."""

from dataclasses import replace

import numpy as np
import pytest

from consent.errors import Misused
from engine.simulation import trial
from engine.simulation.assigning import ARMS
from engine.simulation.block import begin
from engine.simulation.counts import joined
from engine.simulation.day import live
from engine.simulation.trial import Group, Trial
from feed.experiments.plan import Ramp
from tests.engine.simulation import crowd
from tests.engine.simulation.trials import cohort, plan, tried

HARM = {"withdraw_rest": -5.5}
"""People who turn portraits off soon, so that a small run shows what a large one would."""


def lived(terms: Trial, sizes: tuple[int, ...], days: int, *, lean: int = 0) -> list[Group]:
    firsts = np.cumsum((0, *sizes[:-1])).tolist()
    groups = [terms.group(f, n, lean=lean) for f, n in zip(firsts, sizes, strict=True)]
    for _ in range(days):
        for group in groups:
            terms.live(group, ())
    return groups


def test_an_arm_that_does_harm_is_stopped_and_its_people_live_as_all_others_from_then_on() -> None:
    terms = tried(plan(days=5), **HARM)
    ended, free = (trial.run(terms, 2_000, stopping=stops) for stops in (True, False))
    (stop,) = ended.stops
    assert (stop.arm, free.stops) == ("instagram-2025", [])
    assert stop.why in {"withdrew", "ceiling"}
    assert ended.days[: stop.day] == free.days[: stop.day]
    assert 1 <= stop.day < 5
    assert ended.days[-1].arms["instagram-2025"] == ended.days[stop.day - 1].arms["instagram-2025"]
    (group,) = ended.groups
    theirs = group.counts.arm == 1
    assert (group.block.regime[theirs] == 0).all()
    seen = group.block.rows.of("regime") == ARMS + 1
    assert group.block.rows.of("seen")[seen].max() < stop.day * 24 * 60


def test_nothing_that_waited_is_shown_after_a_stop() -> None:
    terms = tried(plan({"per_week": 2}, days=3))
    group = terms.group(0, 1_500)
    terms.live(group, ())
    feed, mine = group.block.feed, group.counts.arm == 1
    waits = mine & (feed.scenario[:, 0] >= 0) & ~feed.seen[:, 0]
    assert waits.any()
    terms.live(group, (1,))
    rows = group.block.rows
    first = rows.of("minute") < 24 * 60
    unseen = np.isin(rows.of("person"), np.flatnonzero(waits)) & first
    assert unseen.any()
    assert (rows.of("seen")[unseen] < 24 * 60).all()


def test_an_arm_that_sets_nothing_changes_nobodys_life() -> None:
    terms = tried(plan({}, days=3))
    (group,) = lived(terms, (500,), 3)
    alone = begin(crowd.setup(), 0, 500)
    for _ in range(3):
        live(alone)
    free = ~group.held
    for name, count in alone.counted.items():
        assert (group.block.counted[name][free] == count[free]).all(), name
    assert group.held.any()
    assert not group.block.counted["shown"][group.held].any()


def test_people_come_to_the_same_in_whatever_blocks_and_without_those_in_no_arm() -> None:
    ramp = (Ramp(day=1, percent=60), Ramp(day=2, percent=90), Ramp(day=9, percent=100))
    terms = tried(plan(days=3, ramp=ramp))
    whole, parts, lean = (
        lived(terms, (900,), 3), lived(terms, (300, 600), 3), lived(terms, (900,), 3, lean=3),
    )  # fmt: skip
    found = [joined(g.counts.tally(terms.experiment) for g in one) for one in (whole, parts, lean)]
    assert found[0] == found[1]
    assert len(lean[0].block) < 600
    assert {k: replace(v, assigned=0) for k, v in found[0].items()} == {
        k: replace(v, assigned=0) for k, v in found[2].items()
    }


def test_sums_only_ever_grow_and_every_day_has_its_own() -> None:
    days = cohort().days
    assert [one.day for one in days] == [1, 2, 3, 4, 5, 6]
    shown = [one.arms["strict-opt-in"].metrics["shown"].y for one in days]
    assert shown == sorted(shown)
    assert shown[0] > 0


def test_too_few_people_start_nothing() -> None:
    with pytest.raises(Misused, match="people and needs 5000"):
        trial.run(tried(plan(needed=5_000)), 1_000)


def test_an_arm_that_its_policy_does_not_admit_starts_nothing() -> None:
    with pytest.raises(Misused, match="not started"):
        tried(plan({"first": 1}))


def test_a_loop_that_is_closed_learns_on_its_days_and_not_on_the_last() -> None:
    terms = tried(plan({"per_week": 2}, days=4, ramp=(Ramp(day=1, percent=100),)))
    done = trial.run(terms, 4_000, retrain=2)
    (lesson,) = done.lessons
    assert lesson.day == 2
    assert lesson.rows > 500
