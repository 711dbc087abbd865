# SPDX-License-Identifier: Apache-2.0
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.experiments.charts.scales import (
    LEFT,
    RIGHT,
    Scale,
    across,
    apart,
    days,
    ink,
    path,
    rounded,
    ticks,
)


def test_a_value_stands_where_it_belongs_or_at_the_end() -> None:
    scale = Scale(low=-1, high=3, start=100, end=20)
    assert [scale.at(value) for value in (-1, 0, 3, -9, 9)] == [100, 80, 20, 100, 20]


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_round_numbers_lie_within_and_are_few(low: float, width: float) -> None:
    found = rounded(low, low + width)
    assert all(low - 1e-6 <= one <= low + width + 1e-6 for one in found)
    assert 1 <= len(found) <= 6


def test_an_axis_is_named_with_the_digits_it_needs() -> None:
    scale = Scale(low=-0.5, high=1.0, start=100, end=0)
    assert [tick.text for tick in ticks(scale, sign=True)] == ["\u22120.5", "0.0", "+0.5", "+1.0"]
    assert [tick.text for tick in ticks(Scale(low=0, high=40, start=0, end=1))] == [
        "0",
        "10",
        "20",
        "30",
        "40",
    ]


@pytest.mark.parametrize("last", [1, 2, 7, 14, 30, 90, 366])
def test_days_are_named_at_both_ends_and_never_touch(last: int) -> None:
    named = days(last)
    assert [named[0][1], named[-1][1]] == [1, last]
    places = [x for x, _ in named]
    assert all(b - a > 25 for a, b in pairwise(places))
    assert LEFT <= places[0] <= places[-1] <= RIGHT
    assert across(last).at(last) <= RIGHT


@given(st.lists(st.floats(26, 190), min_size=1, max_size=8))
def test_labels_never_touch_and_keep_their_order(places: list[float]) -> None:
    moved = apart(places, 32, 186)
    order = sorted(range(len(places)), key=lambda one: (places[one], one))
    stacked = [moved[one] for one in order]
    assert all(b - a >= 13 - 1e-6 for a, b in pairwise(stacked))
    assert all(32 - 1e-6 <= one <= 186 + 1e-6 for one in moved)


def test_a_path_and_the_inks_of_arms_are_plain() -> None:
    assert path([(1, 2), (3.5, 4)]) == "M1 2 L3.5 4"
    assert [ink(place) for place in range(5)] == ["a", "b", "c", "d", "a"]
