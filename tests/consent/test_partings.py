# SPDX-License-Identifier: Apache-2.0
"""Another room counts who leaves while everything is still there, or nobody leaves at all."""

from sqlalchemy import select

from consent.partings import Parting, Partings
from consent.tables import basis, tombstone
from consent.words import DAY, Purpose
from consent.writing import Writing
from tests.rooms import Rooms

Heard = list[tuple[list[str], bool, int]]


def listen(rooms: Rooms) -> Heard:
    """Note what ends, whether it was said, and how many bases still stand at that moment."""
    heard: Heard = []

    def hear(writing: Writing, parting: Parting) -> None:
        mine = basis.c.subject == parting.subject
        there = writing.connection.execute(select(basis.c.purpose).where(mine)).all()
        heard.append(([str(purpose) for purpose, _ in parting.endings], parting.said, len(there)))

    rooms.consent.partings.hear("test", hear)
    return heard


def test_who_listens_is_told_before_anything_is_gone(rooms: Rooms) -> None:
    ada, heard = rooms.inserted_person(), listen(rooms)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert heard == [(["feed_insert", "likeness"], True, 2)]
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert len(heard) == 1


def test_a_term_that_is_over_was_not_said(rooms: Rooms) -> None:
    ada, heard = rooms.person("Ada", Purpose.TELEMETRY), listen(rooms)
    rooms.clock.advance(366 * DAY / 1_000_000)
    rooms.consent.retention.sweep()
    assert heard == [(["telemetry"], False, 1)]
    del ada


def test_an_erasure_tells_everything_at_once(rooms: Rooms) -> None:
    ada, heard = rooms.inserted_person(), listen(rooms)
    rooms.grant(ada, Purpose.EXPERIMENT)
    rooms.consent.erasures.erase(ada)
    assert heard == [(["experiment", "feed_insert", "likeness"], True, 3)]


def test_who_cannot_be_counted_leaves_all_the_same(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, heard = rooms.inserted_person(), listen(rooms)

    def fails(writing: Writing, _parting: Parting) -> None:
        writing.insert(tombstone, [{"subject": ada}])

    rooms.consent.partings.hear("a room that fails", fails)
    rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    assert Purpose.FEED_INSERT not in rooms.consent.grants.show(ada)
    assert len(heard) == 1


def test_a_name_is_heard_once() -> None:
    partings = Partings()
    partings.hear("one", lambda _writing, _parting: None)
    partings.hear("one", lambda _writing, _parting: None)
    assert len(partings._heard) == 1
