# SPDX-License-Identifier: Apache-2.0
"""Keep what a person did with items of their feed, and take it back.

An act on an insert hangs on the basis of the inserts and goes with it; an act on a post is the
person's own and goes with their account. Which events were taken stays apart from both, without
content, so that a repeated one is known even after a withdrawal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, Table, delete, select

from consent.errors import Misused
from consent.standing import bases
from consent.words import Purpose, Reason, Subject, parse_id
from consent.writing import Writing
from feed.items import PREVIEW_ID
from feed.memory import forget
from feed.reports import Why
from feed.tables import feed_act, feed_event, feed_insert, post, post_act

_PURPOSE: Final = Purpose.FEED_INSERT


class Kind(StrEnum):
    """What can be said of an item."""

    ACCEPT = "accept"
    LIKE = "like"
    HIDE = "hide"
    FEWER = "fewer"
    STOP = "stop"
    REPORT = "report"
    SHARE_INTENT = "share_intent"
    UNDO = "undo"


class On(StrEnum):
    """What it is said of."""

    INSERT = "insert"
    POST = "post"
    CARD = "card"  #: the question before the first insert


_SAYABLE: Final[Mapping[On, frozenset[Kind]]] = MappingProxyType(
    {
        On.CARD: frozenset({Kind.ACCEPT, Kind.HIDE, Kind.STOP}),
        On.INSERT: frozenset(Kind) - {Kind.ACCEPT},
        On.POST: frozenset(Kind) - {Kind.ACCEPT},
    }
)
LESSONS: Final = frozenset({Kind.LIKE, Kind.HIDE, Kind.FEWER, Kind.REPORT, Kind.SHARE_INTENT})
"""What may be learned from, where it is about an insert and the person lets us."""
UNDOABLE: Final = (Kind.HIDE, Kind.FEWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One act, as the client sent it; `event_id` is theirs, `page` where it was said, if known."""

    event_id: str
    item_id: str
    kind: Kind
    page: int | None = None
    why: Why | None = None  #: what is wrong with what is reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An item in a person's own feed."""

    on: On
    item: int = 0
    scenario: str | None = None


class NoSuchItem(Misused):
    """An item that is nobody's or somebody else's: the two cannot be told apart."""


def taken(connection: Connection, viewer: Subject, event: Event) -> bool:
    """Say whether an event was taken before."""
    known = select(feed_event.c.at).where(
        feed_event.c.subject == viewer, feed_event.c.event == event.event_id
    )
    return connection.execute(known).first() is not None


def target(connection: Connection, viewer: Subject, event: Event) -> Target:
    """Find what an event is about. Errors: NoSuchItem, Misused for what cannot be said."""
    found = find(connection, viewer, event.item_id)
    if found is None:
        raise NoSuchItem(Reason.UNKNOWN_KEY, "there is no such item in your feed")
    if event.kind not in _SAYABLE[found.on]:
        raise Misused(Reason.UNKNOWN_KEY, f"{event.kind} cannot be said of a {found.on}")
    return found


def find(connection: Connection, viewer: Subject, item_id: str) -> Target | None:
    """Find an item of somebody's feed; None for what is not in it."""
    if item_id == PREVIEW_ID:
        return Target(on=On.CARD)
    item = parse_id(item_id)
    mine = (feed_insert.c.subject == viewer, feed_insert.c.object == item)
    scenario = connection.execute(select(feed_insert.c.scenario).where(*mine)).scalar()
    if item is not None and scenario is not None:
        return Target(on=On.INSERT, item=item, scenario=scenario)
    known = connection.execute(select(post.c.id).where(post.c.id == item)).scalar()
    return None if known is None else Target(on=On.POST, item=known)


def keep(writing: Writing, viewer: Subject, event: Event, about: Target, lesson: int) -> None:
    """Keep one act, or take the last one back. `lesson` is the id of what is learned from it."""
    if about.on is On.CARD:
        return
    table = feed_act if about.on is On.INSERT else post_act
    if event.kind is Kind.UNDO:
        _undo(writing.connection, viewer, table, about.item)
        return
    own = {
        "event": event.event_id,
        "item": about.item,
        "kind": event.kind,
        "at": writing.now,
        "page": event.page,
    }
    if about.on is On.POST:
        writing.insert(post_act, [own | {"subject": viewer}])
        return
    epoch = bases(writing.connection, [viewer], [_PURPOSE]).get((viewer, _PURPOSE))
    if epoch is not None:
        basis = {"subject": viewer, "purpose": _PURPOSE, "epoch": epoch}
        writing.insert(feed_act, [own | basis | {"lesson": lesson}])


def note(writing: Writing, viewer: Subject, event: Event) -> None:
    """Remember that an event was taken."""
    row = {"subject": viewer, "event": event.event_id, "at": writing.now}
    writing.insert(feed_event, [row])


def _undo(connection: Connection, viewer: Subject, table: Table, item: int) -> None:
    mine = (table.c.subject == viewer, table.c.item == item, table.c.kind.in_(UNDOABLE))
    last = connection.execute(
        select(table.c.event).where(*mine).order_by(table.c.at.desc()).limit(1)
    ).scalar()
    if last is None:
        return
    this = (table.c.subject == viewer, table.c.event == last)
    if table is feed_act:
        forget(
            connection,
            viewer,
            connection.execute(select(feed_act.c.lesson).where(*this)).scalar_one(),
        )
    connection.execute(delete(table).where(*this))
