# SPDX-License-Identifier: Apache-2.0
"""Make what people asked for, in turn, while the API runs.

Rules:
1. what waits is rows: a process that is killed leaves them, and whoever starts next goes on; two
   processes at the same request waste work, and one of them writes the portrait
2. everybody has their turn: of what waits, one of each person before the next of anybody
3. who is denied on the way is refused with that reason, once; who is paused waits
4. what a person confirmed for what is made happens when it is made, under a permit of its own
5. the same thread ends what is over: a policy that keeps things for minutes is kept to
"""

import logging
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import Final

from consent.gate import Denial
from consent.paused import paused
from consent.words import ObjectId, Reason, Subject
from engine import jobs, onward
from engine.rooms import Rooms
from generation import fates
from generation.portraits import Request

ROUND: Final = 16
"""So many requests are made before somebody who came meanwhile has their turn."""
_SLOWEST: Final = 60.0
_PART: Final = 60
"""A tick is a sixtieth of the shortest time that the policy keeps anything, a minute at most."""
_log = logging.getLogger(__name__)


class Atelier:
    """One worker thread of this process; `drain` does the same work on the caller's."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._turn = threading.Lock()
        self._called = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Begin to work: first whatever an earlier process left, then whenever it is called."""
        if self._thread is None:
            self._closing.clear()
            self._called.set()
            self._thread = threading.Thread(target=self._work, name="atelier", daemon=True)
            self._thread.start()

    def call(self) -> None:
        """Say that something waits."""
        self._called.set()

    def close(self) -> None:
        """Stop after what is being made; what waits stays as rows."""
        self._closing.set()
        self._called.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def drain(self) -> int:
        """Make all that waits now, and do what was confirmed for it; count the requests."""
        tried: set[ObjectId] = set()
        with self._turn:
            while some := self._next(tried):
                tried |= {one.id for one in some}
                self._make(some)
                onward.go_on(self._rooms)
            onward.go_on(self._rooms)
        return len(tried)

    def sweep(self) -> None:
        """End what is over."""
        self._rooms.consent.retention.sweep()

    def _work(self) -> None:
        while not self._closing.is_set():
            self._called.wait(tick(self._rooms))
            self._called.clear()
            if self._closing.is_set():
                return
            for act in (self.sweep, self.drain):
                try:
                    act()
                except Exception:  # noqa: BLE001 - whatever failed, the next tick must come
                    _log.exception("the atelier failed; what waits is tried again")

    def _next(self, tried: Collection[ObjectId]) -> tuple[Request, ...]:
        """Take the next round of what waits; nothing twice, nothing of who has paused."""
        if self._closing.is_set():
            return ()
        waiting = self._rooms.studio.pending(jobs.parts())
        resting = self._resting({one.subject for one in waiting})
        fresh = (one for one in waiting if one.id not in tried and one.subject not in resting)
        return tuple(islice(in_turn(fresh), ROUND))

    def _resting(self, people: Collection[Subject]) -> Collection[Subject]:
        """Name those who have paused everything: asking for them would only fill the log."""
        now = self._rooms.consent.ledger.now()
        with self._rooms.consent.ledger.read() as connection:
            return paused(connection, sorted(people), now)

    def _make(self, some: Sequence[Request]) -> None:
        """Make a round; refuse whoever is denied on the way, but for who has paused."""
        denied: dict[ObjectId, Reason] = {}
        for one, made in zip(some, self._rooms.studio.making(some), strict=True):
            if isinstance(made, Denial) and made.reason is not Reason.PAUSED:
                denied[one.id] = made.reason
            if self._closing.is_set():  # what is not written yet is drawn again by who comes next
                break
        if denied:
            with self._rooms.consent.ledger.write() as writing:
                fates.refuse(writing, denied)


def in_turn(requests: Iterable[Request]) -> Iterator[Request]:
    """Let one request of each person come before the next of anybody, the oldest first."""
    queues: dict[Subject, list[Request]] = {}
    for one in requests:
        queues.setdefault(one.subject, []).append(one)
    rounds = zip_longest(*queues.values())
    return (one for one in chain.from_iterable(rounds) if one is not None)


def tick(rooms: Rooms) -> float:
    """Say after how many seconds to look again for what waits and what is over."""
    policy = rooms.consent.policy
    shortest = min(policy.selfies.retention_seconds, policy.portraits.retention_seconds)
    return min(_SLOWEST, shortest / _PART)
