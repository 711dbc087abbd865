# SPDX-License-Identifier: Apache-2.0
"""What each field of a recipe file may be, and the one sentence for what it is not.

Pure: values in, nothing or `BadSpec` out. What is read with it: `generation.recipes.specs`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

KINDS: Final = ("photobooth", "painted", "filter", "sdxl", "flux2")
LICENCE_CLASSES: Final = ("permissive", "openrail", "non-commercial")
CONDITIONINGS: Final = ("pixels", "vector", "tokens")
ISOLATIONS: Final = ("batched", "alone")
OVERLAYS: Final = ("none", "head")
ALLOWED_SUFFIXES: Final = (".safetensors", ".onnx", ".json", ".txt", ".model")
_MOST_ROWS: Final = 64
_MOST_STEPS: Final = 200
_MOST_GUIDANCE: Final = 30.0
_SIDES: Final = (64, 2048)
_GRID: Final = 8
ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_ID: Final = 64
_REPO: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_REVISION: Final = re.compile(r"([0-9a-f]{40})?")
SHA256: Final = re.compile(r"([0-9a-f]{64})?")


class BadSpec(Exception):
    """A recipe file says something that no recipe may say; the sentence tells what and where."""


_Test = Callable[[Any], bool]


def _text(value: Any) -> bool:  # noqa: ANN401 - it is here to find out, as all below
    return type(value) is str and bool(value.strip()) and value.isprintable()


def _one_of(known: tuple[str, ...]) -> tuple[str, _Test]:
    return f"one of {', '.join(known)}", lambda value: type(value) is str and value in known


def like(pattern: re.Pattern[str]) -> _Test:
    """Make a test for text of one form."""
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _side(value: Any) -> bool:  # noqa: ANN401
    return type(value) is int and _SIDES[0] <= value <= _SIDES[1] and value % _GRID == 0


def _ascending(value: Any) -> bool:  # noqa: ANN401
    if type(value) is not list or not value or any(type(one) is not int for one in value):
        return False
    return value == sorted(set(value)) and value[0] >= 1 and value[-1] <= _MOST_ROWS


def _guidance(value: Any) -> bool:  # noqa: ANN401
    return type(value) in (int, float) and 1 <= value <= _MOST_GUIDANCE


FIELDS: Final[Mapping[str, tuple[str, _Test]]] = {
    "id": (
        f"lower-case letters, digits and single hyphens, at most {_LONGEST_ID}",
        lambda v: like(ID)(v) and len(v) <= _LONGEST_ID,
    ),
    "title": ("one line of text", _text),
    "kind": _one_of(KINDS),
    "licence_class": _one_of(LICENCE_CLASSES),
    "acknowledge": ("one line of text, or empty", lambda v: v == "" or _text(v)),
    "conditioning": _one_of(CONDITIONINGS),
    "isolation": _one_of(ISOLATIONS),
    "size": (
        f"width and height, multiples of {_GRID} from {_SIDES[0]} to {_SIDES[1]}",
        lambda v: type(v) is list and len(v) == 2 and all(map(_side, v)),  # noqa: PLR2004
    ),
    "batches": (f"different numbers of rows, ascending, 1 to {_MOST_ROWS}", _ascending),
    "steps": (
        f"a whole number from 0 to {_MOST_STEPS}",
        lambda v: type(v) is int and 0 <= v <= _MOST_STEPS,
    ),
    "guidance": (f"a number from 1 (none) to {_MOST_GUIDANCE:g}", _guidance),
    "scheduler": ("a word, `none` where there is none", like(ID)),
    "overlay": _one_of(OVERLAYS),
}

OF_A_PART: Final[Mapping[str, tuple[str, _Test]]] = {
    "name": ("lower-case letters, digits and single hyphens", like(ID)),
    "repo": ("owner/name, or empty for what no hub has", lambda v: v == "" or like(_REPO)(v)),
    "revision": ("40 hexadecimal digits, or empty where nobody has seen it", like(_REVISION)),
    "licence": ("one line of text", _text),
    "source": ("one line of text", _text),
    "does": ("one line of text", _text),
    "files": ("a table of one or more files", lambda v: type(v) is dict and bool(v)),
}


def only(known: set[str], table: Mapping[str, Any], where: str) -> None:
    """Refuse keys that nobody knows. Errors: BadSpec."""
    if unknown := sorted(table.keys() - known):
        raise BadSpec(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def check(rules: Mapping[str, tuple[str, _Test]], table: Mapping[str, Any], where: str) -> None:
    """Refuse fields that are missing or not what they must be. Errors: BadSpec."""
    for key, (words, good) in rules.items():
        if key not in table:
            raise BadSpec(f"{where}: {key} is missing; it must be {words}")
        if not good(table[key]):
            raise BadSpec(f"{where}: {key} must be {words}, got {table[key]!r}")


def check_name(path: str, where: str) -> None:
    """Refuse a file by its name alone: one that leaves its folder or may hold code.

    Errors: BadSpec.
    """
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        raise BadSpec(f"{where}: {path!r} must be a path inside its folder")
    if pure.suffix not in ALLOWED_SUFFIXES:
        raise BadSpec(
            f"{where}: {path!r} is refused, as such a file may hold code; "
            f"allowed are {', '.join(ALLOWED_SUFFIXES)}"
        )
