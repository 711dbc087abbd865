# SPDX-License-Identifier: Apache-2.0
"""What opens one sealed content: whose it is, where it lies, under which wrapped key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from consent import envelopes
from consent.among import among
from consent.errors import Broken
from consent.gate import Permit, Read
from consent.keys import Holding
from consent.tables import basis, selfie, selfie_use
from consent.words import PORTRAIT_PURPOSES, Epoch, ObjectId, Purpose, Reason, Subject
from consent.writing import Writing

UNWRAPPED = (
    select(
        selfie.c.object,
        selfie.c.wrapped_dek,
        selfie.c.purpose,
        selfie.c.epoch,
        basis.c.purpose,
        basis.c.epoch,
    )
    .select_from(selfie.join(basis, basis.c.subject == selfie.c.subject))
    .outerjoin(
        selfie_use,
        (selfie_use.c.selfie == selfie.c.object) & (selfie_use.c.purpose == basis.c.purpose),
    )
    .where(
        selfie.c.subject == bindparam("who"),
        basis.c.purpose.in_([str(purpose) for purpose in PORTRAIT_PURPOSES]),
        selfie.c.purpose.in_((str(Purpose.LIKENESS), basis.c.purpose)),
        selfie_use.c.selfie.is_(None),
    )
)
"""Selfies of a person that a purpose may read and has no wrapped key for yet: those given for
`likeness`, and those given for the purpose itself (for one pack, say), never another's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What opens one content: whose it is, where it lies, under which wrapped key."""

    subject: Subject
    purpose: Purpose
    epoch: Epoch
    object: ObjectId
    blob: str
    wrapped_dek: bytes

    @staticmethod
    def of(holding: Holding, obj: int, blob: str, wrapped: bytes) -> "Lock":
        """Make one of a row, and of what its key belongs to."""
        subject, purpose, epoch = holding
        return Lock(
            subject=subject,
            purpose=purpose,
            epoch=epoch,
            object=ObjectId(obj),
            blob=blob,
            wrapped_dek=wrapped,
        )

    @property
    def holding(self) -> Holding:
        """Name the key that opens it."""
        return (self.subject, self.purpose, self.epoch)


def dek_of(lock: Lock, keys: Mapping[Holding, bytes]) -> bytes:
    """Unwrap the content's key. Errors: Broken(unavailable) where it does not open."""
    context = envelopes.wrap_context(lock.subject, lock.object, lock.purpose)
    if lock.holding not in keys:  # what is left of a log where it has moved from
        raise Broken(Reason.UNAVAILABLE, "the key of this content is gone")
    return envelopes.unseal(keys[lock.holding], lock.wrapped_dek, context)


def of_reads(connection: Connection, permits: Sequence[Permit[Read]]) -> tuple[Lock, ...]:
    """Find what opens the selfies of read permits; a selfie that is gone is simply absent."""
    use = selfie_use.c
    named = (use.selfie, use.subject, use.purpose, use.epoch)
    wanted = {(p.object, p.subject, str(p.purpose), p.epoch) for p in permits}
    joined = selfie_use.join(
        selfie, (selfie.c.object == use.selfie) & (selfie.c.subject == use.subject)
    )
    rows = connection.execute(
        select(*named, selfie.c.blob, use.wrapped_dek)
        .select_from(joined)
        .where(among(use.selfie, {p.object for p in permits}))
    ).all()
    return tuple(
        Lock.of((Subject(subject), Purpose(purpose), Epoch(epoch)), obj, blob, wrapped)
        for obj, subject, purpose, epoch, blob, wrapped in rows
        if (obj, subject, purpose, epoch) in wanted
    )


def past(writing: Writing, selfies: Sequence[ObjectId]) -> set[int]:
    """Find the selfies whose time is over, to the microsecond of the clock."""
    over = among(selfie.c.object, selfies) & (selfie.c.expires_at <= writing.now)
    return set(writing.connection.execute(select(selfie.c.object).where(over)).scalars())
