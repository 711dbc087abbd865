# SPDX-License-Identifier: Apache-2.0
import pytest

from engine.experiments.charts.scales import WIDTH
from engine.experiments.charts.swings import MOST, swings, widest
from feed.experiments.record import Swing


def swing(name: str, low: float, high: float) -> Swing:
    return Swing(
        coefficient=name, arm="wider", low_value=0, high_value=1, low_effect=low, high_effect=high
    )


def test_what_moves_most_stands_first() -> None:
    rows = [swing("a", 1.0, 1.2), swing("b", 0.2, 2.0), swing("c", 1.6, 0.9)]
    assert [one.coefficient for one in widest(rows)] == ["b", "c", "a"]
    assert len(widest([swing(str(n), 0, n) for n in range(MOST + 5)])) == MOST


def test_bars_reach_from_one_end_to_the_other_about_what_was_found() -> None:
    drawn = swings([swing("b", 0.2, 2.0), swing("c", 1.6, 0.9)], 1.1)
    up, down = drawn.bars
    assert up.low_x < drawn.found < up.high_x
    assert down.high_x < drawn.found < down.low_x
    for bar in drawn.bars:
        assert bar.x == min(bar.low_x, bar.high_x)
        assert bar.x + bar.width == pytest.approx(max(bar.low_x, bar.high_x))
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
    assert drawn.zero < up.low_x


def test_an_assumption_that_moves_nothing_is_still_seen() -> None:
    (bar,) = swings([swing("a", 1.0, 1.0)], 1.0).bars
    assert bar.width >= 1
