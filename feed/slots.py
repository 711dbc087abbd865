# SPDX-License-Identifier: Apache-2.0
"""Put inserts between posts. Pure: values in, a page and its reasons out.

Rules, each a value of the policy's `[slots]`; an insert that breaks one is held back:
1. quiet       after `hide` for some hours, after `fewer` for some days
2. thin        a feed of too few posts has none
3. day, week   at most so many new ones in a rolling day and week; a newcomer has a lower week,
               a person may want less (feed/preferences); a week of none holds back old ones too
4. cooldown    a new one not sooner than some hours after the one before
5. scenario    the same scenario not again for some days
6. session     at most so many in one reading of the feed, over all its pages
7. page        at most so many on a page
8. no-slot     not before the first slot, never first or last, far enough from the one before,
               and only between ordinary posts: an unknown neighbour counts as sensitive
Posts keep their order. What was listed before may be listed again: it is not new.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from consent.policy import SlotRules
from consent.words import DAY, HOUR, Micros

NO_QUIET: Final = Micros(0)


class Neighbour(StrEnum):
    """What a post is, as far as an insert beside it is concerned."""

    ORDINARY = "ordinary"
    AD = "ad"
    SENSITIVE = "sensitive"
    GRIEF = "grief"
    UNKNOWN = "unknown"  #: nobody has classed it: fails closed


class Hold(StrEnum):
    """Why an insert stays out of this page."""

    QUIET = "quiet"
    THIN = "thin"
    DAY = "day"
    WEEK = "week"
    COOLDOWN = "cooldown"
    SCENARIO = "scenario"
    SESSION = "session"
    PAGE = "page"
    NO_SLOT = "no-slot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organic:
    """A post as the blend sees it."""

    id: int
    neighbour: Neighbour


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An insert that waits for a slot; newest first wins."""

    id: int
    scenario: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An insert that this person's feed has listed, and when first."""

    id: int
    scenario: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What came before this page: over the weeks, and in this reading."""

    shown: tuple[Shown, ...] = ()
    quiet_until: Micros = NO_QUIET
    newcomer: bool = False
    posts_before: int = 0  #: posts on earlier pages of this reading
    posts_since: int | None = None  #: posts since this reading's last insert, None before any
    inserts_before: int = 0  #: inserts on earlier pages of this reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """A page in order, and why the others are not on it."""

    items: tuple[Organic | Ready, ...]
    held: tuple[tuple[int, Hold], ...]

    @property
    def placed(self) -> tuple[Ready, ...]:
        """List the inserts of the page in order."""
        return tuple(item for item in self.items if isinstance(item, Ready))


def blend(
    organic: Sequence[Organic],
    ready: Sequence[Ready],
    rules: SlotRules,
    past: Past,
    now: Micros,
) -> Blend:
    """Blend one page: every post in its order, inserts where all rules allow."""
    items: list[Organic | Ready] = []
    waiting = list(ready)
    for place, post in enumerate(organic):
        if waiting and _fits(organic, place, rules, past):
            chosen = next((r for r in waiting if not _hold(r, organic, rules, past, now)), None)
            if chosen is not None and _full(items, rules, past) is None:
                waiting.remove(chosen)
                items.append(chosen)
                past = _after(past, chosen, place, now)
        items.append(post)
    left = _full(items, rules, past) or Hold.NO_SLOT
    held = tuple((r.id, _hold(r, organic, rules, past, now) or left) for r in waiting)
    return Blend(items=tuple(items), held=held)


def _fits(organic: Sequence[Organic], place: int, rules: SlotRules, past: Past) -> bool:
    """Say whether an insert may stand right before `organic[place]`."""
    if place == 0 or past.posts_before + place < rules.first - 1:
        return False
    if past.posts_since is not None and past.posts_since + place < rules.gap:
        return False
    beside = {organic[place - 1].neighbour, organic[place].neighbour}
    return rules.allow_sensitive_neighbour or beside == {Neighbour.ORDINARY}


def _hold(
    ready: Ready, organic: Sequence[Organic], rules: SlotRules, past: Past, now: Micros
) -> Hold | None:
    if now < past.quiet_until:
        return Hold.QUIET
    if past.posts_before + len(organic) < rules.least_organic:
        return Hold.THIN
    if rules.per_week == 0:
        return Hold.WEEK
    if any(shown.id == ready.id for shown in past.shown):
        return None
    return _capped(rules, past, now) or _again(ready, rules, past, now)


def _capped(rules: SlotRules, past: Past, now: Micros) -> Hold | None:
    per_week = min(rules.per_week, rules.newcomer_per_week) if past.newcomer else rules.per_week
    if sum(now - shown.at < DAY for shown in past.shown) >= rules.per_day:
        return Hold.DAY
    if sum(now - shown.at < 7 * DAY for shown in past.shown) >= per_week:
        return Hold.WEEK
    cooled = now - rules.cooldown_hours * HOUR
    return Hold.COOLDOWN if any(shown.at > cooled for shown in past.shown) else None


def _again(ready: Ready, rules: SlotRules, past: Past, now: Micros) -> Hold | None:
    lately = {s.scenario for s in past.shown if now - s.at < rules.scenario_days * DAY}
    return Hold.SCENARIO if ready.scenario in lately else None


def _after(past: Past, placed: Ready, place: int, now: Micros) -> Past:
    """Count the placed insert; `posts_since` is kept relative to this page's first post."""
    known = any(shown.id == placed.id for shown in past.shown)
    new = () if known else (Shown(id=placed.id, scenario=placed.scenario, at=now),)
    return replace(past, shown=past.shown + new, posts_since=-place)


def _full(
    items: Sequence[Organic | Ready], rules: SlotRules, past: Past
) -> Literal[Hold.SESSION, Hold.PAGE] | None:
    """Say whether this reading, or this page, has as many inserts as it may."""
    count = sum(isinstance(item, Ready) for item in items)
    if past.inserts_before + count >= rules.per_session:
        return Hold.SESSION
    return Hold.PAGE if count >= rules.per_page else None
