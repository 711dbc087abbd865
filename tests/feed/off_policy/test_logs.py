# SPDX-License-Identifier: Apache-2.0
"""What a log must hold to be weighed, and what is said of one that does not."""

from typing import Any

import numpy as np
import pytest

from consent.errors import Misused
from feed.off_policy import logs

COLUMNS: dict[str, Any] = {
    "subject": np.array([1, 1, 2]),
    "action": np.array([0, 1, 1]),
    "propensity": np.array([0.5, 0.25, 0.25]),
    "reward": np.array([1.0, 0.0, 1.0]),
    "eligible": np.ones((3, 2), np.bool_),
}


@pytest.mark.parametrize("missing", [np.nan, 0.0, -0.1, 1.5])
def test_a_decision_without_a_propensity_refuses_the_log_and_says_how_many(missing: float) -> None:
    columns = COLUMNS | {"propensity": np.array([0.5, missing, missing])}
    with pytest.raises(Misused, match="2 of 3 decisions have no propensity"):
        logs.read(**columns)


def test_what_was_decided_without_exploring_is_left_out_and_counted() -> None:
    columns = COLUMNS | {"propensity": np.array([0.5, 1.0, 0.25])}
    log = logs.read(**columns, explored=np.array([True, False, True]))
    assert (len(log), log.unexplored) == (2, 1)
    assert log.propensity.tolist() == [0.5, 0.25]


def test_a_log_that_never_explored_is_refused() -> None:
    with pytest.raises(Misused, match="3 were made without exploring"):
        logs.read(**COLUMNS, explored=np.zeros(3, np.bool_))


def test_what_failed_after_the_decision_stays_with_no_reward() -> None:
    columns = COLUMNS | {"reward": np.array([1.0, np.nan, 1.0])}
    log = logs.read(**columns, delivered=np.array([True, False, False]))
    assert log.reward.tolist() == [1.0, 0.0, 0.0]


def test_a_reward_that_is_missing_or_out_of_bounds_is_refused() -> None:
    with pytest.raises(Misused, match="2 of 3 decisions have no reward between 0 and 1"):
        logs.read(**(COLUMNS | {"reward": np.array([np.nan, 2.0, 1.0])}))


def test_a_log_whose_choice_was_not_eligible_is_refused() -> None:
    eligible = np.array([[True, True], [True, False], [True, True]])
    with pytest.raises(Misused, match="1 of 3 decisions chose what was not eligible"):
        logs.read(**(COLUMNS | {"eligible": eligible}))


def test_a_lottery_must_be_the_one_that_was_drawn_with() -> None:
    lottery = np.array([[0.5, 0.5], [0.5, 0.5], [0.75, 0.25]])
    with pytest.raises(Misused, match="1 of 3 decisions have another propensity"):
        logs.read(**COLUMNS, lottery=lottery)


def test_one_log_can_be_weighed_under_many_outcomes() -> None:
    log = logs.read(**COLUMNS)
    other = log.under(np.array([-3.0, 0.0, 1.0]), low=-3.0, high=1.0)
    assert (other.spread, other.action.tolist()) == (4.0, [0, 1, 1])
    with pytest.raises(Misused, match="a reward of 0 must be possible"):
        log.under(np.ones(3), low=0.5, high=1.0)
