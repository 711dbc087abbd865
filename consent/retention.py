# SPDX-License-Identifier: Apache-2.0
"""Let things end when their time is over: bases by their term, all that is sealed by policy."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from consent.blobs import Blobs
from consent.erasure import Erasures
from consent.errors import Misused
from consent.ledger import Ledger
from consent.rotation import Rotation
from consent.tables import asset, basis, effect_tables, granted, quarantined, selfie
from consent.withdrawal import Withdrawals
from consent.words import HOUR, Micros, ObjectId, Purpose, Subject

_SEALED: Final = (asset, quarantined, selfie)
"""Where the sealed bytes that a policy gives a time to are named."""
GRACE: Micros = Micros(HOUR)
"""How long a blob may lie without a row: longer than any sealing takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep ended, and what it finished."""

    bases: int
    contents: int
    erased: int = 0  #: erasures that a crash had left half-way
    shares: int = 0  #: shares that were for a time, such as stories
    wrapped: int = 0  #: keys wrapped anew because a new week began


class Retention:
    """Expire what is due and reap what a crash left behind."""

    def __init__(
        self,
        ledger: Ledger,
        blobs: Blobs,
        *,
        withdrawals: Withdrawals,
        erasures: Erasures,
        rotation: Rotation,
    ) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._withdrawals = withdrawals
        self._erasures = erasures
        self._rotation = rotation

    def sweep(self) -> Swept:
        """End every basis and everything sealed whose time is over, each with its entries.

        First finish the erasures that were begun; last let old wrapping keys go.
        """
        erased = self._erasures.finish()
        now = self._ledger.now()
        bases = self._due_bases(now)
        for subject, purpose in bases:
            self._withdrawals.expire(subject, purpose)
        contents = self._due_contents(now)
        for subject, obj in contents:
            with suppress(Misused):  # somebody destroyed it first
                self._withdrawals.destroy(subject, obj)
        shares = self._due_shares(now)
        for subject, obj, purpose, share in shares:
            with suppress(Misused):  # it went with its portrait, or was ended first
                self._withdrawals.end_share(subject, obj, purpose, share=share)
        return Swept(
            bases=len(bases),
            contents=len(contents),
            erased=erased,
            shares=len(shares),
            wrapped=self._rotation.rotate(),
        )

    def _due_bases(self, now: Micros) -> tuple[tuple[Subject, Purpose], ...]:
        terms = (
            select(granted.c.subject, granted.c.purpose)
            .join(
                basis,
                (basis.c.subject == granted.c.subject) & (basis.c.purpose == granted.c.purpose),
            )
            .where(granted.c.seq >= basis.c.epoch)
            .group_by(granted.c.subject, granted.c.purpose)
            .having(func.max(granted.c.term_end) <= now)
            .order_by(granted.c.subject, granted.c.purpose)
        )
        with self._ledger.read() as connection:
            rows = connection.execute(terms).all()
        return tuple((Subject(subject), Purpose(purpose)) for subject, purpose in rows)

    def _due_contents(self, now: Micros) -> tuple[tuple[Subject, ObjectId], ...]:
        with self._ledger.read() as connection:
            return tuple(
                (Subject(subject), ObjectId(obj))
                for table in _SEALED
                for subject, obj in connection.execute(
                    select(table.c.subject, table.c.object)
                    .where(table.c.expires_at <= now)
                    .order_by(table.c.subject, table.c.object)
                )
            )

    def _due_shares(self, now: Micros) -> tuple[tuple[Subject, ObjectId, Purpose, ObjectId], ...]:
        with self._ledger.read() as connection:
            return tuple(
                (Subject(subject), ObjectId(obj), Purpose(purpose), ObjectId(share))
                for table in effect_tables()
                if "ends_at" in table.c
                for subject, obj, purpose, share in connection.execute(
                    select(table.c.subject, table.c.object, table.c.purpose, table.c.share)
                    .where(table.c.ends_at <= now)
                    .order_by(table.c.subject, table.c.object)
                )
            )

    def reap(self, now: Micros, grace: Micros = GRACE) -> int:
        """Delete blobs that no row knows and that are older than the grace time; count them.

        Secrets without a person go, too. Looks at everything there is: for once an hour.
        Units: `now` is the real clock's, since the store dates its objects by it.
        """
        old = [blob.name for blob in self._blobs.list() if blob.written_at <= now - grace]
        known = self._named()  # read after the list: a row that lands meanwhile keeps its bytes
        orphans = [name for name in old if name not in known]
        for name in orphans:
            self._blobs.delete(name)
        self._erasures.forget_strangers()
        return len(orphans)

    def strays(self) -> int:
        """Count blobs without a row: ciphertext that nobody can open any more."""
        there = [blob.name for blob in self._blobs.list()]
        return len(set(there) - self._named())

    def lost(self) -> int:
        """Count rows whose bytes are missing from the store; there should be none."""
        named = self._named()  # read before the list, for the same reason the other way round
        return len(named - {blob.name for blob in self._blobs.list()})

    def _named(self) -> set[str]:
        with self._ledger.read() as connection:
            return {
                name
                for table in _SEALED
                for name in connection.execute(select(table.c.blob)).scalars()
            }
