# SPDX-License-Identifier: Apache-2.0
"""How much waits and what was refused is counted; of whom is not told."""

from sqlalchemy import update

from consent.words import SECOND, Micros, Reason
from generation.backlog import Backlog, backlog, refused
from generation.portraits import Request
from generation.tables import lease
from tests.generation.house import House


def counted(house: House) -> Backlog:
    ledger = house.rooms.consent.ledger
    with ledger.read() as connection:
        return backlog(connection, ledger.now())


def leased(house: House, one: Request, until: Micros) -> None:
    held = update(lease).where(lease.c.object == one.id).values(holder="a worker", until=until)
    with house.rooms.consent.ledger.write() as writing:
        assert writing.connection.execute(held).rowcount == 1


def test_what_waits_is_counted_from_when_it_was_asked_for(house: House) -> None:
    assert counted(house) == Backlog(waiting=0, oldest=None, held=0, dropped=0)
    ada = house.sitter(1)
    made, refused_one, waiting = (house.order(ada, each) for each in ("plain", "none", "plain"))
    house.studio.make([made, refused_one])
    found = counted(house)
    assert found.waiting == 1
    assert found.oldest is not None
    assert found.oldest <= house.rooms.consent.ledger.now()
    with house.rooms.consent.ledger.read() as connection:
        reasons = refused(connection)
    assert sum(reasons.values()) == 1
    assert all(isinstance(reason, Reason) for reason in reasons)
    house.rooms.consent.withdrawals.withdraw(ada, waiting.purpose)
    assert counted(house).waiting == 0


def test_a_lease_is_held_until_its_time_is_over(house: House) -> None:
    ada = house.sitter(1)
    now = house.rooms.consent.ledger.now()
    house.order(ada)
    for one, seconds in ((house.order(ada), 60), (house.order(ada), -1)):
        leased(house, one, Micros(now + seconds * SECOND))
    found = counted(house)
    assert (found.waiting, found.held, found.dropped) == (3, 1, 1)
