# SPDX-License-Identifier: Apache-2.0
"""How long a withdrawal takes on PostgreSQL while a worker in another process inserts effects.

A withdrawal ends inserts for a person with two portraits, placed: entries, tombstones, cascade,
blobs, and its receipt under a checkpoint that is signed and remembered. The floor is the same
person's least logged act beside the same worker: one entry, one commit.
`python -m benchmarks.withdrawals URL HOME` is the worker: 8 effects a transaction, for ever.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.appends import took
from benchmarks.commits import milliseconds, quantile
from benchmarks.conditions import Result
from benchmarks.homes import at, empty, opened
from consent import effects
from consent.gate import Ask, Permit, Select
from consent.tables import request
from consent.words import Purpose, Step, Subject
from tests.rooms import Rooms

FEED: Final = Purpose.FEED_INSERT
EFFECTS: Final = 8
"""Effects in one transaction of the worker: a batch of the studio."""
_BEGUN: Final = b"begun\n"


def measured(count: int) -> Iterator[Result]:
    """Let `count` people withdraw, one after the other."""
    with empty("postgresql") as urls:
        url = next(urls)
        with opened(url) as rooms:
            rooms.person("Worker", Purpose.LIKENESS, Purpose.PROFILE_PICTURE)
            people = [_person(rooms, number) for number in range(count)]
            with _worker(url, rooms.home):
                floor = [took(partial(_least, rooms, one)) for one in people]
                ours = [took(partial(_withdraw, rooms, one)) for one in people]
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        bare = quantile(floor, part)
        yield milliseconds(f"postgresql: withdrawal beside a worker, {name}", ours, part, bare)


def _person(rooms: Rooms, number: int) -> Subject:
    """Make somebody with two portraits, the newer of them in their feed."""
    person = rooms.inserted_person(f"P{number}")
    for _ in range(2):
        rooms.clock.advance(86_400)
        rooms.insert(person, rooms.portrait(person, FEED))
    return person


def _least(rooms: Rooms, person: Subject) -> None:
    with rooms.consent.ledger.write() as writing:
        writing.append("label.shown", subject=person, n=1)


def _withdraw(rooms: Rooms, person: Subject) -> None:
    rooms.consent.withdrawals.withdraw(person, FEED)


@contextmanager
def _worker(url: str, home: Path) -> Iterator[None]:
    command = (sys.executable, "-m", "benchmarks.withdrawals", url, str(home))
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as worker:
        if worker.stdout is None or worker.stdout.readline() != _BEGUN:
            raise RuntimeError("the worker did not begin")
        try:
            yield
            if worker.poll() is not None:
                raise RuntimeError("the worker ended before the measurement did")
        finally:
            worker.kill()


def work(url: str, home: str) -> None:
    """Ask and spend for ever."""
    rooms = at(url, Path(home))
    person = rooms.consent.accounts.find("Worker").subject
    _insert(rooms, person)
    sys.stdout.buffer.write(_BEGUN)
    sys.stdout.flush()
    while True:
        _insert(rooms, person)


def _insert(rooms: Rooms, person: Subject) -> None:
    asks: Sequence[Ask[Select]] = [
        Ask(
            step=Step.SELECT,
            subject=person,
            purpose=Purpose.PROFILE_PICTURE,
            object=rooms.object(),
        )
        for _ in range(EFFECTS)
    ]
    answers = rooms.consent.gate.ask_all(asks)
    permits = [answer for answer in answers if isinstance(answer, Permit)]
    with rooms.consent.ledger.write() as writing:
        effects.spend(writing, permits, request)


if __name__ == "__main__":
    work(*sys.argv[1:])
