# SPDX-License-Identifier: Apache-2.0
"""Who makes a request: a lease with a time and a term, so that many may work and none twice.

Rules:
1. a request waits as long as its lease row stands: placed with the order, gone with its outcome
2. whoever makes it holds its lease for a while and renews it; one that is over, or whose holder
   is dead, is taken over under the next term
3. in the transaction that writes an outcome the lease is looked at under lock: whoever no longer
   holds it under the term they began with writes nothing
4. leases save work; that a portrait is made once is what its rows' keys say. So taking one locks
   no log head and waits for nobody: PostgreSQL skips what others have locked
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Update, case, delete, select, update

from consent import faults
from consent.among import among
from consent.errors import Closed
from consent.ledger import Ledger
from consent.scopes import EVERYBODY, within
from consent.tables import log_head
from consent.words import SECOND, Micros, ObjectId
from consent.writing import Writing
from generation.holders import Holder
from generation.tables import lease, request

SECONDS: Final = 30
"""How long a lease holds when nobody renews it."""
LATER: Final = 60
"""How long a request that was denied, or that broke, is left before anybody claims it again."""
_NOBODY: Final = ""
_RENEWALS: Final = 3
_log: Final = logging.getLogger(__name__)

Terms = Mapping[ObjectId, int]
"""Requests that are held, and under which term each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of reaching for requests: those that are held now, and those that others hold.

    What is in neither waits no more, or never did.
    """

    terms: Terms
    elsewhere: frozenset[ObjectId]


NOTHING: Final = Taken(terms={}, elsewhere=frozenset())


class Leases:
    """Claim, take, renew and release requests in the name of one holder."""

    def __init__(self, ledger: Ledger, holder: Holder, *, seconds: float = SECONDS) -> None:
        self.holder = holder
        self._ledger = ledger
        self._seconds = seconds

    def claim(self, most: int) -> Terms:
        """Take up to so many requests that wait and nobody holds, those that waited longest."""
        faults.point("lease.take")
        self.holder.appear()
        with self._beside() as (connection, now):
            found = self._claim(connection, now, most)
            if len(found) < most and self._bury(connection, now):
                found |= self._claim(connection, now, most - len(found))
        return found

    def take(self, ids: Collection[ObjectId]) -> Taken:
        """Take these requests, as far as nobody else holds them."""
        if not ids:
            return NOTHING
        faults.point("lease.take")
        self.holder.appear()
        with self._beside() as (connection, now):
            found = self._take(connection, now, ids)
            if len(found) < len(ids) and self._bury(connection, now):
                found |= self._take(connection, now, ids)
            return Taken(terms=found, elsewhere=_waiting(connection, set(ids) - found.keys()))

    def renew(self, held: Collection[ObjectId]) -> int:
        """Hold on to requests for a while more; count those that are still held."""
        faults.point("lease.renew")
        with self._beside() as (connection, now):
            mine = _unlocked(self._mine(held))
            return connection.execute(mine.values(until=self._until(now))).rowcount

    def release(self, held: Collection[ObjectId], *, later: float = 0) -> None:
        """Let go of requests, for anybody to claim at once or so many seconds later."""
        if not held:
            return
        faults.point("lease.release")
        with self._beside() as (connection, now):
            free = {"holder": _NOBODY, "until": now + round(later * SECOND)}
            connection.execute(_unlocked(self._mine(held)).values(free))

    @contextmanager
    def keeping(self, held: Callable[[], Collection[ObjectId]]) -> Iterator[None]:
        """Renew what is held, from a thread of its own, until the block ends."""
        ended = threading.Event()

        @within(EVERYBODY)  # a new thread knows nothing of what was said where it was started
        def beat() -> None:
            while not ended.wait(self._seconds / _RENEWALS):
                try:
                    self.renew(held())
                except Exception:  # noqa: BLE001 - the next beat may come through
                    _log.exception("a lease could not be renewed; it is tried again")

        thread = threading.Thread(target=beat, name="leases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def fence(self, writing: Writing, terms: Terms) -> frozenset[ObjectId]:
        """Name, in the transaction that writes outcomes, the requests that are held no more.

        Nobody takes over what this leaves until the transaction has ended. A request that is gone
        altogether is left to the gate, which says why.
        """
        faults.point("lease.fence")
        locked = (
            select(lease.c.object, lease.c.term)
            .where(self._mine(terms))
            .order_by(lease.c.object)
            .with_for_update()
        )
        held = {(obj, term) for obj, term in writing.connection.execute(locked).all()}
        lost = [obj for obj, term in terms.items() if (obj, term) not in held]
        return _standing(writing.connection, lost) if lost else frozenset()

    def _claim(self, connection: Connection, now: Micros, most: int) -> dict[ObjectId, int]:
        free = (
            select(lease.c.object)
            .where(lease.c.until <= now)
            .order_by(lease.c.until, lease.c.object)
            .limit(most)
            .with_for_update(skip_locked=True)
            .cte("free")  # asked once: as a subquery a plan may ask it anew for every row
        )
        chosen = lease.c.object.in_(select(free.c.object))
        return _taken(connection, self._take_over(now).where(chosen))

    def _take(
        self, connection: Connection, now: Micros, ids: Collection[ObjectId]
    ) -> dict[ObjectId, int]:
        open_to_us = lease.c.holder.in_((_NOBODY, self.holder.name)) | (lease.c.until <= now)
        free = (
            select(lease.c.object)
            .where(lease.c.object.in_(ids), open_to_us)
            .with_for_update(skip_locked=True)
        )
        return _taken(connection, self._take_over(now).where(lease.c.object.in_(free)))

    def _take_over(self, now: Micros) -> Update:
        ours = lease.c.holder == self.holder.name
        term = case((ours, lease.c.term), else_=lease.c.term + 1)
        held = {"holder": self.holder.name, "term": term, "until": self._until(now)}
        return update(lease).values(held)

    def _bury(self, connection: Connection, now: Micros) -> bool:
        """Let go for holders that are dead; say whether there were any."""
        others = select(lease.c.holder).where(lease.c.until > now).distinct()
        dead = self.holder.dead(name for name in connection.execute(others).scalars() if name)
        if dead:
            left = _unlocked(lease.c.holder.in_(dead))
            connection.execute(left.values(holder=_NOBODY, until=now))
        return bool(dead)

    def put_off(self, ids: Collection[ObjectId], seconds: float) -> None:
        """Leave requests that nobody else holds for a while; who names them may take them."""
        with self._beside() as (connection, now):
            ours = lease.c.object.in_(ids) & lease.c.holder.in_((_NOBODY, self.holder.name))
            later = {"holder": _NOBODY, "until": now + round(seconds * SECOND)}
            connection.execute(_unlocked(ours).values(later))

    def _mine(self, held: Collection[ObjectId]) -> ColumnElement[bool]:
        return lease.c.object.in_(held) & (lease.c.holder == self.holder.name)

    def _until(self, now: Micros) -> int:
        return now + round(self._seconds * SECOND)

    @contextmanager
    def _beside(self) -> Iterator[tuple[Connection, Micros]]:
        """Open a transaction that appends nothing; only SQLite, which has one writer, waits."""
        if self._ledger.engine.dialect.name == "sqlite":
            with self._ledger.write() as writing:
                yield writing.connection, writing.now
            return
        with self._ledger.engine.begin() as connection:
            head = select(log_head.c.now).where(log_head.c.open == 1)
            now = connection.execute(head).scalar_one_or_none()
            if now is None:
                raise Closed
            yield connection, self._ledger.time(Micros(now))


def placed(writing: Writing, rows: Sequence[Mapping[str, object]]) -> None:
    """Let new requests wait for whoever makes them: rows as they hang on their request."""
    free = {"holder": _NOBODY, "term": 0, "until": writing.now}
    writing.insert(lease, [dict(row) | free for row in rows])


def ended(writing: Writing, ids: Collection[ObjectId]) -> None:
    """Let requests wait no more, in the transaction that writes what became of them."""
    if ids:
        writing.connection.execute(delete(lease).where(among(lease.c.object, ids)))


def _unlocked(which: ColumnElement[bool]) -> Update:
    """Update leases, but for those under somebody's hands: waiting for them could end in a circle.

    Who has them locked is writing their outcome, or taking them over.
    """
    found = select(lease.c.object).where(which).with_for_update(skip_locked=True)
    return update(lease).where(lease.c.object.in_(found))


def _waiting(connection: Connection, ids: Collection[ObjectId]) -> frozenset[ObjectId]:
    found = select(lease.c.object).where(lease.c.object.in_(ids))
    return frozenset(connection.execute(found).scalars()) if ids else frozenset()


def _standing(connection: Connection, ids: Collection[ObjectId]) -> frozenset[ObjectId]:
    found = select(request.c.object).where(request.c.object.in_(ids))
    return frozenset(connection.execute(found).scalars())


def _taken(connection: Connection, statement: Update) -> dict[ObjectId, int]:
    rows = connection.execute(statement.returning(lease.c.object, lease.c.term))
    return {ObjectId(obj): term for obj, term in rows}
