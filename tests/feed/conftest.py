# SPDX-License-Identifier: Apache-2.0
"""A home whose feed has two days of posts, and short words for what a person does in it."""

from dataclasses import dataclass
from typing import Any

import pytest

from consent.words import DAY, HOUR, ObjectId, Purpose, Step, Subject, public_id
from feed import population
from feed.acts import Event, Kind
from feed.items import FeedPage, Imagined, Item, Post, Preview
from feed.room import FeedRoom, build
from tests.rooms import Rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A whole home, seen from the feed."""

    rooms: Rooms
    feed: FeedRoom

    def now(self) -> int:
        """Tell the time."""
        return self.rooms.clock.now()

    def later(self, *, hours: float = 0, days: float = 0) -> None:
        """Turn the clock."""
        self.rooms.clock.advance((hours * HOUR + days * DAY) / 1_000_000)

    def insert(self, subject: Subject, scenario: str = "aurora") -> ObjectId:
        """Make a portrait and place it through the room's own door."""
        obj = self.rooms.portrait(subject, Purpose.FEED_INSERT)
        permit = self.rooms.ask(Step.INSERT, subject, Purpose.FEED_INSERT, obj, request=obj)
        self.feed.inserts.place([permit], [scenario])
        return obj

    def page(self, viewer: Subject, cursor: str | None = None, limit: int = 20) -> FeedPage:
        """Read a page."""
        return self.feed.pages.of(viewer, cursor, limit)

    def say(self, viewer: Subject, kind: str, item: ObjectId | str, event: str = "") -> str:
        """Say something of an item; the status that came back."""
        item_id = item if isinstance(item, str) else public_id(item)
        one = Event(event_id=event or f"{kind}-{item_id}", item_id=item_id, kind=Kind(kind))
        (result,) = self.feed.feedback.record(viewer, [one])
        assert result.event_id == one.event_id
        return result.status

    def written(self, *types: str) -> list[dict[str, Any]]:
        """Read the ledger's entries."""
        return self.rooms.entries(*types)


def imagined(page: FeedPage) -> list[ObjectId]:
    """Name the portraits on a page."""
    return [item.object for item in page.items if isinstance(item, Imagined)]


def posts(page: FeedPage) -> list[int]:
    """Name the posts on a page."""
    return [item.id for item in page.items if isinstance(item, Post)]


def cards(page: FeedPage) -> list[Item]:
    """List the cards that ask."""
    return [item for item in page.items if isinstance(item, Preview)]


@pytest.fixture
def home(rooms: Rooms) -> Home:
    """Open a home on SQLite with two days of posts."""
    return furnished(rooms)


def furnished(rooms: Rooms) -> Home:
    """Give a home its feed and two days of posts."""
    made = Home(rooms=rooms, feed=build(rooms.consent))
    today = rooms.clock.now() // DAY
    written = [population.day(day, seed=7) for day in (today - 2, today - 1)]
    made.feed.posts.publish([*written[0], *written[1]])
    return made
