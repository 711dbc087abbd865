# SPDX-License-Identifier: Apache-2.0
"""This room's tables hang on consent's chain and hold nothing that shows a person."""

import pytest
from sqlalchemy import LargeBinary, Table

from generation import tables


@pytest.mark.parametrize("table", [tables.portrait_order, tables.portrait, tables.refusal])
def test_a_row_lives_as_long_as_the_step_it_hangs_on(table: Table) -> None:
    (key,) = table.foreign_key_constraints
    assert key.ondelete == "CASCADE"
    assert key.referred_table.name in {"request", "asset"}
    assert [column.name for column in key.columns] == ["object", "subject", "purpose", "epoch"]
    assert not any(column.nullable for column in key.columns)


@pytest.mark.parametrize("table", [tables.portrait_order, tables.portrait, tables.refusal])
def test_no_column_can_hold_bytes_but_sealed_words(table: Table) -> None:
    """A person's own words lie beside their request under their key (`consent.memos`)."""
    raw = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    assert raw == ({"words"} if table is tables.portrait_order else set())
