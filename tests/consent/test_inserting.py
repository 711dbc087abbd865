# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import JSON, Column, MetaData, Table, select
from sqlalchemy.exc import IntegrityError

from consent import inserting
from consent.tables import account, attestation, block, subject
from consent.tables import entry as entries
from consent.words import Actor
from tests.rooms import Rooms


def test_rows_come_back_as_they_were_given_nulls_words_and_bytes(rooms_on_both: Rooms) -> None:
    given: list[dict[str, Any]] = [
        {"subject": 2**62, "age_band": "adult", "region": None, "said_by": Actor.SELF, "at": 1},
        {"subject": 1, "age_band": None, "region": '"{},\\', "said_by": Actor.GUARDIAN, "at": 0},
    ]
    with rooms_on_both.consent.ledger.write() as writing:
        inserting.insert(writing.connection, subject, [{"id": 2**62}, {"id": 1}])
        inserting.insert(writing.connection, attestation, given)
        found = writing.connection.execute(
            select(attestation).order_by(attestation.c.at.desc())
        ).mappings()
        assert [dict(one) for one in found] == given


def test_a_column_in_which_nothing_stands_is_left_empty(rooms_on_both: Rooms) -> None:
    with rooms_on_both.consent.ledger.write() as writing:
        seq = writing.append("label.shown", n=1)
        row = {"seq": seq, "records": memoryview(b"\0r"), "nonce": None, "sealed": None}
        inserting.insert(writing.connection, block, [row])
        (found,) = writing.connection.execute(select(block)).all()
        assert list(found) == [seq, b"\0r", None, None]


def test_nothing_is_said_to_the_database_for_no_rows(rooms_on_both: Rooms) -> None:
    with rooms_on_both.consent.ledger.write() as writing:
        inserting.insert(writing.connection, entries, [])


def test_a_row_that_the_database_refuses_takes_the_others_with_it(rooms_on_both: Rooms) -> None:
    row = {"subject": 1, "name": "A", "place": 0, "created_at": 0}
    ledger = rooms_on_both.consent.ledger
    with ledger.write() as writing:
        inserting.insert(writing.connection, subject, [{"id": 1}])

    def again() -> None:
        with ledger.engine.begin() as connection:
            inserting.insert(connection, account, [row, row])

    with pytest.raises(IntegrityError):
        again()
    assert rooms_on_both.count(account) == 0


def test_rows_name_what_the_first_names_and_columns_that_are_there(rooms_on_both: Rooms) -> None:
    short: list[dict[str, Any]] = [{"subject": 1, "region": "x"}, {"subject": 2}]
    with rooms_on_both.consent.ledger.write() as writing:
        with pytest.raises(KeyError, match="region"):
            inserting.insert(writing.connection, attestation, short)
        with pytest.raises(KeyError, match="colour"):
            inserting.insert(writing.connection, subject, [{"id": 1, "colour": "red"}])


@pytest.mark.postgres
def test_a_column_of_another_kind_is_refused_before_anything_is_sent(
    open_rooms: Callable[..., Rooms], postgres_url: str
) -> None:
    odd = Table("odd", MetaData(), Column("what", JSON))
    rooms = open_rooms(postgres_url)
    with rooms.consent.ledger.write() as writing, pytest.raises(ValueError, match="JSON"):
        inserting.insert(writing.connection, odd, [{"what": {}}])
