# SPDX-License-Identifier: Apache-2.0
"""What is said of a ranker by the log of another one, and when nothing is."""

from dataclasses import astuple, replace
from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from feed import exploration
from feed.features import Matrix
from feed.off_policy import direct, logs
from feed.off_policy.evaluation import Target, Way, compare, evaluate
from feed.off_policy.logs import Log
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
        evaluate(log, one, Way(estimator="ips")),
        evaluate(log, one, Way(estimator="ips", clip=3.0)),
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
    gap, back = compare(log, one, other), compare(log, other, one)
    assert gap.value == pytest.approx(world.WORTH - world.LOGGED_WORTH, abs=1e-12)
    assert gap.better
    assert back.high is not None
    assert back.high < 0.0


def test_the_doubly_robust_needs_what_was_foretold() -> None:
    log, target, earned = world.population()
    with pytest.raises(ValueError, match="foretold"):
        evaluate(log, Target(name="one", chances=target), Way(estimator="dr"))
    row = evaluate(log, Target(name="one", chances=target, foretold=earned), Way(estimator="dr"))
    assert row.value == pytest.approx(world.WORTH, abs=1e-12)


WAYS = (
    Way(estimator="ips"),
    Way(estimator="snips"),
    Way(estimator="dr"),
    Way(estimator="ips", method="bootstrap"),
    Way(estimator="dr", method="bernstein"),
    Way(estimator="ips", method="bernstein", clip=5.0),
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(map(str, astuple(way)[:3])))
def test_the_share_a_classifier_gets_right_is_found_by_the_guesses_of_another(way: Way) -> None:
    """A task of ten classes as a log: one guess a picture, and whether it was right."""
    log, target, x, truth = digits()
    z = np.eye(10)
    foretold = direct.foretell(log, x, z, direct.linear)
    row = evaluate(log, Target(name="sharp", chances=target, foretold=foretold), way, truth=truth)
    assert row.low is not None
    assert row.high is not None
    assert row.low < truth < row.high
    assert row.truth == truth
    assert log.reward.mean() < 0.8 * truth


@cache
def digits() -> tuple[Log, Matrix, Matrix, float]:
    """Let a blunt classifier guess by lot; the target is a sharp one."""
    pictures, label = load_digits(return_X_y=True)
    pictures = pictures / 16.0
    learn, probe = np.arange(0, 300), np.arange(300, len(label))
    sharp = LogisticRegression(C=0.01).fit(pictures[learn], label[learn])
    scores = sharp.predict_proba(pictures[probe])
    sharpest = exploration.best(scores, np.ones(scores.shape, np.bool_))
    lottery = 0.5 * scores + 0.5 / 10
    action = exploration.draw(lottery, np.random.default_rng(6).random(len(probe)))
    rows = np.arange(len(probe))
    log = logs.read(
        subject=rows,
        action=action,
        propensity=lottery[rows, action],
        reward=(action == label[probe]).astype(np.float64),
        eligible=lottery > 0.0,
        lottery=lottery,
    )
    x = np.asarray(PCA(8, random_state=0).fit_transform(pictures))[probe]
    return log, sharpest, x, float((sharpest[rows, label[probe]]).mean())


def test_bernstein_needs_weights_that_are_bounded() -> None:
    log, target, _ = world.population()
    one = Target(name="one", chances=target)
    unkept = replace(log, lottery=None)
    for case, way in (
        (unkept, Way(estimator="ips", method="bernstein")),
        (log, Way(estimator="snips", method="bernstein")),
    ):
        with pytest.raises(ValueError, match="lotteries or a clip"):
            evaluate(case, one, way)


def test_a_log_that_says_too_little_gets_no_number() -> None:
    log, target, _ = world.population()
    sure = np.zeros_like(target)
    sure[:, 0] = 1.0
    few = world.first(log, 60)
    row = evaluate(few, Target(name="one", chances=sure[:60]))
    assert row.value is not None
    rare = replace(few, propensity=np.where(np.arange(60) == 0, 1e-6, few.propensity))
    row = evaluate(rare, Target(name="one", chances=sure[:60]))
    assert row.why == "the log says as much as 1 decisions of its own"


def test_a_ranker_that_might_do_rare_harm_is_not_called_better() -> None:
    """Nobody was harmed in this log; that proves little where one harm outweighs all likes."""
    log = world.people(n=400, each=2, seed=7)[0]
    logged = world.logged(log)
    one = Target(name="one", chances=exploration.best(logged, log.eligible))
    other = Target(name="logged", chances=logged)
    assert compare(log, one, other).better
    harmful = log.under(log.reward, low=-300.0, high=1.0)
    assert not compare(harmful, one, other).better


def test_a_log_that_was_drawn_otherwise_than_it_says_gets_no_number() -> None:
    log = world.people(n=400, each=2, seed=9)[0]
    sure = np.square(world.logged(log))
    sure /= sure.sum(axis=1, keepdims=True)
    lying = replace(log, lottery=sure, propensity=sure[np.arange(len(log)), log.action])
    row = evaluate(lying, Target(name="one", chances=world.logged(log)))
    assert row.value is None
    assert row.why == "the log was not drawn with the chances it keeps"


@pytest.mark.parametrize("reward", [0.0, 1.0])
def test_nothing_is_told_as_worth_less_than_the_worst_or_more_than_the_best(reward: float) -> None:
    log, target, _ = world.population()
    few = world.first(log, 40).under(np.full(40, reward), low=0.0, high=1.0)
    one, other = (Target(name="one", chances=each[:40]) for each in (target, target[::-1]))
    way = Way(estimator="ips")
    row, gap = evaluate(few, one, way), compare(few, one, other, way)
    assert row.low is not None
    assert row.value is not None
    assert row.high is not None
    assert 0.0 <= row.low <= row.value <= row.high <= 1.0
    assert gap.low is not None
    assert gap.high is not None
    assert -1.0 <= gap.low <= gap.high <= 1.0
