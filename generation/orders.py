# SPDX-License-Identifier: Apache-2.0
"""What was asked for and what became of it, as rows: a crash loses no request and repeats none.

A person's own words lie in their row sealed (`consent.memos`) and are opened only here.
Knows this room's tables and consent's one writer of effects.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select

from consent import effects, gate
from consent.among import among
from consent.effects import Spent
from consent.errors import Broken, Denied
from consent.gate import Denial, Permit
from consent.memos import Memo, Memos
from consent.words import Epoch, Micros, ObjectId, Purpose, Reason, Subject
from consent.writing import Writing
from generation import leases
from generation.portraits import HeldBack, Portrait, Refusal, Request, Wish
from generation.tables import (
    lease,
    portrait,
    portrait_order,
    quarantined,
    refusal,
    request,
    selfie,
    selfie_use,
)

_log: Final = logging.getLogger(__name__)
_ORDER: Final = (
    portrait_order.c.object,
    portrait_order.c.subject,
    portrait_order.c.purpose,
    portrait_order.c.epoch,
    portrait_order.c.scenario,
    portrait_order.c.seed,
    portrait_order.c.words,
    portrait_order.c.form,
)


def sealed(
    memos: Memos,
    going: Sequence[Permit[gate.Select]],
    wishes: Sequence[Wish],
    connection: Connection | None = None,
) -> tuple[bytes | Denial | None, ...]:
    """Seal the words of wishes, before any transaction is open or on the open one's connection.

    None where a wish has none, a Denial for whoever withdrew since.
    """
    return tuple(
        None if wish.words is None else _sealed(memos, permit, wish.words, connection)
        for permit, wish in zip(going, wishes, strict=True)
    )


def place(
    writing: Writing,
    going: Sequence[Permit[gate.Select] | Denial],
    wishes: Sequence[Wish],
    words: Sequence[bytes | Denial | None],
) -> tuple[Request | Denial, ...]:
    """Turn select permits into requests, each with its wish, in the open transaction.

    Whoever was denied meanwhile stays so, and whoever's words have no key any more; answers come
    in order.
    """
    going = [
        memo if isinstance(memo, Denial) else one for one, memo in zip(going, words, strict=True)
    ]
    permits = [permit for permit in going if isinstance(permit, Permit)]
    spent = iter(effects.spend(writing, permits, request))
    done = [one if isinstance(one, Denial) else next(spent) for one in going]
    asked = tuple(zip(done, going, wishes, words, strict=True))
    placed = [
        (key(permit), wish, memo)
        for one, permit, wish, memo in asked
        if isinstance(one, Spent) and isinstance(permit, Permit)
    ]
    rows = [
        named | {"scenario": wish.scenario, "seed": wish.seed, "words": memo, "form": wish.form}
        for named, wish, memo in placed
    ]
    writing.insert(portrait_order, rows)
    leases.placed(writing, [named for named, _, _ in placed])
    return tuple(_asked(one, permit, wish) for one, permit, wish, _ in asked)


def pending(
    connection: Connection,
    memos: Memos,
    only: Select[tuple[int]] | Sequence[ObjectId] | None = None,
) -> tuple[Request, ...]:
    """List what was asked for and neither made, refused nor held back yet, the oldest first.

    One whose words no key opens any more is left out: it is going. So is one whose words were
    changed where they lie: it keeps nobody else waiting. `only` names or selects the ids of those
    that are meant; None: all.
    """
    joined = portrait_order.join(lease, lease.c.object == portrait_order.c.object)
    waiting = (
        select(*_ORDER)
        .select_from(joined.join(request, request.c.object == portrait_order.c.object))
        .order_by(request.c.effect_seq)
    )
    if isinstance(only, Select):
        waiting = waiting.where(portrait_order.c.object.in_(only))
    elif only is not None:
        waiting = waiting.where(among(portrait_order.c.object, only))
    return _requests(connection, memos, connection.execute(waiting).all())


def words_of(
    connection: Connection, memos: Memos, subject: Subject, ids: Sequence[ObjectId]
) -> Mapping[ObjectId, str]:
    """Recall what a person's own requests were said to be drawn from, for that person alone."""
    mine = (portrait_order.c.subject == subject, among(portrait_order.c.object, ids))
    return _words(connection, memos, connection.execute(select(*_ORDER).where(*mine)).all())


def wish_of(connection: Connection, memos: Memos, subject: Subject, obj: ObjectId) -> Wish | None:
    """Recall what a person's own request was for; None where it is not theirs, or gone."""
    mine = (portrait_order.c.subject == subject, portrait_order.c.object == obj)
    found = _requests(connection, memos, connection.execute(select(*_ORDER).where(*mine)).all())
    return found[0].wish if found else None


def known(connection: Connection, ids: Sequence[ObjectId]) -> frozenset[ObjectId]:
    """Name those of the ids that were asked for already."""
    found = connection.execute(select(request.c.object).where(among(request.c.object, ids)))
    return frozenset(ObjectId(obj) for obj in found.scalars())


def outcomes(
    connection: Connection, requests: Sequence[Request]
) -> Mapping[ObjectId, Portrait | Refusal]:
    """Recall what an earlier run made, refused or held back of these requests."""
    named = {one.id: one for one in requests}
    made = select(portrait.c.object, portrait.c.recipe).where(among(portrait.c.object, named))
    refused = select(refusal.c.object, refusal.c.reason).where(among(refusal.c.object, named))
    held = select(quarantined.c.object, quarantined.c.reason)
    held = held.where(among(quarantined.c.object, named))
    found: dict[ObjectId, Portrait | Refusal] = {}
    for obj, recipe in connection.execute(made).all():
        found[obj] = Portrait(request=named[obj], recipe=recipe)
    for obj, reason in connection.execute(refused).all():
        found[obj] = Refusal(request=named[obj], reason=Reason(reason))
    for obj, reason in connection.execute(held).all():
        found[obj] = HeldBack(request=named[obj], reason=Reason(reason))
    return found


def selfies_for(
    connection: Connection, requests: Sequence[Request], now: Micros
) -> Mapping[ObjectId, tuple[ObjectId, ...]]:
    """Name the selfies that may be read for each request: its person's, for its purpose."""
    people = {one.subject for one in requests}
    purposes = sorted({str(one.purpose) for one in requests})
    joined = selfie_use.join(selfie, selfie.c.object == selfie_use.c.selfie)
    rows = connection.execute(
        select(selfie_use.c.subject, selfie_use.c.purpose, selfie_use.c.selfie)
        .select_from(joined)
        .where(among(selfie_use.c.subject, people), selfie_use.c.purpose.in_(purposes))
        .where(selfie.c.expires_at > now)
        .order_by(selfie.c.effect_seq)
    ).all()
    found: dict[tuple[int, str], tuple[ObjectId, ...]] = {}
    for subject, purpose, obj in rows:
        found[subject, purpose] = (*found.get((subject, purpose), ()), ObjectId(obj))
    return {one.id: found.get((one.subject, str(one.purpose)), ()) for one in requests}


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


def _sealed(
    memos: Memos, permit: Permit[gate.Select], words: str, connection: Connection | None
) -> bytes | Denial:
    try:
        return memos.seal(permit, words, connection)
    except Denied:
        return effects.too_late(permit)


def _requests(
    connection: Connection, memos: Memos, rows: Sequence[Row[*tuple[Any, ...]]]
) -> tuple[Request, ...]:
    words = _words(connection, memos, rows)
    return tuple(
        _read(row, words.get(ObjectId(row.object)))
        for row in rows
        if row.words is None or row.object in words
    )


def _words(
    connection: Connection, memos: Memos, rows: Sequence[Row[*tuple[Any, ...]]]
) -> Mapping[ObjectId, str]:
    """Open what can be opened of the words of rows; a changed one is said and left out."""
    said = [_memo(row) for row in rows if row.words is not None]
    try:
        return memos.open(connection, said)
    except Broken:
        return {obj: words for one in said for obj, words in _one(connection, memos, one).items()}


def _one(connection: Connection, memos: Memos, memo: Memo) -> Mapping[ObjectId, str]:
    try:
        return memos.open(connection, [memo])
    except Broken:
        _log.error("the words of a request do not open; it is left out")
        return {}


def _memo(row: Row[*tuple[Any, ...]]) -> Memo:
    return Memo(
        object=ObjectId(row.object),
        subject=Subject(row.subject),
        purpose=Purpose(row.purpose),
        epoch=Epoch(row.epoch),
        sealed=row.words,
    )


def _read(row: Row[*tuple[Any, ...]], words: str | None) -> Request:
    return Request(
        id=ObjectId(row.object),
        subject=Subject(row.subject),
        purpose=Purpose(row.purpose),
        wish=Wish(scenario=row.scenario, seed=row.seed, words=words, form=row.form),
    )
