# SPDX-License-Identifier: Apache-2.0
"""Read recipe files: what draws, with which weights, under which licence, for how many at once.

Rules:
1. A recipe is data: nothing in its file is run, and an unknown or missing key is an error.
2. What a file says is checked here once, so that whoever reads a `Spec` need not ask again.
3. A file names only formats that hold numbers or text; what could hold code is refused by name.
What each field may be: `generation.recipes.clauses`.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from generation.recipes.clauses import (
    FIELDS,
    ID,
    OF_A_PART,
    SHA256,
    BadSpec,
    check,
    check_name,
    like,
    only,
)

SCHEMA: Final = "onlyou-recipe/1"
Option = bool | int | float | str
"""What a recipe's kind may be told beside what every recipe says."""


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


@cache
def shipped() -> Mapping[str, Spec]:
    """Read every recipe that comes with this package, once a process. Errors: BadSpec, ours."""
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
    named = like(ID)(name) and path.is_file()
    return parse(path.read_bytes(), path.name) if named else None


def parse(raw: bytes, name: str) -> Spec:
    """Read one recipe file, whose `name` is its recipe's id. Errors: BadSpec, in one sentence."""
    try:
        table = tomllib.loads(raw.decode())
    except ValueError as error:  # what is no TOML and what is no UTF-8
        raise BadSpec(f"{name} is no TOML file: {error}") from error
    only({"schema", "options", "part", *FIELDS}, table, name)
    if table.get("schema") != SCHEMA:
        raise BadSpec(f"{name}: schema must be {SCHEMA!r}, got {table.get('schema')!r}")
    check(FIELDS, table, name)
    if table["id"] != name.removesuffix(".toml"):
        raise BadSpec(f"{name}: id must be the file's name, got {table['id']!r}")
    _check_together(table, name)
    plain = {key: table[key] for key in FIELDS if key not in {"size", "batches", "guidance"}}
    return Spec(
        **plain,
        size=(table["size"][0], table["size"][1]),
        batches=tuple(table["batches"]),
        guidance=float(table["guidance"]),
        options=_options(table.get("options", {}), name),
        parts=_parts(table.get("part", []), name),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


# --- what one field says about another, and the parts


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
    only(known, table, where)
    check(OF_A_PART, table, where)
    for path, sha256 in table["files"].items():
        check_name(path, where)
        if not like(SHA256)(sha256):
            raise BadSpec(f"{where}: the hash of {path} must be 64 hexadecimal digits or empty")
    plain = {key: table[key] for key in known - {"files"}}
    return Part(**plain, files=MappingProxyType(dict(table["files"])))


def _by_name(file: Any) -> str:  # noqa: ANN401 - a Traversable, whose protocol is not public here
    return str(file.name)
