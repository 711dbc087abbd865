# SPDX-License-Identifier: Apache-2.0
"""Group commit: small acts that come at the same moment share one transaction and one disk wait.

Rules:
1. whoever finds nobody leading leads: takes all who wait, in their order, and commits them at once
2. nobody is answered before the commit; where it fails, everybody in it is told
3. each act is a part of its own: one that fails is taken back alone, and its error is its answer
4. a leader leads once; who came meanwhile is led by the first of them. There is no further thread
5. who had no company last time waits for none; else the leader waits a moment for as many again
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, TypeVar

from consent.errors import Broken
from consent.words import Reason
from consent.writing import Writing

T = TypeVar("T")

WINDOW: Final = 0.005
"""How long a leader waits for company, in seconds."""
MOST: Final = 64
"""Acts in one transaction: PostgreSQL keeps so many subtransactions where all can see them."""


class _Act(Generic[T]):
    """One act on its way: what is to be done, and how it ended."""

    def __init__(self, work: Callable[[Writing], T]) -> None:
        self._work = work
        self._answer: T
        self._error: Exception | None = None
        self._ended = False
        self.woken = threading.Event()

    def attempt(self, writing: Writing) -> None:
        """Do it as a part of a transaction."""
        writing.begin_part()
        try:
            self._answer = self._work(writing)
            writing.keep_part()
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to whoever asked
            self._error = error
            writing.take_back()

    def end(self, error: Exception | None) -> None:
        """Let it be answered; with an error of the transaction, that is the answer."""
        self._error = error or self._error
        self._ended = True
        self.woken.set()

    def ended(self) -> bool:
        """Wait until it has ended, or until it is called to lead: then it has not."""
        self.woken.wait()
        return self._ended

    def answer(self) -> T:
        """Return what it came to. Errors: its own, or those of the transaction."""
        if self._error is not None:
            raise self._error
        return self._answer


class Committer:
    """Commit acts of many threads together."""

    def __init__(
        self,
        write: Callable[[], AbstractContextManager[Writing]],
        *,
        window: float = WINDOW,
        most: int = MOST,
    ) -> None:
        self._write = write
        self._window = window
        self._most = most
        self._waiting: deque[_Act[Any]] = deque()
        self._came = threading.Condition(threading.Lock())
        self._led = False
        self._company = 1

    def __call__(self, work: Callable[[Writing], T]) -> T:
        """Do a small act; return what it returns once that is committed.

        The act must not open a transaction of its own. Errors: those of the act, alone; those of
        the transaction, which all in it are told.
        """
        act = _Act(work)
        with self._came:
            self._waiting.append(act)
            leads, self._led = not self._led, True
            if len(self._waiting) >= self._company:
                self._came.notify()
        if leads or not self._follow(act):
            self._lead()
        return act.answer()

    def _follow(self, act: _Act[Any]) -> bool:
        """Wait to be answered; False when called to lead. Who is interrupted leaves the queue."""
        try:
            return act.ended()
        except BaseException:
            with self._came:
                if act in self._waiting:
                    self._waiting.remove(act)
                if act.woken.is_set() and not act.ended():
                    self._call_next()
            raise

    def _lead(self) -> None:
        group: Sequence[_Act[Any]] = ()
        failed: Exception | None = Broken(Reason.UNAVAILABLE, "the ledger's writer was broken off")
        try:
            self._wait_for_company()
            with self._write() as writing:
                group = self._take()
                for act in group:
                    act.attempt(writing)
            failed = None
        except Exception as error:  # noqa: BLE001 - told to everybody in the transaction
            failed = error
        finally:
            self._end(group or self._take(), failed)

    def _wait_for_company(self) -> None:
        with self._came:
            self._came.wait_for(lambda: len(self._waiting) >= self._company, self._window)

    def _take(self) -> Sequence[_Act[Any]]:
        with self._came:
            taken = min(len(self._waiting), self._most)
            return [self._waiting.popleft() for _ in range(taken)]

    def _end(self, group: Sequence[_Act[Any]], failed: Exception | None) -> None:
        with self._came:
            self._company = max(1, len(group))
            self._call_next()
        for act in group:
            act.end(failed)

    def _call_next(self) -> None:
        """Call the first who waits to lead; with nobody waiting, whoever comes next leads."""
        self._led = bool(self._waiting)
        if self._waiting:
            self._waiting[0].woken.set()
