# SPDX-License-Identifier: Apache-2.0
"""One reading of the feed by many people: posts, and inserts where the slot rules let them stand.

Listed is what a page holds, whether or not anybody reads so far; seen is what they came to. What
somebody makes of an insert can end their visit, so each is met before the next one is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.simulation import knowledge, placing, streams
from engine.simulation.agreeing import Flags
from engine.simulation.block import NOBODY, READY, Block
from engine.simulation.placing import FAR, NO_PLACE, Before, Waiting, Whole
from engine.simulation.setup import MINUTES, PAGE
from engine.simulation.streams import Stream

_RULES: Final = (
    "first", "gap", "per_page", "per_day", "per_week", "per_session", "cooldown_hours",
    "least_organic", "scenario_days", "newcomer_per_week", "allow_sensitive_neighbour",
)  # fmt: skip
_DELICATE: Final = ("posts.ad", "posts.sensitive", "posts.grief", "posts.unknown")
_HOUR: Final = 60
_SHORTS: Final = 1 << 16
_PAGES: Final = 2


@dataclass(slots=True, kw_only=True)
class Readers:
    """People with an insert that waits, reading. Shapes: each (n,)."""

    who: Whole
    minute: Whole
    left: Whole  #: posts they will have read: an insert can end the visit
    last: Whole  #: place of the reading's last insert, -FAR before any
    page: int = 0  #: pages they have turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """Inserts that people come to, one each. Shapes: each (n,)."""

    who: Whole
    minute: Whole
    slot: Whole  #: which of their waiting inserts
    since: Whole  #: posts since the reading's insert before, FAR or more for none


Meet = Callable[[Sighted], Flags]
"""What people make of inserts; says whose visit ends there. Shapes: (n,)."""


def waiting(block: Block, who: Whole, minute: Whole) -> Flags:
    """Say which of each person's inserts wait for a slot. Shapes: (n, READY)."""
    feed = block.feed
    return np.asarray((feed.scenario[who] != NOBODY) & (feed.until[who] > minute[:, np.newaxis]))


def read(block: Block, readers: Readers, meet: Meet) -> None:
    """Let people read to the end, page by page."""
    past = _past(block, readers)
    listed = np.zeros((len(readers.who), READY), np.bool_)
    while len(on := np.flatnonzero(readers.left > readers.page * PAGE)):
        places = _page(block, readers, on, past, listed)
        places = np.where(places == NO_PLACE, NO_PLACE, places + readers.page * PAGE)
        _list(block, readers, on, places)
        _come_to(readers, on, np.where(places == NO_PLACE, FAR, places), meet)
        readers.page += 1


def _page(block: Block, readers: Readers, on: Whole, past: Before, listed: Flags) -> Whole:
    """Blend one page for those who read so far. Shapes: (n, READY)."""
    who, minute = readers.who[on], readers.minute[on]
    rules = {name: block.setup.regimes.of(name, block.regime[who]) for name in _RULES}
    ready = waiting(block, who, minute) & ~listed[on]
    now = placing.part(past, on)
    places = placing.place(
        _ordinary(block, who, readers.page),
        np.full(len(on), PAGE),
        _ready(block, who, minute, ready, rules["scenario_days"]),
        rules,
        now,
    )
    placing.put_back(past, on, now)
    listed[on] |= places != NO_PLACE
    return places


def _ready(block: Block, who: Whole, minute: Whole, ready: Flags, days: Whole) -> Waiting:
    feed = block.feed
    scenario = np.where(ready, feed.scenario[who], NOBODY)
    had = np.take_along_axis(feed.had[who], np.maximum(scenario, 0), axis=1)
    lately = minute[:, np.newaxis] - had < days[:, np.newaxis] * MINUTES
    return Waiting(scenario=scenario, known=feed.listed[who], lately=lately)


def _ordinary(block: Block, who: Whole, page: int) -> Flags:
    """Say which posts of a page are ordinary ones. Shapes: (n, PAGE)."""
    setup, today = block.setup, block.setup.first_day + block.day
    drawn = streams.shorts(
        setup.key,
        block.people.draw_key[who],
        today,
        Stream.POSTS,
        visit=block.visit * _PAGES + page,
        count=PAGE,
    )
    delicate = sum(setup.know[share] for share in _DELICATE)
    return np.asarray(drawn >= round(delicate * _SHORTS))


def _past(block: Block, readers: Readers) -> Before:
    who, minute, feed = readers.who, readers.minute, block.feed
    since = minute[:, np.newaxis] - feed.shown[who]
    cooled = block.setup.regimes.of("cooldown_hours", block.regime[who]) * _HOUR
    carded = block.setup.regimes.of_handling("carded", block.regime[who]) > 0.0
    return Before(
        day=(since < MINUTES).sum(axis=1),
        week=(since < 7 * MINUTES).sum(axis=1),
        recent=np.asarray((since < cooled[:, np.newaxis]).any(axis=1)),
        quiet=feed.quiet[who] > minute,
        newcomer=~(feed.liked[who] | carded),
        posts_before=np.zeros(len(who), np.int64),
        posts_since=np.full(len(who), FAR),
        inserts_before=np.zeros(len(who), np.int64),
    )


def _list(block: Block, readers: Readers, on: Whole, places: Whole) -> None:
    """Keep what the page holds: for what is new, when and where."""
    feed = block.feed
    for slot in range(READY):
        who, minute = readers.who[on], readers.minute[on]
        new = np.flatnonzero((places[:, slot] != NO_PLACE) & ~feed.listed[who, slot])
        who, minute = who[new], minute[new]
        knowledge.listed(block, who, minute)
        feed.had[who, feed.scenario[who, slot]] = minute
        feed.listed[who, slot] = True
        block.rows.set("listed", feed.row[who, slot], minute)
        block.rows.set("place", feed.row[who, slot], places[new, slot])


def _come_to(readers: Readers, on: Whole, places: Whole, meet: Meet) -> None:
    """Let people come to the page's inserts, the upper one first. Shapes: places (n, READY)."""
    order = np.argsort(places, axis=1, kind="stable")
    for turn in range(READY):
        slot = order[:, turn]
        place = places[np.arange(len(on)), slot]
        here = np.flatnonzero(place < readers.left[on])
        them, at = on[here], place[here]
        since = at - readers.last[them]
        sighted = Sighted(
            who=readers.who[them], minute=readers.minute[them], slot=slot[here], since=since
        )
        readers.last[them] = at
        ends = meet(sighted)
        readers.left[them[ends]] = at[ends] + 1
