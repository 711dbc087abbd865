# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from consent import batches, merkle
from consent.tables import chain, entry, opening
from consent.words import Purpose
from tests.rooms import Rooms


def test_many_rows_are_written_in_their_order(rooms_on_both: Rooms) -> None:
    ledger = rooms_on_both.consent.ledger
    first = ledger.head()[0]
    bodies = [b"\x00%d" % n for n in range(2_000)]
    with ledger.write() as writing:
        rows = [(first + n, "admin", b, merkle.leaf_hash(b)) for n, b in enumerate(bodies)]
        batches.add_entries(writing.connection, rows)
        found = select(entry.c.body).where(entry.c.seq >= first).order_by(entry.c.seq)
        written = [bytes(body) for body in writing.connection.execute(found).scalars()]
        writing.size += len(rows)
    assert written == bodies


def test_a_row_that_breaks_a_rule_is_refused_as_ever(rooms_on_both: Rooms) -> None:
    ledger = rooms_on_both.consent.ledger
    size = ledger.head()[0]
    gap = [(size, "admin", b"", b"l" * 32), (size + 2, "admin", b"", b"l" * 32)]
    with pytest.raises(IntegrityError), ledger.write() as writing:
        batches.add_entries(writing.connection, gap)
    with pytest.raises(IntegrityError), ledger.write() as writing:
        batches.add_openings(writing.connection, [(size + 5, 5, b"sealed")])
    assert ledger.head()[0] == size


def test_no_rows_are_no_statement(rooms_on_both: Rooms) -> None:
    with rooms_on_both.consent.ledger.write() as writing:
        before = rooms_on_both.count(opening)
        batches.add_openings(writing.connection, [])
        batches.move_chains(writing.connection, [])
        assert list(batches.chain_ends(writing.connection, [])) == []
    assert rooms_on_both.count(opening) == before


def test_the_ends_of_many_chains_are_read_and_moved_at_once(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob, cy = (rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob", "Cy"))
    with rooms.consent.ledger.write() as writing:
        connection = writing.connection
        batches.move_chains(connection, [(1, 7, ada), (2, None, bob)])
        found = dict(batches.chain_ends(connection, [ada, bob, 5]))
        everybody = connection.execute(select(chain.c.subject, chain.c.last)).all()
    assert found == {ada: (rooms.tag(ada), 1, 7), bob: (rooms.tag(bob), 2, None)}
    assert {(ada, 1), (bob, 2)} < set(map(tuple, everybody))
    assert dict(map(tuple, everybody))[cy] > 2
