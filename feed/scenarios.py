# SPDX-License-Identifier: Apache-2.0
"""The catalogue: every idea that a person can be drawn in, reviewed, as data.

Rules, kept when the files of `data/scenarios/` are read; a file that breaks one is refused:
1. a scenario has exactly the keys of `Scenario`; an unknown or missing one is an error
2. every id stands once in the whole catalogue
3. the prompt has the slot `{person}` once; the alt text starts with "AI image of you as"
4. no title, prompt or alt text holds a word of `data/scenarios/never.txt`
Free text is never a prompt here: what a planner may draw is this closed list, named by its hash.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from consent.errors import Broken, Misused
from consent.words import Reason

SLOT: Final = "{person}"
ALT_START: Final = "AI image of you as "


class Theme(StrEnum):
    """What an idea is about; also what a person may choose as an interest."""

    OUTDOORS = "outdoors"
    WINTER = "winter"
    WATER = "water"
    SKY = "sky"
    CITY = "city"
    STAGE = "stage"
    STORY = "story"
    CRAFT = "craft"
    PAST = "past"
    FUTURE = "future"


class Mood(StrEnum):
    """Which of a person's selfies suits the idea: how much they smile in it."""

    SMILE = "smile"
    HALF = "half"
    NEUTRAL = "neutral"


class Sensitivity(StrEnum):
    """How strongly an unprompted picture could startle, mildest first."""

    GENTLE = "gentle"  #: nobody minds meeting it over breakfast
    DRAMATIC = "dramatic"  #: storm, fire, a pursuit
    EERIE = "eerie"  #: candles, fog, an old house at night


class Finish(StrEnum):
    """The look of the surface."""

    PHOTO = "photo"
    PAINTED = "painted"
    INKED = "inked"
    PAPER = "paper"


_LADDER: Final = tuple(Sensitivity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where it plays, in words: what a recipe draws and a page may tell."""

    setting: str
    light: str
    palette: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One idea: "You, under the northern lights"."""

    id: str
    title: str
    prompt: str  #: for diffusion recipes, with one slot for the person
    alt: str
    themes: tuple[Theme, ...]
    mood: Mood
    sensitivity: Sensitivity
    finish: Finish
    scene: Scene
    reviewed: str  #: the day a person last read it, ISO 8601
    version: int

    def prompt_for(self, person: str) -> str:
        """Write the prompt for a recipe's word for the person, such as `a person`."""
        return self.prompt.replace(SLOT, person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All scenarios in the order of their ids; the hash names exactly this content."""

    scenarios: tuple[Scenario, ...]
    by_id: Mapping[str, Scenario]
    sha256: str

    def of(self, scenario_id: str) -> Scenario:
        """Find a scenario by id. Errors: Misused(unknown-key), the caller's fault."""
        found = self.by_id.get(scenario_id)
        if found is None:
            raise Misused(Reason.UNKNOWN_KEY, f"no scenario {scenario_id!r} in the catalogue")
        return found

    def eligible(
        self, renders: Collection[str], *, most_sensitive: str, without: Collection[str] = ()
    ) -> tuple[Scenario, ...]:
        """List what may be drawn unprompted: the recipe can render it and the policy bears it.

        `without` are ids that this person has had too lately. Exploration never leaves this list.
        """
        limit = _LADDER.index(Sensitivity(most_sensitive))
        return tuple(
            scenario
            for scenario in self.scenarios
            if scenario.id in renders
            and scenario.id not in without
            and _LADDER.index(scenario.sensitivity) <= limit
        )


@cache
def shipped() -> Catalogue:
    """Read the catalogue that comes with the package."""
    return read(files("data") / "scenarios")


def read(folder: Traversable) -> Catalogue:
    """Read every TOML file of a folder. Errors: Broken(unknown-key): the catalogue is not fit."""
    never = words((folder / "never.txt").read_text("utf-8"))
    tables = sorted(
        (f.name, f.read_text("utf-8")) for f in folder.iterdir() if f.name.endswith(".toml")
    )
    try:
        return catalogue(scenario for _, text in tables for scenario in parse(text, never=never))
    except (tomllib.TOMLDecodeError, ValueError, TypeError) as error:
        raise Broken(Reason.UNKNOWN_KEY, f"scenario catalogue refused: {error}") from error


def catalogue(scenarios: Iterable[Scenario]) -> Catalogue:
    """Put scenarios together and hash them. Errors: ValueError where an id stands twice."""
    listed = tuple(sorted(scenarios, key=lambda scenario: scenario.id))
    by_id = {scenario.id: scenario for scenario in listed}
    if len(by_id) < len(listed):
        raise ValueError("an id stands twice")
    content = json.dumps([asdict(s) for s in listed], sort_keys=True, separators=(",", ":"))
    return Catalogue(
        scenarios=listed,
        by_id=MappingProxyType(by_id),
        sha256=hashlib.sha256(content.encode()).hexdigest(),
    )


def words(text: str) -> re.Pattern[str]:
    """Make one pattern of a word list: a word or phrase a line, `#` starts a comment."""
    lines = (line.split("#")[0].strip().lower() for line in text.splitlines())
    listed = "|".join(re.escape(line) for line in lines if line) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.IGNORECASE)


def parse(text: str, *, never: re.Pattern[str]) -> tuple[Scenario, ...]:
    """Read one file: a table a scenario, its name the id."""
    return tuple(_scenario(name, table, never) for name, table in tomllib.loads(text).items())


def _scenario(name: str, table: dict[str, Any], never: re.Pattern[str]) -> Scenario:
    _same_keys(name, table, {f.name for f in fields(Scenario)} - {"id"})
    _same_keys(f"{name}.scene", table["scene"], {f.name for f in fields(Scene)})
    scenario = Scenario(
        id=name,
        title=_text(name, table["title"]),
        prompt=_text(name, table["prompt"]),
        alt=_text(name, table["alt"]),
        themes=tuple(map(Theme, table["themes"])),
        mood=Mood(table["mood"]),
        sensitivity=Sensitivity(table["sensitivity"]),
        finish=Finish(table["finish"]),
        scene=_scene(name, table["scene"]),
        reviewed=_day(name, table["reviewed"]),
        version=_version(name, table["version"]),
    )
    _wording(scenario, never)
    return scenario


def _scene(name: str, table: dict[str, Any]) -> Scene:
    return Scene(
        setting=_text(name, table["setting"]),
        light=_text(name, table["light"]),
        palette=tuple(_text(name, colour) for colour in table["palette"]),
    )


def _wording(scenario: Scenario, never: re.Pattern[str]) -> None:
    if scenario.prompt.count(SLOT) != 1:
        raise ValueError(f"{scenario.id}: expected {SLOT} once in the prompt")
    if not scenario.alt.startswith(ALT_START):
        raise ValueError(f"{scenario.id}: the alt text must start with {ALT_START!r}")
    if not scenario.themes:
        raise ValueError(f"{scenario.id}: expected at least one theme")
    for text in (scenario.title, scenario.prompt, scenario.alt):
        if found := never.search(text):
            raise ValueError(f"{scenario.id}: {found.group()!r} is a word of never.txt")


def _same_keys(name: str, table: Mapping[str, Any], expected: set[str]) -> None:
    if unknown := set(table) - expected:
        raise ValueError(f"unknown key {min(unknown)!r} in {name}")
    if missing := expected - set(table):
        raise ValueError(f"missing key {min(missing)!r} in {name}")


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{name}: expected a text, got {value!r}")
    return value


def _day(name: str, value: object) -> str:
    if not isinstance(value, date):
        raise TypeError(f"{name}: expected a date, got {value!r}")
    return value.isoformat()


def _version(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError(f"{name}: expected a version from 1, got {value!r}")
    return value
