# SPDX-License-Identifier: Apache-2.0
"""The key of one purpose of one person, which a withdrawal shreds.

What opens it:
1. its row in `subject_key`: a withdrawal deletes it
2. the wrapping key of the week it was last wrapped in: no backup outlives it (`rotation`)
3. the person's own secret: without it no copy of any row opens, however old; an erasure ends it
4. a database that has every entry that was signed: a stale one opens nothing, whatever it holds
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, select, update

from consent import database, envelopes, faults
from consent.among import among
from consent.chance import Chance
from consent.errors import Broken
from consent.keys import Holding, KeyStore, Week, week_of
from consent.tables import log_head, subject_key
from consent.words import Epoch, Micros, Purpose, Reason, Subject

_COLUMNS: Final = (subject_key.c.subject, subject_key.c.purpose, subject_key.c.epoch)
_WRAPPED: Final = (*_COLUMNS, subject_key.c.week, subject_key.c.wrapped_key)
_SIZE: Final = select(log_head.c.size)


class SubjectKeys:
    """Make and open the keys that hang on bases. The row goes with its basis: no row, no bytes."""

    def __init__(self, store: KeyStore, chance: Chance) -> None:
        self._store = store
        self._chance = chance

    def make(self, connection: Connection, holding: Holding, now: Micros) -> bytes:
        """Make the key of a new basis, in the transaction that inserts it."""
        subject, purpose, epoch = holding
        faults.point("key.make.before")
        key = self._chance.token(envelopes.KEY_BYTES)
        row = {"subject": subject, "purpose": purpose, "epoch": epoch}
        connection.execute(subject_key.insert().values(row | self._wrapped(key, holding, now)))
        return key

    def _wrapped(self, key: bytes, holding: Holding, now: Micros) -> dict[str, bytes | int]:
        week = week_of(now)
        wrapped = self._store.wrap(holding[0], week, key, envelopes.key_context(*holding))
        return {"week": week, "wrapped_key": wrapped}

    def open(self, connection: Connection, holdings: Iterable[Holding]) -> dict[Holding, bytes]:
        """Open the keys that still exist; a shredded one is simply absent from the answer.

        Errors: Broken(unavailable) where the log lacks entries that were signed: a stale copy,
        which may hold keys that were shredded since.
        """
        wanted = set(holdings)
        mine = among(subject_key.c.subject, {subject for subject, _, _ in wanted})
        purposes = subject_key.c.purpose.in_(sorted({str(purpose) for _, purpose, _ in wanted}))
        wrapped = select(*_WRAPPED, _SIZE.scalar_subquery()).where(mine, purposes)
        rows = connection.execute(wrapped).all()
        if rows:
            self._refuse_stale(connection, rows[0][-1])
        found = {
            holding: (holding[0], Week(week), sealed, envelopes.key_context(*holding))
            for s, p, e, week, sealed, _ in rows
            if (holding := _holding(s, p, e)) in wanted
        }
        return dict(zip(found, self._store.unwrap_all(list(found.values())), strict=True))

    def _refuse_stale(self, connection: Connection, size: int) -> None:
        """Hold the log's size to what was signed: that is outside of any database."""
        signed = self._store.signed()
        if size >= signed:
            return
        with database.reading(connection.engine) as later:  # this view may be a moment old
            size = later.execute(_SIZE).scalar_one()
        if size < signed:
            said = f"this database lacks entries: {signed} were signed, {size} are there"
            raise Broken(Reason.UNAVAILABLE, said)

    def rewrap(
        self, connection: Connection, now: Micros, most: int, lost: set[Subject]
    ) -> int | None:
        """Wrap up to `most` keys of earlier weeks anew under this week's; return how many.

        None once there are no more. Whoever has no secret is passed over and added to `lost`:
        nothing opens their keys, unless the store finds them again.
        """
        stale = select(*_WRAPPED).where(
            subject_key.c.week < week_of(now), ~among(subject_key.c.subject, lost)
        )
        rows = connection.execute(stale.limit(most)).all()
        there = self._store.secrets(sorted({Subject(row.subject) for row in rows}))
        lost.update(Subject(row.subject) for row in rows if row.subject not in there)
        living = [row for row in rows if row.subject in there]
        for *named, week, wrapped in living:
            holding = _holding(*named)
            context = envelopes.key_context(*holding)
            (key,) = self._store.unwrap_all([(holding[0], Week(week), wrapped, context)])
            mine = [column == name for column, name in zip(_COLUMNS, holding, strict=True)]
            anew = update(subject_key).where(*mine).values(self._wrapped(key, holding, now))
            connection.execute(anew)
        return len(living) if rows else None


def _holding(subject: int, purpose: str, epoch: int) -> Holding:
    return Subject(subject), Purpose(purpose), Epoch(epoch)
