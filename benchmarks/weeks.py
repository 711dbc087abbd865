# SPDX-License-Identifier: Apache-2.0
"""People for some weeks on a virtual clock: plans, pages, looks, noes and new yeses, all real.

Every day: one plan in the morning; six in ten open their feed at an hour of their own, look at an
imagined picture that stands there, and every third says something; one in three hundred withdraws
inserts, and half of those say yes again a week later. Who does what follows from a seed alone.
After each week it is looked at whether what must hold does; what does not ends the run.
"""

import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import numpy as np
from sqlalchemy import Table, func, select

from benchmarks import sitters, stub
from benchmarks.conditions import Result
from benchmarks.meters import Meter, metered
from benchmarks.stub import Stub
from consent import merkle
from consent.clocks import VirtualClock
from consent.errors import Denied
from consent.gate import Ask, View
from consent.tables import asset, effect_tables, spent, subject_key
from consent.words import DAY, HOUR, Micros, Purpose, Step, Subject, public_id
from engine import cycle
from engine.rooms import Rooms
from feed.acts import Event, Kind
from feed.items import Imagined
from feed.tables import feed_insert, feed_listed, feed_view

FEED: Final = Purpose.FEED_INSERT
MORNING: Final = Micros(20_605 * DAY + 5 * HOUR)
OPENS: Final = 0.6
SAYS: Final = 1 / 3
LEAVES: Final = 1 / 300
_EVENTS: Final = uuid.UUID("0b8ab95e-9c2c-4ff8-9f0f-6f1f4e2c0a11")
_SAID: Final = (Kind.LIKE, Kind.LIKE, Kind.HIDE, Kind.FEWER)


@dataclass(slots=True, kw_only=True)
class Town:
    """Who lives, who has said no and when they will say yes again."""

    rooms: Rooms
    clock: VirtualClock
    people: Sequence[Subject]
    away: dict[Subject, int | None] = field(default_factory=dict)
    did: Counter[str] = field(default_factory=Counter)
    root: tuple[int, bytes] = (0, b"")


def lived(people: int, weeks: int, *, seed: int = 7) -> Iterator[Result]:
    """Let people live for some weeks and tell what came of it."""
    with TemporaryDirectory() as folder:
        clock = VirtualClock(MORNING)
        rooms = stub.install(Path(folder) / "home", Stub(batch=256), clock=clock, seed=seed)
        town = Town(rooms=rooms, clock=clock, people=sitters.settle(rooms, people))
        before = rooms.consent.ledger.head()[0]
        start = perf_counter()
        with metered(rooms.consent.ledger.engine, rooms.settings.home / "blobs") as meter:
            for day in range(weeks * 7):
                _day(town, day, np.random.default_rng((seed, day)))
                if day % 7 == 6:
                    _hold(town)
        took = perf_counter() - start
        entries = rooms.consent.ledger.head()[0] - before
        rooms.consent.ledger.engine.dispose()
    yield from _told(town, weeks, entries, took, meter)


def _day(town: Town, day: int, rng: np.random.Generator) -> None:
    town.clock.turn_to(Micros(MORNING + day * DAY))
    for person in [who for who, back in town.away.items() if back == day]:
        _return(town, person)
    came = cycle.run(town.rooms, town.clock.now())
    town.did.update(plans=1, portraits=came["made"], inserts=came["inserted"])
    hours = rng.uniform(1, 18, len(town.people))
    draws = rng.random((len(town.people), 3))
    for n in np.argsort(hours):
        person, (opens, says, leaves) = town.people[n], draws[n]
        town.clock.turn_to(Micros(MORNING + day * DAY + round(hours[n] * HOUR)))
        if opens < OPENS:
            _open(town, person, day, says)
        if leaves < LEAVES and person not in town.away:
            _leave(town, person, day if says < 1 / 2 else None)


def _open(town: Town, person: Subject, day: int, says: float) -> None:
    rooms, did = town.rooms, town.did
    did["pages"] += 1
    for item in rooms.feed.pages.of(person).items:
        if not isinstance(item, Imagined):
            continue
        ask: Ask[View] = Ask(
            step=Step.VIEW, subject=person, purpose=FEED, object=item.object, request=item.object
        )
        try:
            rooms.consent.vault.view(rooms.consent.gate, ask, feed_view)
            did["looks"] += 1
        except Denied:
            did["looks denied"] += 1
        if says < SAYS:
            kind = _SAID[min(int(says / SAYS * len(_SAID)), len(_SAID) - 1)]
            event = Event(
                event_id=str(uuid.uuid5(_EVENTS, f"{person} {day} {item.object}")),
                item_id=public_id(item.object),
                kind=kind,
            )
            rooms.feed.feedback.record(person, [event])
            did["acts"] += 1


def _leave(town: Town, person: Subject, day: int | None) -> None:
    town.rooms.consent.withdrawals.withdraw(person, FEED)
    town.away[person] = None if day is None else day + 7
    town.did["withdrawals"] += 1


def _return(town: Town, person: Subject) -> None:
    consent = town.rooms.consent
    served = consent.notices.serve(person, FEED)
    consent.grants.grant(person, FEED, served.served_id)
    consent.grants.answer_preview(person, accepted=True)
    del town.away[person]
    town.did["new yeses"] += 1


# --- what must hold


def _hold(town: Town) -> None:
    """Look at what must hold after a week. Errors: RuntimeError where it does not."""
    rooms = town.rooms
    ledger, slots = rooms.consent.ledger, rooms.consent.policy.slots
    with ledger.read() as connection:
        for table in (asset, feed_insert, subject_key):
            left = _whose(connection, table)
            if gone := left & set(town.away):
                raise RuntimeError(f"{len(gone)} who withdrew still have rows in {table.name}")
        since = town.clock.now() - 7 * DAY
        shown = select(func.count()).where(feed_listed.c.at > since)
        most = max(connection.execute(shown.group_by(feed_listed.c.subject)).scalars(), default=0)
        if most > slots.per_week:
            raise RuntimeError(f"somebody was shown {most} in a week, of {slots.per_week}")
        used = connection.execute(select(func.count()).select_from(spent)).scalar_one()
        rows = sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in effect_tables()
        )
        if rows > used:
            raise RuntimeError(f"{rows} effects stand on {used} spent permits")
    _continues(town)
    town.did["weeks held"] += 1
    sys.stderr.write(f"{town.root[0]} entries, {dict(town.did)}\n")  # it takes hours


def _whose(connection: object, table: Table) -> set[Subject]:
    found = select(table.c.subject).where(table.c.purpose == FEED).distinct()
    return {Subject(one) for one in connection.execute(found).scalars()}  # type: ignore[attr-defined]


def _continues(town: Town) -> None:
    """Sign the log and prove that it continues what was signed a week ago."""
    ledger = town.rooms.consent.ledger
    ledger.checkpoint()
    tree = ledger.tree()
    size, (old, root) = len(tree), town.root
    if old and not merkle.verify_consistency(
        old, size, tree.consistency(old, size), root, tree.root(size)
    ):
        raise RuntimeError("the log does not continue what was signed a week ago")
    town.root = size, tree.root(size)


def _told(town: Town, weeks: int, entries: int, took: float, meter: Meter) -> Iterator[Result]:
    people, made = len(town.people), town.did["portraits"]
    what = f"{people} people for {weeks} weeks"
    for name, count in sorted(town.did.items()):
        yield _row(f"{what}: {name}", count, "")
    yield _row(f"{what}: entries", entries, "")
    yield _row(f"{what}: entries a second, everything checked", entries / took, "1/s")
    yield _row(f"{what}: entries a portrait, with pages, looks and acts", entries / made, "")
    yield _row(f"{what}: statements a portrait", meter.statements / made, "")
    yield _row(f"{what}: took", took, "s")


def _row(what: str, value: float, unit: str) -> Result:
    nothing = {"floor": None, "ratio": None, "n": 1, "spread": None}
    return {"what": what, "value": round(value, 2), "unit": unit, **nothing}
