# SPDX-License-Identifier: Apache-2.0
"""What is done in a village while the world fails, and what must hold when it is done again.

An act is a function of the village; whoever dies or fails in the middle of one opens the home
again, drains it and does the act once more.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import select

from consent.errors import Misused
from consent.tables import metadata
from consent.words import DAY, HOUR, SECOND, Micros, Purpose, Subject
from engine import schedule
from engine.atelier import Atelier
from engine.tables import plan_run
from tests.properties.test_crashes import whole
from tests.simulated.village import Village

Act = Callable[[Village], object]
LATER: Final = Micros(4_000_000_000 * SECOND)
"""A time at which every blob is past its grace, whatever the real clock says."""
PATIENCE: Final = 60
"""Virtual seconds in which everything that was begun must come to its end."""
TICK: Final = 15


def plan(village: Village) -> None:
    """Tick: end what is over, choose, draw, place."""
    schedule.tick(village.rooms)


def withdraw(village: Village) -> None:
    """Say no to everything drawn."""
    village.rooms.consent.withdrawals.withdraw(_ada(village), Purpose.LIKENESS)


def erase(village: Village) -> None:
    """Be forgotten."""
    village.rooms.consent.erasures.erase(_known_once(village))


def join(village: Village) -> None:
    """Come, say yes to everything and give a selfie."""
    try:
        person = village.rooms.consent.accounts.add("Eve").subject
    except Misused:
        person = village.find("Eve")
    for purpose in (Purpose.LIKENESS, Purpose.FEED_INSERT, Purpose.IMAGINE):
        village.grant(person, purpose)
    village.selfie(person)


def insert(village: Village) -> None:
    """Ask for a portrait and have all that waits drawn."""
    village.imagine(village.find("Bo"))
    Atelier(village.rooms).drain()


def hold(village: Village) -> None:
    """Ask for a portrait, hold it as a worker does, and let go of it."""
    village.imagine(village.find("Cy"))
    leases = village.rooms.studio.leases
    held = leases.claim(8)
    leases.renew(held)
    leases.release(held)


def look(village: Village) -> None:
    """Read the feed and open everything of one's own."""
    village.read_feed(village.find("Bo"))


def age(village: Village) -> None:
    """Let a year pass and end what is over: terms, contents, old wrapping keys."""
    village.next_day(15)
    village.rooms.consent.retention.sweep()


def reap(village: Village) -> None:
    """Delete what a crash left behind: bytes without a row, a secret without a person."""
    consent = village.rooms.consent
    consent.blobs.put_new(f"00/stray{len(consent.blobs.list())}", b"sealed and lost")
    consent.keys.new_secret(Subject(404))
    schedule.reap(village.rooms)
    consent.retention.reap(LATER, apart=Micros(0))


ACTS: Final[Mapping[str, Act]] = MappingProxyType(
    {act.__name__: act for act in (plan, withdraw, erase, join, insert, hold, look, age, reap)}
)


def drain(village: Village) -> None:
    """Let everything that was begun come to its end, within a minute of the clock."""
    for _ in range(0, PATIENCE + TICK, TICK):  # a copy cannot see that whoever led is dead
        schedule.tick(village.rooms)
        Atelier(village.rooms).drain()
        if drained(village):
            return
        village.clock.advance(TICK)
    assert drained(village), f"I14: still under way after a minute: {waiting(village)}"


def resume(village: Village) -> None:
    """Let everybody go on who has paused: what they asked for before waits as long as they do."""
    consent = village.rooms.consent
    for account in consent.accounts.list():
        consent.pauses.resume(account.subject)


def drained(village: Village) -> bool:
    """Say whether nothing waits: no request, portrait, erasure or plan is half-way."""
    return not any(waiting(village).values())


def waiting(village: Village) -> dict[str, int]:
    """Count what is half-way, by what it is."""
    rooms, erasure = village.rooms, metadata.tables["erasure"]
    with rooms.consent.ledger.read() as connection:
        open_plans = select(plan_run.c.slot).where(plan_run.c.closed_at.is_(None))
        unfinished = select(erasure.c.subject).where(erasure.c.done_seq.is_(None))
        plans, erasures = (len(connection.execute(q).all()) for q in (open_plans, unfinished))
    return {
        "plans": plans,
        "erasures": erasures,
        "requests": len(rooms.studio.pending()),
        "unplaced": len(rooms.feed.inserts.unplaced()),
    }


def sound(village: Village, before: tuple[int, bytes]) -> None:
    """Check what must hold whenever a home is opened again. `before` is what was acknowledged."""
    rooms, (size, root) = village.rooms, before
    whole(rooms)  # type: ignore[arg-type]
    assert rooms.consent.ledger.tree().root(size) == root, "I5: an acknowledged entry is gone"
    assert not _twice(village), "I5: somebody has two inserts of one day"


def finished(village: Village, act: str, before: tuple[int, bytes]) -> None:
    """Drain a home that was cut, do the act again, and find it whole with nothing left over."""
    sound(village, before)
    drain(village)
    ACTS[act](village)
    drain(village)
    sound(village, before)
    _done(village, act)
    village.rooms.consent.retention.reap(LATER, apart=Micros(0))
    assert village.rooms.consent.retention.strays() == 0, "I9: bytes without a row"
    people = {account.subject for account in village.rooms.consent.accounts.list()}
    assert set(village.rooms.consent.keys.people()) == people, "a secret without its person"


def _done(village: Village, act: str) -> None:
    consent = village.rooms.consent
    named = {account.name: account.subject for account in consent.accounts.list()}
    assert act != "erase" or "Ada" not in named
    assert act != "join" or len(consent.grants.show(named["Eve"])) == 3
    if act == "withdraw":
        assert set(consent.grants.show(named["Ada"])) == set()
        assert village.portraits(named["Ada"]) == []


def _twice(village: Village) -> list[tuple[int, int]]:
    """Find who has two inserts placed in one slot of the day: a plan that was made twice."""
    inserted = metadata.tables["feed_insert"]
    with village.rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(inserted.c.subject, inserted.c.at)).all()
    counted = Counter((who, at // (24 * HOUR)) for who, at in rows)
    assert DAY == 24 * HOUR
    return [day for day, count in counted.items() if count > 1]


def _ada(village: Village) -> Subject:
    return village.find("Ada")


def _known_once(village: Village) -> Subject:
    """Find Ada, or whoever asked to be forgotten."""
    erasure = metadata.tables["erasure"]
    with village.rooms.consent.ledger.read() as connection:
        found = connection.execute(select(erasure.c.subject)).scalar()
    return Subject(found) if found is not None else _ada(village)
