# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.replay.timeline import MOST_SPANS, Timeline
from consent.words import DAY, HOUR
from engine.audit.charts import WIDTH, by_day, strips


def line(spans: int, width: int = HOUR) -> Timeline:
    counts = tuple(place % 7 for place in range(spans))
    names = ("allowed", "denied", "effects", "yeses", "ends")
    return Timeline(start=0, width=width, spans=spans, counts=dict.fromkeys(names, counts))


@pytest.mark.parametrize("spans", [1, 2, 13, MOST_SPANS])
def test_every_mark_stands_within_the_drawing(spans: int) -> None:
    drawn = strips(line(spans))
    for strip in drawn.strips:
        for bar in strip.bars:
            assert 0 <= bar.x < bar.x + bar.width <= WIDTH + 0.01
            assert strip.top < bar.y <= bar.y + bar.height <= strip.ground + 0.01
    assert all(0 <= x < WIDTH - 40 for x, _ in drawn.marks)
    assert 1 <= len(drawn.marks) <= 5


def test_a_bar_is_as_tall_as_its_count() -> None:
    (strip, *_) = strips(line(7)).strips
    heights = [bar.height for bar in strip.bars]
    assert heights == sorted(heights)
    assert heights[0] == pytest.approx(heights[-1] / 6, abs=0.1)
    assert (strip.most, strip.total) == (6, 21)


def test_nothing_is_drawn_of_nothing() -> None:
    assert all(not strip.bars for strip in strips(line(1)).strips)


def test_long_histories_are_told_in_days() -> None:
    assert [by_day(line(3, width)) for width in (HOUR, DAY, 7 * DAY)] == [False, True, True]
