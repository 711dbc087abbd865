# SPDX-License-Identifier: Apache-2.0
"""Processes over one home: each with rooms, clock and locks of its own, each can end at any point.

A process that has ended writes nothing more, whatever its tasks' own endings try to do; what it
held in memory is gone with it.
"""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from consent.blobs import ObstoreBlobs, Stored
from consent.clocks import VirtualClock
from consent.policy import Policy
from consent.words import SECOND, Micros
from tests.simulated import village
from tests.simulated.scheduler import Crashed, Scheduler
from tests.simulated.village import Village

HOLDING = ("begin", "commit", "rollback")


class Skewed(VirtualClock):
    """A process's own clock: the world's time, and how far it is off."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(scheduler.now)
        self._scheduler = scheduler
        self.off = 0

    def now(self) -> Micros:
        """Return the time as this machine has it."""
        return Micros(self._scheduler.now + self.off)


@dataclass(slots=True, eq=False)
class Process:
    """One process: open or ended. Whoever begins it anew opens the same home again."""

    name: str
    home: Path
    scheduler: Scheduler
    clock: Skewed
    dates: dict[str, Micros]
    starts: int = 0
    alive: bool = False
    paused_until: int = 0
    _village: Village | None = None
    ended: list[Village] = field(default_factory=list)

    @property
    def village(self) -> Village:
        """Return its rooms. Errors: Crashed while it is not there."""
        if self._village is None or not self.alive:
            raise Crashed
        return self._village

    def begin(self, policy: Policy) -> None:
        """Open the home under the policy that is in force now."""
        self.starts += 1
        seed = hash_of(self.name, self.starts)
        opened = village.open_at(self.home, self.clock, seed=seed, policy=policy)
        self._village, self.alive = opened, True
        self._watch(opened, self.starts)

    def end(self) -> None:
        """End it as a power cut does: what is open is taken back, what is locked is free."""
        if self.alive and self._village is not None:
            self.alive = False
            self._village.rooms.studio.leases.holder.leave()
            self.ended.append(self._village)

    def close(self) -> None:
        """Let every database of this process's lives go."""
        for one in (*self.ended, *([self._village] if self._village else [])):
            one.close()

    def _watch(self, opened: Village, life: int) -> None:
        """Count what is open a task; let nothing begin once this life is over."""
        engine, scheduler = opened.rooms.consent.ledger.engine, self.scheduler

        def counted(by: int) -> Callable[[Connection], None]:
            def note(_connection: Connection) -> None:
                if by > 0 and (not self.alive or self.starts != life):
                    raise Crashed
                if (task := scheduler.current) is not None:
                    task.open = max(0, task.open + by)

            return note

        event.listen(engine, "begin", counted(1))
        event.listen(engine, "commit", counted(-1))
        event.listen(engine, "rollback", counted(-1))
        consent = opened.rooms.consent
        consent.retention._reaper._elapsed = lambda: Micros(scheduler.now)
        consent.ledger._committer = self._still(consent.ledger._committer)  # type: ignore[assignment]
        consent.keys.advance = self._still(consent.keys.advance)  # type: ignore[method-assign]
        consent.ledger.tree = self._still(consent.ledger.tree)  # type: ignore[method-assign]
        self._date(opened)
        leases = opened.rooms.studio.leases
        release = leases.release

        def let_go(*given: Any, **named: Any) -> None:
            if self.alive and self.starts == life:
                release(*given, **named)

        leases.release = let_go  # type: ignore[method-assign]

    def _still(self, honest: Callable[..., Any]) -> Callable[..., Any]:
        """Let no other task go on while a lock of this one thread is held."""

        def act(*given: Any, **named: Any) -> Any:
            with self.undisturbed():
                return honest(*given, **named)

        return act

    @contextmanager
    def undisturbed(self) -> Any:
        """Hold the turn for a block."""
        task = self.scheduler.current
        if task is not None:
            task.still += 1
        try:
            yield
        finally:
            if task is not None:
                task.still -= 1

    def _date(self, opened: Village) -> None:
        """Let the store date its objects by the world's time, as a store's own clock would."""
        blobs = opened.rooms.consent.blobs
        assert isinstance(blobs, ObstoreBlobs)
        put, pages, delete = blobs._put, blobs.pages, blobs.delete

        def put_new(name: str, content: bytes) -> None:
            self.village  # noqa: B018 - a process that has ended puts nothing
            self.dates.setdefault(name, self.scheduler.now)
            put(name, content)

        def remove(name: str) -> None:
            self.village  # noqa: B018 - nor does it delete
            delete(name)

        def dated(prefix: str = "") -> Any:
            for page in pages(prefix):
                yield tuple(Stored(one.name, self.dates.get(one.name, _OLD)) for one in page)

        changed: Mapping[str, Any] = {"_put": put_new, "pages": dated, "delete": remove}
        for name, act in changed.items():
            setattr(blobs, name, act)


_OLD = Micros(0)


def hash_of(name: str, number: int) -> int:
    """Give every life of every process draws of its own."""
    return sum(byte << (8 * at) for at, byte in enumerate(name.encode()[:6])) * 1_000 + number


def seconds(value: float) -> int:
    """Return seconds as the clocks count."""
    return round(value * SECOND)
