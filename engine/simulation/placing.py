# SPDX-License-Identifier: Apache-2.0
"""The feed's slot rules for many pages at once: the same answers as feed/slots.blend.

A test holds both against each other on random pages. What is known here of the past is what the
rules ask for: counts of the last day and week, not lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation.agreeing import Flags

NO_PLACE: Final = -1
FAR: Final = 1 << 20
"""Posts since the last insert of a reading that has had none."""

Whole = NDArray[np.int64]
Rules = Mapping[str, Whole]
"""Slot rules by name. Shapes: each (n,)."""


@dataclass(slots=True, kw_only=True)
class Before:
    """What came before a page. Shapes: each (n,)."""

    day: Whole  #: new inserts of the last 24 hours
    week: Whole  #: and of the last seven days
    recent: Flags  #: one of them within the cooldown
    quiet: Flags
    newcomer: Flags
    posts_before: Whole
    posts_since: Whole  #: FAR for none in this reading
    inserts_before: Whole


@dataclass(slots=True, kw_only=True)
class Waiting:
    """Inserts that wait for a slot, the newest first. Shapes: each (n, k)."""

    scenario: Whole  #: negative for none
    known: Flags  #: listed before: it is not new
    lately: Flags  #: its scenario was listed too lately


def place(ordinary: Flags, length: Whole, waiting: Waiting, rules: Rules, past: Before) -> Whole:
    """Say before which post each insert stands, NO_PLACE for those held back.

    Shapes: ordinary (n, posts) and length (n,) say what the page's posts are and how many; returns
    (n, k). `past` and `waiting` are changed: they tell of the time after this page.
    """
    n, k = waiting.scenario.shape
    places = np.full((n, k), NO_PLACE)
    fits = _fits(ordinary, length, rules, past)
    allowed = np.minimum(rules["per_session"] - past.inserts_before, rules["per_page"])
    posts = past.posts_before + length
    for round_ in range(min(k, max(0, int(allowed.max(initial=0))))):
        free = (waiting.scenario >= 0) & (places == NO_PLACE) & ~_held(waiting, rules, past, posts)
        at = _first(fits, rules, past)
        chosen = free.argmax(axis=1)
        able = free.any(axis=1) & (at != NO_PLACE) & (round_ < allowed)
        places[able, chosen[able]] = at[able]
        past.posts_since[able] = -at[able]
        fits[able] &= np.arange(fits.shape[1]) > at[able, np.newaxis]
        _count(np.flatnonzero(able), chosen, waiting, rules, past)
    past.posts_before = posts
    past.posts_since = np.where(past.posts_since >= FAR, FAR, past.posts_since + length)
    past.inserts_before = past.inserts_before + (places != NO_PLACE).sum(axis=1)
    return places


def _fits(ordinary: Flags, length: Whole, rules: Rules, past: Before) -> Flags:
    """Say where any insert may stand, but for the gap. Shapes: (n, posts)."""
    at = np.arange(ordinary.shape[1])
    beside = np.zeros_like(ordinary)
    beside[:, 1:] = ordinary[:, 1:] & ordinary[:, :-1]
    beside |= (rules["allow_sensitive_neighbour"] > 0)[:, np.newaxis] & (at > 0)
    first = np.maximum(rules["first"] - 1 - past.posts_before, 1)
    return np.asarray(beside & (at >= first[:, np.newaxis]) & (at < length[:, np.newaxis]))


def _first(fits: Flags, rules: Rules, past: Before) -> Whole:
    """Find the first place far enough from the insert before. Shapes: (n,)."""
    gap = (rules["gap"] - past.posts_since)[:, np.newaxis]
    open_ = fits & (np.arange(fits.shape[1]) >= gap)
    return np.where(open_.any(axis=1), open_.argmax(axis=1), NO_PLACE)


def _held(waiting: Waiting, rules: Rules, past: Before, posts: Whole) -> Flags:
    """Say what is held back whatever the place. Shapes: (n, k)."""
    shut = past.quiet | (posts < rules["least_organic"]) | (rules["per_week"] == 0)
    newcomers = np.minimum(rules["per_week"], rules["newcomer_per_week"])
    per_week = np.where(past.newcomer, newcomers, rules["per_week"])
    full = (past.day >= rules["per_day"]) | (past.week >= per_week) | past.recent
    new = ~waiting.known & (full[:, np.newaxis] | waiting.lately)
    return np.asarray(shut[:, np.newaxis] | new)


def _count(who: Whole, chosen: Whole, waiting: Waiting, rules: Rules, past: Before) -> None:
    """Count the chosen inserts of some people, as far as they are new."""
    which = chosen[who]
    fresh = who[~waiting.known[who, which]]
    past.day[fresh] += 1
    past.week[fresh] += 1
    past.recent[fresh] |= rules["cooldown_hours"][fresh] > 0
    same = waiting.scenario[fresh] == waiting.scenario[fresh, chosen[fresh], np.newaxis]
    waiting.lately[fresh] |= same & (rules["scenario_days"][fresh] > 0)[:, np.newaxis]


def part(past: Before, some: Whole) -> Before:
    """Take the past of some of the people."""
    return Before(**{name: getattr(past, name)[some] for name in Before.__slots__})


def put_back(past: Before, some: Whole, now: Before) -> None:
    """Put back what `part` took, as it is after a page."""
    for name in Before.__slots__:
        getattr(past, name)[some] = getattr(now, name)
