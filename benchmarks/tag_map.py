# SPDX-License-Identifier: Apache-2.0
"""Time the map of last entries: `onlyou bench tag_map` (`--users` sets how many people).

What the head of the log is held for matters most: it stops every writer. The floor of building is
the bare SELECT of everybody's end and one SHA-256 for each leaf and each node above.
"""

import hashlib
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text

from benchmarks.conditions import Result, report
from consent import database, entries, key_files, policies, room
from consent.blobs import ObstoreBlobs
from consent.chance import FixedChance
from consent.clocks import SystemClock
from consent.keys import UnsafeFileKeys
from consent.lasts import Lasts
from consent.room import ConsentRoom
from consent.tables import chain, subject
from consent.tag_map import TagMap
from consent.words import Purpose
from engine import tables as _engine
from feed import tables as _feed
from generation import tables as _generation

ALL = (_engine, _feed, _generation)
PEOPLE = 1_000_000
PROOFS = 2_000


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure one size: a million people, 2,000 to see that it runs."""
    people = users or (2_000 if smoke else PEOPLE)
    with tempfile.TemporaryDirectory() as folder:
        consent = _town(Path(folder), people)
        results = list(_measured(consent, people))
        consent.ledger.engine.dispose()
    return report("tag_map", smoke=smoke, packages=("sqlalchemy",), results=results)


def _measured(consent: ConsentRoom, people: int) -> Iterator[Result]:
    floor = _took(lambda: _bare(consent))
    yield _row(f"floor: select and hash {people} ends", floor, "s")
    wrote = _took(consent.lasts.log)
    yield _row("log the map", wrote, "s", floor)
    tags = _some(consent)
    made = TagMap((os.urandom(16), (n, None)) for n in range(people))
    known = made.prove(os.urandom(16))[0].tag
    yield _row(
        "head held: one end moved", _took(lambda: made.move({known: (7, None)})) * 1e3, "ms"
    )
    anew = {os.urandom(16): (8, None)}
    yield _row("head held: somebody new", _took(lambda: made.move(anew)) * 1e3, "ms")
    fresh = Lasts(consent.ledger)
    yield _row("first answer after a map", _took(lambda: fresh.shown(tags[0])), "s", floor)
    spent = _took(lambda: [fresh.shown(tag) for tag in tags])
    yield _row("answers from a map", len(tags) / spent, "/s", n=len(tags))
    bare = TagMap((os.urandom(16), (n, None)) for n in range(people))
    spent = _took(lambda: [bare.prove(entries.from_base64url(tag)) for tag in tags])
    yield _row("proofs from a map", len(tags) / spent, "/s", n=len(tags))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield _row("peak memory, three maps", peak, "MiB")


def _row(what: str, value: float, unit: str, floor: float | None = None, n: int = 1) -> Result:
    return {
        "what": what,
        "value": round(value, 3),
        "unit": unit,
        "floor": None if floor is None else round(floor, 3),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": n,
        "spread": None,
    }


def _took(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _bare(consent: ConsentRoom) -> bytes:
    with consent.ledger.read() as connection:
        rows = connection.execute(select(chain.c.tag, chain.c.last, chain.c.slot)).all()
    leaves = [hashlib.sha256(tag.encode()).digest() for tag, _, _ in rows]
    while len(leaves) > 1:
        pairs = zip(leaves[::2], leaves[1::2], strict=False)
        leaves = [hashlib.sha256(left + right).digest() for left, right in pairs]
    return leaves[0]


def _some(consent: ConsentRoom) -> list[str]:
    with consent.ledger.read() as connection:
        found = select(chain.c.tag).order_by(func.random()).limit(PROOFS)
        return list(connection.execute(found).scalars())


def _town(home: Path, people: int) -> ConsentRoom:
    engine = database.connect(f"sqlite:///{home / 'onlyou.db'}")
    database.create(engine)
    key_files.found(home / "keys", chance := FixedChance(7))
    consent = room.build(
        engine=engine,
        policy=policies.load("strict-opt-in"),
        clock=SystemClock(),
        chance=chance,
        keys=UnsafeFileKeys(home / "keys", chance),
        blobs=ObstoreBlobs(str(home / "blobs")),
        origin="onlyou.example/bench",
    )
    consent.publish()
    ada = consent.accounts.add("Ada").subject
    consent.notices.serve(ada, Purpose.LIKENESS)
    with engine.begin() as connection:
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        for start in range(1, people, 10_000):
            ids = range(start, min(start + 10_000, people))
            connection.execute(subject.insert(), [{"id": n} for n in ids])
            rows = [
                {"subject": n, "tag": entries.base64url(os.urandom(16)), "last": 0} for n in ids
            ]
            connection.execute(chain.insert(), rows)
    return consent
