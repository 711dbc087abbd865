# SPDX-License-Identifier: Apache-2.0
from engine.experiments.charts.ranges import ranges
from engine.experiments.charts.scales import WIDTH
from feed.experiments.record import OffPolicy


def one(value: float | None, truth: float | None = None) -> OffPolicy:
    return OffPolicy(
        target="best",
        estimator="DR",
        value=value,
        low=None if value is None else value - 0.1,
        high=None if value is None else value + 0.1,
        ess=10.0,
        largest_weight=2.0,
        unsupported=0.0,
        truth=truth,
    )


def test_estimates_stand_within_their_intervals_in_the_drawing() -> None:
    drawn = ranges([one(0.3, truth=0.25), one(0.5)])
    assert drawn is not None
    first, second = drawn.rows
    for row in drawn.rows:
        assert 0 < row.low < row.at < row.high < WIDTH
    assert first.truth is not None
    assert first.low < first.truth < first.at < second.at
    assert second.truth is None


def test_what_has_no_number_is_not_drawn() -> None:
    assert ranges([one(None)]) is None
    drawn = ranges([one(None), one(0.2)])
    assert drawn is not None
    assert len(drawn.rows) == 1
