# SPDX-License-Identifier: Apache-2.0
"""What a portrait costs among a thousand people and among a million: `onlyou bench scale`.

Three parts, each with the real gates and a stubbed picture (`benchmarks.stub`):
- constant: statements, commits, bytes and processor time of a portrait in a plan for the same five
  hundred people, with more and more others in the same tables
- weeks: ten thousand people for thirteen weeks on a virtual clock (`benchmarks.weeks`)
- queue: the formula for how long portraits wait for a card, against a simulator of every event
"""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import feed_api, population, queueing, sitters, stub, weeks
from benchmarks.conditions import Result, report
from benchmarks.cycle import planned
from benchmarks.meters import Meter
from benchmarks.queueing import Load
from benchmarks.stub import Stub
from consent import database, key_files
from consent.chance import SystemChance
from consent.clocks import VirtualClock
from consent.keys import UnsafeFileKeys
from engine import settings, wiring

PACKAGES: Final = ("sqlalchemy", "psycopg", "orjson", "numpy")
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
SITTERS: Final = 500
PEOPLE: Final = 10_000
WEEKS: Final = 13
_SEEDS: Final = 4
_PASS: Final = 3.3
"""Seconds of a pass: eight portraits at 2.4 a second."""


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Run all parts; `users` sets how many live through the weeks, and the largest town."""
    if smoke:
        results = [
            *constant("sqlite", (100, 200), 20),
            *weeks.lived(users or 20, 1),
            *queue(cards=(1, 4), seeds=1, count=20_000),
        ]
    else:
        sizes = [one for one in SIZES if users is None or one <= max(users, SIZES[0])]
        results = [
            *constant("postgresql", sizes, SITTERS),
            *weeks.lived(min(users or PEOPLE, PEOPLE), WEEKS),
            *queue(),
        ]
    return report("scale", smoke=smoke, packages=PACKAGES, results=results)


# --- constant


def constant(kind: str, sizes: Sequence[int], sitting: int) -> Iterator[Result]:
    """Meter the same plan in towns of different sizes; each figure's floor is the smallest's."""
    first: Meter | None = None
    for size in sizes:
        meter = _in_a_town(kind, size, sitting)
        first = first or meter
        for what, name, factor, unit in _FIGURES:
            value, least = getattr(meter, name) * factor, getattr(first, name) * factor
            if least:
                yield {
                    "what": f"{kind}: {what}, among {size} people",
                    "value": round(value, 2),
                    "unit": unit,
                    "floor": round(least, 2),
                    "ratio": round(value / least, 2),
                    "n": sitting,
                    "spread": None,
                }


_FIGURES: Final = (
    ("statements a portrait", "statements", 1.0, ""),
    ("commits a thousand portraits", "commits", 1_000.0, ""),
    ("write-ahead log a portrait", "logged", 0.001, "kB"),
    ("rows, indexes, sealed bytes a portrait", "grown", 0.001, "kB"),
    ("processor a portrait, ours", "own", 1_000.0, "ms"),
    ("processor a portrait, the server's", "server", 1_000.0, "ms"),
)


def _in_a_town(kind: str, size: int, sitting: int) -> Meter:
    """Run one plan to warm up and meter the next."""
    with feed_api.database(kind) as url, tempfile.TemporaryDirectory() as folder:
        chosen = settings.read(Path(folder) / "home", database_url=url)
        key_files.found(chosen.keys_folder, SystemChance())
        keys = UnsafeFileKeys(chosen.keys_folder, SystemChance())
        population.fill(chosen.database, keys, size, chosen.origin)
        clock = VirtualClock(population.NOON)
        connected = database.connect(chosen.database)
        rooms = stub.over(wiring.build(chosen, connected, clock), Stub(batch=128))
        rooms.consent.publish()
        sitters.settle(rooms, sitting)
        planned(rooms)
        clock.advance(4 * 86_400)
        made, meter = planned(rooms)
        connected.dispose()
    return meter.each(made)


# --- the queue


def queue(
    *,
    cards: Sequence[int] = (1, 4, 21, 64),
    busy: Sequence[float] = (0.8, 0.9),
    varies: Sequence[float] = (0.0, 0.3, 1.0),
    seeds: int = _SEEDS,
    count: int = queueing.MOST,
) -> Iterator[Result]:
    """Hold the formula to the simulator: a figure's floor is what the simulator found."""
    for k in cards:
        for share in busy:
            for c in varies:
                load = Load(rate=k * share / _PASS, seconds=_PASS, varies=c, cards=k)
                formula = queueing.wait(load)
                seen = [queueing.simulated(load, seed=seed, count=count) for seed in range(seeds)]
                found = sum(seen) / len(seen)
                yield {
                    "what": f"wait for one of {k} cards, busy {share:.0%}, passes vary by {c}",
                    "value": round(formula, 4),
                    "unit": "s",
                    "floor": round(found, 4),
                    "ratio": round(formula / found, 3),
                    "n": len(seen),
                    "spread": round(max(seen) - min(seen), 4),
                }
