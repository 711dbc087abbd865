# SPDX-License-Identifier: Apache-2.0
"""Wishes without free text: an idea of the catalogue and choices from closed lists.

Rules:
1. Every word that a model is given is reviewed data: the idea's prompt, the choices' words.
2. An idea offers only what contradicts nothing that it says already.
3. A choice that is not in the list is refused, not passed on.
4. Only a few choices at a time: a text encoder of 77 tokens would cut the last ones off unseen.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from generation.recipes.prompts import ideas, prompt_of

SCHEMA: Final = "onlyou-slots/1"
MOST: Final = 3
"""So many choices a wish: with the longest of them the longest prompt has some sixty words."""


class NotOffered(Exception):
    """A slot or a choice that this idea does not offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a list: what the person reads, and what a model is given."""

    title: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One closed list, and the ideas that offer it."""

    id: str
    title: str
    choices: Mapping[str, Choice]
    ideas: frozenset[str]


@cache
def slots() -> tuple[Slot, ...]:
    """Read the lists that come with the package. Errors: ValueError for a list that is unfit."""
    return read((files("data") / "prompts" / "slots.toml").read_text("utf-8"))


def read(text: str) -> tuple[Slot, ...]:
    """Read lists from their file's text. Errors: ValueError for an idea nobody knows."""
    table = tomllib.loads(text)
    if table.pop("schema", None) != SCHEMA:
        raise ValueError(f"expected the schema {SCHEMA}")
    table.pop("reviewed")
    return tuple(_slot(name, one) for name, one in table.items())


def offered(scenario: str) -> tuple[Slot, ...]:
    """List the slots of an idea, in the order in which a page shows them."""
    return tuple(slot for slot in slots() if scenario in slot.ideas)


def wish(scenario: str, chosen: Mapping[str, str]) -> str:
    """Write the prompt for an idea and a person's choices: slot id -> choice id.

    Errors: CannotRender for an unknown idea, NotOffered for what it does not offer or too much.
    """
    return ", ".join([prompt_of(scenario), *choices(scenario, chosen)])


def choices(scenario: str, chosen: Mapping[str, str]) -> tuple[str, ...]:
    """Say a person's choices for an idea in words, in the order in which a page shows them.

    Errors: NotOffered.
    """
    words: list[str] = []
    if len(chosen) > MOST:
        raise NotOffered(f"expected at most {MOST} choices, got {len(chosen)}")
    open_slots = {slot.id: slot for slot in offered(scenario)}
    if unknown := set(chosen) - set(open_slots):
        raise NotOffered(f"{scenario!r} has no choice of {min(unknown)!r}")
    for name, slot in open_slots.items():
        if name in chosen:
            choice = slot.choices.get(chosen[name])
            if choice is None:
                raise NotOffered(f"{name!r} has no {chosen[name]!r}")
            words.append(choice.words)
    return tuple(words)


def _slot(name: str, table: Mapping[str, Any]) -> Slot:
    listed, without = set(table["for"]), set(table.get("not", ()))
    known = set(ideas())
    if unknown := (listed | without) - known - {"*"}:
        raise ValueError(f"{name}: no scenario {min(unknown)!r} in the catalogue")
    return Slot(
        id=name,
        title=table["title"],
        choices=MappingProxyType({key: Choice(**one) for key, one in table["choices"].items()}),
        ideas=frozenset((known if "*" in listed else listed) - without),
    )
