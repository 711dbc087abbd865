# SPDX-License-Identifier: Apache-2.0
"""Wear on everything at once, for hours: `python -m tests.soak --minutes 120 --out FOLDER`.

PostgreSQL and a bucket each behind a faulty proxy; servers with clients on threads, a worker,
Ray's actors, a planner, each a process of its own. Every few seconds something is cut, delayed,
refused, swallowed, stopped or killed. All the while an observer with a line of its own follows the
log and compares it with what holds; at the end the world is healed, everything drained, and what
clients were told compared with itself. `events.jsonl` has every line, `summary.json` the sum.
A run in which nobody began to work, or nobody did once things failed, has found that.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import psutil
from sqlalchemy import URL, make_url

from consent.words import Purpose, Subject
from tests import buckets, postgres, proxy
from tests.proxy import WELL, Behaviour, Proxy
from tests.simulated import acts
from tests.simulated.history import Event, History
from tests.simulated.truth import Truth
from tests.simulated.village import Village
from tests.soak import home

ROOT = Path(__file__).parents[2]
PARTS = (("serve", "0"), ("serve", "1"), ("work", "2"), ("ray", "3"), ("plan", "4"))
BAD = (
    Behaviour(delay=0.05),
    Behaviour(rate=50_000),
    Behaviour(refuses=True),
    Behaviour(swallows=True),
    Behaviour(answers=2_000),
)
LIVING = ("turn: ok", "plan: ok", "look: ok")
"""What is counted where every kind of process works."""
PEOPLE = 40
DRAINED = 240
"""Seconds of this machine, however busy, in which everything must have come to its end."""


@dataclass(slots=True)
class Part:
    """A process, begun anew whenever it ends."""

    kind: str
    seed: str
    process: subprocess.Popen[str] | None = None


@dataclass(slots=True, kw_only=True)
class Soak:
    """One run."""

    folder: Path
    lines: dict[str, Proxy]
    truth: Truth
    seed: int
    parts: list[Part] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    took: list[int] = field(default_factory=list)
    history: History = field(default_factory=History)
    found: list[str] = field(default_factory=list)
    before: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    _log: TextIO | None = None
    _turn: Any = field(default_factory=threading.Lock)

    # --- telling

    def tell(self, **said: Any) -> None:
        """Write one line, and count it."""
        with self._turn:
            assert self._log is not None
            self._log.write(json.dumps(said, default=str) + "\n")
            self._log.flush()
            self._count(said)

    def _count(self, said: dict[str, Any]) -> None:
        if said["what"] == "act":
            self.counted[f"{said['act']}: {said['how']}"] += 1
            self.history.events.append(_event(said))
            if (said["act"], said["how"]) == ("withdraw", "ok"):
                self.took.append(said["told"] - said["asked"])
            return
        self.counted[f"{said['what']}: {said.get('how', said.get('failed', 'ok'))}"] += 1
        for name in ("made", "inserted", "refused", "dropped", "elsewhere", "reaped"):
            self.counted[f"portraits {name}"] += int(said.get(name, 0))

    # --- processes

    def begin(self, part: Part) -> None:
        """Begin a process, and listen to it."""
        part.process = subprocess.Popen(
            (sys.executable, "-m", "tests.soak.part", part.kind, str(self.home), part.seed),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=(self.folder / f"{part.kind}-{part.seed}.log").open("a"),
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        )
        threading.Thread(target=self._listen, args=(part.process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith("}\n"):
                self.tell(**json.loads(line))

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def end(self) -> None:
        """End every process, with whatever it has begun itself."""
        for part in self.parts:
            if part.process is not None and part.process.poll() is None:
                for child in psutil.Process(part.process.pid).children(recursive=True):
                    child.kill()
                part.process.kill()
                part.process.wait()

    def ready(self, seconds: float = 300.0) -> None:
        """Wait until every kind of process has done something. Errors: AssertionError of none."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not all(self.counted[name] for name in LIVING):
            time.sleep(1)
        self.tell(what="ready", how=str(round(until - time.monotonic())))
        self.lived()
        self.before = Counter(self.counted)

    def lived(self) -> None:
        """Demand that every kind of process did something. Errors: AssertionError of none."""
        idle = [name for name in LIVING if self.counted[name] <= self.before[name]]
        since = "all was ready" if self.before else "the beginning"
        assert not idle, f"since {since} there was no {', no '.join(idle)}"

    # --- what fails

    def fail(self, seconds: float) -> None:
        """Let something fail every few seconds, for so long."""
        draws, until = np.random.default_rng(self.seed), time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(float(draws.exponential(5.0)))
            for part in self.parts:
                if part.process is None or part.process.poll() is not None:
                    self.begin(part)
            number = int(draws.integers(8))
            FAULTS[min(number, len(FAULTS) - 1)](self, draws)

    def network(self, draws: np.random.Generator) -> None:
        """Let one line behave badly for a few seconds, then cut what hangs on it."""
        name = str(draws.choice(sorted(self.lines)))
        how = BAD[int(draws.integers(len(BAD)))]
        self.tell(what="network", how=name, behaviour=str(how))
        self.lines[name].behave(how)
        time.sleep(float(draws.uniform(0.5, 4.0)))
        self.lines[name].behave(WELL)
        self.lines[name].cut()

    def kill(self, draws: np.random.Generator) -> None:
        """Kill a process as a power cut would; it is begun anew a little later."""
        part = self.parts[int(draws.integers(len(self.parts)))]
        if part.process is not None and part.process.poll() is None:
            self.tell(what="kill", how=part.kind)
            for child in psutil.Process(part.process.pid).children(recursive=True):
                child.kill()
            part.process.kill()
            part.process.wait()

    def kill_an_actor(self, draws: np.random.Generator) -> None:
        """Kill one of Ray's actors in the middle of whatever it does."""
        (ray,) = (part for part in self.parts if part.kind == "ray")
        if ray.process is None or ray.process.poll() is not None:
            return
        below = psutil.Process(ray.process.pid).children(recursive=True)
        hands = [one for one in below if "ray::Hand" in " ".join(one.cmdline())]
        if hands:
            self.tell(what="kill", how="actor")
            hands[int(draws.integers(len(hands)))].kill()

    def stop(self, draws: np.random.Generator) -> None:
        """Stop a process for some seconds: minutes of the virtual clock, longer than its lease."""
        part = self.parts[int(draws.integers(len(self.parts)))]
        if part.process is not None and part.process.poll() is None:
            self.tell(what="stop", how=part.kind)
            part.process.send_signal(signal.SIGSTOP)
            time.sleep(float(draws.uniform(1.0, 4.0)))
            part.process.send_signal(signal.SIGCONT)

    # --- what must hold

    def watch(self) -> None:
        """Look at the truth every few seconds, over a line of our own."""
        while not self.over.wait(5):
            self.check("truth", self.truth.look)

    def check(self, name: str, act: Callable[[], object]) -> bool:
        """Check something and say whether it held; what is found is a line, and no good end."""
        try:
            act()
        except AssertionError as error:
            self.found.append(f"{name}: {error}"[:500])
            self.tell(what="FOUND", how=name, said=str(error)[:500])
            return False
        self.tell(what="check", how=name, entries=len(self.truth.log.bodies))
        return True

    def heal(self) -> None:
        """End the failing, let all drain, and look at everything once more."""
        for line in self.lines.values():
            line.behave(WELL)
        self.end()
        rooms = home.opened(self.home)
        village = Village(rooms=rooms, clock=rooms.consent.clock)  # type: ignore[arg-type]
        acts.resume(village)
        self.check("drained", lambda: self._drain(village))
        self.check("sound", lambda: acts.sound(village, (0, rooms.consent.ledger.tree().root(0))))
        self.check("history", self.history.check)
        self.check("truth", self.truth.look)
        village.close()

    def _drain(self, village: Village) -> None:
        began = time.monotonic()
        until = began + DRAINED
        while not acts.drained(village) and time.monotonic() < until:
            acts.schedule.tick(village.rooms)
            acts.Atelier(village.rooms).drain()
        self.tell(what="drained", how=f"{time.monotonic() - began:.0f} s")
        assert acts.drained(village), f"I14: still under way: {acts.waiting(village)}"

    def summary(self, minutes: float) -> dict[str, Any]:
        """Say what it came to."""
        took = sorted(self.took) or [0]
        return {
            "minutes": round(minutes, 1),
            "seed": self.seed,
            "entries": len(self.truth.log.bodies),
            "looks": self.truth.looks,
            "withdraw_p50_ms": round(took[len(took) // 2] / 1e6, 1),
            "withdraw_p99_ms": round(took[len(took) * 99 // 100] / 1e6, 1),
            "cut": {name: line.cuts for name, line in self.lines.items()},
            "counted": dict(sorted((name, n) for name, n in self.counted.items() if n)),
            "found": self.found,
        }


FAULTS = (Soak.kill, Soak.kill_an_actor, Soak.stop, Soak.network)


def _event(said: dict[str, Any]) -> Event:
    purpose, answer = said["purpose"], said["answer"]
    if said["act"] == "held" and isinstance(answer, str):
        answer = {one for one in Purpose if f"'{one}'" in answer}
    return Event(
        client=said["client"],
        person=Subject(said["person"]),
        act=said["act"],
        purpose=None if purpose is None else Purpose(purpose),
        asked=said["asked"],
        told=said["told"],
        how=said["how"],
        answer=answer,
    )


@contextmanager
def world(folder: Path, seed: int) -> Iterator[Soak]:
    """Start both servers, a proxy before each, and make the home behind them."""
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres.running(durable=True))
        direct = cluster.empty()
        server = stack.enter_context(buckets.running())
        host, port = server.endpoint.removeprefix("http://").split(":")
        lines = {
            "postgresql": stack.enter_context(proxy.before(_socket(make_url(direct)))),
            "bucket": stack.enter_context(proxy.before((host, int(port)))),
        }
        through = _through(make_url(direct), lines["postgresql"].port)
        bucket = server.bucket(f"http://127.0.0.1:{lines['bucket'].port}")
        home.make(
            folder / "home",
            PEOPLE,
            database_url=through,
            blobs=bucket.blobs,
            blobs_endpoint=bucket.reach.endpoint,
            blobs_region=bucket.reach.region,
            blobs_seconds="2",
            blobs_retries="1",
            workers="ray",
            ray_actors="2",
            plan_hours="1",
        )
        truth = Truth(folder / "home", url=direct)
        stack.callback(truth.close)
        log = stack.enter_context((folder / "events.jsonl").open("w"))
        yield Soak(folder=folder, lines=lines, truth=truth, seed=seed, _log=log)


def _socket(url: URL) -> proxy.Target:
    given = url.query.get("host", url.host) or ""
    folder, port = str(given), int(str(url.port or url.query.get("port") or 5432))
    return f"{folder}/.s.PGSQL.{port}" if folder.startswith("/") else (folder, port)


def _through(url: URL, port: int) -> str:
    query = {name: said for name, said in url.query.items() if name not in {"host", "port"}}
    to = url.set(host="127.0.0.1", port=port, query=query | {"connect_timeout": "3"})
    return to.render_as_string(hide_password=False)


def main() -> int:
    """Run; 1 where something was found."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--minutes", type=float, default=120)
    said.add_argument("--out", type=Path, required=True)
    said.add_argument("--seed", type=int, default=1)
    given = said.parse_args()
    given.out.mkdir(parents=True)
    began = time.monotonic()
    with world(given.out, given.seed) as soak:
        soak.parts = [Part(kind, seed) for kind, seed in PARTS]
        for part in soak.parts:
            soak.begin(part)
        watching = threading.Thread(target=soak.watch)
        watching.start()
        try:
            if soak.check("ready", soak.ready):
                soak.fail(given.minutes * 60)
                soak.check("lived", soak.lived)
        finally:
            soak.over.set()
            watching.join()
            soak.end()
        soak.heal()
        summary = soak.summary((time.monotonic() - began) / 60)
    (given.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    sys.stdout.write(json.dumps(summary, indent=1) + "\n")
    return 1 if soak.found else 0


if __name__ == "__main__":
    sys.exit(main())
