# SPDX-License-Identifier: Apache-2.0
"""The people whose posts fill a feed: synthetic authors, warm small talk, no news, nobody real.

`data/posts/` holds who they are and what they say, by beat and time of day. Same seed, same days,
same posts: a text is not said again before all of its hour have been said.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from consent.words import DAY, HOUR, Micros
from feed.slots import Neighbour

_HOURS: Final = {"morning": (6, 11), "day": (11, 18), "evening": (18, 23)}
_SHARES: Final = {"morning": (9, 1), "day": (14, 2), "evening": (9, 1)}
"""How many posts of each time of day are words alone, and how many carry a drawing."""


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
    said = sorted(
        ((at, line) for hour in _HOURS for at, line in _said(hour, number, seed, rng)),
        key=lambda one: (one[0], one[1].text),
    )
    written: list[Written] = []
    for place, (at, line) in enumerate(said):
        before = written[-1].author if written else ""
        authors = [name for name in shipped().authors[line.beat] if name != before]
        name = authors[int(rng.integers(len(authors)))]
        written.append(_written(line, at, name, f"{seed} {number} {place}"))
    return tuple(written)


def _said(
    hour: str, number: int, seed: int, rng: np.random.Generator
) -> list[tuple[Micros, Line]]:
    """Take the next lines of this hour, some with a drawing, at times within it."""
    lines, (plain, drawn) = shipped().lines[hour], _SHARES[hour]
    taken = [
        *_next([line for line in lines if not line.picture], plain, number, seed),
        *_next([line for line in lines if line.picture], drawn, number, seed),
    ]
    first, last = _HOURS[hour]
    times = rng.integers(first * HOUR, last * HOUR, len(taken)) + number * DAY
    return [(Micros(int(at)), line) for at, line in zip(times, taken, strict=True)]


def _next(deck: Sequence[Line], count: int, number: int, seed: int) -> list[Line]:
    """Go on in a shuffled deck where the day before stopped."""
    order = np.random.default_rng([seed, len(deck)]).permutation(len(deck))
    return [deck[order[(number * count + n) % len(deck)]] for n in range(count)]


def _written(line: Line, at: Micros, author: str, name: str) -> Written:
    digest = hashlib.sha256(f"onlyou post {name}".encode()).digest()
    return Written(
        id=int.from_bytes(digest[:8], "big") >> 1,
        author=author,
        text=line.text,
        picture=line.picture,
        alt=line.alt,
        neighbour=line.neighbour,
        at=at,
    )
