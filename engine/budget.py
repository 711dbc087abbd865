# SPDX-License-Identifier: Apache-2.0
"""Who is drawn for when a plan cannot draw for everybody who is due. Pure.

A plan has so many places. Of every eight, in this order:
1. drawn   one by lot among everybody: nothing known of anybody plays a part, so that these people
           are a fair sample of all who were due, each with the chance drawn / due
2. waited  two go to whoever has waited longest: with w of them a plan, nobody who is due in every
           plan waits longer than ceil(n / w) plans, n being those who waited at least as long
3. likely  the rest go by expected views for each second of rendering, highest first
With fewer than three places there is no lot; a single place goes to whoever waited longest. What
is equal is decided by the lot's numbers, never by an id.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from consent.words import Micros
from feed import draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody who is due. Units: seconds of rendering; `chance` is of a look in time."""

    draw_key: int  #: 64 bits of the person's pseudonymous tag
    chance: float
    seconds: float
    since: Micros  #: since when they wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Whose turn it is, by place in what was given; and which of them the lot chose."""

    served: tuple[int, ...]
    drawn: frozenset[int]


def places(seconds: int, each: float) -> int:
    """Say how many portraits a plan's seconds hold: one at least, or a plan would do nothing."""
    return max(1, int(seconds / each))


def split(turns: Sequence[Turn], count: int, *, seed: int, slot: int) -> Split:
    """Share `count` places out; the same people, seed and slot give the same answer.

    Units: slot is hours since 1970, another number for each plan.
    """
    everybody = range(len(turns))
    if count >= len(turns):
        return Split(served=tuple(everybody), drawn=frozenset())
    lots = _lots(turns, seed, slot)
    by_lot = sorted(everybody, key=lambda one: lots[one])
    drawn = by_lot[: (count + 5) // 8]
    rest = sorted(by_lot[len(drawn) :], key=lambda one: (turns[one].since, lots[one]))
    waited = rest[: min((count + 3) // 4, count - len(drawn))]
    rest = sorted(rest[len(waited) :], key=lambda one: (-_worth(turns[one]), lots[one]))
    likely = rest[: count - len(drawn) - len(waited)]
    return Split(served=tuple(sorted((*drawn, *waited, *likely))), drawn=frozenset(drawn))


def _worth(turn: Turn) -> float:
    """Expect so many views for each second of rendering."""
    return turn.chance / turn.seconds


def _lots(turns: Sequence[Turn], seed: int, slot: int) -> list[tuple[float, int]]:
    """Draw a number each, of a stream of its own: it says nothing about the choice of an idea."""
    name = b"onlyou turn %d" % seed
    key = int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
    people = np.array([turn.draw_key for turn in turns], np.uint64)
    drawn = draws.uniform(key, people, slot).tolist()
    return [(lot, turn.draw_key) for lot, turn in zip(drawn, turns, strict=True)]
