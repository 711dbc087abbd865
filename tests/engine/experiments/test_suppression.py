# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import null_space

from engine.experiments.suppression import LEAST, Cell, Hidden, Sum, small, told


def test_counts_from_one_to_nine_are_hidden_and_nobody_is_told() -> None:
    cells = told({"none": 0, "one": 1, "nine": 9, "ten": 10})
    assert cells == {"none": 0, "one": Hidden.UNDER, "nine": Hidden.UNDER, "ten": 10}
    assert [small(count) for count in (0, 1, LEAST - 1, LEAST)] == [False, True, True, False]


def test_what_subtracting_would_give_away_takes_another_count_along() -> None:
    counts = {"all": 1_000, "here": 900, "a": 95, "b": 5}
    cells = told(counts, [Sum(total="all", parts=("here", "a", "b"))])
    assert cells == {"all": 1_000, "here": 900, "a": Hidden.WITHHELD, "b": Hidden.UNDER}


def test_a_difference_that_stands_nowhere_is_not_told_either() -> None:
    counts = {"people": 740, "counted": 736}
    sums = [Sum(total="people", parts=("counted",))]
    assert told(counts, sums) == {"people": 740, "counted": Hidden.WITHHELD}
    assert told(counts, sums, {"counted"}) == {"people": Hidden.WITHHELD, "counted": 736}
    assert told({"people": 740, "counted": 740}, sums) == {"people": 740, "counted": 740}


def test_two_sums_together_give_nothing_away() -> None:
    counts = {"all": 100, "a": 60, "b": 33, "c": 7, "left": 40}
    sums = [Sum(total="all", parts=("a", "b", "c")), Sum(total="all", parts=("a", "left"))]
    cells = told(counts, [*sums, Sum(total="left", parts=("b", "c"))])
    assert cells["c"] is Hidden.UNDER
    assert not followed(counts, sums, cells)


def test_no_more_is_withheld_than_it_takes() -> None:
    """A lone small loss in the midst of a funnel hides its stage and one other way to it."""
    counts = {"all": 20_000, "no": 7_617, "agreed": 12_383, "out": 143, "arms": 12_240}
    counts |= {"away": 1, "came": 12_239, "bare": 4_156, "ready": 8_083, "a": 4_019, "b": 4_064}
    sums = [
        Sum(total="all", parts=("agreed", "no")),
        Sum(total="agreed", parts=("arms", "out")),
        Sum(total="arms", parts=("came", "away")),
        Sum(total="came", parts=("ready", "bare")),
        Sum(total="ready", parts=("a", "b")),
    ]
    hidden = {name for name, cell in told(counts, sums).items() if isinstance(cell, Hidden)}
    assert "away" in hidden
    assert len(hidden) == 3


def test_a_sum_of_what_is_not_counted_is_the_callers_fault() -> None:
    with pytest.raises(KeyError):
        told({"a": 1}, [Sum(total="b", parts=("a",))])


def followed(
    counts: Mapping[str, int], sums: Sequence[Sum], cells: Mapping[str, Cell]
) -> list[str]:
    """List the small counts that the sums fix: those that no other solution has otherwise."""
    rests = [counts[one.total] - sum(counts[part] for part in one.parts) for one in sums]
    hidden = [name for name, cell in cells.items() if isinstance(cell, Hidden)]
    names = [*hidden, *(f"rest {n}" for n, rest in enumerate(rests) if rest)]
    values = [*(counts[name] for name in hidden), *(rest for rest in rests if rest)]
    table = np.zeros((len(sums), len(names)))
    for row, one in enumerate(sums):
        for column, name in enumerate(names):
            table[row, column] = (
                (name == one.total) - (name in one.parts) - (name == f"rest {row}")
            )
    free = null_space(table) if names else np.zeros((0, 0))
    return [
        name
        for place, (name, value) in enumerate(zip(names, values, strict=True))
        if small(value) and np.abs(free[place]).max(initial=0.0) < 1e-9
    ]


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, int], list[Sum]]:
    """Draw parts, totals of some of them, and sums that say so or leave something out."""
    parts = {f"p{n}": draw(st.integers(0, 30)) for n in range(draw(st.integers(2, 6)))}
    counts, sums = dict(parts), []
    for number in range(draw(st.integers(1, 3))):
        mine = draw(st.sets(st.sampled_from(sorted(counts)), min_size=1, max_size=4))
        counts[f"t{number}"] = sum(counts[name] for name in mine) + draw(st.integers(0, 12))
        sums.append(Sum(total=f"t{number}", parts=tuple(sorted(mine))))
    return counts, sums


@settings(max_examples=60, deadline=None)
@given(tables())
def test_no_small_count_follows_from_what_is_shown(
    made: tuple[dict[str, int], list[Sum]],
) -> None:
    counts, sums = made
    cells = told(counts, sums)
    assert all(isinstance(cells[name], Hidden) for name in counts if small(counts[name]))
    assert all(cell == counts[name] for name, cell in cells.items() if isinstance(cell, int))
    if any(isinstance(cell, int) and cell for cell in cells.values()):
        assert followed(counts, sums, cells) == []
