# SPDX-License-Identifier: Apache-2.0
"""What came of a decision, priced by the policy's weights."""

import numpy as np
import pytest

from consent import policies
from feed.off_policy.rewards import priced

WEIGHTS = policies.load("strict-opt-in").ranking
OUTCOMES = {
    "engage": np.array([1, 0, 0, 1]),
    "fewer": np.array([0, 1, 0, 0]),
    "report": np.array([0, 0, 0, 0]),
    "withdrawal": np.array([0, 0, 1, 0]),
}


def test_outcomes_are_priced_by_the_policy_and_what_was_not_shown_earns_nothing() -> None:
    rewards = priced(OUTCOMES, np.array([True, True, True, False]), WEIGHTS)
    cost = WEIGHTS.cost_per_insert
    assert rewards.reward.tolist() == [
        WEIGHTS.engage - cost,
        WEIGHTS.fewer - cost,
        WEIGHTS.withdrawal - cost,
        0.0,
    ]


def test_the_bounds_are_those_of_the_best_and_the_worst_that_can_come() -> None:
    rewards = priced(OUTCOMES, np.ones(4, np.bool_), WEIGHTS)
    worst = WEIGHTS.fewer + WEIGHTS.report + WEIGHTS.withdrawal
    assert rewards.low == pytest.approx(worst - WEIGHTS.cost_per_insert)
    assert rewards.high == pytest.approx(WEIGHTS.engage - WEIGHTS.cost_per_insert)


def test_an_outcome_that_is_missing_is_no_zero() -> None:
    with pytest.raises(KeyError, match="report"):
        priced({"engage": np.ones(1), "fewer": np.ones(1)}, np.ones(1, np.bool_), WEIGHTS)


def test_what_a_log_cannot_know_of_is_no_part_of_the_reward_or_its_bounds() -> None:
    seen = {name: OUTCOMES[name] for name in ("engage", "fewer")}
    rewards = priced(seen, np.ones(4, np.bool_), WEIGHTS, known=("engage", "fewer"))
    assert rewards.low == pytest.approx(WEIGHTS.fewer - WEIGHTS.cost_per_insert)
    assert rewards.reward[2] == -WEIGHTS.cost_per_insert
