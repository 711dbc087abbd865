# SPDX-License-Identifier: Apache-2.0
"""Find the idea of the catalogue that a person's words come nearest to: by the words they share.

Rules:
1. The same words find the same idea: no model, no chance; equal ideas go by their ids.
2. A word counts the more, the fewer ideas have it: "keeper" says little, "lighthouse" nearly all.
3. What an idea is called (id, title, alt text, themes, `data/prompts/also.toml`) decides. Words of
   its prompt alone decide only where two of them agree: a red scarf is no chef.
4. Where nothing fits, nothing is chosen.
Nothing that is found here reaches a model: it only says which reviewed prompt is meant.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from generation.recipes.prompts import Idea, ideas
from generation.spelling import fold

SCHEMA: Final = "onlyou-also/1"
_CALLED: Final = 3.0
_THEME: Final = 1.5
_PROMPT: Final = 1.0
_AGREE: Final = 2  # words of a prompt that decide together
_STEM: Final = 3  # letters that an ending leaves at least
_ENDINGS: Final = ("ings", "ing", "ers", "ors", "er", "or", "ies", "ed", "es", "s", "e", "y")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Reviewed words beside the catalogue's own."""

    #: scenario id -> other words under which people look for it
    also: Mapping[str, tuple[str, ...]]
    #: words that say nothing of an idea: grammar, what every picture is, colours and clothes
    faint: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An idea as its words tell it, each with the weight of the place where it stands."""

    id: str
    called: frozenset[str]
    weights: Mapping[str, float]


def fitting(text: str, among: Collection[str]) -> str | None:
    """Name the idea, of those in `among`, that a text comes nearest to; None where none does."""
    said = words_of(text)
    rare = _rarity()
    scored = [(_score(said, one, rare), one.id) for one in known() if one.id in among]
    best, name = min(((-score, name) for score, name in scored), default=(0.0, ""))
    return name if best < 0 else None


def words_of(text: str) -> frozenset[str]:
    """Read a text as the stems of those of its words that say something."""
    plain = re.findall("[a-z0-9]+", fold(text).replace("'s ", " "))
    faint = lists().faint
    return frozenset(_stem(word) for word in plain if word not in faint and len(word) > 1)


@cache
def known() -> tuple[Known, ...]:
    """Read every idea of the catalogue by its words."""
    also = lists().also
    return tuple(_known(idea, also.get(idea.id, ())) for _, idea in sorted(ideas().items()))


@cache
def lists() -> Lists:
    """Read the words that come with the package. Errors: ValueError where they are unfit."""
    return read((files("data") / "prompts" / "also.toml").read_text("utf-8"))


def read(text: str) -> Lists:
    """Read lists from their file's text. Errors: ValueError for an idea nobody knows."""
    table = tomllib.loads(text)
    if table.get("schema") != SCHEMA:
        raise ValueError(f"expected the schema {SCHEMA}")
    if unknown := table["also"].keys() - ideas().keys():
        raise ValueError(f"no scenario {min(unknown)!r} in the catalogue")
    also = {name: tuple(words) for name, words in table["also"].items()}
    return Lists(also=MappingProxyType(also), faint=frozenset(table["faint"].split()))


def _score(said: frozenset[str], one: Known, rare: Mapping[str, float]) -> float:
    shared = said & one.weights.keys()
    if not shared & one.called and len(shared) < _AGREE:
        return 0.0
    return round(sum(one.weights[word] * rare[word] for word in shared), 9)


def _known(idea: Idea, also: Collection[str]) -> Known:
    called = words_of(f"{idea.id} {idea.title} {idea.alt} {' '.join(also)}")
    themes = words_of(" ".join(idea.themes))
    weights = dict.fromkeys(words_of(idea.prompt), _PROMPT)
    weights |= dict.fromkeys(themes, _THEME) | dict.fromkeys(called, _CALLED)
    return Known(id=idea.id, called=called | themes, weights=MappingProxyType(weights))


@cache
def _rarity() -> Mapping[str, float]:
    """Weigh every word by how few ideas have it."""
    everywhere = Counter(word for one in known() for word in one.weights)
    total = len(known())
    return {word: 1 + math.log(total / times) for word, times in everywhere.items()}


def _stem(word: str) -> str:
    """Take an ending off, so that who sails, sailing and a sailor are one word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            rest = word.removesuffix(ending)
            return _stem(rest) if ending in {"s", "es"} else rest
    return word
