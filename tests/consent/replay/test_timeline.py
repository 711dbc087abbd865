# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import pytest

from consent.replay.timeline import MOST_SPANS, timeline
from consent.words import DAY, HOUR
from tests.consent.replay.histories import NOON, Ask, columns, days, drawn, told


@pytest.mark.parametrize(
    ("length", "width"),
    [(0, HOUR), (1, HOUR), (5, 3 * HOUR), (30, DAY), (200, 7 * DAY), (1_200, 28 * DAY)],
)
def test_a_span_is_the_smallest_that_can_still_be_drawn(length: float, width: int) -> None:
    last = replace(Ask(), at=NOON + days(length))
    found = timeline(columns(told([Ask(), last])))
    assert found.width == width
    assert found.spans <= MOST_SPANS


def test_even_a_century_can_be_drawn() -> None:
    found = timeline(columns(told([Ask(), Ask(at=NOON + days(36_500))])))
    assert found.spans <= MOST_SPANS
    assert found.width % DAY == 0


def test_everything_is_counted_once() -> None:
    recorded = columns(drawn(2, 200, "snapchat-2024"))
    counts = {name: sum(row) for name, row in timeline(recorded).counts.items()}
    assert counts["allowed"] + counts["denied"] == len(recorded)
    assert counts["effects"] == recorded.spent.sum()


def test_nothing_at_all_is_one_empty_span() -> None:
    found = timeline(columns([]))
    assert (found.spans, found.counts["effects"]) == (1, (0,))
