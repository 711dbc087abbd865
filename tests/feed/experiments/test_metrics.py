# SPDX-License-Identifier: Apache-2.0
import pytest

from feed.experiments.metrics import METRICS


def test_turning_portraits_off_can_stop_an_arm_and_is_counted_per_person() -> None:
    withdrew = METRICS["withdrew"]
    assert (withdrew.per, withdrew.guards, withdrew.better) == ("person", True, "lower")


def test_trust_is_measured_beside_engagement() -> None:
    trust = {name for name, metric in METRICS.items() if metric.trust}
    assert {"surprised", "knew-why", "taken-for-ad", "seconds-to-hide"} < trust
    assert not METRICS["engaged"].trust


def test_what_can_stop_an_arm_is_measured_on_the_feed_and_is_better_when_lower() -> None:
    for metric in METRICS.values():
        if metric.guards:
            assert (metric.on_feed, metric.better) == (True, "lower")


def test_every_metric_stands_under_its_own_name() -> None:
    assert all(name == metric.id for name, metric in METRICS.items())
    with pytest.raises(TypeError):
        METRICS["joy"] = METRICS["kept"]  # type: ignore[index]
