# SPDX-License-Identifier: Apache-2.0
"""The people whose posts fill a feed: synthetic authors, warm small talk, no news, nobody real.

`data/posts/` holds who they are and what they say, by beat and time of day. Same seed, same days,
same posts: a text is not said again before all of its hour have been said.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from consent.words import DAY, HOUR, Micros
from feed.slots import Neighbour

_HOURS: Final = {"morning": (6, 11), "day": (11, 18), "evening": (18, 23)}
_SHARES: Final = {"morning": 10, "day": 16, "evening": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that somebody with this beat might say at this time of day."""

    beat: str
    hour: str
    text: str
    neighbour: Neighbour = Neighbour.ORDINARY
    picture: str | None = None
    alt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Authors by beat, and everything they might say."""

    authors: Mapping[str, tuple[str, ...]]
    lines: Mapping[str, tuple[Line, ...]]  #: by hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One post, with its author and time."""

    id: int
    author: str
    text: str
    picture: str | None
    alt: str | None
    neighbour: Neighbour
    at: Micros


@cache
def shipped() -> Population:
    """Read the population that comes with the package."""
    folder = files("data") / "posts"
    texts = {f.name: f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".toml")}
    authors = tomllib.loads(texts.pop("authors.toml"))
    lines = [line for name in sorted(texts) for line in parse(name[:-5], texts[name])]
    beats = sorted({line.beat for line in lines})
    return Population(
        authors={beat: tuple(n for n, own in authors.items() if beat in own) for beat in beats},
        lines={hour: tuple(line for line in lines if line.hour == hour) for hour in _HOURS},
    )


def parse(beat: str, text: str) -> tuple[Line, ...]:
    """Read what people with one beat say, by hour. Errors: ValueError or TypeError, bad keys."""
    table = tomllib.loads(text)
    if unknown := set(table) - set(_HOURS):
        raise ValueError(f"unknown key {min(unknown)!r} in posts of {beat}")
    return tuple(_line(beat, hour, one) for hour, said in table.items() for one in said)


def _line(beat: str, hour: str, said: str | Mapping[str, Any]) -> Line:
    table = {"text": said} if isinstance(said, str) else said
    neighbour = Neighbour(table.get("neighbour", Neighbour.ORDINARY))
    return Line(beat=beat, hour=hour, **{**table, "neighbour": neighbour})


def day(number: int, *, seed: int) -> tuple[Written, ...]:
    """Write one day's posts, oldest first. Units: number is days since 1970 UTC."""
    rng = np.random.default_rng([seed, number])
    written = [
        _written(line, at, rng, f"{seed} {number} {hour} {place}")
        for hour in _HOURS
        for place, (line, at) in enumerate(_said(hour, number, seed, rng))
    ]
    return tuple(sorted(written, key=lambda one: (one.at, one.id)))


def _said(
    hour: str, number: int, seed: int, rng: np.random.Generator
) -> list[tuple[Line, Micros]]:
    """Take the next lines of this hour from a shuffled deck, at times within it."""
    deck, share = shipped().lines[hour], _SHARES[hour]
    order = np.random.default_rng([seed, len(hour)]).permutation(len(deck))
    taken = [deck[order[(number * share + n) % len(deck)]] for n in range(share)]
    first, last = _HOURS[hour]
    times = np.sort(rng.integers(first * HOUR, last * HOUR, share)) + number * DAY
    return [(line, Micros(int(at))) for line, at in zip(taken, times, strict=True)]


def _written(line: Line, at: Micros, rng: np.random.Generator, name: str) -> Written:
    digest = hashlib.sha256(f"onlyou post {name}".encode()).digest()
    authors = shipped().authors[line.beat]
    return Written(
        id=int.from_bytes(digest[:8], "big") >> 1,
        author=authors[int(rng.integers(len(authors)))],
        text=line.text,
        picture=line.picture,
        alt=line.alt,
        neighbour=line.neighbour,
        at=at,
    )
