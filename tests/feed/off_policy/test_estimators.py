# SPDX-License-Identifier: Apache-2.0
"""Estimators against what is known in closed form, exactly: the log is the population itself."""

from dataclasses import replace

import numpy as np
import pytest

from feed.off_policy import estimators
from feed.off_policy.intervals import sandwich
from feed.off_policy.logs import Whole
from feed.off_policy.weights import weigh
from tests.feed.off_policy import world

EXACT = 1e-12


def test_ips_and_dr_give_the_worth_of_the_target() -> None:
    log, target, earned = world.population()
    weights = weigh(log, target)
    assert estimators.ips(log, weights).value == pytest.approx(world.WORTH, abs=EXACT)
    robust = estimators.doubly_robust(log, weights, target, earned)
    assert robust.value == pytest.approx(world.WORTH, abs=EXACT)
    assert log.reward.mean() == pytest.approx(world.LOGGED_WORTH, abs=EXACT)


def test_their_spread_is_that_of_the_closed_form() -> None:
    log, target, earned = world.population()
    weights = weigh(log, target)
    spread = np.square(estimators.ips(log, weights).parts).mean()
    assert spread == pytest.approx(0.943, abs=EXACT)
    robust = estimators.doubly_robust(log, weights, target, earned)
    assert np.square(robust.parts).mean() == pytest.approx(0.0049 + 0.5084, abs=EXACT)


def test_the_spread_of_snips_is_that_of_rewards_less_the_worth() -> None:
    log, target, _ = world.population()
    parts = estimators.snips(log, weigh(log, target)).parts
    off = world.EARNS * (1 - world.WORTH) ** 2 + (1 - world.EARNS) * world.WORTH**2
    expected = 0.5 * (world.TARGET**2 / world.LOGGING * off).sum()
    assert np.square(parts).mean() == pytest.approx(expected, abs=EXACT)


def test_wrong_propensities_mislead_ips_and_not_the_doubly_robust() -> None:
    log, target, earned = world.population()
    wrong = replace(log, propensity=np.full(len(log), 1 / 3), lottery=None)
    weights = weigh(wrong, target)
    assert estimators.ips(wrong, weights).value == pytest.approx(0.336, abs=EXACT)
    robust = estimators.doubly_robust(wrong, weights, target, earned)
    assert robust.value == pytest.approx(world.WORTH, abs=EXACT)


def test_a_wrong_model_misleads_the_direct_and_not_the_doubly_robust() -> None:
    log, target, earned = world.population()
    foretold = np.full_like(earned, 0.9)
    assert estimators.direct(target, foretold).value == pytest.approx(0.9, abs=EXACT)
    robust = estimators.doubly_robust(log, weigh(log, target), target, foretold)
    assert robust.value == pytest.approx(world.WORTH, abs=EXACT)


def test_a_target_that_is_the_logging_one_earns_the_mean_reward() -> None:
    log, _, _ = world.population()
    assert log.lottery is not None
    weights = weigh(log, log.lottery)
    for estimator in (estimators.ips, estimators.snips):
        assert estimator(log, weights).value == pytest.approx(log.reward.mean(), abs=EXACT)


def test_snips_moves_with_a_shift_of_all_rewards_and_ips_does_not() -> None:
    log, target, _ = world.population()
    some = replace(log, reward=log.reward + 2.0, high=3.0)
    half = replace(weigh(log, target), weight=weigh(log, target).weight / 2.0)
    assert estimators.snips(some, half).value == pytest.approx(world.WORTH + 2.0, abs=EXACT)
    assert estimators.ips(some, half).value == pytest.approx((world.WORTH + 2.0) / 2, abs=EXACT)


def test_snips_of_weights_that_are_all_nought_is_nought() -> None:
    log, target, _ = world.population()
    nothing = replace(weigh(log, target), weight=np.zeros(len(log)))
    assert estimators.snips(log, nothing).value == 0.0


@pytest.mark.parametrize("name", ["ips", "snips", "direct", "doubly_robust"])
def test_parts_are_centred(name: str) -> None:
    log, target, earned = world.population()
    weights = weigh(log, target)
    given = {
        "ips": (log, weights),
        "snips": (log, weights),
        "direct": (target, earned),
        "doubly_robust": (log, weights, target, earned),
    }[name]
    parts = getattr(estimators, name)(*given).parts
    assert parts.mean() == pytest.approx(0.0, abs=EXACT)


def test_what_another_project_drew_is_valued_as_its_own_code_does() -> None:
    theirs = world.foreign()
    log, target, foretold = theirs.log, theirs.target, theirs.foretold
    weights = weigh(log, target)
    assert estimators.ips(log, weights).value == pytest.approx(theirs.ips, abs=EXACT)
    assert estimators.snips(log, weights).value == pytest.approx(theirs.snips, abs=EXACT)
    robust = estimators.doubly_robust(log, weights, target, foretold)
    assert robust.value == pytest.approx(theirs.dr, abs=EXACT)
    assert estimators.direct(target, foretold).value == pytest.approx(theirs.direct, abs=EXACT)


REPLICATIONS, DECISIONS = 2_000, 400


def test_over_many_logs_the_bias_is_noise_and_the_intervals_hold_the_truth() -> None:
    found: dict[str, list[tuple[float, bool]]] = {}
    for replication in range(REPLICATIONS):
        for name, (estimate, subject) in estimates(replication).items():
            interval = sandwich(estimate, subject, 0.95)
            held = interval.low <= world.WORTH <= interval.high
            found.setdefault(name, []).append((estimate.value, held))
    runs = {name: np.array(all_of_it).T for name, all_of_it in found.items()}
    aims = dict.fromkeys(runs, world.WORTH) | {"ips, p wrong": 0.336}
    for name, (values, held) in runs.items():
        error = values.std() / np.sqrt(REPLICATIONS)
        assert abs(values.mean() - aims[name]) < 4.0 * error, name
        assert (held.mean() >= 0.935) == (name != "ips, p wrong"), name
    spread = {name: DECISIONS * values.var() for name, (values, _) in runs.items()}
    assert spread["ips"] == pytest.approx(0.943, rel=0.1)
    assert spread["dr"] == pytest.approx(0.5133, rel=0.1)


def estimates(seed: int) -> dict[str, tuple[estimators.Estimate, Whole]]:
    """Value the target by one log, in every way, right and wrong."""
    log, target, context = world.sample(DECISIONS, seed=seed)
    wrong = replace(log, propensity=np.full(len(log), 1 / 3), lottery=None)
    right, misled = weigh(log, target), weigh(wrong, target)
    earned, blind = world.EARNS[context], np.full_like(world.EARNS, 0.9)[context]
    each = {
        "ips": estimators.ips(log, right),
        "snips": estimators.snips(log, right),
        "dr": estimators.doubly_robust(log, right, target, earned),
        "dr, q wrong": estimators.doubly_robust(log, right, target, blind),
        "dr, p wrong": estimators.doubly_robust(wrong, misled, target, earned),
        "ips, p wrong": estimators.ips(wrong, misled),
    }
    return {name: (estimate, log.subject) for name, estimate in each.items()}
