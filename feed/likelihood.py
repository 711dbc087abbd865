# SPDX-License-Identifier: Apache-2.0
"""How likely somebody is to look at a portrait before it expires. Pure: counts in, a chance out.

    chance = (weight * mean + seen) / (weight + all)

`seen` of `all` earlier portraits were looked at in time, each counting half as much for every two
weeks it lies back: whoever stopped coming is forgotten to be known. `mean` and `weight` are what
everybody who lets us count does, so that few portraits of one's own say little; whoever does not
let us count gets `mean`. Nothing else goes in: no face, no age, no place, no name.
Source: the beta-binomial model; its weight by moments, Kleinman, JASA 68 (1973) 46-54.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consent.words import DAY, HOUR, Micros

_HALF_LIFE: Final = 14 * DAY
_GRAIN: Final = 1024
_WEIGHTS: Final = (1.0, 64.0)
_ENOUGH: Final = 3
_CLOSE: Final = 0.8
"""So near 1 must the mean of the hours' directions be: within about two hours and a half."""
_DAY_OF_HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One portrait in somebody's feed, and when they first looked at it, if they did."""

    placed_at: Micros
    expires_at: Micros
    seen_at: Micros | None

    @property
    def in_time(self) -> bool:
        """Say whether it was looked at before it expired."""
        return self.seen_at is not None and self.seen_at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many portraits counted, and how many of them were looked at in time. Decayed."""

    seen: float = 0.0
    all: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What people in general do. Units: `weight` is portraits it counts for beside one's own."""

    mean: float
    weight: float


UNKNOWN: Final = Prior(mean=0.5, weight=2.0)
"""Before anybody's looks were counted: nothing is known, and two portraits change that."""


def tally(looks: Sequence[Look], now: Micros) -> Tally:
    """Count one person's portraits; one that can still be looked at counts once it was."""
    known = [look for look in looks if look.in_time or look.expires_at <= now]
    weights = [0.5 ** ((now - look.placed_at) / _HALF_LIFE) for look in known]
    seen = (w for w, look in zip(weights, known, strict=True) if look.in_time)
    return Tally(seen=sum(seen), all=sum(weights))


def prior(people: Sequence[Sequence[Look]], now: Micros) -> Prior:
    """Learn what people do from whoever lets us count.

    Only portraits whose time is over count here: looks come before expiries, so a young portrait
    is known only when it went well.
    """
    over = [[look for look in looks if look.expires_at <= now] for looks in people]
    lately = [tally(looks, now) for looks in over]
    mean = (sum(one.seen for one in lately) + UNKNOWN.mean * UNKNOWN.weight) / (
        sum(one.all for one in lately) + UNKNOWN.weight
    )
    return Prior(mean=mean, weight=_weight([_plain(looks) for looks in over if looks]))


def chance(own: Tally | None, people: Prior) -> float:
    """Say how likely one person is to look in time; without a tally, as likely as people are.

    Returns a multiple of 1/1024, so that an order does not hang on the last bit of a sum.
    """
    one = own or Tally()
    found = (people.weight * people.mean + one.seen) / (people.weight + one.all)
    return round(found * _GRAIN) / _GRAIN


def usual_hour(looks: Sequence[Look]) -> float | None:
    """Name the time of day at which somebody looks; None where there is no such habit.

    Units: hours since midnight UTC. The mean of directions on a clock, so that 23 and 1 make 0.
    """
    hours = [look.seen_at % DAY / HOUR for look in looks if look.seen_at is not None]
    if len(hours) < _ENOUGH:
        return None
    turns = [2 * math.pi * hour / _DAY_OF_HOURS for hour in hours]
    east = sum(map(math.cos, turns)) / len(turns)
    north = sum(map(math.sin, turns)) / len(turns)
    if math.hypot(east, north) < _CLOSE:
        return None
    return math.atan2(north, east) / (2 * math.pi) * _DAY_OF_HOURS % _DAY_OF_HOURS


def _plain(looks: Sequence[Look]) -> Tally:
    """Count without decay: the spread of shares is known of whole portraits only."""
    return Tally(seen=sum(look.in_time for look in looks), all=len(looks))


def _weight(counted: Sequence[Tally]) -> float:
    """Weigh the mean by how alike people are: by the spread of their shares around it."""
    total = sum(one.all for one in counted)
    if not 0.0 < (mean := sum(one.seen for one in counted) / max(total, 1.0)) < 1.0:
        return UNKNOWN.weight
    spread = sum(one.all * (one.seen / one.all - mean) ** 2 for one in counted)
    by_chance = len(counted) - 1
    most = total - sum(one.all**2 for one in counted) / total - by_chance
    if most <= 0.0:
        return UNKNOWN.weight
    apart = (spread / (mean * (1.0 - mean)) - by_chance) / most
    least, largest = _WEIGHTS
    return largest if apart <= 0.0 else min(max(1.0 / apart - 1.0, least), largest)
