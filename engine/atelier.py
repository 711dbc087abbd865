# SPDX-License-Identifier: Apache-2.0
"""Make what people asked for, in turn, while the API runs.

Rules:
1. what waits is rows: a process that is killed leaves them, and whoever starts next goes on; what
   another process holds under a lease is left to it
2. everybody has their turn: of what waits, one of each person before the next of anybody
3. who is denied on the way is refused with that reason, once; who is paused waits
4. what a person confirmed for what is made happens when it is made, under a permit of its own
5. a thread of its own ends what is over: a policy that keeps things for minutes is kept to,
   also while something is drawn that takes long or never comes back
6. what breaks is tried alone; what breaks alone waits longer each time, and keeps nobody waiting
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Final

from consent.gate import Denial
from consent.paused import paused
from consent.scopes import EVERYBODY, within
from consent.telling import told
from consent.words import HOUR, SECOND, Micros, ObjectId, Reason, Subject
from engine import jobs, onward, workers
from engine.rooms import Rooms
from generation import fates
from generation.portraits import Request

ROUND: Final = 16
"""So many requests are made before somebody who came meanwhile has their turn."""
_SLOWEST: Final = 60.0
_PART: Final = 60
"""A tick is a sixtieth of the shortest time that the policy keeps anything, a minute at most."""
_FIRST: Final = 30 * SECOND
_DOUBLED: Final = 8
_log = logging.getLogger(__name__)


class Atelier:
    """Two threads of this process: one makes, one ends what is over.

    `drain` does the same work on the caller's.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._turn = threading.Lock()
        self._called = threading.Event()
        self._closing = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()
        self._broken: dict[ObjectId, _Broke] = {}

    def open(self) -> None:
        """Begin to work: first whatever an earlier process left, then whenever it is called."""
        if not self._threads:
            self._closing.clear()
            self._called.set()
            self._threads = tuple(
                threading.Thread(target=work, name="atelier", daemon=True)
                for work in (self._work, self._watch)
            )
            for thread in self._threads:
                thread.start()

    def call(self) -> None:
        """Say that something waits."""
        self._called.set()

    def close(self) -> None:
        """Stop after what is being made; what waits stays as rows."""
        self._closing.set()
        self._called.set()
        for thread in self._threads:
            thread.join()
        self._threads = ()

    def drain(self) -> int:
        """Make all that waits now, and do what was confirmed for it; count the requests.

        Errors: whatever breaks for everybody; it is tried again at the next call.
        """
        tried: set[ObjectId] = set()
        with self._turn:
            while some := self._next(tried):
                tried |= {one.id for one in some}
                self._attempt(some)
                onward.go_on(self._rooms)
            onward.go_on(self._rooms)
        return len(tried)

    def sweep(self) -> None:
        """End what is over, and let reports that nobody answered in time count as right."""
        self._rooms.consent.retention.sweep()
        self._rooms.feed.reports.sweep()

    @within(EVERYBODY)
    def _work(self) -> None:
        while not self._closing.is_set():
            self._called.wait(tick(self._rooms))
            self._called.clear()
            if not self._closing.is_set():
                _safely(self.drain)

    @within(EVERYBODY)
    def _watch(self) -> None:
        while not self._closing.is_set():
            _safely(self.sweep)
            self._closing.wait(tick(self._rooms))

    def _next(self, tried: set[ObjectId]) -> tuple[Request, ...]:
        """Take the next round of what waits; nothing twice, nothing of who has paused."""
        if self._closing.is_set():
            return ()
        waiting = self._rooms.studio.pending(jobs.parts())
        resting = self._resting({one.subject for one in waiting})
        late = tried | self._put_off()
        fresh = (one for one in waiting if one.id not in late and one.subject not in resting)
        return tuple(islice(in_turn(fresh), ROUND))

    def _resting(self, people: Collection[Subject]) -> Collection[Subject]:
        """Name those who have paused everything: asking for them would only fill the log."""
        now = self._rooms.consent.ledger.now()
        with self._rooms.consent.ledger.read() as connection:
            return paused(connection, sorted(people), now)

    def _attempt(self, some: Sequence[Request]) -> None:
        """Make a round; where it breaks, each of it alone. Errors: what breaks for every one."""
        try:
            self._make(some)
        except Exception:
            if len(some) == 1:
                self._breaks(some[0])
            elif not self._apart(some):
                raise

    def _apart(self, some: Sequence[Request]) -> bool:
        """Make each of a round alone; say whether any could be."""
        broke: list[Request] = []
        for one in some:
            try:
                self._make([one])
            except Exception:  # noqa: BLE001 - whose fault it is shows when all were tried
                broke.append(one)
        if len(broke) == len(some):
            return False
        for one in broke:
            self._breaks(one)
        return True

    def _breaks(self, one: Request) -> None:
        """Put a request off that breaks by itself: twice as long as before, an hour at most."""
        times = self._broken[one.id].times + 1 if one.id in self._broken else 1
        wait = min(HOUR, _FIRST << min(times, _DOUBLED))
        until = Micros(self._rooms.consent.ledger.now() + wait)
        self._broken[one.id] = _Broke(times=times, until=until)
        _log.error(
            "a request breaks by itself: it waits, the others go on", extra=told(times=times)
        )

    def _put_off(self) -> set[ObjectId]:
        now = self._rooms.consent.ledger.now()
        return {obj for obj, broke in self._broken.items() if broke.until > now}

    def _make(self, some: Sequence[Request]) -> None:
        """Make a round; refuse whoever is denied on the way, but for who has paused."""
        denied: dict[ObjectId, Reason] = {}
        for one, made in zip(some, workers.of(self._rooms).making(some), strict=True):
            if isinstance(made, Denial) and made.reason is not Reason.PAUSED:
                denied[one.id] = made.reason
            if self._closing.is_set():  # what is not written yet is drawn again by who comes next
                break
        if denied:
            with self._rooms.consent.ledger.write() as writing:
                fates.refuse(writing, denied)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Broke:
    """How often a request broke by itself, and until when it waits."""

    times: int
    until: Micros


def _safely(act: Callable[[], object]) -> None:
    """Do something of which the next time must come, whatever fails."""
    try:
        act()
    except Exception:  # noqa: BLE001
        _log.exception("the atelier failed; what waits is tried again")


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
