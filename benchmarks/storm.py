# SPDX-License-Identifier: Apache-2.0
"""How feed pages are answered while 10 % of all people withdraw in a minute: `onlyou bench storm`.

A stubbed home in which everybody has an insert is served as in earnest. Eight connections read
pages of people who stay, as fast as they are answered, first alone, then while others withdraw at
an even pace over the API: each with a portrait, its key and its blob to be shredded, a receipt to
be signed under a checkpoint. Both take turns; a figure's floor is that of the quiet half before.
"""

import json
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import feed_api, load, sitters, stub
from benchmarks.conditions import Result, report
from benchmarks.homes import BOTH
from benchmarks.load import Run, percentile
from benchmarks.stub import Stub
from consent.clocks import SystemClock, VirtualClock
from engine import cycle

PACKAGES: Final = ("fastapi", "uvicorn", "sqlalchemy", "psycopg")
PEOPLE: Final = 3_000
SHARE: Final = 10
"""One in so many withdraws within the minute."""
READERS: Final = 20
CONNECTIONS: Final = 8
LIMIT: Final = 3
"""What the 99th of a hundred may take, as a multiple of what it takes in quiet."""
_SERVE: Final = "import sys; from engine.cli import main; main()"


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Storm both databases for a minute in all; the smallest size: SQLite, 60 people, 1 s."""
    people = users or (60 if smoke else PEOPLE)
    kinds, rounds, seconds = (BOTH[:1], 1, 1.0) if smoke else (BOTH, 6, 10.0)
    results = [row for kind in kinds for row in measured(kind, people, rounds, seconds)]
    return report("storm", smoke=smoke, packages=PACKAGES, results=results)


@dataclass(slots=True)
class Halves:
    """Runs in quiet, those in the storm, and how long each withdrawal took, in microseconds."""

    quiet: list[Run] = field(default_factory=list)
    storm: list[Run] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def measured(kind: str, people: int, rounds: int, seconds: float) -> Iterator[Result]:
    """Read and withdraw in turns on one database."""
    with feed_api.database(kind) as url, tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        make(home, people, url)
        words = [sys.executable, "-c", _SERVE, "serve", "--home", str(home), "--port"]
        with feed_api.serving(words) as server:
            yield from told(kind, _halves(server.port, people, rounds, seconds))


def make(home: Path, people: int, url: str | None) -> None:
    """Make a home in which everybody who waited for an insert has one."""
    clock = VirtualClock(SystemClock().now())
    given: dict[str, Any] = {"database_url": url} if url else {}
    rooms = stub.install(home, Stub(batch=256), clock=clock, dev_tokens=True, **given)
    sitters.settle(rooms, people)
    cycle.run(rooms, clock.now())
    rooms.consent.ledger.engine.dispose()


def _halves(port: int, people: int, rounds: int, seconds: float) -> Halves:
    leaving = max(rounds, people // SHARE)
    tokens = {n: _token(port, n) for n in range(READERS + leaving)}
    pages = [load.request("/v1/feed?limit=20", tokens[n]) for n in range(READERS)]
    load.loaded(port, pages, seconds=seconds / 5, connections=CONNECTIONS)
    halves, groups = Halves(), _groups([tokens[READERS + n] for n in range(leaving)], rounds)
    for group in groups:
        halves.quiet.append(_read(port, pages, seconds))
        storm = threading.Thread(target=_withdraw, args=(port, group, seconds, halves.took))
        storm.start()
        halves.storm.append(_read(port, pages, seconds))
        storm.join()
    return halves


def _groups(tokens: Sequence[str], rounds: int) -> Sequence[Sequence[str]]:
    return [tokens[n::rounds] for n in range(rounds)]


def _read(port: int, pages: Sequence[str], seconds: float) -> Run:
    done = load.loaded(port, pages, seconds=seconds, connections=CONNECTIONS)
    if done.failed:
        raise RuntimeError(f"{done.failed} of {len(done.took)} pages were refused")
    return done


def _token(port: int, number: int) -> str:
    return feed_api.token_of(port, sitters.name_of(number))


def _withdraw(port: int, tokens: Sequence[str], seconds: float, took: list[float]) -> None:
    """Let these people withdraw, evenly over the time."""
    began = time.perf_counter()
    for number, token in enumerate(tokens):
        time.sleep(max(0.0, began + number * seconds / len(tokens) - time.perf_counter()))
        start = time.perf_counter()
        asked = urllib.request.Request(
            f"http://{load.HOST}:{port}/v1/consents/feed_insert",
            headers={"Authorization": f"Bearer {token}"},
            method="DELETE",
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
            shown: Mapping[str, Any] = json.load(answer)
        if not shown:
            raise RuntimeError("a withdrawal had no receipt")
        took.append((time.perf_counter() - start) * 1_000_000)


def told(kind: str, halves: Halves) -> Iterator[Result]:
    """Tell pages in the storm beside pages in quiet, and the withdrawals."""
    pairs = list(zip(halves.storm, halves.quiet, strict=True))
    count = sum(len(one.took) for one in halves.storm)
    for name, share in (("half", 0.5), ("99 in 100", 0.99)):
        storm = [one.at(share) for one, _ in pairs]
        quiet = [one.at(share) for _, one in pairs]
        yield {
            "what": f"{kind}: {name} of the pages answered within, in the storm",
            "value": round(median(storm), 2),
            "unit": "ms",
            "floor": round(median(quiet), 2),
            "ratio": round(median(a / b for a, b in zip(storm, quiet, strict=True)), 2),
            "n": count,
            "spread": round(max(storm) - min(storm), 2),
        }
    for name, share in (("half", 0.5), ("99 in 100", 0.99)):
        yield {
            "what": f"{kind}: {name} of the withdrawals acknowledged within",
            "value": round(percentile(halves.took, share), 2),
            "unit": "ms",
            "floor": None,
            "ratio": None,
            "n": len(halves.took),
            "spread": None,
        }
