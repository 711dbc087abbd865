# SPDX-License-Identifier: Apache-2.0
"""What more workers bring, and what Ray costs: `onlyou bench workers`.

Everything but the picture is real (`benchmarks.stub`), on PostgreSQL that waits for the disk. The
renderer sleeps, as a graphics card is busy while its processor is not; so two processes behind one
log can show what they bring on a machine whose cores they share, as long as what they do take of
the processor leaves room: that is stated beside it. Ray's price is the same requests
made by one actor, handed out in batches of 16, against this process, with a renderer that takes no
time. `python -m benchmarks.workers HOME` is one worker process.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, Final

from benchmarks import sitters, stub
from benchmarks.conditions import Result, report
from benchmarks.stub import Stub
from engine import planning, working
from engine.plans import Plans
from engine.rooms import Rooms
from engine.workers import joining
from engine.workers.cluster import BATCH, Cluster
from generation.portraits import Request
from tests import postgres

PACKAGES: Final = ("sqlalchemy", "psycopg", "ray")
SLEEP: Final = 0.1
"""Seconds a picture takes."""
_RUNS: Final = 3
_READY: Final = b"ready\n"


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Let `users` portraits be made by each number of workers; the smallest size: 16, no Ray."""
    count = users or (16 if smoke else 128)
    with postgres.running(durable=True) as server:
        results = [*_processes(server, count)]
        if not smoke:
            results += _through_ray(server, count)
    return report("workers", smoke=smoke, packages=PACKAGES, results=results)


@contextmanager
def _house(server: postgres.Cluster, count: int, how: Stub, **given: str) -> Iterator[Rooms]:
    with tempfile.TemporaryDirectory() as folder:
        rooms = stub.install(Path(folder) / "home", how, database_url=server.empty(), **given)
        sitters.settle(rooms, count)
        try:
            yield rooms
        finally:
            rooms.consent.ledger.engine.dispose()


def _ordered(rooms: Rooms) -> tuple[Request, ...]:
    plan = Plans(rooms.consent.ledger, rooms.consent.policy.id).open(rooms.consent.ledger.now())
    return planning.order(rooms, plan).requests


# --- one process and two


def _processes(server: postgres.Cluster, count: int) -> Iterator[Result]:
    alone, both = _by(server, count, 1), _by(server, count, 2)
    asleep = f"renderer sleeps {SLEEP * 1_000:.0f} ms"
    rate = alone.made / alone.seconds
    yield _figure(f"portraits made by one process, {asleep}", rate, "portraits/s", None)
    yield _figure(
        f"portraits made by two processes, {asleep}", both.made / both.seconds, "portraits/s", rate
    )
    for what, one in (("one process", alone), ("two processes", both)):
        share = one.processor / one.seconds
        yield _figure(f"processor seconds a second of the clock, {what}", share, "", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Took:
    """What some workers took for so many portraits. Units: seconds."""

    made: int
    seconds: float
    #: of the processor, the workers' alone
    processor: float


def _by(server: postgres.Cluster, count: int, workers: int) -> _Took:
    """Let so many processes make what a plan ordered; that they end is not counted."""
    with _house(server, count, Stub(seconds=SLEEP, batch=BATCH)) as rooms, ExitStack() as stack:
        home = rooms.settings.home
        started = [stack.enter_context(_worker(home)) for _ in range(workers)]
        requests = _ordered(rooms)
        begun = perf_counter()
        for one in started:
            one.stdin.write(b"go\n")  # type: ignore[union-attr]
            one.stdin.flush()  # type: ignore[union-attr]
        used = [float(one.stdout.readline()) for one in started]  # type: ignore[union-attr]
        took = perf_counter() - begun
        if rooms.studio.pending():
            raise RuntimeError("the workers left something")
        return _Took(made=len(requests), seconds=took, processor=sum(used))


@contextmanager
def _worker(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = (sys.executable, "-m", "benchmarks.workers", str(home))
    pipe, root = subprocess.PIPE, Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe) as worker:
        if worker.stdout is None or worker.stdout.readline() != _READY:
            raise RuntimeError("a worker did not start")
        try:
            yield worker
        finally:
            worker.kill()


def work(home: str) -> None:
    """Make what waits until nothing does; tell what that took of the processor."""
    rooms = stub.opened(Path(home))
    sys.stdout.buffer.write(_READY)
    sys.stdout.flush()
    sys.stdin.readline()
    began = process_time()
    while working.take_turn(rooms):
        pass
    print(process_time() - began, flush=True)


# --- Ray


def _through_ray(server: postgres.Cluster, count: int) -> Iterator[Result]:
    how, given = Stub(batch=BATCH), {"workers": "ray", "ray_actors": "1"}
    with _house(server, count * 6, how, **given) as rooms:
        ray = Cluster(rooms=rooms, hands=joining.hands(rooms.settings, "benchmarks.stub:opened"))
        requests = _ordered(rooms)
        halves = requests[::2], requests[1::2]
        size = len(halves[0]) // _RUNS // BATCH * BATCH
        ours, theirs = [], []
        for at in range(0, size * _RUNS, size):
            ours.append(_took(rooms.studio.making, halves[0][at : at + size]))
            theirs.append(_took(ray.making, halves[1][at : at + size]))
        floor, value = (median(one) / size * 1_000 for one in (ours, theirs))
        yield _figure("a portrait made by a Ray actor, in batches of 16", value, "ms", floor)
        yield _figure("Ray's share of it", value - floor, "ms", None)
        ray.hands.ray.shutdown()


def _took(act: Callable[[Any], Any], requests: tuple[Request, ...]) -> float:
    begun = perf_counter()
    made = tuple(act(requests))
    took = perf_counter() - begun
    if {working.outcome(one) for one in made} != {"made"}:
        raise RuntimeError("not everything was made")
    return took


def _figure(what: str, value: float, unit: str, floor: float | None) -> Result:
    return {
        "what": what,
        "value": round(value, 2),
        "unit": unit,
        "floor": None if floor is None else round(floor, 2),
        "ratio": None if floor is None else round(value / floor, 2),
        "n": _RUNS if unit == "ms" else 1,
        "spread": None,
    }


if __name__ == "__main__":
    work(*sys.argv[1:])
