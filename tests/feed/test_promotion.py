# SPDX-License-Identifier: Apache-2.0
"""An apprentice takes over where the log is sure of it, and where no harm grows."""

import numpy as np

from feed.off_policy import logs
from feed.promotion import Beside, judge

ACTIONS = 3
"""Nothing, a good idea, a bad one."""


def beside(mine: list[float], *, people: int = 400, each: int = 5, harm: float = 0.0) -> Beside:
    """Log even draws; the good idea is liked by half, the bad one by none and hidden by some."""
    rng = np.random.default_rng(3)
    n = people * each
    action = rng.integers(0, ACTIONS, n)
    liked = ((action == 1) & (rng.random(n) < 0.5)).astype(float)
    hidden = ((action == 1) & (rng.random(n) < harm)).astype(float)
    even = np.full((n, ACTIONS), 1 / ACTIONS)
    log = logs.read(
        subject=np.repeat(np.arange(people), each),
        action=action,
        propensity=even[:, 0],
        reward=liked - 0.01 * (action > 0),
        eligible=even > 0,
        low=-1.0,
        high=1.0,
    )
    heads = {"engage": liked, "fewer": hidden, "report": np.zeros(n)}
    return Beside(log=log, mine=np.tile(mine, (n, 1)), theirs=even, heads=heads)


def test_a_better_one_may_take_over() -> None:
    found = judge(beside([0.1, 0.8, 0.1]))
    assert found.passed
    assert found.worth.low is not None
    assert found.worth.low > 0
    assert (found.decisions, found.people) == (2_000, 400)


def test_a_worse_one_and_one_that_is_the_same_may_not() -> None:
    for mine in ([0.1, 0.1, 0.8], [1 / 3, 1 / 3, 1 / 3]):
        found = judge(beside(mine))
        assert found.against == ("it is not sure to be worth more than the one in charge",)


def test_a_better_one_that_does_more_harm_may_not() -> None:
    found = judge(beside([0.1, 0.8, 0.1], harm=0.2))
    assert found.worth.better
    assert found.against == ("more often than under the one in charge: fewer",)


def test_a_log_that_says_too_little_says_so() -> None:
    found = judge(beside([0.1, 0.8, 0.1], people=12))
    assert found.worth.value is None
    (why,) = found.against
    assert why.startswith("nothing can be said of it yet: 12 people")
