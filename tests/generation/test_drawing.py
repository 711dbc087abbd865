# SPDX-License-Identifier: Apache-2.0
"""Rows in, pictures out, in order."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from consent.words import Reason
from generation.drawing import Drawing
from generation.passes import Drawn
from generation.recipes import Likeness, Recipe, Row
from tests.generation.samples import Head, Pool, portrait_of


def draw(recipe: Recipe, rows: Sequence[Row], *, workers: int = 2) -> tuple[Drawn, ...]:
    """Draw everything, with nobody leaving in between."""
    drawing = Drawing(recipe, workers=workers)
    ended = drawing.finish(drawing.begin(rows), [True] * len(rows))
    return tuple(ended.drawn[place] for place in range(len(rows)))


def row(likeness: Likeness, scenario: str = "plain") -> Row:
    return Row(likenesses=(likeness,), scenario=scenario, seed=1)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_pictures_come_back_in_the_order_of_the_rows(
    likeness: Callable[[int], Likeness], workers: int
) -> None:
    people = [likeness(person) for person in (1, 2, 3, 4, 5)]
    drawn = draw(Head(), [row(one) for one in people], workers=workers)
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
    first, bad, last = draw(Fragile(), rows, workers=2)
    assert bad is Reason.UNAVAILABLE
    assert np.array_equal(first, portrait_of(likeness(1)))
    assert np.array_equal(last, portrait_of(likeness(3)))


def test_no_rows_are_no_work() -> None:
    assert draw(Head(), []) == ()


def test_who_leaves_in_between_gets_no_picture_and_the_others_get_theirs(
    likeness: Callable[[int], Likeness],
) -> None:
    people = [likeness(person) for person in (1, 2, 3)]
    for recipe in (Head(), Pool()):
        drawing = Drawing(recipe, workers=2)
        begun = drawing.begin([row(one) for one in people])
        ended = drawing.finish(begun, [True, False, True])
        assert sorted(ended.drawn) == [0, 2]
        assert np.array_equal(ended.drawn[2], portrait_of(people[2]))


def test_it_says_what_the_drawing_took_and_on_what(likeness: Callable[[int], Likeness]) -> None:
    rows = [row(likeness(person)) for person in (1, 2, 3)]
    alone, together = Drawing(Head(), workers=2), Drawing(Pool(), workers=2)
    (one,) = alone.finish(alone.begin(rows), [True] * 3).taken
    (many,) = together.finish(together.begin(rows), [True] * 3).taken
    assert (one.size, one.rows, one.places) == (1, 3, (0, 1, 2))
    assert (many.size, many.rows, many.places) == (4, 3, (0, 1, 2))
    assert one.seconds > 0 < many.seconds
    assert (alone.machine.device, together.machine.device) == ("cpu", "pool")
    assert (alone.rows, together.rows) == (None, 4)
