# SPDX-License-Identifier: Apache-2.0
"""Homes whose pictures cost nothing, on either database, for tests of who works and when."""

from pathlib import Path

from sqlalchemy import func, select

from benchmarks import sitters, stub
from benchmarks.stub import Stub
from consent.chance import identifier
from consent.clocks import Clock
from consent.gate import Ask, Permit, Select
from consent.words import ObjectId, Purpose, Step, Subject
from engine import planning
from engine.plans import Plans
from engine.rooms import Rooms
from generation.portraits import Request, Wish
from generation.tables import asset

FEED = Purpose.FEED_INSERT


def home(
    folder: Path, people: int, *, how: Stub | None = None, clock: Clock | None = None, **given: str
) -> tuple[Rooms, tuple[Subject, ...]]:
    """Make a home, with people in it who want inserts."""
    rooms = stub.install(folder, how or Stub(batch=4), clock=clock, **given)
    return rooms, sitters.settle(rooms, people)


def ordered(
    rooms: Rooms, people: tuple[Subject, ...], words: str | None = None
) -> tuple[Request, ...]:
    """Order one portrait for each."""
    asks: list[Ask[Select]] = []
    for person in people:
        obj = ObjectId(identifier(rooms.consent.chance))
        asks.append(Ask(step=Step.SELECT, subject=person, purpose=FEED, object=obj, request=obj))
    permits = [one for one in rooms.consent.gate.ask_all(asks) if isinstance(one, Permit)]
    wishes = [Wish(scenario="jazz", seed=7, words=words) for _ in permits]
    done = rooms.studio.order(permits, wishes)
    return tuple(one for one in done if isinstance(one, Request))


def assets(rooms: Rooms) -> int:
    """Count the portraits that stand."""
    with rooms.consent.ledger.read() as connection:
        return connection.execute(select(func.count()).select_from(asset)).scalar_one()


def plan_of(rooms: Rooms) -> tuple[Request, ...]:
    """Order what a plan of now would."""
    plan = Plans(rooms.consent.ledger, rooms.consent.policy.id).open(rooms.consent.ledger.now())
    return planning.order(rooms, plan).requests
