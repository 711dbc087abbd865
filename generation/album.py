# SPDX-License-Identifier: Apache-2.0
"""What a person has here: their selfies and every image made of them. Nothing is opened.

Rules:
1. everything is asked for one person; there is no question about an object alone
2. what is held back, was refused or destroyed keeps its line, with no picture behind it
3. newest first; equal times by id, so that pages never repeat or skip
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, select

from consent.among import among
from consent.words import Epoch, Micros, ObjectId, Purpose, Reason, Seq, Subject
from generation.portraits import Form
from generation.tables import (
    appealed,
    asset,
    mark,
    portrait,
    portrait_order,
    quarantined,
    refusal,
    selfie,
    selfie_read,
    selfie_use,
    tombstone,
)


class State(StrEnum):
    """What became of an image."""

    READY = "ready"
    QUARANTINED = "quarantined"  #: a gate holds it back; its owner may have it judged again
    REFUSED = "refused"  #: made or begun, and not shown; its pixels are gone
    DESTROYED = "destroyed"  #: by its owner, by a withdrawal or by its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image of a person, in whatever state. `scenario` is None where it is not known."""

    id: ObjectId
    state: State
    purpose: Purpose
    scenario: str | None
    made_at: Micros
    expires_at: Micros | None = None
    reason: Reason | None = None
    judged: int = 0  #: how often an appeal has judged it, where it is held back
    form: Form = "still"  #: of one that stands
    destroyed_at: Micros | None = None
    destroyed_seq: Seq | None = None  #: the entry that proves it


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One selfie that a person gave."""

    id: ObjectId
    purposes: tuple[Purpose, ...]
    given_at: Micros
    expires_at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a portrait rests on: whose yes, which selfies, which recipe, which policy."""

    purpose: Purpose
    epoch: Epoch
    scenario: str
    selfies: tuple[ObjectId, ...]
    recipe: str
    recipe_sha256: str
    policy_sha256: str


def images(connection: Connection, subject: Subject, now: Micros) -> tuple[Image, ...]:
    """List every image of a person, newest first; one whose time is over counts as destroyed."""
    found = (*_ready(connection, subject, now), *_held(connection, subject, now))
    listed = (*found, *_refused(connection, subject), *_destroyed(connection, subject))
    return tuple(sorted(listed, key=lambda image: (-image.made_at, image.id)))


def selfies(connection: Connection, subject: Subject) -> tuple[Given, ...]:
    """List a person's selfies, newest first."""
    uses: dict[int, list[Purpose]] = {}
    used = select(selfie_use.c.selfie, selfie_use.c.purpose).where(selfie_use.c.subject == subject)
    for obj, purpose in connection.execute(used):
        uses.setdefault(obj, []).append(Purpose(purpose))
    own = (selfie.c.object, selfie.c.purpose, selfie.c.at, selfie.c.expires_at)
    rows = connection.execute(
        select(*own)
        .where(selfie.c.subject == subject)
        .order_by(selfie.c.at.desc(), selfie.c.effect_seq)
    )
    return tuple(
        Given(
            id=ObjectId(obj),
            purposes=(Purpose(purpose), *sorted(uses.get(obj, ()))),
            given_at=Micros(at),
            expires_at=Micros(ends),
        )
        for obj, purpose, at, ends in rows
    )


def uses(connection: Connection, subject: Subject) -> Mapping[ObjectId, int]:
    """Count how often each of a person's selfies was opened to draw; never is left out."""
    rows = connection.execute(
        select(selfie_read.c.selfie, func.count())
        .where(selfie_read.c.subject == subject)
        .group_by(selfie_read.c.selfie)
    )
    return {ObjectId(obj): count for obj, count in rows}


def origin(connection: Connection, subject: Subject, obj: ObjectId) -> Origin | None:
    """Say what one portrait rests on; None where this person has no such portrait."""
    made = portrait.join(portrait_order, portrait_order.c.object == portrait.c.object)
    columns = (
        portrait.c.purpose,
        portrait.c.epoch,
        portrait_order.c.scenario,
        portrait.c.recipe,
        portrait.c.recipe_sha256,
        portrait.c.policy_sha256,
    )
    row = connection.execute(
        select(*columns)
        .select_from(made)
        .where(portrait.c.subject == subject, portrait.c.object == obj)
    ).one_or_none()
    if row is None:
        return None
    purpose, epoch, scenario, recipe, recipe_sha256, policy_sha256 = row
    return Origin(
        purpose=Purpose(purpose),
        epoch=Epoch(epoch),
        scenario=scenario,
        selfies=_read_for(connection, subject, obj),
        recipe=recipe,
        recipe_sha256=recipe_sha256,
        policy_sha256=policy_sha256,
    )


def recipes(connection: Connection, objects: Sequence[ObjectId]) -> Mapping[ObjectId, str]:
    """Name the recipe that drew each portrait that stands."""
    rows = connection.execute(
        select(portrait.c.object, portrait.c.recipe).where(among(portrait.c.object, objects))
    )
    return {ObjectId(obj): recipe for obj, recipe in rows}


def marks(connection: Connection, objects: Sequence[ObjectId]) -> Mapping[ObjectId, str]:
    """Name the commitments to label and credential of portraits, for their inserts' entries."""
    rows = connection.execute(
        select(mark.c.object, mark.c.commitment).where(among(mark.c.object, objects))
    )
    return {ObjectId(obj): commitment for obj, commitment in rows}


def _read_for(connection: Connection, subject: Subject, obj: ObjectId) -> tuple[ObjectId, ...]:
    rows = connection.execute(
        select(selfie_read.c.selfie)
        .where(selfie_read.c.subject == subject, selfie_read.c.request == obj)
        .order_by(selfie_read.c.effect_seq)
    ).scalars()
    return tuple(ObjectId(one) for one in dict.fromkeys(rows))


def _ready(connection: Connection, subject: Subject, now: Micros) -> Iterable[Image]:
    joined = asset.join(portrait_order, portrait_order.c.object == asset.c.object)
    order = portrait_order.c
    columns = (asset.c.object, asset.c.purpose, order.scenario, order.form)
    rows = connection.execute(
        select(*columns, asset.c.at, asset.c.expires_at)
        .select_from(joined)
        .where(asset.c.subject == subject)
    )
    for obj, purpose, scenario, form, at, ends in rows:
        yield Image(
            id=ObjectId(obj),
            form=form,
            state=State.READY if ends > now else State.DESTROYED,
            purpose=Purpose(purpose),
            scenario=scenario,
            made_at=Micros(at),
            expires_at=Micros(ends),
        )


def _held(connection: Connection, subject: Subject, now: Micros) -> Iterable[Image]:
    held = quarantined.c
    columns = (held.object, held.purpose, held.about, held.at, held.expires_at, held.reason)
    rows = connection.execute(select(*columns).where(held.subject == subject)).all()
    for obj, purpose, scenario, at, ends, reason in rows:
        found = judgements(connection, subject, ObjectId(obj))
        last = found[-1] if found else Reason(reason)
        yield Image(
            id=ObjectId(obj),
            state=State.QUARANTINED if ends > now else State.DESTROYED,
            purpose=Purpose(purpose),
            scenario=scenario,
            made_at=Micros(at),
            expires_at=Micros(ends),
            reason=last if ends > now else None,
            judged=len(found),
        )


def judgements(connection: Connection, subject: Subject, obj: ObjectId) -> tuple[Reason, ...]:
    """List what appeals found of a picture; a gate that gave no answer has judged nothing."""
    mine = (appealed.c.subject == subject, appealed.c.object == obj)
    answered = appealed.c.reason != Reason.UNAVAILABLE
    rows = select(appealed.c.reason).where(*mine, answered).order_by(appealed.c.effect_seq)
    return tuple(Reason(reason) for reason in connection.execute(rows).scalars())


def _refused(connection: Connection, subject: Subject) -> Iterable[Image]:
    joined = refusal.join(portrait_order, portrait_order.c.object == refusal.c.object)
    columns = (refusal.c.object, refusal.c.purpose, portrait_order.c.scenario)
    rows = connection.execute(
        select(*columns, refusal.c.at, refusal.c.reason)
        .select_from(joined)
        .where(refusal.c.subject == subject)
    )
    for obj, purpose, scenario, at, reason in rows:
        yield Image(
            id=ObjectId(obj),
            state=State.REFUSED,
            purpose=Purpose(purpose),
            scenario=scenario,
            made_at=Micros(at),
            reason=Reason(reason),
        )


def _destroyed(connection: Connection, subject: Subject) -> Iterable[Image]:
    stone = tombstone.c
    rows = connection.execute(
        select(
            stone.object,
            stone.purpose,
            stone.about,
            stone.made_at,
            stone.destroyed_at,
            stone.seq,
        ).where(stone.subject == subject, stone.kind == "portrait")
    )
    for obj, purpose, about, at, destroyed_at, seq in rows:
        yield Image(
            id=ObjectId(obj),
            state=State.DESTROYED,
            purpose=Purpose(purpose),
            scenario=about or None,
            made_at=Micros(at),
            destroyed_at=Micros(destroyed_at),
            destroyed_seq=Seq(seq),
        )
