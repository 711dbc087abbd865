# SPDX-License-Identifier: Apache-2.0
"""What is kept beside a selfie: something made of it once, sealed under that selfie's own key.

Rules:
1. it opens exactly when its selfie may be read: under the same permit, by the same wrapped key
2. its key is derived from the selfie's key and from whose, of what and by which encoder it is: no
   ciphertext can be moved, and the selfie's key itself still seals one content alone
3. it is written only for a selfie that was opened under this very permit, while permit, selfie and
   basis hold and nothing is paused; it takes the place of whatever was kept beside it before
4. it goes with its selfie, and already when the last purpose that may read the selfie ends

Its table belongs to another room: it is handed in, or found by its `info` in the shared metadata.
"""

import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, select, tuple_

from consent import effects, envelopes
from consent.chance import Chance
from consent.errors import Broken, Misused
from consent.gate import Denial, Permit, Read
from consent.keys import Holding
from consent.locks import Lock, dek_of, of_reads, past
from consent.paused import paused
from consent.tables import companion_tables, selfie_read, selfie_use
from consent.telling import told
from consent.words import ObjectId, Reason, Subject
from consent.writing import Writing

_log = logging.getLogger(__name__)

_SPENT = (
    selfie_read.c.permit_seq,
    selfie_read.c.permit_slot,
    selfie_read.c.subject,
    selfie_read.c.purpose,
    selfie_read.c.epoch,
    selfie_read.c.object,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """Names what is kept: in which table, and by which encoder it was made."""

    table: Table
    encoder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A selfie that was opened under its permit, with what is kept beside it.

    `beside` is None where nothing is, or where what is there does not open.
    """

    permit: Permit[Read]
    content: bytes
    beside: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBeside:
    """Something made of a selfie, sealed; nobody can open it without that selfie's key."""

    companion: Companion
    permit: Permit[Read]
    sealed: bytes

    @property
    def row(self) -> dict[str, object]:
        """Return the row to write."""
        return {
            "selfie": self.permit.object,
            "subject": self.permit.subject,
            "encoder": self.companion.encoder,
            "sealed": self.sealed,
        }


def seal(
    made: Sequence[tuple[Permit[Read], bytes]],
    companion: Companion,
    there: Sequence[Lock],
    keys: Mapping[Holding, bytes],
    chance: Chance,
) -> tuple[SealedBeside | Denial, ...]:
    """Encrypt what was made of selfies; a Denial where none of the locks is the permit's."""
    known = {(lock.object, lock.holding): lock for lock in there}
    sealed: list[SealedBeside | Denial] = []
    for permit, content in made:
        lock = known.get((permit.object, (permit.subject, permit.purpose, permit.epoch)))
        if lock is None:
            sealed.append(effects.too_late(permit))
            continue
        key, where = _derived(lock, keys, companion.encoder)
        text = envelopes.seal(key, content, where, chance)
        sealed.append(SealedBeside(companion=companion, permit=permit, sealed=text))
    return tuple(sealed)


def find(
    connection: Connection,
    locks: Sequence[Lock],
    keys: Mapping[Holding, bytes],
    companion: Companion,
) -> dict[ObjectId, bytes]:
    """Open what is kept beside selfies, one after another; what does not open is absent."""
    once = {lock.object: lock for lock in locks}
    found = ((obj, _found(connection, lock, keys, companion)) for obj, lock in once.items())
    return {obj: content for obj, content in found if content is not None}


def _found(
    connection: Connection, lock: Lock, keys: Mapping[Holding, bytes], companion: Companion
) -> bytes | None:
    kept = companion.table.c
    mine = (kept.selfie == lock.object, kept.subject == lock.subject)
    wanted = select(kept.sealed).where(*mine, kept.encoder == companion.encoder)
    sealed = connection.execute(wanted).scalar_one_or_none()
    if sealed is None:
        return None
    key, where = _derived(lock, keys, companion.encoder)
    try:
        return envelopes.unseal(key, sealed, where)
    except Broken:
        _log.warning(
            "what is kept beside a selfie does not open", extra=told(table=companion.table.name)
        )
        return None


def _derived(lock: Lock, keys: Mapping[Holding, bytes], encoder: str) -> tuple[bytes, bytes]:
    """Derive the one key that fits this place, and name the place (HMAC-SHA256 as a KDF)."""
    where = envelopes.companion_context(lock.subject, lock.object, encoder)
    return hmac.digest(dek_of(lock, keys), where, "sha256"), where


def keep(writing: Writing, sealed: Sequence[SealedBeside]) -> tuple[Denial | None, ...]:
    """Write what was sealed; a Denial for whoever may not be kept of any more, else None.

    Two workers that made the same leave one row, of whoever came last. Errors:
    Misused(permit-used) where nothing was opened under a permit: a bug or an attack.
    """
    permits = [one.permit for one in sealed]
    told = _told(writing, permits)
    going = [one for one, no in zip(sealed, told, strict=True) if no is None]
    for table in {one.companion.table.name: one.companion.table for one in going}.values():
        mine = {one.permit.object: one for one in going if one.companion.table is table}
        writing.connection.execute(delete(table).where(table.c.selfie.in_(mine)))
        writing.insert(table, [one.row for one in mine.values()])
    return told


def _told(writing: Writing, permits: Sequence[Permit[Read]]) -> tuple[Denial | None, ...]:
    held = {(lock.object, *lock.holding) for lock in of_reads(writing.connection, permits)}
    over = past(writing, [permit.object for permit in permits])
    stopped = paused(writing.connection, {permit.subject for permit in permits}, writing.now)
    spent = _spent(writing.connection, permits)
    said: list[Denial | None] = []
    for one in permits:
        if (one.object, one.subject, one.purpose, one.epoch) not in held:
            said.append(effects.too_late(one))
        elif one.object in over or one.not_after <= writing.now:
            said.append(effects.expired(one))
        elif one.subject in stopped:
            said.append(effects.paused(one))
        elif (one.seq, one.slot, one.subject, one.purpose, one.epoch, one.object) in spent:
            said.append(None)
        else:
            raise Misused(Reason.PERMIT_USED, "no selfie was opened under this permit")
    return tuple(said)


def _spent(connection: Connection, permits: Sequence[Permit[Read]]) -> set[tuple[object, ...]]:
    """Find the openings of selfies that stand: such a row goes with its basis and its selfie."""
    places = tuple_(selfie_read.c.permit_seq, selfie_read.c.permit_slot)
    wanted = places.in_([(permit.seq, permit.slot) for permit in permits])
    return {tuple(row) for row in connection.execute(select(*_SPENT).where(wanted))}


def prune(connection: Connection, subject: Subject) -> None:
    """Delete what is kept beside those of a person's selfies that nobody may read any more."""
    read = select(selfie_use.c.selfie).where(selfie_use.c.subject == subject)
    for table in companion_tables():
        idle = (table.c.subject == subject, table.c.selfie.not_in(read))
        connection.execute(delete(table).where(*idle))
