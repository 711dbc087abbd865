# SPDX-License-Identifier: Apache-2.0
"""Let things end when their time is over: bases by their term, all that is sealed by policy."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select

from consent.blobs import Blobs
from consent.erasure import Erasures
from consent.errors import Misused
from consent.ledger import Ledger
from consent.reaping import APART, GRACE, SEALED, Reaper
from consent.rotation import Rotation
from consent.tables import basis, effect_tables, granted
from consent.withdrawal import Withdrawals
from consent.words import Micros, ObjectId, Purpose, Subject


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
        names: str = "",
    ) -> None:
        self._ledger = ledger
        self._reaper = Reaper(ledger, blobs, names=names)
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
        self._destroy(contents)
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
                for table in SEALED
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

    def reap(self, now: Micros, grace: Micros = GRACE, apart: Micros = APART) -> int:
        """Delete blobs that no row knows and that are older than the grace time; count them.

        The same object must have been found so by an earlier look of this process, `apart` ago.
        Secrets without a person go, too. Looks at everything there is: for once an hour.
        Units: `now` is the real clock's, since the store dates its objects by it. Errors:
        Broken(unavailable) on an older copy of this database, which knows too few rows.
        """
        self._ledger.whole()
        reaped = self._reaper.reap(Micros(now - grace), apart)
        self._erasures.forget_strangers()
        return reaped

    def strays(self) -> int:
        """Count blobs without a row: ciphertext that nobody can open any more."""
        return self._reaper.strays()

    def lost(self) -> int:
        """Count rows whose bytes are missing from the store; there should be none."""
        return sum(1 for _ in self._reaper.lost())

    def mend(self) -> int:
        """Destroy what has a row and no bytes any more, each with its entries; count it.

        Nothing does so by itself: for an operator who knows that the bytes do not come back.
        """
        gone = tuple(self._reaper.lost())
        self._destroy(gone)
        return len(gone)

    def _destroy(self, contents: Iterable[tuple[Subject, ObjectId]]) -> None:
        for subject, obj in contents:
            with suppress(Misused):  # somebody destroyed it first
                self._withdrawals.destroy(subject, obj)
