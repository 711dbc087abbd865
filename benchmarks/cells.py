# SPDX-License-Identifier: Apache-2.0
"""What shards cost: finding whoever is asked for, moving a shard, signing over all of them.

How long a shard takes nothing is measured inside a move, from its log's closing to the directory's
pointing to the copy; its floor is the time of copying the rows alone, in the same move. Everybody
in the shard that moves has said yes twice and given a selfie.
`users` is how many people that shard has.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks import sitters
from benchmarks.conditions import Result, report, timed
from consent import faults
from engine.cells.checkpoints import GlobalLog
from engine.rooms import Rooms
from tests.engine.cells import spread
from tests.engine.cells.spread import Town

SHARDS: Final = 16
ACTS: Final = 50
_MOVED: Final = 3


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure with `users` people in one shard."""
    people = 20 if smoke else users or 1_000
    with tempfile.TemporaryDirectory() as folder:
        town = spread.found(Path(folder) / "front", ("a", "b"), shards=2 if smoke else SHARDS)
        try:
            found = [*_lookups(town, 3 if smoke else 7), *_moves(town, people), *_signed(town)]
        finally:
            town.close()
    return report("cells", smoke=smoke, packages=("sqlalchemy",), results=found)


def _lookups(town: Town, n: int) -> Iterator[Result]:
    """Do the least logged act through the house, beside the same act in rooms that are held."""
    (person,) = town.arrive("Ada")
    number, rooms = town.cells.shard_of(person), town.cells.of(person)

    def least(held: Rooms) -> None:
        with held.consent.ledger.write() as writing:
            writing.append("label.shown", subject=person, n=1)

    def found() -> None:
        for _ in range(ACTS):
            town.cells.act(number, least)

    def held() -> None:
        for _ in range(ACTS):
            least(rooms)

    floor = timed("", held, n=n)["value"]
    yield timed(f"{ACTS} least acts, each in the shard that it is for", found, n=n, floor=floor)


def _moves(town: Town, people: int) -> Iterator[Result]:
    """Move a shard there and back; tell how long it took and how long its log was closed."""
    number = next(n for n in range(town.cells.layout.shards) if n != town.cells.shard_of("Ada"))
    sitters.settle(town.cells.rooms(number), people)
    passed: list[dict[str, float]] = []
    for _ in range(_MOVED):
        town.furnish()
        at = {"": perf_counter()}
        with faults.injecting(lambda name, at=at: at.setdefault(name, perf_counter())):  # type: ignore[misc]
            town.moves.move(number, spread.other(town.place(number)))
        passed.append({**at, "end": perf_counter()})
    copied = _median(passed, "move.closed", "move.blobs")
    for what, start, end in (
        ("a move of a shard, whole", "", "end"),
        ("of that, its log is closed", "move.closed", "move.flipped"),
        ("of that, rows are copied", "move.closed", "move.blobs"),
        ("of that, the copy is compared", "move.blobs", "move.carried"),
        ("of that, its keys are shredded, the copy opened and pointed to",
         "move.carried", "move.flipped"),
    ):  # fmt: skip
        took = [one[end] - one[start] for one in passed]
        value = _median(passed, start, end)
        yield {
            "what": f"{people} people: {what}",
            "value": round(value, 1),
            "unit": "ms",
            "floor": round(copied, 1),
            "ratio": round(value / copied, 2),
            "n": len(passed),
            "spread": round((max(took) - min(took)) * 1_000, 1),
        }


def _median(passed: list[dict[str, float]], start: str, end: str) -> float:
    took = sorted(one[end] - one[start] for one in passed)
    return took[len(took) // 2] * 1_000


def _signed(town: Town) -> Iterator[Result]:
    """Sign over all shards, beside the checkpoints of the shards alone."""
    log, shards = GlobalLog(town.cells), town.cells.layout.shards

    def each() -> None:
        for rooms in town.cells.each():
            rooms.consent.ledger.checkpoint()

    floor = timed("", each, n=5)["value"]
    yield timed(f"one signature over {shards} shards", lambda: log.sign(town.clock.now()), n=5,
                floor=floor)  # fmt: skip
