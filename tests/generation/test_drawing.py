# SPDX-License-Identifier: Apache-2.0
"""Rows in, pictures out, in order."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from consent.words import Reason
from generation import drawing
from generation.recipes import Likeness, Row
from tests.generation.samples import Head, portrait_of


def row(likeness: Likeness, scenario: str = "plain") -> Row:
    return Row(likenesses=(likeness,), scenario=scenario, seed=1)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_pictures_come_back_in_the_order_of_the_rows(
    likeness: Callable[[int], Likeness], workers: int
) -> None:
    people = [likeness(person) for person in (1, 2, 3, 4, 5)]
    drawn = drawing.draw(Head(), [row(one) for one in people], workers=workers)
    for one, picture in zip(people, drawn, strict=True):
        assert np.array_equal(picture, portrait_of(one))


class Fragile(Head):
    """Breaks on one scenario, draws too small on another."""

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        if rows[0].scenario == "broken":
            raise ZeroDivisionError
        if rows[0].scenario == "small":
            return (np.zeros((64, 64, 3), dtype=np.uint8),)
        return super().render(rows)


@pytest.mark.parametrize("scenario", ["none", "broken", "small"])
def test_a_row_that_cannot_be_drawn_leaves_the_others_alone(
    likeness: Callable[[int], Likeness], scenario: str
) -> None:
    rows = [row(likeness(1)), row(likeness(2), scenario), row(likeness(3))]
    first, bad, last = drawing.draw(Fragile(), rows, workers=2)
    assert bad is Reason.UNAVAILABLE
    assert np.array_equal(first, portrait_of(likeness(1)))
    assert np.array_equal(last, portrait_of(likeness(3)))


def test_no_rows_are_no_work() -> None:
    assert drawing.draw(Head(), [], workers=2) == ()
