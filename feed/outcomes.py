# SPDX-License-Identifier: Apache-2.0
"""What came of inserts, as far as it may be learned from: acts within a day of the first listing.

Rules:
1. only people who hold `personalisation` now, who were told so by the notice that is in force,
   and only acts that became lessons under it
2. an insert counts once its day is over: one that was liked at once would else be known before
   one that nobody cared for
3. nothing said is nothing: an outcome that did not come is 0
4. that somebody left cannot be learned here: whoever withdraws takes these rows along
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, select

from consent.standing import bases, newest_terms
from consent.words import DAY, Micros, Purpose, Subject
from feed.acts import Kind
from feed.tables import feed_act, feed_listed, learned

WINDOW: Final = DAY
SEEN_HEADS: Final = ("engage", "fewer", "report")
_HEADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Kind.LIKE: "engage",
        Kind.SHARE_INTENT: "engage",
        Kind.HIDE: "fewer",
        Kind.FEWER: "fewer",
        Kind.REPORT: "report",
    }
)
_PURPOSE: Final = Purpose.PERSONALISATION
_MOST: Final = 5_000
Current = Mapping[Purpose, frozenset[str]]
Place = tuple[Subject, int]
"""Whose insert, and which."""
Came = Mapping[Place, frozenset[str]]
"""What came of inserts: of each one, those of `SEEN_HEADS` that did."""


def willing(
    connection: Connection, people: Sequence[Subject], current: Current
) -> tuple[Subject, ...]:
    """Name those of some people who let us learn. `current`: hashes of the notices in force."""
    parts = (people[start : start + _MOST] for start in range(0, len(people), _MOST))
    held = sorted({who for part in parts for who, _ in bases(connection, part, [_PURPOSE])})
    terms = newest_terms(connection, held, [_PURPOSE])
    return tuple(who for who in held if terms[who, _PURPOSE].current(_PURPOSE, current))


def outcomes(connection: Connection, people: Sequence[Subject], now: Micros) -> Came:
    """Read what came of the inserts of people who let us learn (`willing`); whoever asks knows."""
    found: dict[Place, frozenset[str]] = {}
    for start in range(0, len(people), _MOST):
        found |= _outcomes(connection, people[start : start + _MOST], now)
    return found


def _outcomes(
    connection: Connection, people: Sequence[Subject], now: Micros
) -> dict[Place, frozenset[str]]:
    listed = {
        (Subject(who), item): Micros(at)
        for who, item, at in connection.execute(
            select(feed_listed.c.subject, feed_listed.c.object, feed_listed.c.at).where(
                feed_listed.c.subject.in_(people), feed_listed.c.at <= now - WINDOW
            )
        )
    }
    came: dict[Place, set[str]] = {place: set() for place in listed}
    for who, item, kind, at in connection.execute(_acts(people)):
        place = (Subject(who), item)
        if place in listed and listed[place] <= at < listed[place] + WINDOW:
            came[place].add(_HEADS[kind])
    return {place: frozenset(heads) for place, heads in came.items()}


def _acts(people: Sequence[Subject]) -> Select[Any]:
    """List lessons with the insert that each of them is about."""
    same = and_(
        learned.c.subject == feed_act.c.subject,
        learned.c.object == feed_act.c.lesson,
        learned.c.purpose == _PURPOSE,
    )
    columns = (feed_act.c.subject, feed_act.c.item, learned.c.kind, learned.c.at)
    return (
        select(*columns)
        .join(learned, same)
        .where(feed_act.c.subject.in_(people), learned.c.kind.in_(_HEADS))
    )
