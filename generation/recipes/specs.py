# SPDX-License-Identifier: Apache-2.0
"""Read recipe files: what draws, with which weights, under which licence, for how many at once.

Rules:
1. A recipe is data: nothing in its file is run, and an unknown or missing key is an error.
2. What a file says is checked here once, so that whoever reads a `Spec` need not ask again.
3. A file names only formats that hold numbers or text; what could hold code is refused by name.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

SCHEMA: Final = "onlyou-recipe/1"
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
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_ID: Final = 64
_REPO: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_REVISION: Final = re.compile(r"([0-9a-f]{40})?")
_SHA256: Final = re.compile(r"([0-9a-f]{64})?")

Option = bool | int | float | str
"""What a recipe's kind may be told beside what every recipe says."""


class BadSpec(Exception):
    """A recipe file says something that no recipe may say; the sentence tells what and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One set of weights: whose, which revision, by which licence, and what it does to a face.

    `repo` is empty for what no hub has; `revision` and a file's hash are empty where nobody here
    has seen them (`generation.recipes.weights` then asks for a lock).
    """

    name: str
    repo: str
    revision: str
    licence: str
    source: str
    does: str
    #: path inside the repository -> SHA-256, hex, or empty
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One recipe as its file describes it. Units: size in pixels, width first."""

    id: str
    title: str
    kind: str
    licence_class: str
    acknowledge: str
    conditioning: str
    isolation: str
    size: tuple[int, int]
    batches: tuple[int, ...]
    steps: int
    guidance: float
    scheduler: str
    overlay: str
    options: Mapping[str, Option]
    parts: tuple[Part, ...]
    #: of the file itself: who draws by another file draws by another recipe
    sha256: str

    def part(self, name: str) -> Part | None:
        """Return the part of that name, None where the recipe has none."""
        return next((one for one in self.parts if one.name == name), None)


def shipped() -> Mapping[str, Spec]:
    """Read every recipe that comes with this package. Errors: BadSpec, ours."""
    folder = resources("data") / "recipes"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=_by_name)
    return MappingProxyType({s.id: s for s in (parse(f.read_bytes(), f.name) for f in found)})


def in_folder(folder: Path) -> tuple[Mapping[str, Spec], tuple[str, ...]]:
    """Read an operator's own recipe files; lock files are none.

    Shapes: returns what could be read, and a sentence for each file that could not.
    """
    found: dict[str, Spec] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            if not path.name.endswith(".lock.toml"):
                spec = parse(path.read_bytes(), path.name)
                found[spec.id] = spec
        except BadSpec as fault:
            faults.append(str(fault))
    return MappingProxyType(found), tuple(faults)


def one_of(folder: Path, name: str) -> Spec | None:
    """Read one of an operator's own recipe files; None where there is none. Errors: BadSpec."""
    path = folder / f"{name}.toml"
    named = _like(_ID)(name) and path.is_file()
    return parse(path.read_bytes(), path.name) if named else None


def parse(raw: bytes, name: str) -> Spec:
    """Read one recipe file, whose `name` is its recipe's id. Errors: BadSpec, in one sentence."""
    try:
        table = tomllib.loads(raw.decode())
    except ValueError as error:  # what is no TOML and what is no UTF-8
        raise BadSpec(f"{name} is no TOML file: {error}") from error
    _only({"schema", "options", "part", *_FIELDS}, table, name)
    if table.get("schema") != SCHEMA:
        raise BadSpec(f"{name}: schema must be {SCHEMA!r}, got {table.get('schema')!r}")
    _check(_FIELDS, table, name)
    if table["id"] != name.removesuffix(".toml"):
        raise BadSpec(f"{name}: id must be the file's name, got {table['id']!r}")
    _check_together(table, name)
    plain = {key: table[key] for key in _FIELDS if key not in {"size", "batches", "guidance"}}
    return Spec(
        **plain,
        size=(table["size"][0], table["size"][1]),
        batches=tuple(table["batches"]),
        guidance=float(table["guidance"]),
        options=_options(table.get("options", {}), name),
        parts=_parts(table.get("part", []), name),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


# --- what each field may be

_Test = Callable[[Any], bool]


def _text(value: Any) -> bool:  # noqa: ANN401 - it is here to find out, as all below
    return type(value) is str and bool(value.strip()) and value.isprintable()


def _one_of(known: tuple[str, ...]) -> tuple[str, _Test]:
    return f"one of {', '.join(known)}", lambda value: type(value) is str and value in known


def _like(pattern: re.Pattern[str]) -> _Test:
    return lambda value: type(value) is str and pattern.fullmatch(value) is not None


def _side(value: Any) -> bool:  # noqa: ANN401
    return type(value) is int and _SIDES[0] <= value <= _SIDES[1] and value % _GRID == 0


def _ascending(value: Any) -> bool:  # noqa: ANN401
    if type(value) is not list or not value or any(type(one) is not int for one in value):
        return False
    return value == sorted(set(value)) and value[0] >= 1 and value[-1] <= _MOST_ROWS


def _guidance(value: Any) -> bool:  # noqa: ANN401
    return type(value) in (int, float) and 1 <= value <= _MOST_GUIDANCE


_FIELDS: Final[Mapping[str, tuple[str, _Test]]] = {
    "id": (
        f"lower-case letters, digits and single hyphens, at most {_LONGEST_ID}",
        lambda v: _like(_ID)(v) and len(v) <= _LONGEST_ID,
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
    "scheduler": ("a word, `none` where there is none", _like(_ID)),
    "overlay": _one_of(OVERLAYS),
}

_OF_A_PART: Final[Mapping[str, tuple[str, _Test]]] = {
    "name": ("lower-case letters, digits and single hyphens", _like(_ID)),
    "repo": ("owner/name, or empty for what no hub has", lambda v: v == "" or _like(_REPO)(v)),
    "revision": ("40 hexadecimal digits, or empty where nobody has seen it", _like(_REVISION)),
    "licence": ("one line of text", _text),
    "source": ("one line of text", _text),
    "does": ("one line of text", _text),
    "files": ("a table of one or more files", lambda v: type(v) is dict and bool(v)),
}


def _only(known: set[str], table: Mapping[str, Any], where: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise BadSpec(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(known))}")


def _check(rules: Mapping[str, tuple[str, _Test]], table: Mapping[str, Any], where: str) -> None:
    for key, (words, good) in rules.items():
        if key not in table:
            raise BadSpec(f"{where}: {key} is missing; it must be {words}")
        if not good(table[key]):
            raise BadSpec(f"{where}: {key} must be {words}, got {table[key]!r}")


def _check_together(table: Mapping[str, Any], name: str) -> None:
    """Check what one field says about another."""
    if (table["licence_class"] == "non-commercial") != bool(table["acknowledge"]):
        raise BadSpec(f"{name}: acknowledge is for non-commercial recipes, and they must have it")
    if table["isolation"] == "alone" and table["batches"] != [1]:
        raise BadSpec(f"{name}: batches must be [1] where each person is drawn alone")
    if table["kind"] in {"sdxl", "flux2"} and not table["steps"]:
        raise BadSpec(f"{name}: steps must be at least 1 for a recipe that draws from noise")


def _options(table: Any, name: str) -> Mapping[str, Option]:  # noqa: ANN401
    plain = (bool, int, float, str)
    if type(table) is not dict or not all(type(value) in plain for value in table.values()):
        raise BadSpec(f"{name}: options must be a table of plain values")
    return MappingProxyType(dict(table))


def _parts(tables: Any, name: str) -> tuple[Part, ...]:  # noqa: ANN401
    if type(tables) is not list or not all(type(one) is dict for one in tables):
        raise BadSpec(f"{name}: parts must be written as [[part]]")
    found = tuple(_part(one, f"{name}, part {number}") for number, one in enumerate(tables, 1))
    names = [one.name for one in found]
    if twice := [one for one in names if names.count(one) > 1]:
        raise BadSpec(f"{name}: two parts are named {twice[0]!r}")
    return found


def _part(table: Mapping[str, Any], where: str) -> Part:
    known = {field.name for field in fields(Part)}
    _only(known, table, where)
    _check(_OF_A_PART, table, where)
    for path, sha256 in table["files"].items():
        check_name(path, where)
        if not _like(_SHA256)(sha256):
            raise BadSpec(f"{where}: the hash of {path} must be 64 hexadecimal digits or empty")
    plain = {key: table[key] for key in known - {"files"}}
    return Part(**plain, files=MappingProxyType(dict(table["files"])))


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


def _by_name(file: Any) -> str:  # noqa: ANN401 - a Traversable, whose protocol is not public here
    return str(file.name)
