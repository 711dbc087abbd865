# SPDX-License-Identifier: Apache-2.0
"""Group commit: small acts that come at the same moment share one transaction and one disk wait.

Rules:
1. whoever finds nobody leading leads: takes all who wait and commits what they want at once
2. nobody is answered before the commit; where it fails, everybody in it is told
3. acts of one kind are done as one set, in the order they came; where the set fails, each is done
   as a part of its own, so that one that fails is taken back alone and its error is its answer
4. a leader leads once; who came meanwhile is led by the first of them. There is no further thread
5. the transaction is about everybody whose act is in it, each act having said whom it is about;
   and asks the fences of each, of which one that has fallen takes back that act alone
6. who had no company last time waits for none; else the leader waits a moment for as many again
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, TypeVar

from consent import fencing, scopes
from consent.errors import Broken
from consent.meters import Meter
from consent.words import Reason
from consent.writing import Writing

Q = TypeVar("Q")
T = TypeVar("T")
Work = Callable[[Writing, Sequence[Q]], Sequence[T]]
"""What does many acts of one kind: an answer for each, in their order."""

WINDOW: Final = 0.005
"""How long a leader waits for company, in seconds."""
MOST: Final = 64
"""Acts in one transaction: PostgreSQL keeps so many subtransactions where all can see them."""


class _Act(Generic[Q, T]):
    """One act on its way: what is to be done, and how it ended."""

    def __init__(self, work: Work[Q, T], item: Q) -> None:
        self.work = work
        self.item = item
        self.scope = scopes.said()
        self.fences = fencing.said()
        self.woken = threading.Event()
        self.error: Exception | None = None
        self.done: T
        self._ended = False

    def end(self, error: Exception | None) -> None:
        """Let it be answered; with an error of the transaction, that is the answer."""
        self.error = error or self.error
        self._ended = True
        self.woken.set()

    def ended(self) -> bool:
        """Wait until it has ended, or until it is called to lead: then it has not."""
        self.woken.wait()
        return self._ended

    def answer(self) -> T:
        """Return what it came to. Errors: its own, or those of the transaction."""
        if self.error is not None:
            raise self.error
        return self.done


def _attempt(writing: Writing, acts: Sequence[_Act[Any, Any]]) -> None:
    """Do acts of one kind as one part of a transaction, or each as a part of its own."""
    writing.about(act.scope for act in acts if act.scope is not None)
    writing.begin_part()
    try:
        writing.ask(fence for act in acts for fence in act.fences)
        answers = acts[0].work(writing, [act.item for act in acts])
        writing.keep_part()
    except Exception as error:  # noqa: BLE001 - whatever it is belongs to whoever asked
        writing.take_back()
        if len(acts) == 1:
            acts[0].error = error
        for act in acts if len(acts) > 1 else ():
            _attempt(writing, [act])
    else:
        for act, answer in zip(acts, answers, strict=True):
            act.done = answer


def _by_kind(group: Iterable[_Act[Any, Any]]) -> Iterable[Sequence[_Act[Any, Any]]]:
    kinds: dict[Work[Any, Any], list[_Act[Any, Any]]] = {}
    for act in group:
        kinds.setdefault(act.work, []).append(act)
    return kinds.values()


class Committer:
    """Commit acts of many threads together."""

    def __init__(
        self,
        write: Callable[[], AbstractContextManager[Writing]],
        *,
        window: float = WINDOW,
        most: int = MOST,
        sizes: Meter | None = None,
    ) -> None:
        self._write = write
        self._sizes = sizes
        self._window = window
        self._most = most
        self._waiting: deque[_Act[Any, Any]] = deque()
        self._came = threading.Condition(threading.Lock())
        self._led = False
        self._company = 1

    def __call__(self, work: Work[Q, T], item: Q) -> T:
        """Do a small act of a kind; return its answer once it is committed.

        `work` must open no transaction of its own. Errors: those of the act, alone; those of the
        transaction, which all in it are told.
        """
        act = _Act(work, item)
        with self._came:
            self._waiting.append(act)
            leads, self._led = not self._led, True
            if len(self._waiting) >= self._company:
                self._came.notify()
        if leads or not self._follow(act):
            self._lead()
        return act.answer()

    def _follow(self, act: _Act[Any, Any]) -> bool:
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
        group: Sequence[_Act[Any, Any]] = ()
        failed: Exception | None = Broken(Reason.UNAVAILABLE, "the ledger's writer was broken off")
        try:
            self._wait_for_company()
            with self._write() as writing:
                group = self._take()
                for acts in _by_kind(group):
                    _attempt(writing, acts)
            failed = None
            if self._sizes is not None:
                self._sizes.add(len(group))
        except Exception as error:  # noqa: BLE001 - told to everybody in the transaction
            failed = error
        finally:
            self._end(group or self._take(), failed)

    def _wait_for_company(self) -> None:
        with self._came:
            self._came.wait_for(lambda: len(self._waiting) >= self._company, self._window)

    def _take(self) -> Sequence[_Act[Any, Any]]:
        with self._came:
            taken = min(len(self._waiting), self._most)
            return [self._waiting.popleft() for _ in range(taken)]

    def _end(self, group: Sequence[_Act[Any, Any]], failed: Exception | None) -> None:
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
