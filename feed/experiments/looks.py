# SPDX-License-Identifier: Apache-2.0
"""Planned looks at the primary metric: decided early where the difference is large enough.

The level is spent by the calendar, and split evenly among the arms that are held against the
control. Between two looks as much is taken to be new as either the days or the people say,
whichever is more: looks that hang together less have the wider bounds.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from feed.experiments.estimates import Estimate
from feed.experiments.plan import Experiment
from feed.experiments.readings import Look
from feed.statistics import spending


def looks(experiment: Experiment, told: Sequence[tuple[int, Estimate]]) -> tuple[Look, ...]:
    """Judge an arm at the planned looks among the days that are told."""
    due = [(day, one) for day, one in told if day in experiment.looks]
    if not due:
        return ()
    level = (1.0 - experiment.confidence) / (len(experiment.arms) - 1)
    parts = [day / experiment.days for day, _ in due]
    bounds = spending.bounds(parts, level=level, known=_known(due))
    return tuple(
        Look(day=day, deviations=_deviations(one), bound=bound)
        for (day, one), bound in zip(due, bounds, strict=True)
    )


def _known(due: Sequence[tuple[int, Estimate]]) -> list[float]:
    known = [1.0]
    for (day, before), (later, now) in pairwise(due):
        known.append(known[-1] * max(later / day, now.people / before.people))
    return known


def _deviations(one: Estimate) -> float:
    return one.fixed.estimate / math.sqrt(one.fixed.error) if one.fixed.error else 0.0
