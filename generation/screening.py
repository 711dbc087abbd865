# SPDX-License-Identifier: Apache-2.0
"""Whether a wish in a person's own words may be drawn at all: the prompt policy.

Rules:
1. The scheduler never comes here: it draws from the closed catalogue (`recipes.prompts`), and
   most wishes need no free text either (`generation.wishes`). This is for what is left.
2. A wish passes when no group of `data/prompts/never/` is found in any of its readings
   (`generation.spelling`), and fails for whatever cannot be read: other scripts, invisible
   characters, signs between letters, nothing at all, too much.
3. A group whose list is missing or broken lets nothing pass: loading it raises.
4. What passes is the text that was read: a model is given `Passed.text`, never what was typed.
The lists are English and never complete; what comes out is judged by the gates on pictures.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from generation.spelling import Tokens, fold, readable, readings

GROUPS: Final = frozenset(
    ("sexual", "violence", "hate", "minors", "people", "artists", "body", "beautify", "beliefs")
)
"""The groups that must be there, or nothing passes; a folder may hold more."""
LONGEST: Final = 300
"""Characters of a wish; a longer one is read by nobody and by no model."""
EXPANDED: Final = 800
"""Characters of what an expander wrote: the longest prompt of the catalogue with all added."""
_WINDOW: Final = 6  # words of the longest phrase
_SPELLED: Final = 4  # letters of a word that is looked for inside spelled-out letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Words that are refused only where certain others follow within so many words."""

    words: frozenset[str]
    to: frozenset[str]
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One thing that no wish may ask for, as its list says it."""

    id: str
    #: to the person, after "This cannot be drawn:"
    says: str
    why: str
    source: str
    #: the day a person last read the list, ISO 8601
    reviewed: str
    #: whole words and phrases, without spaces
    words: frozenset[str]
    #: also inside other words, and across the spaces
    inside: tuple[str, ...] = ()
    #: where one of these stands, a word that lies wholly in it is harmless
    but: tuple[Tokens, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A wish that may be drawn, in the characters in which it was read."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A wish that is not drawn; the reasons are words, to be shown and counted."""

    #: ids of groups, and `unreadable`, `empty`, `too-long`
    reasons: tuple[str, ...]
    #: one sentence for the person
    words: str


_SAYS: Final[Mapping[str, str]] = {
    "empty": "there is nothing to read",
    "too-long": f"at most {LONGEST} characters, please",
    "unreadable": "only Latin letters, digits and ordinary punctuation can be checked",
}


def screen(text: object, longest: int = LONGEST) -> Passed | Failed:
    """Read a wish in free text and say whether it may be drawn. Never raises for a text.

    Units: longest in characters: `EXPANDED` for what an expander made of a wish.
    """
    if not isinstance(text, str):
        return _failed(["unreadable"])
    if len(text) > longest or len(fold(text)) > longest:
        return _failed(["too-long"])
    if not re.search("[a-z]", fold(text)):
        return _failed(["unreadable" if text.strip() else "empty"])
    found = [group.id for group in groups() if in_group(text, group)]
    if not readable(text):
        found.append("unreadable")
    if found:
        return _failed(found)
    return Passed(text=" ".join(unicodedata.normalize("NFKC", text).split()))


def in_group(text: str, group: Group) -> bool:
    """Say whether a text holds something of a group, in any of its readings."""
    ways = readings(text)
    plain = " ".join(ways[0])
    if any(pattern.search(plain) for pattern in group.patterns):
        return True
    return any(_in_reading(tokens, group) for tokens in ways)


@cache
def groups() -> tuple[Group, ...]:
    """Read the lists that come with the package. Errors: ValueError where one is not fit."""
    return read(files("data") / "prompts" / "never")


def read(folder: Traversable) -> tuple[Group, ...]:
    """Read every list of a folder. Errors: ValueError for a missing group or an unfit list."""
    named = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".toml"))
    found = tuple(group_of(tomllib.loads(file.read_text("utf-8"))) for _, file in named)
    if missing := GROUPS - {group.id for group in found}:
        raise ValueError(f"no list for {', '.join(sorted(missing))}: nothing can be screened")
    return found


def group_of(table: Mapping[str, Any]) -> Group:
    """Read one list. Errors: ValueError for an unknown key, an empty list, an unreadable word."""
    known = {field.name for field in fields(Group)}
    if unknown := set(table) - known:
        raise ValueError(f"unknown key {min(unknown)!r} in a list of words")
    reviewed = table.get("reviewed")
    if not isinstance(reviewed, date) or not table.get("words"):
        raise ValueError(f"{table.get('id')!r}: expected words and the day they were reviewed")
    return Group(
        id=table["id"],
        says=table["says"],
        why=table["why"],
        source=table["source"],
        reviewed=reviewed.isoformat(),
        words=frozenset(_solid(word) for word in table["words"]),
        inside=tuple(_solid(word) for word in table.get("inside", ())),
        but=tuple(_tokens(phrase) for phrase in table.get("but", ())),
        patterns=tuple(re.compile(pattern) for pattern in table.get("patterns", ())),
        near=tuple(_near(one) for one in table.get("near", ())),
    )


def _near(table: Mapping[str, Any]) -> Near:
    words, to = (frozenset(map(_solid, table[key])) for key in ("words", "to"))
    return Near(words=words, to=to, within=table["within"])


def _tokens(phrase: str) -> Tokens:
    return tuple(re.findall("[a-z0-9]+", fold(phrase)))


def _solid(phrase: str) -> str:
    """Write a word or phrase without its spaces. Errors: ValueError where nothing is left."""
    tokens = _tokens(phrase)
    if not tokens or len(tokens) > _WINDOW:
        raise ValueError(f"{phrase!r} is not a word or phrase that can be looked for")
    return "".join(tokens)


def _in_reading(tokens: Tokens, group: Group) -> bool:
    harmless = _harmless(tokens, group.but)
    if any(not harmless >= set(range(a, b)) for a, b in _hits(tokens, group.words)):
        return True
    return _glued(tokens, group, harmless) or any(_close(tokens, near) for near in group.near)


def _harmless(tokens: Tokens, phrases: Sequence[Tokens]) -> set[int]:
    """Find the places of the words that stand in a phrase of the list `but`."""
    return {
        position
        for phrase in phrases
        for start in range(len(tokens) - len(phrase) + 1)
        if tokens[start : start + len(phrase)] == phrase
        for position in range(start, start + len(phrase))
    }


def _hits(tokens: Tokens, words: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Find every listed word or phrase, also one that was written apart."""
    for start in range(len(tokens)):
        solid = ""
        for end in range(start, min(start + _WINDOW, len(tokens))):
            solid += tokens[end]
            if solid in words or (len(solid) > _SPELLED and solid.removesuffix("s") in words):
                yield start, end + 1


def _glued(tokens: Tokens, group: Group, harmless: set[int]) -> bool:
    """Find words that were glued to others, or spelled out letter by letter among others."""
    solid = "".join(token for at, token in enumerate(tokens) if at not in harmless)
    if any(part in solid for part in group.inside):
        return True
    runs = re.findall(r"(?<!\S)(?:\S ){3,}\S(?!\S)", " ".join(tokens))
    letters = [run.replace(" ", "") for run in runs]
    return any(w in run for run in letters for w in group.words if len(w) >= _SPELLED)


def _close(tokens: Tokens, near: Near) -> bool:
    """Find the second word of a pair within so many words behind the first."""
    words = [at for at, token in enumerate(tokens) if token in near.words]
    others = [at for at, token in enumerate(tokens) if token in near.to]
    return any(0 < b - a <= near.within for a in words for b in others)


def _failed(reasons: Sequence[str]) -> Failed:
    says = dict(_SAYS) | {group.id: group.says for group in groups()}
    told = "; ".join(says[reason] for reason in reasons)
    return Failed(reasons=tuple(reasons), words=f"This cannot be drawn: {told}.")
