# SPDX-License-Identifier: Apache-2.0
from sqlalchemy import select

from consent.paused import Paused, lasting, paused
from consent.tables import pause
from consent.words import SECOND, Micros, Seq
from tests.rooms import Rooms


def test_a_pause_lasts_until_its_very_microsecond_or_without_end(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob, cy = (rooms.person(name) for name in ("Ada", "Bob", "Cy"))
    now = rooms.clock.now()
    end = Micros(now + 60 * SECOND)
    seqs = [rooms.consent.pauses.pause(ada, end), rooms.consent.pauses.pause(bob, None)]
    found = [
        Paused(since=now, until=one, seq=seq) for one, seq in zip((end, None), seqs, strict=True)
    ]
    with rooms.consent.ledger.read() as connection:
        people = [cy, bob, ada]
        assert paused(connection, people, Micros(end - 1)) == {ada: found[0], bob: found[1]}
        assert paused(connection, people, end) == {bob: found[1]}
        assert paused(connection, [cy], now) == {}
        assert paused(connection, [], now) == {}
        rows = connection.execute(select(pause.c.seq).where(lasting(now)).order_by(pause.c.seq))
        assert [Seq(seq) for seq in rows.scalars()] == seqs


def test_more_people_than_one_question_holds_are_asked_about(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.pauses.pause(ada, None)
    with rooms.consent.ledger.read() as connection:
        many = [*range(10_000), ada]
        assert set(paused(connection, many, rooms.clock.now())) == {ada}  # type: ignore[arg-type]
