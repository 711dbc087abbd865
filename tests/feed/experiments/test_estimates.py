# SPDX-License-Identifier: Apache-2.0
"""One metric, one arm against the control: which method, which scale, when not at all."""

import numpy as np
import pytest

from feed.experiments.estimates import estimate
from feed.experiments.metrics import METRICS
from feed.experiments.tallies import Moments
from feed.statistics import sequential
from feed.statistics.effects import welch
from feed.statistics.samples import mean
from tests.feed.experiments.runs import coins, experiment

PLAN = experiment()


def _people(seed: int, rate: float, *, before: bool) -> Moments:
    generator = np.random.Generator(np.random.Philox(seed))
    x = generator.poisson(3, 400)
    y = generator.binomial(x + 2, rate)
    d = np.maximum(y, generator.poisson(4, 400))
    if not before:
        x = np.zeros_like(x)
    return Moments(
        n=400,
        any=int((y > 0).sum()),
        y=int(y.sum()),
        yy=int(y @ y),
        d=int(d.sum()),
        dd=int(d @ d),
        yd=int(y @ d),
        x=int(x.sum()),
        xx=int(x @ x),
        xy=int(x @ y),
    )


def test_a_metric_per_person_is_a_difference_of_means_in_its_scale() -> None:
    found = estimate(PLAN, METRICS["withdrew"], coins(1_000, 20), coins(1_000, 30))
    plain = welch(mean(n=1_000, y=20, yy=20), mean(n=1_000, y=30, yy=30), confidence=0.95)
    assert found is not None
    assert found.method == "mean"
    assert (found.control, found.treated) == (20.0, 30.0)
    assert found.fixed.estimate == pytest.approx(10.0)
    assert found.fixed.low == pytest.approx(plain.low * 1_000)
    assert found.fixed.p == plain.p


def test_the_interval_for_any_day_is_tuned_for_the_people_planned() -> None:
    found = estimate(PLAN, METRICS["withdrew"], coins(1_000, 20), coins(1_000, 30))
    assert found is not None
    half = sequential.half_width(found.fixed.error, 2_000, level=0.05, tuned=10_000)
    assert found.half == pytest.approx(half)
    assert found.half > found.fixed.high - found.fixed.estimate


def test_what_people_did_before_narrows_it() -> None:
    plain, narrowed = (
        estimate(PLAN, METRICS["visits"], _people(1, 0.5, before=it), _people(2, 0.5, before=it))
        for it in (False, True)
    )
    assert plain is not None
    assert narrowed is not None
    assert (plain.method, narrowed.method) == ("mean", "adjusted mean")
    assert narrowed.half < 0.85 * plain.half
    assert (plain.control, plain.treated) == (narrowed.control, narrowed.treated)


def test_a_metric_per_portrait_is_a_ratio_over_people() -> None:
    control, treated = _people(1, 0.2, before=False), _people(2, 0.3, before=False)
    found = estimate(PLAN, METRICS["engaged"], control, treated)
    assert found is not None
    assert found.method == "ratio"
    assert found.control == pytest.approx(100 * control.y / control.d)
    assert found.fixed.estimate == pytest.approx(found.treated - found.control)


def test_too_few_people_or_nothing_shown_is_no_estimate() -> None:
    assert estimate(PLAN, METRICS["withdrew"], coins(1, 0), coins(10, 1)) is None
    assert estimate(PLAN, METRICS["withdrew"], coins(10, 1), Moments()) is None
    assert estimate(PLAN, METRICS["engaged"], coins(10, 1), Moments(n=10)) is None
