# SPDX-License-Identifier: Apache-2.0
"""How fast the feed API answers, beside a bare FastAPI ping under the same server settings.

`onlyou bench feed_api`: `onlyou serve` over a made home of twenty people, all of whom said yes to
inserts and one of whom has one, on either database, waiting for the disk as in earnest. A client
in its own process keeps 16 connections busy. Ping, feed pages and feedback take turns, several
rounds, so that a figure and its floor meet the same machine; each ratio is the rounds' median.

- feed: `GET /v1/feed?limit=20`, everybody in turn: one page in twenty has an imagined item, which
  is written into the ledger as shown before it is answered
- feedback: `POST /v1/interactions`, each a new event on a post
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import load
from benchmarks.conditions import Result, report
from benchmarks.homes import BOTH
from benchmarks.load import MARK, Run
from consent.clocks import SystemClock, VirtualClock
from consent.words import DAY, Purpose, Step, Subject
from engine import settings, wiring
from engine.rooms import Rooms
from feed import population
from tests import postgres
from tests.rooms import Rooms as Home

PACKAGES: Final = ("fastapi", "starlette", "uvicorn", "h11", "sqlalchemy", "orjson", "joserfc")
PEOPLE: Final = 20
ITEMS: Final = 20
_PATIENCE: Final = 120.0


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure both databases in rounds of two seconds; smoke: SQLite, one short round."""
    del users
    rounds, seconds, kinds = (1, 0.3, BOTH[:1]) if smoke else (7, 2.0, BOTH)
    results: list[Result] = []
    with serving([sys.executable, "-m", "benchmarks.ping"]) as ping:
        results.append(ceiling(ping, seconds))
        for kind in kinds:
            with database(kind) as url, living(url) as (home, tokens):
                results += measured(kind, ping, home, tokens, rounds=rounds, seconds=seconds)
    return report("feed_api", smoke=smoke, packages=PACKAGES, results=results)


# --- servers


@contextmanager
def database(kind: str) -> Iterator[str | None]:
    """Give an empty database: none of its own for SQLite, which lies in the home."""
    if kind == "sqlite":
        yield None
        return
    with postgres.running(durable=True) as cluster:
        yield cluster.empty()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server's port, and what its process has used."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Tell the processor time it has used, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(command: Sequence[str]) -> Iterator[Server]:
    """Run a server on a free port until the block ends."""
    port = free_port()
    words, surroundings = [*command, str(port)], {**os.environ, "OMP_NUM_THREADS": "1"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, env=surroundings, stdout=quiet, stderr=quiet) as server:
        try:
            wait(port, server)
            yield Server(port, server.pid)
        finally:
            server.terminate()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind((load.HOST, 0))
        return int(free.getsockname()[1])


def wait(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until a server takes connections. Errors: RuntimeError where it does not."""
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends and server.poll() is None:
        try:
            socket.create_connection((load.HOST, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not come up")


@contextmanager
def living(url: str | None) -> Iterator[tuple[Server, Mapping[str, str]]]:
    """Serve a made home on a database; give the server and everybody's token."""
    start = "import sys; from engine.cli import main; main()"
    with tempfile.TemporaryDirectory() as folder:
        names = make(Path(folder), url)
        words = [sys.executable, "-c", start, "serve", "--home", folder, "--port"]
        with serving(words) as server:
            yield server, {name: token_of(server.port, name) for name in names}


def make(folder: Path, url: str | None) -> Sequence[str]:
    """Make a home of twenty people and ten days of posts; the first has an insert."""
    clock = VirtualClock(SystemClock().now())
    chosen = settings.read(folder, database_url=url, dev_tokens=True)
    rooms = wiring.install(chosen, clock)
    today = clock.now() // DAY
    for back in range(10, 0, -1):
        rooms.feed.posts.publish(population.day(today - back, seed=7))
    consent = rooms.consent
    here = Home(home=folder, clock=clock, chance=consent.chance, consent=consent)
    names = [f"Person {number}" for number in range(PEOPLE)]
    people = [here.person(name, Purpose.LIKENESS, Purpose.FEED_INSERT) for name in names]
    _insert(here, people[0], rooms)
    consent.ledger.engine.dispose()
    return names


def _insert(here: Home, person: Subject, rooms: Rooms) -> None:
    here.selfie(person)
    obj = here.portrait(person, Purpose.FEED_INSERT)
    permit = here.ask(Step.INSERT, person, Purpose.FEED_INSERT, obj, request=obj)
    rooms.feed.inserts.place([permit], [min(rooms.studio.recipe.scenarios)])


def token_of(port: int, name: str) -> str:
    """Ask a server for a person's token."""
    body = json.dumps({"subject": name}).encode()
    asked = urllib.request.Request(
        f"http://{load.HOST}:{port}/v1/token", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
        return str(json.load(answer)["access_token"])


def _get(port: int, path: str, token: str) -> dict[str, Any]:
    asked = urllib.request.Request(
        f"http://{load.HOST}:{port}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
        found: dict[str, Any] = json.load(answer)
    return found


# --- measuring


@dataclass(slots=True)
class Rounds:
    """Runs of one kind and, beside each, the ping of the same round."""

    what: str
    runs: list[Run] = field(default_factory=list)
    pings: list[Run] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)  #: milliseconds of processor a request
    bare: list[float] = field(default_factory=list)  #: the same of the ping's

    def figures(self) -> Iterator[Result]:
        """Tell rate and times with their ratios to the ping's."""
        rates = [one.rate for one in self.runs]
        floors = [one.rate for one in self.pings]
        count = sum(len(one.took) for one in self.runs)
        yield _row(f"{self.what}: requests a second", rates, floors, "req/s", count)
        yield _row(f"{self.what}: processor a request", self.spent, self.bare, "ms", count)
        for name, share in (("half", 0.5), ("99 in 100", 0.99)):
            own = [one.at(share) for one in self.runs]
            bare = [one.at(share) for one in self.pings]
            yield _row(f"{self.what}: {name} answered within", own, bare, "ms", count)


def ceiling(ping: Server, seconds: float) -> Result:
    """Compare the ping with what the client could take: an answer that costs nothing."""
    with load.echoing(6_000) as port:
        bare = load.loaded(port, [load.request("/", "")], seconds=seconds)
    own = load.loaded(ping.port, [load.request("/ping", "")], seconds=seconds)
    count = len(own.took)
    return _row("bare ping, beside the client's ceiling", [own.rate], [bare.rate], "req/s", count)


def measured(
    kind: str,
    ping: Server,
    home: Server,
    tokens: Mapping[str, str],
    *,
    rounds: int,
    seconds: float,
) -> Iterator[Result]:
    """Take turns: ping, feed, ping, feedback; every round meets the same machine."""
    pages = [load.request(f"/v1/feed?limit={ITEMS}", token) for token in tokens.values()]
    acts = list(_acts(home.port, tokens))
    feed, said = Rounds(f"{kind}: feed page of {ITEMS}"), Rounds(f"{kind}: feedback")
    _checked(load.loaded(home.port, pages, seconds=seconds), imagined=True)
    first = 0
    for _ in range(rounds):
        for one, requests in ((feed, pages), (said, acts)):
            began = ping.cpu()
            bare = load.loaded(ping.port, [load.request("/ping", "")], seconds=seconds)
            one.pings.append(bare)
            one.bare.append((ping.cpu() - began) * 1_000 / len(bare.took))
            began = home.cpu()
            done = load.loaded(home.port, requests, seconds=seconds, first=first)
            one.runs.append(_checked(done, imagined=one is feed))
            one.spent.append((home.cpu() - began) * 1_000 / len(done.took))
            first += len(done.took) + PEOPLE
    yield from feed.figures()
    yield from said.figures()


def _acts(port: int, tokens: Mapping[str, str]) -> Iterator[str]:
    """Write everybody's feedback: a like on the first post of their page."""
    for token in tokens.values():
        page = _get(port, f"/v1/feed?limit={ITEMS}", token)
        assert len(page["items"]) == ITEMS, len(page["items"])
        post = next(item for item in page["items"] if item["kind"] == "post")
        event = {"event_id": f"00000000-0000-4000-8000-{MARK}", "item_id": post["id"]}
        said = {"req_id": page["req_id"], "events": [event | {"kind": "like"}]}
        yield load.request("/v1/interactions", token, json.dumps(said))


def _checked(done: Run, *, imagined: bool) -> Run:
    """Hold a run to what was asked for. Errors: AssertionError where answers were others."""
    assert done.failed == 0, f"{done.failed} of {len(done.took)} were refused"
    expected = len(done.took) / PEOPLE if imagined else 0
    assert abs(done.imagined - expected) <= PEOPLE, (done.imagined, expected)
    return done


def _row(
    what: str, own: Sequence[float], floors: Sequence[float], unit: str, count: int
) -> Result:
    ratio = median(one / floor for one, floor in zip(own, floors, strict=True))
    digits = 0 if unit == "req/s" else 2
    return {
        "what": what,
        "value": round(median(own), digits),
        "unit": unit,
        "floor": round(median(floors), digits),
        "ratio": round(ratio, 3),
        "n": count,
        "spread": round(max(own) - min(own), digits),
    }
