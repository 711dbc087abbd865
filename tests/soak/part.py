# SPDX-License-Identifier: Apache-2.0
"""One process of the soak: `python -m tests.soak.part KIND HOME SEED`.

`serve` answers people on threads, and says what each was told; `work` makes what waits on this
machine, `ray` by actors; `plan` ticks and reaps. Each says what it does as lines of JSON.
"""

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from consent.clocks import SystemClock
from consent.words import SECOND, Micros, Subject
from engine import cycle, workers, working
from engine.rooms import Rooms
from tests.simulated.history import Event, History
from tests.simulated.people import Client
from tests.simulated.scheduler import Task
from tests.simulated.village import Village
from tests.soak import home

THREADS = 4
EVERY = 0.4
"""Seconds between two acts of a thread."""
MINUTE = 60 * SECOND
_lines = threading.Lock()


def tell(**said: Any) -> None:
    """Say one line."""
    with _lines:
        sys.stdout.write(json.dumps(said, default=str) + "\n")
        sys.stdout.flush()


@dataclass(slots=True)
class Wall:
    """What a scheduler is to a client, where time and threads are real."""

    seed: int
    current: Task
    draws: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.draws = np.random.default_rng(self.seed)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def chance(self, share: float) -> bool:
        return bool(self.draws.random() < share)

    def pick(self, among: Any) -> Any:
        some = list(among)
        return some[int(self.draws.integers(len(some)))]


@dataclass(slots=True)
class Told(History):
    """A history that is said line by line; its moments are those of the machine."""

    def tick(self) -> int:
        return time.monotonic_ns()


class Lines(list[Event]):
    """Say each event instead of keeping it."""

    def append(self, event: Event) -> None:
        tell(what="act", **asdict(event))


@dataclass(slots=True)
class Here:
    """This process, as a client sees a server."""

    village: Village
    alive: bool = True
    starts: int = 1


class Device(Client):
    """A client whose person comes back under another name after being forgotten."""

    def noted(self, act: str, purpose: Any, do: Callable[[], Any]) -> Any:
        answer = Client.noted(self, act, purpose, do)
        if act == "erase" and answer:
            self._come_back()
        return answer

    def _come_back(self) -> None:
        name = f"{self.name} {time.monotonic_ns()}"
        while True:
            try:
                self.person = Subject(self.consent.accounts.add(name).subject)
            except Exception:  # noqa: BLE001 - the world fails: it is tried until it holds
                time.sleep(EVERY)
            else:
                return


def serve(rooms: Rooms, seed: int) -> None:
    """Let clients act, each on a thread, each for a person of their own."""
    here = Here(Village(rooms=rooms, clock=rooms.consent.clock))  # type: ignore[arg-type]
    mine = home.people(rooms)[seed % 2 :: 2]
    threads = [
        threading.Thread(target=_client, args=(here, mine[n::THREADS], 100 * seed + n))
        for n in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _client(here: Here, some: list[Subject], seed: int) -> None:
    """Speak for one person after the other, for ever."""
    task = Task(name=str(seed), act=lambda: None, wake=0)
    wall = Wall(seed + time.monotonic_ns() % 1_000_000, task)
    devices = [
        Device(
            name=f"device {seed} {number}",
            person=person,
            scheduler=wall,  # type: ignore[arg-type]
            servers=(here,),  # type: ignore[arg-type]
            history=Told(Lines()),
            seconds=EVERY,
            seen=lambda *_: True,
        )
        for number, person in enumerate(some)
    ]
    while True:
        wall.pick(devices).once()


def work(rooms: Rooms, _seed: int) -> None:
    """Make what waits, here."""
    while True:
        _safely("turn", lambda: dict(working.take_turn(rooms)))
        time.sleep(0.3)


def ray(rooms: Rooms, _seed: int) -> None:
    """Make what waits, by actors."""
    from engine.workers import cluster  # noqa: PLC0415 - its token is set before Ray is loaded

    cluster.OPENER = "tests.soak.home:opened"  # type: ignore[misc]
    joined = workers.of(rooms)
    while True:
        _safely("turn", lambda: dict(joined.take_turn()))
        time.sleep(0.3)


def plan(rooms: Rooms, _seed: int) -> None:
    """Tick, and now and then reap."""
    number = 0
    while True:
        number += 1
        _safely("plan", lambda: dict(_tick(rooms)))
        if number % 30 == 0:
            _safely("reap", lambda: {"reaped": _reap(rooms)})
        time.sleep(2)


def _tick(rooms: Rooms) -> dict[str, int]:
    rooms.consent.retention.sweep()
    return dict(cycle.run(rooms, rooms.consent.ledger.now()))


def _reap(rooms: Rooms) -> int:
    """Reap by the machine's own clock, with a grace of two minutes: an hour is long here."""
    now, apart = SystemClock().now(), Micros(MINUTE // 2)
    return rooms.consent.retention.reap(now, Micros(2 * MINUTE), apart)


def _safely(what: str, act: Callable[[], dict[str, Any]]) -> None:
    began = time.monotonic_ns()
    try:
        tell(what=what, **act(), micros=(time.monotonic_ns() - began) // 1_000)
    except Exception as error:  # noqa: BLE001 - whatever failed, the next time must come
        tell(what=what, failed=type(error).__name__)
        traceback.print_exc()


KINDS = {"serve": serve, "work": work, "ray": ray, "plan": plan}


def main(kind: str, folder: str, seed: str) -> None:
    """Open the home, as often as it takes, and begin."""
    while True:
        try:
            os.environ["ONLYOU_WORKERS"] = "ray" if kind == "ray" else "local"
            rooms = home.opened(Path(folder))
            KINDS[kind](rooms, int(seed))
        except Exception as error:  # noqa: BLE001 - nothing may be there yet, or again
            tell(what="opening", kind=kind, failed=type(error).__name__, said=str(error)[:200])
            traceback.print_exc()
            time.sleep(1)


if __name__ == "__main__":
    tell(what="begun", pid=os.getpid(), kind=sys.argv[1])
    main(*sys.argv[1:4])
