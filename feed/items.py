# SPDX-License-Identifier: Apache-2.0
"""What stands on a page, in the exact shapes that clients rely on (CONTRACTS.md, Feed item)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from consent.promises import Labels
from consent.words import Micros, ObjectId, public_id, rfc3339
from feed.scenarios import Scenario

PREVIEW_ID: Final = "preview"
"""The card that asks before the first insert: there is one in a feed, and it is nobody's."""
NOT_MADE: Final = "AI, not made yet"
ASKING: Final = "No image yet: a question whether you want portraits of yourself here"

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Post:
    """Somebody's ordinary post: it never changes, so what is written of it is written once."""

    id: int
    author: str
    text: str
    picture: str | None
    alt: str | None
    created_at: Micros

    @cached_property
    def name(self) -> str:
        """Return its id as clients see it."""
        return public_id(self.id)

    def json(self) -> Json:
        """Write it as clients see it."""
        return self._written

    @cached_property
    def _written(self) -> Json:
        return {
            "id": self.name,
            "kind": "post",
            "author": self.author,
            "text": self.text,
            "image_url": f"/pictures/{self.picture}.svg" if self.picture else None,
            "alt": self.alt or "",
            "created_at": rfc3339(self.created_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagined:
    """A portrait of the viewer, which nobody else can see."""

    object: ObjectId
    scenario: Scenario
    labels: Labels
    created_at: Micros
    expires_at: Micros

    @property
    def name(self) -> str:
        """Return its id as clients see it."""
        return public_id(self.object)

    def json(self) -> Json:
        """Write it as clients see it."""
        portrait = self.name
        return _labelled(self.labels.visible_to, self.labels.made_by) | {
            "id": portrait,
            "portrait_id": portrait,
            "preview": False,
            "image_url": f"/v1/portraits/{portrait}/image",
            "alt": self.scenario.alt,
            "scenario": {"id": self.scenario.id, "title": self.scenario.title},
            "why": f"/v1/portraits/{portrait}/why",
            "created_at": rfc3339(self.created_at),
            "expires_at": rfc3339(self.expires_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The question before the first insert. Nothing has been made."""

    labels: Labels
    created_at: Micros  #: when the person said yes to inserts, which raised the question
    name: str = PREVIEW_ID

    def json(self) -> Json:
        """Write it as clients see it."""
        return _labelled(self.labels.visible_to, NOT_MADE) | {
            "id": self.name,
            "preview": True,
            "alt": ASKING,
            "created_at": rfc3339(self.created_at),
        }


Item = Post | Imagined | Preview


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One page of one viewer's feed; no cursor at the end, one context for each item."""

    items: tuple[Item, ...]
    cursor: str | None
    req_id: str
    contexts: tuple[str, ...] = ()

    def json(self) -> Json:
        """Write it as clients see it."""
        items = zip(self.items, self.contexts, strict=True)
        body: dict[str, Any] = {
            "items": [{**item.json(), "context": context} for item, context in items]
        }
        if self.cursor is not None:
            body["cursor"] = self.cursor
        return body | {"req_id": self.req_id}


def _labelled(visible_to: str, made_by: str) -> dict[str, Any]:
    return {
        "kind": "imagined",
        "label": visible_to,
        "ai_label": made_by,
        "visible_to": "only_you",
        "is_ad": False,
    }
