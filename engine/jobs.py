# SPDX-License-Identifier: Apache-2.0
"""What a person asked for that takes a while, and how far it is.

A job's state is computed from what became of its parts, every time it is asked for: a portrait
that stands, a refusal, one that is held back, a tombstone, or nothing at all where the yes it was
asked under has ended. Only that a person stopped it is a fact of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from sqlalchemy import Connection, Select, select, update

from consent.words import Micros, ObjectId, Purpose, Reason, Subject, parse_id
from consent.writing import Writing
from engine import quotas
from engine.rooms import Rooms
from engine.tables import job, job_part
from generation import fates
from generation.fates import End, Fate

Kind = Literal["imagine", "pack"]


class NoSuchJob(Exception):
    """A job that is not this person's, or nobody's."""


class State(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  #: every part was refused
    CANCELLED = "cancelled"  #: stopped by its person, or its yes ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job of one person with what became of its parts, in the order they were asked in."""

    id: ObjectId
    subject: Subject
    kind: Kind
    purpose: Purpose
    total: int
    at: Micros
    stopped_at: Micros | None
    onward: str | None
    parts: tuple[Fate, ...]

    @property
    def open(self) -> bool:
        """Say whether something may still come of it."""
        return any(part.open for part in self.parts)

    @property
    def done(self) -> int:
        """Count the parts that have an outcome."""
        return sum(not part.open and part.end is not End.VANISHED for part in self.parts)

    @property
    def portraits(self) -> tuple[Fate, ...]:
        """List the portraits that stand."""
        return tuple(part for part in self.parts if part.end is End.MADE)

    @property
    def refusals(self) -> tuple[Reason, ...]:
        """Say why parts were refused."""
        return tuple(part.reason for part in self.parts if part.reason is not None)

    @property
    def state(self) -> State:
        """Say how far it is."""
        ends = {part.end for part in self.parts}
        if self.open:
            return State.QUEUED if ends == {End.WAITING} else State.RUNNING
        if self.stopped_at is not None or End.VANISHED in ends:
            return State.CANCELLED
        return State.FAILED if ends == {End.REFUSED} else State.DONE


_COLUMNS: Final = (
    job.c.id,
    job.c.subject,
    job.c.kind,
    job.c.asked,
    job.c.total,
    job.c.at,
    job.c.stopped_at,
    job.c.onward,
)


def listed(rooms: Rooms, subject: Subject, most: int | None = None) -> tuple[Job, ...]:
    """List a person's jobs, the newest first."""
    query = select(*_COLUMNS).where(job.c.subject == subject)
    query = query.order_by(job.c.at.desc(), job.c.id).limit(most)
    now = rooms.consent.ledger.now()  # first: a reading within a reading can wait for itself
    with rooms.consent.ledger.read() as connection:
        return _jobs(connection, subject, query, now)


def find(rooms: Rooms, subject: Subject, id: str | ObjectId) -> Job:  # noqa: A002  as clients say
    """Find a job of a person. Errors: NoSuchJob for what is not theirs."""
    number = parse_id(id) if isinstance(id, str) else id
    query = select(*_COLUMNS).where(job.c.subject == subject, job.c.id == number)
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        found = _jobs(connection, subject, query, now) if number is not None else ()
    if not found:
        raise NoSuchJob
    return found[0]


def keep(
    writing: Writing,
    made: ObjectId,
    subject: Subject,
    parts: Sequence[ObjectId],
    *,
    kind: Kind,
    purpose: Purpose,
    onward: str | None = None,
) -> None:
    """Write a job and its parts in the transaction in which they are asked for."""
    row = {"id": made, "subject": subject, "kind": kind, "asked": purpose, "total": len(parts)}
    writing.insert(job, [row | {"at": writing.now, "onward": onward}])
    writing.insert(job_part, [{"job": made, "object": part} for part in parts])


def stop(rooms: Rooms, subject: Subject, id: str) -> Job:  # noqa: A002  as clients say
    """Stop a job: whatever is not finished is refused. Succeeds again when repeated.

    What was confirmed to happen with it and did not yet, does not happen any more.
    Errors: NoSuchJob for what is not theirs.
    """
    found = find(rooms, subject, id)
    with rooms.consent.ledger.write() as writing:
        ended = fates.refuse(writing, dict.fromkeys(_open(found), Reason.STOPPED))
        settle(writing, found)
        if ended:
            mine = (job.c.id == found.id, job.c.stopped_at.is_(None))
            writing.connection.execute(update(job).where(*mine).values(stopped_at=writing.now))
    return find(rooms, subject, found.id)


def owing(rooms: Rooms) -> tuple[Job, ...]:
    """List the jobs of which something was confirmed that did not happen yet."""
    query = select(*_COLUMNS).where(job.c.onward.is_not(None)).order_by(job.c.at, job.c.id)
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        people = dict.fromkeys(Subject(row.subject) for row in connection.execute(query))
        return tuple(
            one
            for person in people
            for one in _jobs(connection, person, query.where(job.c.subject == person), now)
        )


def settle(writing: Writing, owed: Job) -> str | None:
    """Take note, in the open transaction, that what was confirmed happens now; say what it is."""
    mine = job.c.id == owed.id
    onward = writing.connection.execute(select(job.c.onward).where(mine)).scalar_one_or_none()
    writing.connection.execute(update(job).where(mine).values(onward=None))
    return onward


def drop(writing: Writing) -> None:
    """Stop all that anybody waits for, after a restore: they may have stopped it themselves.

    Nothing that was confirmed to happen with it happens, either.
    """
    waiting = fates.waiting(writing.connection)
    fates.refuse(writing, dict.fromkeys(waiting, Reason.STOPPED))
    writing.connection.execute(update(job).values(onward=None))


def packs_left(rooms: Rooms, connection: Connection, subject: Subject, now: Micros) -> int:
    """Say how many packs a person may still order in this day."""
    query = select(job.c.at).where(
        job.c.subject == subject, job.c.kind == "pack", job.c.at > now - quotas.LONGEST_DAY
    )
    ordered = [Micros(at) for at in connection.execute(query).scalars()]
    zone = quotas.zone_of(rooms.settings.zone)
    return quotas.left(rooms.consent.policy.packs, ordered, now, zone)


def parts(of: ObjectId | None = None) -> Select[tuple[int]]:
    """Select what belongs to a job, or to any, for whoever makes what is asked for."""
    every = select(job_part.c.object)
    return every if of is None else every.where(job_part.c.job == of)


def _open(found: Job) -> Iterable[ObjectId]:
    return (part.id for part in found.parts if part.open)


def _jobs(
    connection: Connection, subject: Subject, query: Select[tuple[object, ...]], now: Micros
) -> tuple[Job, ...]:
    rows = connection.execute(query).all()
    belonging = _belonging(connection, [ObjectId(row.id) for row in rows])
    everything = [one for some in belonging.values() for one in some]
    became = fates.fates(connection, subject, everything, now)
    return tuple(
        Job(
            id=ObjectId(row.id),
            subject=Subject(row.subject),
            kind=row.kind,
            purpose=Purpose(row.asked),
            total=row.total,
            at=Micros(row.at),
            stopped_at=None if row.stopped_at is None else Micros(row.stopped_at),
            onward=row.onward,
            parts=tuple(
                sorted(
                    (became[one] for one in belonging.get(ObjectId(row.id), ())),
                    key=lambda part: (part.place, part.id),
                )
            ),
        )
        for row in rows
    )


def _belonging(
    connection: Connection, ids: Sequence[ObjectId]
) -> Mapping[ObjectId, list[ObjectId]]:
    found: dict[ObjectId, list[ObjectId]] = {}
    rows = select(job_part.c.job, job_part.c.object).where(job_part.c.job.in_(ids))
    for of, obj in connection.execute(rows):
        found.setdefault(ObjectId(of), []).append(ObjectId(obj))
    return found
