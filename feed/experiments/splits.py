# SPDX-License-Identifier: Apache-2.0
"""Whether exposed people are split between the arms as their shares say.

All arms are asked for the last day on which all ran, and those never stopped for the last day;
the smaller p counts, times the number of questions. Exposed people are what is compared, and a
wrong hash, a lost log and an arm that drives people out before they are counted all show in them.
"""

from collections.abc import Sequence

from feed.experiments.ends import first_stopped, last, until
from feed.experiments.plan import Arm, Experiment
from feed.experiments.readings import Split
from feed.experiments.record import Stop
from feed.experiments.tallies import Tally
from feed.statistics import ratio_mismatch

_PAIR = 2


def split(experiment: Experiment, days: Sequence[Tally], stops: Sequence[Stop] = ()) -> Split:
    """Judge the split at the end of the last day; `too-few` where nobody could tell."""
    ends = {arm.id: first_stopped(stops, arm.id) for arm in experiment.arms}
    first = min((day for day in ends.values() if day is not None), default=None)
    running = [arm for arm in experiment.arms if ends[arm.id] is None]
    asked = [_asked(experiment.arms, until(days, first))]
    if first is not None and len(running) >= _PAIR:
        asked.append(_asked(running, days))
    ps = [p for p in asked if p is not None]
    if not ps:
        return Split(p=1.0, verdict="too-few")
    p = min(1.0, min(ps) * len(ps))
    return Split(p=p, verdict="invalid" if p < ratio_mismatch.LEVEL else "sound")


def _asked(arms: Sequence[Arm], days: Sequence[Tally]) -> float | None:
    counts = [last(days, arm.id).exposed for arm in arms]
    shares = [arm.share for arm in arms]
    if len(arms) < _PAIR or not ratio_mismatch.testable(counts, shares):
        return None
    return ratio_mismatch.p_value(counts, shares)
