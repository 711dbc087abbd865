# SPDX-License-Identifier: Apache-2.0
import pytest

from engine.experiments.charts.reliability import squares
from engine.experiments.charts.scales import WIDTH
from feed.experiments.record import Bin, Reliability


def head(name: str, *pairs: tuple[float, float]) -> Reliability:
    bins = tuple(Bin(n=100, predicted=a, observed=b) for a, b in pairs)
    return Reliability(head=name, model_sha256="ab" * 32, n=200, ece=0.1, brier=0.2, bins=bins)


def test_what_came_as_foretold_stands_on_the_diagonal() -> None:
    (one,) = squares([head("engage", (0.1, 0.1), (0.4, 0.4))]).squares
    for x, y in one.dots:
        assert x - one.left == pytest.approx(one.ground - y, abs=0.02)


def test_two_heads_stand_in_a_row_and_none_leaves_the_drawing() -> None:
    drawn = squares([head(name, (0.1, 0.3), (0.4, 0.2)) for name in "abcde"])
    assert [one.left < WIDTH / 2 for one in drawn.squares] == [True, False, True, False, True]
    for one in drawn.squares:
        assert one.right <= WIDTH
        assert one.ground < drawn.height
        assert all(one.left <= x <= one.right and one.top <= y <= one.ground for x, y in one.dots)


def test_a_head_of_which_nothing_can_be_told_is_left_out() -> None:
    assert squares([head("report")]).squares == ()
