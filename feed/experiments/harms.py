# SPDX-License-Identifier: Apache-2.0
"""Evidence of harm day by day, and which arms it stops: one function for simulator and feed.

Rules, in the order in which they are asked:
1. a split that is not as meant ends the whole experiment: no figure of it means anything
2. above the policy's ceiling of withdrawals a day an arm stops, whatever the control does; the
   control above it ends the experiment
3. an arm stops the day that the evidence of any guardrail reaches its threshold
4. what is stopped is not asked again; an arm that a person started again is judged by the
   evidence since. That is an e-process of its own where newcomers leave no oftener than others:
   while it was off the control alone went on (docs/statistics.md)
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from consent.words import Micros
from feed.experiments.ends import NOBODY, NONE, ended, lifted
from feed.experiments.metrics import WITHDREW
from feed.experiments.plan import Experiment
from feed.experiments.record import CEILING, SPLIT, Stop
from feed.experiments.splits import split
from feed.experiments.tallies import ArmTally, Tally
from feed.statistics import harm

LEAST: Final = 5
"""People who turned portraits off in a day, below which no ceiling is passed: not one person's."""
_MOST: Final = 690.0
_PERMILLE: Final = 1_000

Counts = NDArray[np.int64]
Evidence = tuple[tuple[int, float], ...]


def evidence(
    metric: str, days: Sequence[Tally], control: str, arm: str, since: int = 0
) -> Evidence:
    """Return (day, e-value) of one arm, cumulative from the day after `since`.

    Told up to e^690: what is above is no number in JSON.
    """
    if not days:
        return ()
    here, there = _new(metric, days, arm), _new(metric, days, control)
    part = harm.parts(_at_risk(metric, days, arm), _at_risk(metric, days, control))
    logs = harm.log_process(here, here + there, part)
    start = max((log for one, log in zip(days, logs, strict=True) if one.day == since), default=0)
    values = np.exp(np.minimum(logs - start, _MOST))
    pairs = zip(days, values, strict=True)
    return tuple((one.day, float(value)) for one, value in pairs if one.day > since)


def harm_stops(
    experiment: Experiment,
    days: Sequence[Tally],
    stopped: Iterable[Stop] = (),
    *,
    at: Micros,
    ceiling: int | None = None,
) -> tuple[Stop, ...]:
    """Say what is to be stopped at the end of the last of `days`: nothing, arms, or all of it.

    `days` are the tallies from the first day on; `stopped` all stops so far, lifted ones too.
    Units: `ceiling` is the policy's withdrawals_permille.
    """
    known = tuple(stopped)
    running = [arm.id for arm in experiment.arms if ended(known, arm.id) is None]
    if not days or experiment.control.id not in running:
        return ()
    whole = split(experiment, days, known)
    if whole.verdict == "invalid":
        return (_stop(days, at, None, SPLIT, whole.p),)
    above = _above(days, running, ceiling)
    if experiment.control.id in above:
        return (_stop(days, at, None, CEILING, above[experiment.control.id]),)
    found = [_stop(days, at, arm, CEILING, permille) for arm, permille in above.items()]
    asked = [arm for arm in running[1:] if arm not in above]
    return (*found, *_harmful(experiment, days, asked, known, at))


def _harmful(
    experiment: Experiment,
    days: Sequence[Tally],
    arms: Sequence[str],
    known: Sequence[Stop],
    at: Micros,
) -> list[Stop]:
    found: dict[str, Stop] = {}
    for arm in arms:
        since = lifted(known, arm)
        for guardrail in experiment.guardrails:
            series = evidence(guardrail.metric, days, experiment.control.id, arm, since)
            if series and series[-1][1] >= guardrail.threshold:
                found.setdefault(arm, _stop(days, at, arm, guardrail.metric, series[-1][1]))
    return list(found.values())


def _stop(days: Sequence[Tally], at: Micros, arm: str | None, why: str, value: float) -> Stop:
    return Stop(arm=arm, day=days[-1].day, at=at, why=why, value=value)


def _above(days: Sequence[Tally], arms: Sequence[str], ceiling: int | None) -> dict[str, float]:
    """Say which arms lost more than the ceiling a day since the tally before, and how much."""
    if ceiling is None:
        return {}
    span = max(1, days[-1].day - (days[-2].day if len(days) > 1 else 0))
    today = {
        arm: (int(_new(WITHDREW, days, arm)[-1]), span * int(_at_risk(WITHDREW, days, arm)[-1]))
        for arm in arms
    }
    return {
        arm: new * _PERMILLE / people
        for arm, (new, people) in today.items()
        if new >= LEAST and new * _PERMILLE > ceiling * people
    }


def _new(metric: str, days: Sequence[Tally], arm: str) -> Counts:
    """Count to whom it happened for the first time, each day."""
    counts = np.array([_happened(metric, one, arm) for one in days], np.int64)
    most = np.maximum.accumulate(counts)  # who took a "hide" back had said it all the same
    return np.asarray(np.diff(most, prepend=0), np.int64)


def _at_risk(metric: str, days: Sequence[Tally], arm: str) -> Counts:
    """Count to whom it could still happen, each day: exposed, not yet, and not gone."""
    exposed = np.array([_sums(one, arm).exposed for one in days])
    gone = np.array([_happened(metric, one, arm) + _sums(one, arm).left for one in days])
    return np.asarray(np.maximum(exposed - np.concatenate(([0], gone[:-1])), 0), np.int64)


def _happened(metric: str, tally: Tally, arm: str) -> int:
    sums = _sums(tally, arm)
    return sums.withdrew if metric == WITHDREW else sums.metrics.get(metric, NONE).any


def _sums(tally: Tally, arm: str) -> ArmTally:
    return tally.arms.get(arm, NOBODY)
