# SPDX-License-Identifier: Apache-2.0
"""Rows of different people through shared passes: padded, halved, judged, and left in between."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from consent import faults
from consent.words import Reason
from generation import passes
from generation.passes import Ended
from generation.recipes import Likeness, Row
from generation.recipes.batched import Latents, OutOfMemory
from tests.generation.samples import Pool, portrait_of

People = Callable[[int], Likeness]


def row(likeness: Likeness, scenario: str = "plain", seed: int = 1) -> Row:
    return Row(likenesses=(likeness,), scenario=scenario, seed=seed)


def through(pool: Pool, rows: Sequence[Row], keep: Sequence[bool] | None = None) -> Ended:
    return passes.finish(passes.begin(pool, rows), keep or [True] * len(rows))


@pytest.mark.parametrize(
    ("rows", "sizes"), [(1, [1]), (2, [2]), (3, [4]), (4, [4]), (5, [4, 1]), (7, [4, 4])]
)
def test_rows_share_the_smallest_passes_that_hold_them(
    likeness: People, rows: int, sizes: list[int]
) -> None:
    pool = Pool()
    ended = through(pool, [row(likeness(1), seed=n) for n in range(rows)])
    assert pool.begun == sizes
    assert [one.size for one in ended.taken] == sizes
    assert sum(one.rows for one in ended.taken) == rows == len(ended.drawn)


def test_padding_is_a_duplicate_of_the_last_row_and_is_never_decoded(likeness: People) -> None:
    pool = Pool()
    begun = passes.begin(pool, [row(likeness(n)) for n in (1, 2, 3)])
    first, second, third, padding = begun.passes[0].latents.rows
    assert padding is third
    passes.finish(begun, [True] * 3)
    assert pool.decoded == [first, second, third]


def test_everybody_gets_their_own_picture(likeness: People) -> None:
    people = [likeness(n) for n in (1, 2, 3, 4, 5)]
    drawn = through(Pool(), [row(one) for one in people]).drawn
    for place, one in enumerate(people):
        assert np.array_equal(drawn[place], portrait_of(one))


@pytest.mark.parametrize(("fits", "sizes"), [(4, [4]), (2, [2, 2]), (1, [1, 1, 1, 1])])
def test_what_does_not_fit_goes_on_in_halves_and_nobody_is_lost(
    likeness: People, fits: int, sizes: list[int]
) -> None:
    people = [likeness(n) for n in (1, 2, 3, 4)]
    pool = Pool(fits=fits)
    ended = through(pool, [row(one) for one in people])
    assert pool.begun == sizes
    assert all(np.array_equal(ended.drawn[n], portrait_of(one)) for n, one in enumerate(people))


@pytest.mark.parametrize("decodes", [2, 1])
def test_what_does_not_fit_the_decoder_is_drawn_again_in_halves(
    likeness: People, decodes: int
) -> None:
    people = [likeness(n) for n in (1, 2, 3, 4)]
    ended = through(Pool(decodes=decodes), [row(one) for one in people], [True, True, False, True])
    assert sorted(ended.drawn) == [0, 1, 3]
    for place in (0, 1, 3):
        assert np.array_equal(ended.drawn[place], portrait_of(people[place]))
    assert sorted(place for one in ended.taken for place in one.places) == [0, 1, 3]


@pytest.mark.parametrize("pool", [Pool(fits=0), Pool(decodes=0)])
def test_a_row_that_does_not_fit_alone_is_given_back_not_refused(
    likeness: People, pool: Pool
) -> None:
    with pytest.raises(OutOfMemory):
        through(pool, [row(likeness(1)), row(likeness(2))])


def test_a_device_that_is_full_for_once_draws_everybody_all_the_same(likeness: People) -> None:
    people, full = [likeness(n) for n in (1, 2, 3, 4)], iter([True, True])

    def fill(point: str) -> None:
        if point == "render.memory" and next(full, False):
            raise OutOfMemory

    with faults.injecting(fill):
        drawn = through(Pool(), [row(one) for one in people]).drawn
    assert all(np.array_equal(drawn[n], portrait_of(one)) for n, one in enumerate(people))


@pytest.mark.parametrize("bad", [0, 1, 3])
@pytest.mark.parametrize("scenario", ["none", "blank", "small"])
def test_a_row_that_cannot_be_drawn_is_found_and_the_others_are_drawn(
    likeness: People, bad: int, scenario: str
) -> None:
    rows = [row(likeness(n + 1), scenario if n == bad else "plain") for n in range(4)]
    drawn = through(Pool(), rows).drawn
    assert drawn[bad] is Reason.UNAVAILABLE
    for place in {0, 1, 2, 3} - {bad}:
        assert np.array_equal(drawn[place], portrait_of(likeness(place + 1)))


@given(st.lists(st.booleans(), min_size=1, max_size=9))
def test_only_who_is_kept_is_ever_decoded(people: "People", keep: list[bool]) -> None:
    pool = Pool()
    rows = [row(people(1), seed=n) for n in range(len(keep))]
    ended = through(pool, rows, keep)
    kept = [n for n, one in enumerate(keep) if one]
    assert [one.seed for one in pool.decoded] == kept
    assert sorted(ended.drawn) == kept
    assert sorted(place for one in ended.taken for place in one.places) == kept


@pytest.fixture(scope="session")
def people(likeness: People) -> People:
    """Offer the session's likenesses under a name that hypothesis may take."""
    return likeness


def test_when_everybody_left_the_recipe_is_told_and_the_time_is_counted(
    likeness: People,
) -> None:
    told: list[Sequence[bool]] = []

    class Told(Pool):
        def finish(
            self, latents: Latents, keep: Sequence[bool]
        ) -> tuple[NDArray[np.float32] | None, ...]:
            told.append(keep)
            return super().finish(latents, keep)

    pool = Told()
    ended = through(pool, [row(likeness(1)), row(likeness(2))], [False, False])
    assert told == [[False, False]]
    assert pool.decoded == []
    assert (ended.drawn, [one.places for one in ended.taken]) == ({}, [()])


def test_no_rows_are_no_pass() -> None:
    pool = Pool()
    assert through(pool, []).drawn == {}
    assert pool.begun == []
