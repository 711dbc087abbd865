# SPDX-License-Identifier: Apache-2.0
"""Many tasks on one thread, in an order that follows from a seed: the same seed, the same run.

Tasks are greenlets; they give way where they meet the world (`consent.faults` points) and nowhere
else, never inside a transaction. Time is virtual and passes only when everybody sleeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from greenlet import getcurrent, greenlet

from consent.words import SECOND, Micros


class Crashed(BaseException):
    """The end of a process, as its tasks meet it: nothing catches it, nothing goes on."""


@dataclass(slots=True, eq=False, kw_only=True)
class Task:
    """Something that goes on for a while, in a process or as a client of one."""

    name: str
    act: Callable[[], object]
    wake: int
    let: greenlet | None = None
    doomed: Callable[[], bool] = lambda: False
    open: int = 0  #: transactions that are open: it must not give way in them
    still: int = 0  #: locks of one thread that are held: nor under those

    @property
    def ended(self) -> bool:
        return self.let is not None and self.let.dead


@dataclass(slots=True, kw_only=True)
class Scheduler:
    """Let one task at a time go on, drawn from the seed among those that are awake."""

    seed: int
    now: Micros
    draws: np.random.Generator = field(init=False)
    tasks: list[Task] = field(default_factory=list)
    after: Callable[[Task], object] = lambda _task: None
    switches: int = 0
    _hub: greenlet = field(default_factory=getcurrent)
    _running: Task | None = None

    def __post_init__(self) -> None:
        self.draws = np.random.default_rng(self.seed)

    def chance(self, share: float) -> bool:
        """Draw yes in this share of cases."""
        return bool(self.draws.random() < share)

    def pick(self, among: Any) -> Any:
        """Draw one of some, in their order."""
        some = list(among)
        return some[int(self.draws.integers(len(some)))]

    def start(self, name: str, act: Callable[[], object], *, after: float = 0.0) -> Task:
        """Let something begin, now or in so many seconds."""
        task = Task(name=name, act=act, wake=self.now + round(after * SECOND))
        self.tasks.append(task)
        return task

    @property
    def current(self) -> Task | None:
        """Return the task that asks; None outside all of them and on other threads."""
        task = self._running
        return task if task is not None and task.let is getcurrent() else None

    def sleep(self, seconds: float) -> None:
        """Let others go on for so long. Errors: Crashed where the process ended meanwhile."""
        task = self.current
        assert task is not None
        task.wake = self.now + round(seconds * SECOND)
        self._hub.switch()
        if task.doomed():
            raise Crashed

    def give_way(self) -> None:
        """Let others go on, if the task holds nothing that they would wait for."""
        task = self.current
        if task is not None and not task.open and not task.still:
            self.sleep(0)

    def run(self, until: Micros) -> None:
        """Let everything go on until a moment; whoever sleeps longer sleeps on."""
        while True:
            self.tasks = [task for task in self.tasks if not task.ended]
            first = min((task.wake for task in self.tasks), default=until)
            if first >= until:
                self.now = until
                return
            self.now = max(self.now, Micros(first))
            self._resume(self.pick(t for t in self.tasks if t.wake <= self.now))

    def _resume(self, task: Task) -> None:
        self.switches += 1
        if task.let is None:
            task.let = greenlet(task.act, parent=self._hub)
        self._running = task
        try:
            task.let.switch()
        except Crashed:
            assert task.doomed(), "a task ended that nobody ended"
        finally:
            self._running = None
        self.after(task)
