# SPDX-License-Identifier: Apache-2.0
"""Compose one page from what the database holds now. Reads only; the page writes it down."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from consent.policy import Policy, SlotRules
from consent.standing import newest_terms
from consent.words import Micros, Purpose, Subject
from feed import inserts, preferences, quiet
from feed.cursors import Cursor
from feed.inserts import Placed
from feed.items import Imagined, Item, Post, Preview
from feed.posts import Published
from feed.preferences import NO_WISHES
from feed.scenarios import Catalogue
from feed.slots import Blend, Organic, Past, Ready, Shown, blend

CARD: Final = Ready(id=0, scenario="")
"""The card that asks, as the blend sees it: it needs a slot like an insert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a viewer stands with inserts."""

    held: bool  #: there is a basis, so there may be inserts
    asking: bool  #: the card that asks is due; then nothing else of theirs is shown
    accepted: bool  #: they said yes to the card
    inserts: bool = True  #: whether any was ever placed for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A page that a viewer asks for, and the posts that are there for it."""

    viewer: Subject
    place: Cursor
    size: int
    found: Sequence[Published]  #: one more than fit, where there are more


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A page before it is written down."""

    blend: Blend
    posts: Mapping[int, Post]
    placed: Mapping[int, Placed]
    more: bool
    asked_at: Micros  #: since when the card is due, where it is
    shown: tuple[Shown, ...] = ()  #: what earlier pages have held

    def seen(self, policy: Policy) -> tuple[object, ...]:
        """Tell this draft from that under another policy by what a reader would meet."""
        places = tuple((isinstance(item, Ready), item.id) for item in self.blend.items)
        return (places, policy.labels.visible_to if self.blend.placed else "")

    def items(self, policy: Policy, catalogue: Catalogue) -> tuple[Item, ...]:
        """Name everything on the page in order."""
        return tuple(self._item(item, policy, catalogue) for item in self.blend.items)

    def _item(self, item: Organic | Ready, policy: Policy, catalogue: Catalogue) -> Item:
        if isinstance(item, Organic):
            return self.posts[item.id]
        if item is CARD:
            return Preview(labels=policy.labels, created_at=self.asked_at)
        placed = self.placed[item.id]
        return Imagined(
            object=placed.object,
            scenario=catalogue.of(placed.scenario),
            labels=policy.labels,
            created_at=placed.placed_at,
            expires_at=placed.expires_at,
        )

    def onward(self, place: Cursor) -> Cursor | None:
        """Say where the next page begins; None at the end."""
        organic = [item for item in self.blend.items if isinstance(item, Organic)]
        if not self.more or not organic:
            return None
        last = self.posts[organic[-1].id]
        return replace(
            place,
            post_at=last.created_at,
            post_id=last.id,
            posts_before=place.posts_before + len(organic),
            posts_since=self._since(place.posts_since),
            listed=(*place.listed, *(ready.id for ready in self.blend.placed)),
        )

    def _since(self, before: int | None) -> int | None:
        since = before
        for item in self.blend.items:
            since = 0 if isinstance(item, Ready) else None if since is None else since + 1
        return since


def compose(
    connection: Connection,
    page: Asked,
    standing: Standing,
    *,
    rules: SlotRules,
    catalogue: Catalogue,
    now: Micros,
) -> Draft:
    """Compose a page of at most `size` items, posts and inserts together."""
    viewer, place, found = page.viewer, page.place, page.found
    waiting = _waiting(connection, viewer, place, standing, now)
    wanted = preferences.of(connection, viewer) if standing.asking or waiting else NO_WISHES
    rules = preferences.lowered(rules, wanted)
    ready = _ready(waiting, place, standing, wanted.unwanted(catalogue))
    past = _past(connection, viewer, place, standing, rules) if ready else Past()
    blended = _fit(found, ready, rules, past, size=page.size, now=place.snapshot)
    shown = len(blended.items) - len(blended.placed)
    return Draft(
        blend=blended,
        posts={one.post.id: one.post for one in found},
        placed={placed.object: placed for placed in waiting},
        more=len(found) > shown,
        asked_at=_asked_at(connection, viewer) if CARD in blended.placed else Micros(0),
        shown=past.shown,
    )


def _asked_at(connection: Connection, viewer: Subject) -> Micros:
    terms = newest_terms(connection, [viewer], [Purpose.FEED_INSERT])
    return terms[viewer, Purpose.FEED_INSERT].at


def _waiting(
    connection: Connection, viewer: Subject, place: Cursor, standing: Standing, now: Micros
) -> tuple[Placed, ...]:
    if not standing.inserts:
        return ()
    found = inserts.ready(connection, viewer, placed_by=place.snapshot, now=now)
    return tuple(placed for placed in found if placed.object not in place.listed)


def _ready(
    waiting: Sequence[Placed], place: Cursor, standing: Standing, unwanted: Collection[str]
) -> tuple[Ready, ...]:
    if standing.asking:
        return () if CARD.id in place.listed else (CARD,)
    return tuple(
        Ready(id=placed.object, scenario=placed.scenario)
        for placed in waiting
        if placed.scenario not in unwanted
    )


def _past(
    connection: Connection,
    viewer: Subject,
    place: Cursor,
    standing: Standing,
    rules: SlotRules,
) -> Past:
    reading = Past(
        posts_before=place.posts_before,
        posts_since=place.posts_since,
        inserts_before=len(place.listed),
    )
    if not standing.held or standing.asking:
        return reading
    acts = quiet.said(connection, viewer)
    return replace(
        reading,
        shown=inserts.listed(connection, viewer),
        quiet_until=quiet.quiet_until(acts, rules),
        newcomer=not standing.accepted and quiet.newcomer(acts),
    )


def _fit(
    found: Sequence[Published],
    ready: Sequence[Ready],
    rules: SlotRules,
    past: Past,
    *,
    size: int,
    now: Micros,
) -> Blend:
    """Blend, and once more with fewer posts where inserts made the page too long."""
    organic = [one.organic for one in found][:size]
    first = blend(organic, ready, rules, past, now)
    if len(first.items) <= size:
        return first
    return blend(organic[: size - len(first.placed)], ready, rules, past, now)
