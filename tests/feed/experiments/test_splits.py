# SPDX-License-Identifier: Apache-2.0
"""Whether exposed people are split as the shares say."""

import numpy as np
import pytest

from feed.experiments.plan import Arm
from feed.experiments.splits import split
from tests.feed.experiments.runs import arm, experiment, stop, tally

THREE = experiment(("a", "b", "c"))


def _days(*counts: tuple[int, ...]) -> list:
    return [
        tally(day, {name: arm(n, 0) for name, n in zip("abc", each, strict=False)})
        for day, each in enumerate(counts, start=1)
    ]


def test_people_split_as_meant_are_sound() -> None:
    two = experiment(("a", "b"))
    assert split(two, _days((5_000, 5_100))).verdict == "sound"
    unequal = experiment((Arm(id="a", title="A", share=3), Arm(id="b", title="B")))
    assert split(unequal, _days((7_500, 2_500))).p == 1.0
    assert split(unequal, _days((5_000, 5_000))).verdict == "invalid"
    assert split(two, ()).verdict == "too-few"


def test_a_percent_too_many_of_a_hundred_thousand_is_invalid() -> None:
    found = split(experiment(("a", "b")), _days((50_000, 51_500)))
    assert found.verdict == "invalid"
    assert found.p < 0.001


def test_a_handful_of_people_are_too_few_to_tell() -> None:
    assert split(experiment(("a", "b")), _days((9, 0))).verdict == "too-few"


def test_an_arm_that_was_stopped_is_asked_for_until_then() -> None:
    days = _days((500, 510, 495), (1_000, 1_010, 495), (1_500, 1_510, 495))
    assert split(THREE, days).verdict == "invalid"
    stops = (stop("c", 1),)
    assert split(THREE, days, stops).verdict == "sound"
    assert split(THREE, days, (stop("c", 1, lifted=2),)).verdict == "sound"


def test_a_split_that_goes_wrong_after_a_stop_is_seen() -> None:
    days = _days((500, 510, 495), (1_000, 1_300, 495))
    assert split(THREE, days, (stop("c", 1),)).verdict == "invalid"


def test_a_split_that_was_wrong_before_all_was_stopped_stays_so() -> None:
    days = _days((500, 700, 500), (500, 700, 500))
    assert split(THREE, days, (stop(None, 1, "split"),)).verdict == "invalid"


def test_thirty_looks_call_few_sound_splits_invalid() -> None:
    generator = np.random.Generator(np.random.Philox(8))
    arms = generator.binomial(1_000, 0.5, (1_000, 30)).cumsum(axis=1)
    whole = 1_000 * np.arange(1, 31)
    plan = experiment(("a", "b"))
    judged = [
        any(
            split(plan, _days((int(here), int(all_of_it - here)))).verdict == "invalid"
            for here, all_of_it in zip(run, whole, strict=True)
        )
        for run in arms[:300]
    ]
    assert np.mean(judged) <= 0.02


@pytest.mark.parametrize("counts", [(0, 0), (3, 2)])
def test_before_anybody_came_there_is_nothing_to_judge(counts: tuple[int, int]) -> None:
    assert split(experiment(("a", "b")), _days(counts)).p == 1.0
