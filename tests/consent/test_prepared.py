# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import bindparam, literal, null, select, union_all

from consent.prepared import Gathered, Prepared, rows
from consent.tables import account
from tests.rooms import Rooms

NAMED = Prepared(
    select(account.c.name, literal("here"), literal(None).label("left_out"))
    .where(account.c.name.not_in(select(account.c.name).where(account.c.name == "Bob")))
    .where(account.c.name >= bindparam("least"))
    .order_by(account.c.name)
    .limit(bindparam("most"))
)


def test_it_says_what_the_statement_says_with_values_of_each_time(rooms_on_both: Rooms) -> None:
    for name in ("Ada", "Bob", "Cy"):
        rooms_on_both.person(name)
    with rooms_on_both.consent.ledger.read() as connection:
        assert NAMED(connection, least="A", most=9) == [
            ("Ada", "here", None),
            ("Cy", "here", None),
        ]
        assert NAMED(connection, least="A", most=1) == [("Ada", "here", None)]
        assert NAMED(connection, least="B'; --", most=9) == [("Cy", "here", None)]


def test_two_questions_in_one_are_asked_as_well(rooms_on_both: Rooms) -> None:
    rooms_on_both.person("Ada")
    mine = select(account.c.name).where(account.c.name == bindparam("name"))
    both = Prepared(union_all(mine, mine))
    with rooms_on_both.consent.ledger.read() as connection:
        assert both(connection, name="Ada") == [("Ada",), ("Ada",)]
        assert both(connection, name="Bob") == []


def test_a_value_that_is_missing_is_an_error(rooms: Rooms) -> None:
    with rooms.consent.ledger.read() as connection, pytest.raises(KeyError):
        NAMED(connection, least="A")


def test_many_rows_gathered_into_one_are_what_they_were(rooms_on_both: Rooms) -> None:
    names = ('A "quoted" \\ name', "Zoë 🙂")
    people = [rooms_on_both.person(name) for name in names]
    columns = (account.c.name, account.c.subject, null().label("left_out"))
    mine = select(*columns).where(account.c.name >= bindparam("least")).subquery()
    gathered = Prepared(select(Gathered(*mine.c)))
    with rooms_on_both.consent.ledger.read() as connection:
        ((found,),) = gathered(connection, least="A")
        ((none,),) = gathered(connection, least="\U0010ffff")
    assert sorted(rows(found), key=str) == [
        [names[0], people[0], None],
        [names[1], people[1], None],
    ]
    assert rows(none) == []
