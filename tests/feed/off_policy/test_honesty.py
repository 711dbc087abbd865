# SPDX-License-Identifier: Apache-2.0
"""A log that was not drawn with its lotteries is found out, and an honest one is not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from feed.off_policy import honesty, logs
from feed.off_policy.logs import Log
from tests.feed.off_policy import world


def relabelled(log: Log, lottery: np.ndarray) -> Log:
    """Give a log other lotteries than those it was drawn with."""
    rows = np.arange(len(log))
    return replace(log, lottery=lottery, propensity=lottery[rows, log.action])


def test_honest_logs_look_as_chance_would_have_it() -> None:
    fits = [honesty.fit(world.sample(300, seed=seed)[0]) for seed in range(250)]
    assert stats.kstest(fits, "uniform").pvalue > 0.01


def test_a_log_with_other_lotteries_is_found_out_by_how_often_each_action_was_drawn() -> None:
    log = world.people(n=1_000, each=2, seed=8)[0]
    assert honesty.fit(log) > 0.01
    tilted = world.logged(log) * np.array([2, 1, 1, 1, 1, 1, 1])
    assert honesty.fit(relabelled(log, tilted / tilted.sum(axis=1, keepdims=True))) < 1e-6


def test_lotteries_that_are_too_sure_are_found_out_though_actions_come_as_often() -> None:
    log = world.people(n=1_000, each=2, seed=8)[0]
    sure = np.square(world.logged(log))
    sure = relabelled(log, sure / sure.sum(axis=1, keepdims=True))
    assert honesty.fit(sure) < 1e-6
    counts = np.bincount(log.action) - world.logged(sure).sum(axis=0)
    assert (np.abs(counts) < 4 * np.sqrt(np.bincount(log.action))).all()


def test_with_two_actions_it_is_the_test_of_one_share() -> None:
    action = (np.arange(100) < 40).astype(np.int64)
    log = logs.read(
        subject=np.arange(100),
        action=action,
        propensity=np.full(100, 0.5),
        reward=np.zeros(100),
        eligible=np.ones((100, 2), np.bool_),
        lottery=np.full((100, 2), 0.5),
    )
    assert honesty.fit(log) == pytest.approx(stats.chisquare([40, 60]).pvalue, abs=1e-12)


def test_what_cannot_be_judged_is_not() -> None:
    log = world.population()[0]
    assert honesty.fit(replace(log, lottery=None)) == 1.0
    assert honesty.fit(world.first(log, 3)) == 1.0


def test_draws_that_had_no_choice_say_nothing() -> None:
    log = logs.read(
        subject=np.arange(50),
        action=np.zeros(50, np.int64),
        propensity=np.ones(50),
        reward=np.zeros(50),
        eligible=np.array([[True, False, False]] * 50),
        lottery=np.array([[1.0, 0.0, 0.0]] * 50),
    )
    assert honesty.fit(log) == 1.0
