# SPDX-License-Identifier: Apache-2.0
"""How many small acts a second 64 clients get committed: each alone, or many together.

Every answer waits for the commit, and the commit for the disk. Two kinds of act: one entry (as a
label that was shown), and one lesson (a decision, a permit, an effect row and its entry). The bare
floor is one connection of the driver that commits one entry at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter
from typing import Any, Final

from benchmarks.appends import raw
from benchmarks.conditions import Result
from benchmarks.homes import opened
from consent import effects, merkle
from consent.committing import Committer
from consent.gate import Ask, Learn, Permit
from consent.words import Purpose, Step, Subject
from consent.writing import Writing
from feed.tables import learned
from tests.rooms import Rooms

CLIENTS: Final = 64
WINDOWS: Final = (0.0, 0.002, 0.01, 0.02)
"""Other windows than the usual one, in seconds."""
Work = Callable[[Writing, Sequence[Any]], Sequence[object]]
Do = Callable[[Work, Any], object]


def measured(kind: str, urls: Iterator[str], seconds: float) -> Iterator[Result]:
    """Time both kinds of act on one database, each way."""
    bare = _bare(next(urls), seconds)
    yield _row(f"{kind}: floor: bare driver, one entry a commit, 1 client", bare)
    for what in ("an entry", "a lesson"):
        with opened(next(urls)) as rooms:
            yield from _ways(f"{kind}: {what}", rooms, what == "a lesson", seconds)


def _ways(what: str, rooms: Rooms, lesson: bool, seconds: float) -> Iterator[Result]:
    persons = [rooms.person(f"P{n}", Purpose.PERSONALISATION) for n in range(CLIENTS)]
    makes = [partial(_lesson if lesson else _entry, rooms, person) for person in persons]
    work: Work = partial(_learn, rooms) if lesson else _say
    alone = _clients(partial(_alone, rooms), work, makes, seconds)
    yield _row(f"{what} a commit, {CLIENTS} clients", alone, CLIENTS)
    rate = len(alone) / sum(alone) * CLIENTS
    together = _clients(rooms.consent.ledger.together, work, makes, seconds)
    yield _row(f"{what} in group commit, {CLIENTS} clients", together, CLIENTS, rate)
    yield from _latency(f"{what} in group commit, {CLIENTS} clients", together)
    for window in WINDOWS:
        other = Committer(rooms.consent.ledger.write, window=window)
        took = _clients(other, work, makes, seconds)
        yield _row(f"{what}, {CLIENTS} clients, window {window * 1_000:g} ms", took, CLIENTS, rate)
    single = _clients(rooms.consent.ledger.together, work, makes[:1], seconds)
    yield from _latency(f"{what} in group commit, 1 client", single)


def _alone(rooms: Rooms, work: Work, item: object) -> object:
    with rooms.consent.ledger.write() as writing:
        return work(writing, [item])


def _entry(_rooms: Rooms, person: Subject) -> Subject:
    return person


def _say(writing: Writing, persons: Sequence[Subject]) -> Sequence[object]:
    writing.know(persons)
    return [writing.append("label.shown", subject=person, n=1) for person in persons]


def _lesson(rooms: Rooms, person: Subject) -> Ask[Learn]:
    purpose = Purpose.PERSONALISATION
    return Ask(step=Step.LEARN, subject=person, purpose=purpose, object=rooms.object())


def _learn(rooms: Rooms, writing: Writing, asks: Sequence[Ask[Learn]]) -> Sequence[object]:
    answers = rooms.consent.gate.answer(writing, asks)
    permits = [answer for answer in answers if isinstance(answer, Permit)]
    rows = [{"kind": "like", "scenario": "aurora"}] * len(asks)
    return effects.spend(writing, permits, learned, rows)


def _clients(
    do: Do, work: Work, makes: Sequence[Callable[[], object]], seconds: float
) -> list[float]:
    """Let everybody act again and again until the time is over; return how long each act took."""
    until = perf_counter() + seconds

    def client(make: Callable[[], object]) -> list[float]:
        took = []
        while (start := perf_counter()) < until:
            do(work, make())
            took.append(perf_counter() - start)
        return took

    with ThreadPoolExecutor(len(makes)) as threads:
        return [one for some in threads.map(client, makes) for one in some]


def _bare(url: str, seconds: float) -> list[float]:
    floor, body = raw(url), b"x" * 200
    took: list[float] = []
    until = perf_counter() + seconds
    while (start := perf_counter()) < until:
        floor.write([(len(took), "label.shown", body, merkle.leaf_hash(body))])
        took.append(perf_counter() - start)
    floor.close()
    return took


def _row(
    what: str, took: Sequence[float], clients: int = 1, floor: float | None = None
) -> dict[str, Any]:
    rate = len(took) / sum(took) * clients
    return {
        "what": what,
        "value": round(rate),
        "unit": "acts/s",
        "floor": None if floor is None else round(floor),
        "ratio": None if floor is None else round(rate / floor, 1),
        "n": len(took),
        "spread": None,
    }


def _latency(what: str, took: Sequence[float]) -> Iterator[dict[str, Any]]:
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        yield milliseconds(f"{what}, {name}", took, part)


def milliseconds(
    what: str, took: Sequence[float], part: float, floor: float | None = None
) -> dict[str, Any]:
    """Report one quantile of many times."""
    value = quantile(took, part)
    return {
        "what": what,
        "value": round(value * 1_000, 2),
        "unit": "ms",
        "floor": None if floor is None else round(floor * 1_000, 2),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": len(took),
        "spread": None,
    }


def quantile(took: Sequence[float], part: float) -> float:
    """Return the value below which this part of the times lies."""
    return sorted(took)[min(len(took) - 1, int(len(took) * part))]
