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
def test_no_column_can_hold_bytes(table: Table) -> None:
    assert not any(isinstance(column.type, LargeBinary) for column in table.columns)
