# SPDX-License-Identifier: Apache-2.0
"""The words that a diffusion model draws a scenario from: the closed catalogue, nothing else.

Rules:
1. A prompt is the reviewed text of `data/scenarios/`, its one slot filled with neutral words:
   who the person is comes in by their conditioning, never by a word about them.
2. A scenario that the catalogue does not hold has no prompt; nothing is invented for it.
Free text is never a prompt of the scheduler; what the studio does with it: `generation.screening`.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from generation.recipes import CannotRender

SLOT: Final = "{person}"
NEUTRAL: Final = "a person"
"""Says nothing about sex, age, origin or body: the likeness says what is to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """What a recipe may know of one scenario: its words and the look that was chosen for it."""

    id: str
    #: as a page shows it
    title: str
    alt: str
    themes: tuple[str, ...]
    #: the slot is filled already
    prompt: str
    #: photo, painted, inked or paper
    finish: str
    #: how much the person smiles in it: smile, half or neutral
    mood: str
    setting: str
    light: str
    palette: tuple[str, ...]


@cache
def ideas() -> Mapping[str, Idea]:
    """List every scenario of the shipped catalogue by its id. Errors: ValueError, KeyError."""
    return read(files("data") / "scenarios")


def read(folder: Traversable) -> Mapping[str, Idea]:
    """Read the TOML files of a folder. Errors: ValueError for a prompt without its one slot."""
    found: dict[str, Idea] = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            tables = tomllib.loads(file.read_text("utf-8"))
            found |= {name: _idea(name, table) for name, table in tables.items()}
    return MappingProxyType(found)


def prompt_of(scenario: str) -> str:
    """Return what a model is asked to draw. Errors: CannotRender for what is not in the list."""
    idea = ideas().get(scenario)
    if idea is None:
        raise CannotRender(f"no scenario {scenario!r} in the catalogue")
    return idea.prompt


def digest() -> str:
    """Return the sha256, hex, over every prompt: part of the version of what draws from them."""
    listed = sorted((idea.id, idea.prompt) for idea in ideas().values())
    return hashlib.sha256(json.dumps(listed, separators=(",", ":")).encode()).hexdigest()


def _idea(name: str, table: Mapping[str, Any]) -> Idea:
    prompt, scene = table["prompt"], table["scene"]
    if not isinstance(prompt, str) or prompt.count(SLOT) != 1:
        raise ValueError(f"{name}: expected {SLOT} once in the prompt")
    return Idea(
        id=name,
        title=table["title"],
        alt=table["alt"],
        themes=tuple(table["themes"]),
        prompt=prompt.replace(SLOT, NEUTRAL),
        finish=table["finish"],
        mood=table["mood"],
        setting=scene["setting"],
        light=scene["light"],
        palette=tuple(scene["palette"]),
    )
