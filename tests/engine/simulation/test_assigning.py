# SPDX-License-Identifier: Apache-2.0
"""Arms of simulated people are those of the feed's hash; only who agreed is in one."""

import numpy as np

from engine.simulation import assigning, people
from engine.simulation.assigning import ARMS, HELD_OUT, PLAIN, Places
from engine.simulation.counts import NO_ARM
from feed.experiments.assignment import arm_of, held_out
from feed.experiments.plan import Experiment, Ramp
from tests.engine.simulation import crowd
from tests.engine.simulation.trials import plan, tried

RAMPED = plan({"per_week": 1}, ramp=(Ramp(day=1, percent=30), Ramp(day=3, percent=80)))
KEYS = people.draw(crowd.setup(), 0, 400).draw_key


def placed(experiment: Experiment = RAMPED) -> Places:
    return assigning.places(experiment, 10, crowd.SEED, KEYS)


def test_the_arm_is_the_one_that_the_feed_would_name_on_every_day() -> None:
    salt, everybody = assigning.salt(crowd.SEED), np.ones(len(KEYS), np.bool_)
    places = placed()
    for day in (1, 2, 3, 5):
        found = assigning.arms_on(places, everybody, day)
        for one, key in zip(found, KEYS, strict=True):
            name = int(key).to_bytes(8, "big")
            if not held_out(salt, name, 10):
                named = arm_of(RAMPED, salt, name, day)
                expected = NO_ARM if named is None else ["control", "arm-1"].index(named)
                assert one == expected


def test_whoever_did_not_agree_or_is_held_out_is_in_no_arm() -> None:
    places = placed()
    agreed = np.arange(len(KEYS)) % 2 == 0
    arm = assigning.arms_on(places, agreed, 3)
    assert (arm[~agreed] == NO_ARM).all()
    assert places.held_out.any()
    assert (arm[places.held_out] == NO_ARM).all()


def test_a_ramp_only_ever_lets_more_people_in() -> None:
    everybody = np.ones(len(KEYS), np.bool_)
    first, third = (assigning.arms_on(placed(), everybody, day) for day in (1, 3))
    assert 0.2 < (first != NO_ARM).mean() < 0.4
    assert 0.7 < (third != NO_ARM).mean() < 0.9
    assert (third[first != NO_ARM] == first[first != NO_ARM]).all()


def test_who_left_or_whose_arm_is_stopped_lives_as_those_in_no_arm() -> None:
    arm = np.array([0, 1, 1, NO_ARM, NO_ARM])
    held = np.array([False, False, False, False, True])
    left = np.array([False, False, True, False, False])
    which = assigning.regimes_on(arm, held, left, ())
    assert which.tolist() == [ARMS, ARMS + 1, PLAIN, PLAIN, HELD_OUT]
    assert assigning.regimes_on(arm, held, left, (1,)).tolist()[1] == PLAIN


def test_the_regimes_are_the_policy_nothing_at_all_and_each_arm() -> None:
    plain, held, control, fewer = tried(RAMPED).setup.listed
    assert plain == control
    assert (held.rules.per_week, fewer.rules.per_week) == (0, 1)


def test_another_seed_puts_people_elsewhere() -> None:
    ours, theirs = (assigning.places(RAMPED, 10, seed, KEYS).arm for seed in (1, 2))
    assert (ours != theirs).any()
