# SPDX-License-Identifier: Apache-2.0
"""What fails, where and how badly: drawn from the seed at each point that is passed.

What is raised is what the place itself could raise: an error of the driver, a disk that is full or
broken. Where nothing of the kind could be raised, a process may only die or take its time.
"""

import errno
import sqlite3
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy.exc import OperationalError

from consent.retention import GRACE
from consent.words import SECOND
from tests.simulated.scheduler import Scheduler

GIVING = frozenset(
    {
        *("begin.before", "commit.after", "read.before", "settle.before", "moderate.before"),
        *("blob.put.before", "blob.put.after", "blob.get.before", "blob.list.before"),
        *("blob.delete.before", "blob.delete.after", "week.wrap.after", "week.destroy.before"),
        *("secret.destroy.before", "secret.destroy.after", "lease.take", "lease.release"),
        *("plan.opened", "plan.decided", "plan.ordered", "plan.placed", "tick.before"),
    }
)
"""Where a task lets others go on, if it holds nothing."""
STATEMENTS = ("begin", "append", "commit", "basis", "key", "lease", "leader", "read")
FILES = ("secret", "file", "sign", "week")
BLOBS = ("blob.put.before", "blob.put.after", "blob.get.before", "blob.delete.before")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How long, how many, how bad. Printed when something is found, with the seed."""

    hours: float = 16.0
    clients: int = 5
    every: float = 2_400.0  #: seconds between two acts of a client
    tick: float = 1_800.0
    work: float = 1_200.0
    reap: float = GRACE / SECOND
    crash: float = 0.0015  #: of all passes of a point
    fail: float = 0.004
    slow: float = 0.15  #: of all places where others may go on: there it takes up to `longest`
    longest: float = 20.0
    chaos: float = 3_600.0  #: seconds between two crashes, stops or jumps of the clock
    replicas: float = 3_600.0  #: seconds between two copies of the database that will lag
    lag: float = 3_600.0  #: by how much they do, at most
    policies: float = 0.3  #: of all deaths: the operator publishes another policy meanwhile


USUAL = Options()


@dataclass(slots=True, kw_only=True)
class Weather:
    """The world of one run: `calm` before it begins and once it is healed."""

    options: Options
    scheduler: Scheduler
    done: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    calm: bool = True

    def strikes(self, name: str) -> bool:
        """Say whether a process dies at a point. Errors: what could be raised there."""
        self.passed[name] += 1
        if self.calm:
            return False
        drawn = float(self.scheduler.draws.random())
        if drawn < self.options.crash:
            self.done[f"died at {name}"] += 1
            return True
        if drawn < self.options.crash + self.options.fail:
            self._raise(name)
        return False

    def slowly(self) -> float:
        """Draw how long something takes: mostly nothing, at times so long that others come."""
        if self.calm or not self.scheduler.chance(self.options.slow):
            return 0.0
        return float(self.scheduler.draws.uniform(0, self.options.longest))

    def _raise(self, name: str) -> None:
        """Raise what could be raised there, if anything could."""
        kind = name.partition(".")[0]
        if kind in STATEMENTS and name != "basis.delete.after":
            self.done[f"failed at {name}"] += 1
            raise OperationalError(name, None, sqlite3.OperationalError("disk I/O error"))
        if kind in FILES or name in BLOBS:
            self.done[f"failed at {name}"] += 1
            raise OSError(self.scheduler.pick((errno.EIO, errno.ENOSPC)), "the disk fails")
