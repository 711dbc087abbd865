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

from sqlalchemy import Connection, Table, bindparam, delete, select

from consent.errors import Misused
from consent.prepared import Prepared
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
    return bool(_TAKEN(connection, viewer=viewer, event=event.event_id))


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
    if item is None:
        return None
    for (scenario,) in _SCENARIO(connection, viewer=viewer, item=item):
        return Target(on=On.INSERT, item=item, scenario=scenario)
    return Target(on=On.POST, item=item) if _POST(connection, item=item) else None


_TAKEN: Final = Prepared(
    select(feed_event.c.at).where(
        feed_event.c.subject == bindparam("viewer"), feed_event.c.event == bindparam("event")
    )
)
_SCENARIO: Final = Prepared(
    select(feed_insert.c.scenario).where(
        feed_insert.c.subject == bindparam("viewer"), feed_insert.c.object == bindparam("item")
    )
)
_POST: Final = Prepared(select(post.c.id).where(post.c.id == bindparam("item")))


class Keeping:
    """The acts of one transaction: those on posts wait, to be written together in their order."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._events: list[dict[str, object]] = []
        self._posts: list[dict[str, object]] = []
        self._noted: set[tuple[Subject, str]] = set()

    def note(self, viewer: Subject, event: Event) -> bool:
        """Remember that an event was taken; False where it had been before."""
        name = (viewer, event.event_id)
        if name in self._noted or taken(self._writing.reading, viewer, event):
            return False
        self._noted.add(name)
        row = {"subject": viewer, "event": event.event_id, "at": self._writing.now}
        self._events.append(row)
        return True

    def keep(self, viewer: Subject, event: Event, about: Target, lesson: int) -> None:
        """Keep one act, or take the last one back. `lesson` is the id of what is learned of it."""
        if about.on is On.CARD:
            return
        if event.kind is Kind.UNDO:
            self.write()
            table = feed_act if about.on is On.INSERT else post_act
            _undo(self._writing.connection, viewer, table, about.item)
            return
        own = {
            "event": event.event_id,
            "item": about.item,
            "kind": event.kind,
            "at": self._writing.now,
            "page": event.page,
        }
        if about.on is On.POST:
            self._posts.append(own | {"subject": viewer})
        else:
            self._keep_on_basis(viewer, own | {"lesson": lesson})

    def _keep_on_basis(self, viewer: Subject, own: Mapping[str, object]) -> None:
        epoch = bases(self._writing.reading, [viewer], [_PURPOSE]).get((viewer, _PURPOSE))
        if epoch is not None:
            basis = {"subject": viewer, "purpose": _PURPOSE, "epoch": epoch}
            self._writing.insert(feed_act, [{**own, **basis}])

    def write(self) -> None:
        """Write what waits."""
        events, self._events = self._events, []
        acts, self._posts = self._posts, []
        self._writing.insert(feed_event, events)
        self._writing.insert(post_act, acts)


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
