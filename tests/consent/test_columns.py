# SPDX-License-Identifier: Apache-2.0
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import literal, select, union_all

from consent import columns
from tests.rooms import Rooms

LARGEST = (1 << 63) - 1


def told(rows: Sequence[tuple[int | None, str | None]]) -> Any:
    """Say rows as a query."""
    selects = [
        select(
            literal(n).label("n") if n is not None else literal(None).label("n"),
            literal(word).label("word"),
        )
        for n, word in rows
    ]
    return union_all(*selects).subquery().select()


def test_columns_come_in_one_order_with_nulls_told(rooms_on_both: Rooms) -> None:
    rows = [(LARGEST, "a"), (3, None), (-7, "c"), (0, "")]
    with rooms_on_both.consent.ledger.read() as connection:
        found = columns.read(connection, told(rows), numbers=("n",), texts=("word",))
    pairs = sorted(zip(found["n"].tolist(), found["word"], strict=True))
    assert pairs == [(-7, "c"), (0, ""), (3, ""), (LARGEST, "a")]


@pytest.mark.parametrize("left", [0, 1])
def test_no_row_and_one_without_words_are_told_apart(rooms_on_both: Rooms, left: int) -> None:
    rows: Any = select(literal(5).label("n"), literal("").label("word")).where(literal(1) == left)
    with rooms_on_both.consent.ledger.read() as connection:
        found = columns.read(connection, rows, numbers=("n",), texts=("word",))
    assert (found["n"].tolist(), found["word"]) == ([5] * left, [""] * left)
