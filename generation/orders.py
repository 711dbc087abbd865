# SPDX-License-Identifier: Apache-2.0
"""What was asked for and what became of it, as rows: a crash loses no request and repeats none.

Knows this room's tables and consent's one writer of effects.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select, tuple_

from consent import effects, gate
from consent.effects import Spent
from consent.gate import Denial, Permit
from consent.words import Micros, ObjectId, Purpose, Reason, Subject
from consent.writing import Writing
from generation.portraits import HeldBack, Portrait, Refusal, Request, Wish
from generation.tables import (
    asset,
    portrait,
    portrait_order,
    quarantined,
    refusal,
    request,
    selfie,
    selfie_use,
)

_ORDER: Final = (
    portrait_order.c.object,
    portrait_order.c.subject,
    portrait_order.c.purpose,
    portrait_order.c.scenario,
    portrait_order.c.seed,
)


def place(
    writing: Writing, going: Sequence[Permit[gate.Select] | Denial], wishes: Sequence[Wish]
) -> tuple[Request | Denial, ...]:
    """Turn select permits into requests, each with its wish, in the open transaction.

    Whoever was denied meanwhile stays so; answers come in order.
    """
    permits = [permit for permit in going if isinstance(permit, Permit)]
    spent = iter(effects.spend(writing, permits, request))
    done = [one if isinstance(one, Denial) else next(spent) for one in going]
    asked = tuple(zip(done, going, wishes, strict=True))
    rows = [
        key(permit) | {"scenario": wish.scenario, "seed": wish.seed}
        for one, permit, wish in asked
        if isinstance(one, Spent) and isinstance(permit, Permit)
    ]
    writing.insert(portrait_order, rows)
    return tuple(_asked(one, permit, wish) for one, permit, wish in asked)


def pending(connection: Connection) -> tuple[Request, ...]:
    """List what was asked for and neither made, refused nor held back yet, the oldest first."""
    joined = (
        portrait_order.join(request, request.c.object == portrait_order.c.object)
        .outerjoin(asset, asset.c.object == portrait_order.c.object)
        .outerjoin(refusal, refusal.c.object == portrait_order.c.object)
        .outerjoin(quarantined, quarantined.c.object == portrait_order.c.object)
    )
    waiting = (
        select(*_ORDER)
        .select_from(joined)
        .where(
            asset.c.object.is_(None),
            refusal.c.object.is_(None),
            quarantined.c.object.is_(None),
        )
        .order_by(request.c.effect_seq)
    )
    return tuple(_read(row) for row in connection.execute(waiting))


def known(connection: Connection, ids: Sequence[ObjectId]) -> frozenset[ObjectId]:
    """Name those of the ids that were asked for already."""
    found = connection.execute(select(request.c.object).where(request.c.object.in_(ids)))
    return frozenset(ObjectId(obj) for obj in found.scalars())


def outcomes(
    connection: Connection, requests: Sequence[Request]
) -> Mapping[ObjectId, Portrait | Refusal]:
    """Recall what an earlier run made, refused or held back of these requests."""
    named = {one.id: one for one in requests}
    made = select(portrait.c.object, portrait.c.recipe).where(portrait.c.object.in_(named))
    refused = select(refusal.c.object, refusal.c.reason).where(refusal.c.object.in_(named))
    held = select(quarantined.c.object, quarantined.c.reason)
    held = held.where(quarantined.c.object.in_(named))
    found: dict[ObjectId, Portrait | Refusal] = {}
    for obj, recipe in connection.execute(made):
        found[obj] = Portrait(request=named[obj], recipe=recipe)
    for obj, reason in connection.execute(refused):
        found[obj] = Refusal(request=named[obj], reason=Reason(reason))
    for obj, reason in connection.execute(held):
        found[obj] = HeldBack(request=named[obj], reason=Reason(reason))
    return found


def selfies_for(
    connection: Connection, requests: Sequence[Request], now: Micros
) -> Mapping[ObjectId, tuple[ObjectId, ...]]:
    """Name the selfies that may be read for each request: its person's, for its purpose."""
    uses = sorted({(one.subject, str(one.purpose)) for one in requests})
    joined = selfie_use.join(selfie, selfie.c.object == selfie_use.c.selfie)
    rows = connection.execute(
        select(selfie_use.c.subject, selfie_use.c.purpose, selfie_use.c.selfie)
        .select_from(joined)
        .where(tuple_(selfie_use.c.subject, selfie_use.c.purpose).in_(uses))
        .where(selfie.c.expires_at > now)
        .order_by(selfie.c.effect_seq)
    ).all()
    return {
        one.id: tuple(
            ObjectId(obj)
            for subject, purpose, obj in rows
            if (subject, purpose) == (one.subject, one.purpose)
        )
        for one in requests
    }


def key(permit: Permit[gate.S]) -> dict[str, Any]:
    """Name the portrait that a permit is for, as this room's rows hang on it."""
    return {
        "object": permit.object,
        "subject": permit.subject,
        "purpose": permit.purpose,
        "epoch": permit.epoch,
    }


def _asked(
    one: Spent | Denial, asked: Permit[gate.Select] | Denial, wish: Wish
) -> Request | Denial:
    if isinstance(one, Denial):
        return one
    return Request(id=asked.object, subject=asked.subject, purpose=asked.purpose, wish=wish)


def _read(row: Row[int, int, str, str, int]) -> Request:
    obj, subject, purpose, scenario, seed = row
    return Request(
        id=ObjectId(obj),
        subject=Subject(subject),
        purpose=Purpose(purpose),
        wish=Wish(scenario=scenario, seed=seed),
    )
