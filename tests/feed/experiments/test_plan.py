# SPDX-License-Identifier: Apache-2.0
from typing import get_args

import pytest

from consent.promises import Lever
from feed.experiments import files, records
from feed.experiments.plan import LEVERS, SIMULATED, Arm, Guardrail
from feed.experiments.soundness import faults

LABEL = files.load("label")


def test_the_first_arm_is_the_control() -> None:
    assert LABEL.control is LABEL.arms[0]
    assert LABEL.arm("private").title == "Private: only you see this"
    with pytest.raises(KeyError):
        LABEL.arm("loud")


def test_the_ramp_says_from_when_on_how_many_may_come_in() -> None:
    days = {day: LABEL.percent(day) for day in (0, 1, 3, 4, 7, 8, 30)}
    assert days == {0: 0, 1: 10, 3: 10, 4: 50, 7: 50, 8: 100, 30: 100}


def test_every_kind_of_lever_that_a_policy_can_admit_is_one_that_an_arm_can_set() -> None:
    assert set(LEVERS.values()) - {None} == set(get_args(Lever))
    assert {"policy", "notice"} == SIMULATED


def test_a_guardrail_stops_at_one_over_its_level() -> None:
    assert Guardrail(metric="withdrew", level=0.05).threshold == 20


def test_an_arm_that_sets_nothing_is_like_the_policy() -> None:
    assert dict(Arm(id="a", title="A").levers) == {}


def test_a_shortened_plan_is_sound_and_another_one() -> None:
    whole = files.load("cohort")
    short = whole.shortened(12)
    assert faults(short) == ()
    assert (short.days, short.looks) == (12, (10, 12))
    assert records.plan_sha256(short) != records.plan_sha256(whole)
