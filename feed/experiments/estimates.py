# SPDX-License-Identifier: Apache-2.0
"""One metric, one arm against the control, at the end of one day: sums to an estimate.

A metric per person is a mean; where it is known what people did before, that is taken out (CUPED).
A metric per portrait shown is a ratio of two sums over people. `None` where there are too few.
"""

from dataclasses import dataclass
from typing import Final, Literal

from feed.experiments.metrics import Metric
from feed.experiments.plan import Experiment
from feed.experiments.tallies import Moments
from feed.statistics import adjusting, effects, sequential
from feed.statistics.samples import LEAST, Sample, mean, ratio

Method = Literal["mean", "adjusted mean", "ratio"]
ARMS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """An arm less the control, in the metric's scale; `half` is of the always-valid interval."""

    people: int  #: in both
    control: float
    treated: float
    fixed: effects.Difference
    half: float
    method: Method


def estimate(
    experiment: Experiment, metric: Metric, control: Moments, treated: Moments
) -> Estimate | None:
    """Hold an arm against the control. Both sides' sums are up to the end of the same day."""
    if not (_enough(metric, control) and _enough(metric, treated)):
        return None
    plain = _sample(metric, control), _sample(metric, treated)
    method, (first, second) = _compared(metric, control, treated, plain)
    fixed = effects.welch(first, second, confidence=experiment.confidence)
    half = sequential.half_width(
        fixed.error,
        control.n + treated.n,
        level=1.0 - experiment.confidence,
        tuned=ARMS * max(experiment.needed, 1),
    )
    return Estimate(
        people=control.n + treated.n,
        control=plain[0].mean * metric.scale,
        treated=plain[1].mean * metric.scale,
        fixed=_scaled(fixed, metric.scale),
        half=half * metric.scale,
        method=method,
    )


def _enough(metric: Metric, sums: Moments) -> bool:
    return sums.n >= LEAST and (metric.per == "person" or sums.d > 0)


def _sample(metric: Metric, sums: Moments) -> Sample:
    if metric.per == "person":
        return mean(n=sums.n, y=sums.y, yy=sums.yy)
    return ratio(n=sums.n, y=sums.y, yy=sums.yy, d=sums.d, dd=sums.dd, yd=sums.yd)


def _compared(
    metric: Metric, control: Moments, treated: Moments, plain: tuple[Sample, Sample]
) -> tuple[Method, tuple[Sample, Sample]]:
    if metric.per != "person":
        return "ratio", plain
    both = _paired(control), _paired(treated)
    theta = adjusting.slope(both)
    if not theta:
        return "mean", plain
    centre = adjusting.centre(both)
    first, second = (adjusting.adjusted(arm, theta, centre) for arm in both)
    return "adjusted mean", (first, second)


def _paired(sums: Moments) -> adjusting.Paired:
    return adjusting.Paired(n=sums.n, y=sums.y, yy=sums.yy, x=sums.x, xx=sums.xx, xy=sums.xy)


def _scaled(one: effects.Difference, scale: int) -> effects.Difference:
    return effects.Difference(
        estimate=one.estimate * scale,
        error=one.error * scale * scale,
        low=one.low * scale,
        high=one.high * scale,
        p=one.p,
    )
