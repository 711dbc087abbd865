# SPDX-License-Identifier: Apache-2.0
from collections.abc import Sequence

import pytest
from sqlalchemy import select

from consent.among import among
from consent.tables import subject
from tests.rooms import Rooms

LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [((1, LARGEST), [1, LARGEST]), ((), []), ((7, 7), []), ((2, 2, 3), [2])],
)
def test_a_column_is_among_the_numbers_that_are_named_and_no_others(
    rooms_on_both: Rooms, asked: Sequence[int], found: Sequence[int]
) -> None:
    with rooms_on_both.consent.ledger.write() as writing:
        writing.insert(subject, [{"id": one} for one in (1, 2, LARGEST)])
        named = select(subject.c.id).where(among(subject.c.id, asked)).order_by(subject.c.id)
        assert writing.connection.execute(named).scalars().all() == found


def test_any_number_of_numbers_is_one_parameter_and_can_be_denied(rooms_on_both: Rooms) -> None:
    with rooms_on_both.consent.ledger.write() as writing:
        writing.insert(subject, [{"id": one} for one in (1, 2, LARGEST)])
        others = ~among(subject.c.id, [*range(2, 70_000)])
        named = select(subject.c.id).where(others).order_by(subject.c.id)
        assert writing.connection.execute(named).scalars().all() == [1, LARGEST]
        nobody = select(subject.c.id).where(~among(subject.c.id, ()), subject.c.id < LARGEST)
        assert sorted(writing.connection.execute(nobody).scalars()) == [1, 2]


def test_one_text_is_compiled_for_any_number_of_numbers(rooms_on_both: Rooms) -> None:
    def text(*numbers: int) -> str:
        engine = rooms_on_both.consent.ledger.engine
        return str(select(subject.c.id).where(among(subject.c.id, numbers)).compile(engine))

    assert text() == text(1) == text(*range(1_000))


def test_the_index_of_the_column_is_used_on_sqlite(rooms: Rooms) -> None:
    asked = select(subject.c.id).where(among(subject.c.id, [1]))
    with rooms.consent.ledger.read() as connection:
        text = str(asked.compile(connection.engine))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("[1]",)).all()
    assert plan[0][-1].startswith("SEARCH subject USING COVERING INDEX")
