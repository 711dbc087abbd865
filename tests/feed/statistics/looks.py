# SPDX-License-Identifier: Apache-2.0
"""Many simulated experiments at once, looked at every evening, for tests of what stops them."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from feed.statistics import harm

RUNS = 4_000
DAYS = 30
PER_DAY = 500
BASE = 0.02
LEVEL = 0.05

Counts = NDArray[np.int64]


def daily(times: float, *, runs: int = RUNS, seed: int = 1) -> tuple[Counts, Counts]:
    """Draw who turned portraits off each day, in the arm and in the control: (runs, days) both."""
    generator = np.random.Generator(np.random.Philox(seed))
    arm = generator.binomial(PER_DAY, BASE * times, (runs, DAYS))
    return arm, generator.binomial(PER_DAY, BASE, (runs, DAYS))


def stopped_by_evidence(arm: Counts, control: Counts) -> NDArray[np.float64]:
    """Return the first day on which the guardrail stops each run, infinity for never."""
    at_risk = [PER_DAY * np.arange(1, DAYS + 1) - _before(events) for events in (arm, control)]
    logs = harm.log_process(arm, arm + control, harm.parts(*at_risk))
    return first_day(logs >= -np.log(LEVEL))


def stopped_by_a_fixed_test(arm: Counts, control: Counts) -> NDArray[np.float64]:
    """Return the same for a two-sided z test at every look: the guard taken off."""
    n = PER_DAY * np.arange(1, DAYS + 1)
    here, there = arm.cumsum(axis=1) / n, control.cumsum(axis=1) / n
    error = np.sqrt((here * (1 - here) + there * (1 - there)) / n)
    return first_day(2 * special.ndtr(-np.abs(here - there) / error) < LEVEL)


def first_day(over: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Name the first day, from 1, on which it is so. Shapes: (runs, days) to (runs,)."""
    return np.where(over.any(axis=1), np.argmax(over, axis=1) + 1.0, np.inf)


def share(days: NDArray[np.float64]) -> float:
    """Return which part of the runs was stopped at all."""
    return float(np.isfinite(days).mean())


def _before(events: Counts) -> Counts:
    return np.asarray(np.cumsum(events, axis=1) - events, np.int64)
