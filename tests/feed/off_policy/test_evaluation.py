# SPDX-License-Identifier: Apache-2.0
"""What is said of a ranker by the log of another one, and when nothing is."""

import numpy as np
import pytest

from feed.off_policy.evaluation import Target, compare, evaluate
from tests.feed.off_policy import world


def test_a_looser_target_gets_no_number_but_the_share_that_is_missing() -> None:
    log, target, _ = world.population()
    narrow = world.without_action(log, 2)
    looser = Target(name="looser", chances=target[log.action != 2])
    row = evaluate(narrow, looser)
    assert (row.value, row.low, row.high) == (None, None, None)
    assert row.unsupported == pytest.approx(0.2)
    assert row.why == "20.0% of its choices could not have been logged"
    assert compare(narrow, looser, looser).value is None


def test_a_stricter_target_gets_its_number() -> None:
    log, target, _ = world.population()
    strict = np.where(np.arange(3) == 2, 0.0, target)
    row = evaluate(
        log, Target(name="stricter", chances=strict / strict.sum(axis=1, keepdims=True))
    )
    assert row.unsupported == 0.0
    assert row.value is not None


def test_too_few_people_get_no_number() -> None:
    log, target, _ = world.population()
    few = world.first(log, 29)
    row = evaluate(few, Target(name="any", chances=target[:29]))
    assert (row.value, row.people, row.why) == (None, 29, "29 people, 30 are needed")


def test_clipping_widens_the_interval_by_what_it_left_out() -> None:
    log, target, _ = world.population()
    one = Target(name="one", chances=target)
    whole, clipped = (
        evaluate(log, one, estimator="ips"),
        evaluate(log, one, estimator="ips", clip=3.0),
    )
    assert whole.value is not None
    assert clipped.value is not None
    assert clipped.value < whole.value
    assert clipped.largest_weight == 3.0
    assert clipped.high is not None
    assert clipped.high > clipped.value + 0.05


def test_what_two_targets_share_cancels() -> None:
    log, target, _ = world.population()
    one, other = (
        Target(name="one", chances=target),
        Target(name="other", chances=world.logged(log)),
    )
    same = compare(log, one, one)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    assert not same.better
    assert not same.worse
    gap, back = compare(log, one, other), compare(log, other, one)
    assert gap.value == pytest.approx(world.WORTH - world.LOGGED_WORTH, abs=1e-12)
    assert gap.better
    assert back.worse


def test_the_doubly_robust_needs_what_was_foretold() -> None:
    log, target, earned = world.population()
    with pytest.raises(ValueError, match="foretold"):
        evaluate(log, Target(name="one", chances=target), estimator="dr")
    row = evaluate(log, Target(name="one", chances=target, foretold=earned), estimator="dr")
    assert row.value == pytest.approx(world.WORTH, abs=1e-12)
