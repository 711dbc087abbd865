# SPDX-License-Identifier: Apache-2.0
"""How many portraits a second one plan selects, orders, makes and places: `onlyou bench cycle`.

Everything but the picture is real (`benchmarks.stub`): the gates of select, read, generate,
moderate, store and insert with an entry and a permit each, six effects with their entries, keys,
sealed selfies opened, sealed portraits written. PostgreSQL waits for the disk at each commit and
shares the machine's cores. Made by one process, by two and by three: each plans its part of the
people, as the actors of Ray do, and makes what waits under leases.

The floor is what the same rows cost at the least: those of one plan, copied by the bare driver
into tables without any rule but their indexes, everything in one transaction.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final, LiteralString

import psycopg

from benchmarks import sitters, stub
from benchmarks.conditions import Result, report
from benchmarks.homes import driver_url
from benchmarks.meters import Meter, metered
from benchmarks.stub import Stub
from consent.clocks import VirtualClock
from consent.tables import metadata
from consent.words import DAY, Micros
from engine import cycle, inserting, planning, working
from engine.planning import Part
from engine.plans import Plan, Plans, slot_of
from engine.rooms import Rooms
from tests import postgres

NOON: Final = Micros(1_780_000_000_000_000)
BATCH: Final = 256
PACKAGES: Final = ("sqlalchemy", "psycopg", "cryptography", "orjson", "obstore", "numpy")
_READY: Final = b"ready\n"


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Run plans for `users` people; the smallest size: sixty people on SQLite."""
    count = users or (60 if smoke else 4_000)
    results = list(_smoke(count) if smoke else _measured(count))
    return report("cycle", smoke=smoke, packages=PACKAGES, results=results)


def _smoke(count: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder, house(Path(folder) / "home", count) as rooms:
        made, meter = planned(rooms)
        yield from told("sqlite, one process", made, meter)


def _measured(count: int) -> Iterator[Result]:
    with postgres.running(durable=True) as cluster, tempfile.TemporaryDirectory() as folder:
        url = cluster.empty()
        with house(Path(folder) / "home", count, database_url=url) as rooms:
            made, meter = planned(rooms)
            bare = made / floor(url)
            yield from told("postgresql, one process", made, meter, bare)
            for processes, name in ((2, "two"), (3, "three")):
                rooms.consent.clock.advance(4 * DAY // 1_000_000)  # type: ignore[attr-defined]
                made, meter = shared(rooms, processes)
                yield from told(f"postgresql, {name} processes", made, meter, bare)


@contextmanager
def house(home: Path, count: int, *, batch: int = BATCH, **given: str) -> Iterator[Rooms]:
    """Make a home in which so many people wait for an insert."""
    rooms = stub.install(home, Stub(batch=batch), clock=VirtualClock(NOON), **given)
    try:
        sitters.settle(rooms, count)
        yield rooms
    finally:
        rooms.consent.ledger.engine.dispose()


# --- one plan


def planned(rooms: Rooms) -> tuple[int, Meter]:
    """Run a whole plan in this process; return how many were placed, and what it took."""
    blobs = rooms.settings.home / "blobs"
    with metered(rooms.consent.ledger.engine, blobs) as meter:
        came = cycle.run(rooms, rooms.consent.ledger.now())
    return came["inserted"], meter


def shared(rooms: Rooms, processes: int) -> tuple[int, Meter]:
    """Let others plan their part of the people, and make whatever waits as this one does."""
    now = rooms.consent.ledger.now()
    plans = Plans(rooms.consent.ledger, rooms.consent.policy.id)
    blobs = rooms.settings.home / "blobs"
    with ExitStack() as held:
        parts = [Part(number=number, of=processes) for number in range(processes)]
        helpers = [held.enter_context(_helper(rooms.settings.home, now, p)) for p in parts[1:]]
        with metered(rooms.consent.ledger.engine, blobs) as meter:
            plan = plans.open(slot_of(now, rooms.settings.plan_hours))
            for helper in helpers:
                helper.stdin.write(b"go\n")  # type: ignore[union-attr]
                helper.stdin.flush()  # type: ignore[union-attr]
            ordered = _part(rooms, plan, parts[0])
            said = [helper.stdout.readline().split() for helper in helpers]  # type: ignore[union-attr]
            inserting.place(rooms)
        meter.own += sum(float(theirs) for theirs, _ in said)
        made = ordered + sum(int(theirs) for _, theirs in said)
        plans.close(plan, {"made": made})
    return made, meter


def _part(rooms: Rooms, plan: Plan, part: Part) -> int:
    """Plan for some of the people, as Ray's actors do, then make what waits until nothing does."""
    ordered = planning.order(rooms, plan, part)
    while working.take_turn(rooms, BATCH):
        pass
    return len(ordered.requests)


@contextmanager
def _helper(home: Path, now: Micros, part: Part) -> Iterator[subprocess.Popen[bytes]]:
    given = (str(home), str(now), str(part.number), str(part.of))
    command = (sys.executable, "-m", "benchmarks.cycle", *given)
    pipe, root = subprocess.PIPE, Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe) as helper:
        if helper.stdout is None or helper.stdout.readline() != _READY:
            raise RuntimeError("another process did not start")
        try:
            yield helper
        finally:
            helper.kill()


def work(home: str, now: str, number: str, of: str) -> None:
    """Do another part."""
    rooms = stub.opened(Path(home), clock=VirtualClock(Micros(int(now))))
    slot = slot_of(rooms.consent.ledger.now(), rooms.settings.plan_hours)
    plan = Plan(policy=rooms.consent.policy.id, slot=slot, outcome=None)
    sys.stdout.buffer.write(_READY)
    sys.stdout.flush()
    sys.stdin.readline()
    began = process_time()
    ordered = _part(rooms, plan, Part(number=int(number), of=int(of)))
    print(process_time() - began, ordered, flush=True)


# --- the floor


def floor(url: str) -> float:
    """Copy what lies in every table into bare ones; return the seconds it takes."""
    with psycopg.connect(driver_url(url), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA bare")
        held: dict[str, Sequence[bytes]] = {}
        for table in metadata.sorted_tables:
            name = table.name
            connection.execute(
                f'CREATE TABLE bare."{name}" (LIKE public."{name}" INCLUDING INDEXES)'
            )
            with connection.cursor().copy(_copied(name)) as out:
                held[name] = [bytes(part) for part in out]
        start = perf_counter()
        with connection.transaction():
            for name, parts in held.items():
                with connection.cursor().copy(
                    f'COPY bare."{name}" FROM STDIN (FORMAT BINARY)'
                ) as into:
                    for part in parts:
                        into.write(part)
        took = perf_counter() - start
        connection.execute("DROP SCHEMA bare CASCADE")
    return took


def _copied(name: str) -> LiteralString:
    chosen = f'SELECT * FROM public."{name}" {_SINCE.get(name, "")}'  # noqa: S608
    return f"COPY ({chosen}) TO STDOUT (FORMAT BINARY)"


_FIRST: Final = "(SELECT min(seq) FROM block)"
_SINCE: Final = {
    **dict.fromkeys(("entry", "opening", "permit", "block"), f"WHERE seq >= {_FIRST}"),
    **dict.fromkeys(("subject", "account", "chain", "basis", "subject_key"), "WHERE false"),
    **dict.fromkeys(("notice_served", "granted", "preview", "selfie"), "WHERE false"),
    "selfie_use": "WHERE false",
    "spent": f"WHERE effect_seq >= {_FIRST}",
}
"""What a plan did not write: everybody's beginnings."""


def told(what: str, made: int, meter: Meter, bare: float | None = None) -> Iterator[Result]:
    """Tell what a plan took, each."""
    each, rate = meter.each(made), made / meter.seconds
    yield _row(f"{what}: portraits a second", rate, "1/s", made, bare)
    yield _row(f"{what}: processor a portrait, ours", each.own * 1_000, "ms", made)
    yield _row(f"{what}: processor a portrait, the server's", each.server * 1_000, "ms", made)
    yield _row(f"{what}: statements a portrait", each.statements, "", made)
    yield _row(f"{what}: commits a thousand portraits", each.commits * 1_000, "", made)
    yield _row(f"{what}: write-ahead log a portrait", each.logged / 1_000, "kB", made)
    yield _row(f"{what}: rows, indexes, sealed bytes a portrait", each.grown / 1_000, "kB", made)


def _row(what: str, value: float, unit: str, count: int, bare: float | None = None) -> Result:
    return {
        "what": what,
        "value": round(value, 2),
        "unit": unit,
        "floor": None if bare is None else round(bare, 1),
        "ratio": None if bare is None else round(value / bare, 3),
        "n": count,
        "spread": None,
    }


if __name__ == "__main__":
    work(*sys.argv[1:])
