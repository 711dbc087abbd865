# SPDX-License-Identifier: Apache-2.0
"""What became of requests, told for one person: read from the rows, kept nowhere a second time.

Rules:
1. whatever has no row of its own any more went with the yes it was asked under
2. a picture that is held back counts as refused for the reason it is held for; one that an appeal
   passed is a portrait like any other
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Select, func, select

from consent.words import Micros, ObjectId, Purpose, Reason, Subject
from consent.writing import Writing
from generation import leases
from generation.tables import (
    asset,
    portrait_order,
    quarantined,
    refusal,
    request,
    selfie,
    selfie_read,
    selfie_use,
    tombstone,
)

_CHUNK: Final = 500


class End(StrEnum):
    """What became of one request."""

    WAITING = "waiting"
    BEGUN = "begun"  #: selfies were opened for it
    MADE = "made"
    REFUSED = "refused"
    GONE = "gone"  #: made, and destroyed since or past its time
    VANISHED = "vanished"  #: its yes ended before it was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One request and what became of it. `place` orders them as they were asked."""

    id: ObjectId
    end: End
    place: int = 0
    scenario: str | None = None
    reason: Reason | None = None
    expires_at: Micros | None = None

    @property
    def open(self) -> bool:
        """Say whether something may still come of it."""
        return self.end in {End.WAITING, End.BEGUN}


def fates(
    connection: Connection, subject: Subject, ids: Sequence[ObjectId], now: Micros
) -> Mapping[ObjectId, Fate]:
    """Say what became of a person's requests; what is not theirs counts as vanished."""
    found: dict[ObjectId, Fate] = {}
    for start in range(0, len(ids), _CHUNK):
        some = ids[start : start + _CHUNK]
        found |= {one: Fate(id=one, end=End.VANISHED) for one in some}
        found |= _buried(connection, subject, some)
        found |= _standing(connection, subject, some, now)
    return found


def selfies(connection: Connection, subject: Subject, purpose: Purpose, now: Micros) -> int:
    """Count the selfies that a portrait for this purpose may be drawn from."""
    joined = selfie_use.join(selfie, selfie.c.object == selfie_use.c.selfie)
    query = (
        select(func.count())
        .select_from(joined)
        .where(selfie_use.c.subject == subject, selfie_use.c.purpose == purpose)
        .where(selfie.c.expires_at > now)
    )
    return connection.execute(query).scalar_one()


def used(
    connection: Connection, among: Select[tuple[int]]
) -> tuple[tuple[Subject, ObjectId], ...]:
    """Name the selfies that were opened for requests, of everybody who waits for none of them.

    `among` selects the ids of the requests that are meant.
    """
    waits = _OPEN.with_only_columns(request.c.subject).where(request.c.object.in_(among))
    rows = connection.execute(
        select(selfie_read.c.subject, selfie_read.c.selfie)
        .distinct()
        .where(selfie_read.c.request.in_(among), selfie_read.c.subject.not_in(waits))
        .order_by(selfie_read.c.subject, selfie_read.c.selfie)
    )
    return tuple((Subject(person), ObjectId(one)) for person, one in rows)


def refuse(writing: Writing, refused: Mapping[ObjectId, Reason]) -> int:
    """Let requests that are still open end with a reason, in the open transaction; count them.

    Whatever a worker is drawing for them meanwhile finds the refusal, and is dropped.
    """
    ids = list(refused)
    open_ones = [
        {
            "object": obj,
            "subject": subject,
            "purpose": purpose,
            "epoch": epoch,
            "reason": refused[ObjectId(obj)],
            "at": writing.now,
        }
        for start in range(0, len(ids), _CHUNK)
        for obj, subject, purpose, epoch in writing.connection.execute(
            _OPEN.where(request.c.object.in_(ids[start : start + _CHUNK]))
        )
    ]
    writing.insert(refusal, open_ones)
    leases.ended(writing, [ObjectId(one["object"]) for one in open_ones])
    return len(open_ones)


def waiting(connection: Connection) -> tuple[ObjectId, ...]:
    """Name every request, of anybody, of which something may still come."""
    return tuple(ObjectId(obj) for obj, *_ in connection.execute(_OPEN))


_JOINED: Final = (
    request.join(portrait_order, portrait_order.c.object == request.c.object)
    .outerjoin(asset, asset.c.object == request.c.object)
    .outerjoin(refusal, refusal.c.object == request.c.object)
    .outerjoin(quarantined, quarantined.c.object == request.c.object)
)
_OPEN: Final = (
    select(request.c.object, request.c.subject, request.c.purpose, request.c.epoch)
    .select_from(_JOINED)
    .where(asset.c.object.is_(None), refusal.c.object.is_(None), quarantined.c.object.is_(None))
)
_READ: Final = (
    select(func.count())
    .where(selfie_read.c.subject == request.c.subject, selfie_read.c.request == request.c.object)
    .correlate(request)
    .scalar_subquery()
)


def _standing(
    connection: Connection, subject: Subject, ids: Sequence[ObjectId], now: Micros
) -> dict[ObjectId, Fate]:
    rows = connection.execute(
        select(
            request.c.object,
            request.c.effect_seq,
            portrait_order.c.scenario,
            asset.c.expires_at,
            refusal.c.reason,
            quarantined.c.reason,
            _READ,
        )
        .select_from(_JOINED)
        .where(request.c.subject == subject, request.c.object.in_(ids))
    )
    return {
        ObjectId(obj): Fate(
            id=ObjectId(obj),
            end=_end(ends, refused or held, reads, now),
            place=place,
            scenario=scenario,
            reason=Reason(refused or held) if ends is None and (refused or held) else None,
            expires_at=None if ends is None else Micros(ends),
        )
        for obj, place, scenario, ends, refused, held, reads in rows
    }


def _end(ends: int | None, reason: str | None, reads: int, now: Micros) -> End:
    if ends is not None:
        return End.MADE if ends > now else End.GONE
    if reason is not None:
        return End.REFUSED
    return End.BEGUN if reads else End.WAITING


def _buried(
    connection: Connection, subject: Subject, ids: Sequence[ObjectId]
) -> dict[ObjectId, Fate]:
    mine = (tombstone.c.subject == subject, tombstone.c.object.in_(ids))
    rows = connection.execute(select(tombstone.c.object, tombstone.c.about).where(*mine))
    return {
        ObjectId(obj): Fate(id=ObjectId(obj), end=End.GONE, scenario=about or None)
        for obj, about in rows
    }
