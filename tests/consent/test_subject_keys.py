# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import select

from consent.chance import SystemChance
from consent.errors import Broken
from consent.subject_keys import SubjectKeys
from consent.tables import subject_key
from consent.words import DAY, SECOND, Epoch, Purpose, Subject
from tests.rooms import Rooms


def test_a_purposes_key_goes_with_its_basis(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    holding = (ada, Purpose.IMAGINE, rooms.consent.grants.show(ada)[Purpose.IMAGINE].epoch)
    keys = SubjectKeys(rooms.consent.keys, rooms.chance)
    with rooms.consent.ledger.read() as connection:
        assert set(keys.open(connection, [holding])) == {holding}
    rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    with rooms.consent.ledger.read() as connection:
        assert keys.open(connection, [holding]) == {}


def test_a_key_row_moved_to_another_purpose_does_not_open(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    stolen = (ada, Purpose.LIKENESS, rooms.consent.grants.show(ada)[Purpose.LIKENESS].epoch)
    with rooms.consent.ledger.write() as writing:
        of = subject_key.c.purpose
        wrapped = writing.connection.execute(
            select(subject_key.c.wrapped_key).where(of == Purpose.IMAGINE)
        ).scalar_one()
        writing.connection.execute(
            subject_key.update().where(of == Purpose.LIKENESS).values(wrapped_key=wrapped)
        )
    with rooms.consent.ledger.read() as connection, pytest.raises(Broken):
        SubjectKeys(rooms.consent.keys, rooms.chance).open(connection, [stolen])


def test_asking_for_no_key_opens_none(rooms: Rooms) -> None:
    keys = SubjectKeys(rooms.consent.keys, rooms.chance)
    with rooms.consent.ledger.read() as connection:
        assert keys.open(connection, []) == {}
        assert keys.open(connection, [(Subject(1), Purpose.ADS, Epoch(1))]) == {}


def test_any_number_of_people_may_have_lost_their_secret(rooms_on_both: Rooms) -> None:
    ada = rooms_on_both.person("Ada", Purpose.LIKENESS)
    lost = {Subject(one) for one in range(70_000)}
    rooms_on_both.clock.advance(8 * DAY / SECOND)
    keys = SubjectKeys(rooms_on_both.consent.keys, SystemChance())
    with rooms_on_both.consent.ledger.write() as writing:
        stale = writing.connection, writing.now, 10
        assert keys.rewrap(*stale, {*lost, ada}) is None
        assert keys.rewrap(*stale, lost) == 1
