# SPDX-License-Identifier: Apache-2.0
"""People are counted from where arms first differ, and that is the same in every arm."""

import numpy as np
import pytest

from engine.simulation import exposing, trial
from engine.simulation.block import NEVER
from feed.experiments.plan import Ramp, Setting
from feed.experiments.splits import split
from tests.engine.simulation.trials import cohort, plan, tried

LATE = (Ramp(day=1, percent=20), Ramp(day=3, percent=100))


@pytest.mark.parametrize(
    ("levers", "where"),
    [
        ({"policy": "instagram-2025"}, "asking"),
        ({"notice": "vague", "per_week": 1}, "asking"),
        ({"preview": False}, "asking"),
        ({"visible_to": "Private: only you see this"}, "showing"),
        ({"recipe": "filter"}, "showing"),
        ({"per_week": 1}, "choosing"),
        ({"ranker": "best", "visible_to": "Private: only you see this"}, "choosing"),
    ],
)
def test_arms_differ_first_where_the_earliest_of_their_levers_acts(
    levers: dict[str, Setting], where: str
) -> None:
    assert exposing.surface(plan(levers)) == where


def test_who_has_lived_under_the_policy_before_is_exposed_evenly_whatever_the_arm_allows() -> None:
    ended = trial.run(tried(plan({"per_week": 1}, days=4, ramp=LATE)), 10_000)
    found = split(plan({"per_week": 1}), ended.days)
    exposed = [arm.exposed for arm in ended.days[-1].arms.values()]
    assert min(exposed) > 500
    assert found.p > 0.01


def test_where_arms_ask_only_who_can_be_asked_is_exposed_and_on_their_first_visit() -> None:
    for group in cohort().groups:
        answers, came = group.block.standing.answers, group.block.standing.came
        inside = (group.counts.arm >= 0) & ~group.counts.left
        expected = inside & answers.tool & (came != NEVER)
        assert (group.counts.exposed & inside == expected).all()
        assert expected.any()


def test_who_comes_in_later_is_asked_anew_in_the_words_of_their_arm() -> None:
    terms = tried(plan({"policy": "instagram-2025"}, days=5, ramp=LATE))
    (group,) = trial.run(terms, 2_000).groups
    answers, late = group.block.standing.answers, group.places.day == 3
    since = late & (group.block.standing.came != NEVER)
    theirs = since & (group.counts.arm == 1) & ~group.counts.left & answers.tool
    assert theirs.sum() > 100
    assert (answers.implied[theirs] & ~answers.explicit[theirs]).all()
    assert not answers.implied[late & (group.counts.arm == 0)].any()


def test_where_arms_show_differently_nobody_is_exposed_to_whom_nothing_was_listed() -> None:
    terms = tried(plan({"visible_to": "Private: only you see this"}, days=3))
    (group,) = trial.run(terms, 1_000).groups
    listed = group.block.counted["listed"] > 0
    assert group.counts.exposed.any()
    assert not (group.counts.exposed & ~listed).any()
    assert np.array_equal(
        group.counts.exposed, listed & (group.counts.arm >= 0) & ~group.counts.left
    )
