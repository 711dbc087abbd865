# SPDX-License-Identifier: Apache-2.0
"""What opens one sealed content: whose it is, where it lies, under which wrapped key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from consent import envelopes
from consent.gate import Permit, Read
from consent.keys import Holding
from consent.tables import selfie, selfie_use
from consent.words import Epoch, ObjectId, Purpose, Subject
from consent.writing import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What opens one content: whose it is, where it lies, under which wrapped key."""

    subject: Subject
    purpose: Purpose
    epoch: Epoch
    object: ObjectId
    blob: str
    wrapped_dek: bytes

    @property
    def holding(self) -> Holding:
        """Name the key that opens it."""
        return (self.subject, self.purpose, self.epoch)


def dek_of(lock: Lock, keys: Mapping[Holding, bytes]) -> bytes:
    """Unwrap the content's key. Errors: Broken(unavailable) where it does not open."""
    context = envelopes.wrap_context(lock.subject, lock.object, lock.purpose)
    return envelopes.unseal(keys[lock.holding], lock.wrapped_dek, context)


def of_reads(connection: Connection, permits: Sequence[Permit[Read]]) -> tuple[Lock, ...]:
    """Find what opens the selfies of read permits; a selfie that is gone is simply absent."""
    use = selfie_use.c
    named = (use.selfie, use.subject, use.purpose, use.epoch)
    wanted = [(p.object, p.subject, str(p.purpose), p.epoch) for p in permits]
    joined = selfie_use.join(
        selfie, (selfie.c.object == use.selfie) & (selfie.c.subject == use.subject)
    )
    rows = connection.execute(
        select(*named, selfie.c.blob, use.wrapped_dek)
        .select_from(joined)
        .where(tuple_(*named).in_(wanted))
    )
    return tuple(
        Lock(
            subject=Subject(subject),
            purpose=Purpose(purpose),
            epoch=Epoch(epoch),
            object=ObjectId(obj),
            blob=blob,
            wrapped_dek=wrapped,
        )
        for obj, subject, purpose, epoch, blob, wrapped in rows
    )


def past(writing: Writing, selfies: Sequence[ObjectId]) -> set[int]:
    """Find the selfies whose time is over, to the microsecond of the clock."""
    over = selfie.c.object.in_(selfies) & (selfie.c.expires_at <= writing.now)
    return set(writing.connection.execute(select(selfie.c.object).where(over)).scalars())
