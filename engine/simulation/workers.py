# SPDX-License-Identifier: Apache-2.0
"""Worker processes for simulated people: `python -m engine.simulation`, fed by a pipe each.

In: a line of JSON with the run's terms, then a line for every block. Out: for every block the
length of what follows and its columns as a NumPy archive. Plain data both ways, and a worker
loads nothing but what people need: it is at work after half a second.
"""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from io import BytesIO
from queue import Queue
from threading import Thread
from typing import IO, Any, Final

import numpy as np

from consent.errors import Broken
from consent.policy import RankingValues, SlotRules
from consent.words import Reason
from engine.simulation.coefficients import Coefficient, Coefficients
from engine.simulation.handling import Handling
from engine.simulation.living import Columns, Lived, Work, lived
from engine.simulation.regimes import Regime
from engine.simulation.setup import Setup

_LENGTH: Final = struct.Struct(">Q")
_AHEAD: Final = 2
"""Blocks that a worker may be ahead of what is written."""
_ONE_CORE: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def lives(work: Sequence[Work], processes: int) -> Iterator[Lived]:
    """Let blocks live, in as many processes; they come back in their order.

    Errors: Broken(unavailable) where a process ends before its time.
    """
    hands = min(processes, len(work))
    if hands <= 1:
        yield from map(lived, work)
        return
    with ExitStack() as stack:
        queues = [stack.enter_context(_Worker(work[at::hands])).done for at in range(hands)]
        for number in range(len(work)):
            one = queues[number % hands].get()
            if one is None:
                raise Broken(Reason.UNAVAILABLE, "a process of the simulation ended early")
            yield one


class _Worker:
    """One process, and a thread that reads what it sends."""

    def __init__(self, work: Sequence[Work]) -> None:
        self.done: Queue[Lived | None] = Queue(maxsize=_AHEAD)
        self._work = work

    def __enter__(self) -> "_Worker":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engine.simulation"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_CORE,
        )
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        while self._thread.is_alive():
            if not self.done.empty():
                self.done.get()
            self._thread.join(0.01)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def _read(self) -> None:
        try:
            given, told = self._process.stdin, self._process.stdout
            if given is not None and told is not None:
                _order(given, self._work)
                for _ in self._work:
                    self.done.put(_received(told))
        except (OSError, ValueError, struct.error):
            self.done.put(None)


def serve(given: IO[bytes], told: IO[bytes]) -> None:
    """Live whatever blocks come in, one after the other: a worker's whole life."""
    terms = json.loads(given.readline())
    setup, days, full = _setup(terms["setup"]), terms["days"], terms["full"]
    for line in given:
        first, count = json.loads(line)
        one = lived(Work(setup=setup, days=days, first=first, count=count, full=full))
        packed = packed_up(one)
        told.write(_LENGTH.pack(len(packed)) + packed)
        told.flush()


def packed_up(one: Lived) -> bytes:
    """Write what came of a block as a NumPy archive."""
    parts = {"inserts": one.inserts, "people": one.people, "days": one.days}
    file = BytesIO()
    flat = {f"{part}.{name}": c for part, columns in parts.items() for name, c in columns.items()}
    np.savez(file, **flat)  # type: ignore[arg-type] # its stub takes the names for options
    return file.getvalue()


def unpacked(content: bytes) -> Lived:
    """Read it back."""
    parts: dict[str, Columns] = {"inserts": {}, "people": {}, "days": {}}
    with np.load(BytesIO(content), allow_pickle=False) as archive:
        for key in archive.files:
            part, _, name = key.partition(".")
            parts[part][name] = archive[key]
    return Lived(**parts)


def _received(told: IO[bytes]) -> Lived:
    (length,) = _LENGTH.unpack(told.read(_LENGTH.size))
    return unpacked(told.read(length))


def _order(given: IO[bytes], work: Sequence[Work]) -> None:
    one = work[0]
    terms = {"setup": _written(one.setup), "days": one.days, "full": one.full}
    lines = [json.dumps(terms), *(json.dumps([w.first, w.count]) for w in work)]
    given.write("".join(f"{line}\n" for line in lines).encode())
    given.close()


def _written(setup: Setup) -> dict[str, Any]:
    return {
        "seed": setup.seed,
        "first_day": setup.first_day,
        "coefficients": [asdict(one) for one in setup.coefficients.listed],
        "listed": [asdict(one) for one in setup.listed],
        "model_text": setup.model_text,
    }


def _setup(table: dict[str, Any]) -> Setup:
    known = tuple(Coefficient(**one) for one in table["coefficients"])
    listed = tuple(_regime(one) for one in table["listed"])
    return Setup(**{**table, "coefficients": Coefficients(listed=known), "listed": listed})


def _regime(table: dict[str, Any]) -> Regime:
    return Regime(
        **{
            **table,
            "rules": SlotRules(**table["rules"]),
            "weights": RankingValues(**table["weights"]),
            "handling": Handling(**table["handling"]),
            "ideas": tuple(table["ideas"]),
        }
    )
