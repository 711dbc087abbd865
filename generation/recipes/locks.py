# SPDX-License-Identifier: Apache-2.0
"""The lock of a recipe: which bytes its files had when the operator looked at them.

One file in the home, `recipes/<id>.lock.toml`. It holds hashes for files whose hash the recipe
leaves open, and says of which repository and revision; for another revision it holds nothing.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from generation.recipes.specs import Part, Spec
from generation.recipes.starting import CannotStart
from generation.recipes.weights import Known

SCHEMA: Final = "onlyou-lock/1"


class BadLock(CannotStart):
    """A lock file cannot be read; the sentence says which."""


def path_of(spec: Spec, folder: Path) -> Path:
    """Say where a recipe's lock lies."""
    return folder / f"{spec.id}.lock.toml"


def write(spec: Spec, known: Known, folder: Path) -> Path:
    """Write down which bytes a recipe's files have; return where."""
    lines = [f"schema = {_text(SCHEMA)}", f"recipe = {_text(spec.id)}"]
    for part in spec.parts:
        lines += ["", f"[part.{part.name}]", f"repo = {_text(part.repo)}"]
        lines += [f"revision = {_text(part.revision)}", f"[part.{part.name}.files]"]
        lines += [f"{_text(f)} = {_text(sha)}" for f, sha in known[part.name].items()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = path_of(spec, folder)
    place.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return place


def pinned(spec: Spec, folder: Path) -> Spec:
    """Fill in from its lock what a recipe's file leaves open; what the file says stands.

    Errors: BadLock.
    """
    place = path_of(spec, folder)
    if not place.exists():
        return spec
    try:
        table = tomllib.loads(place.read_text("utf-8"))
        held = {part.name: _held(part, table["part"]) for part in spec.parts}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadLock(f"{place.name} cannot be read; delete it and pin again") from error
    return filled(spec, held)


def filled(spec: Spec, known: Known) -> Spec:
    """Take hashes for the files whose hash a recipe leaves open; what it says stands."""
    parts = tuple(replace(part, files=_filled(part, known[part.name])) for part in spec.parts)
    return replace(spec, parts=parts)


def _held(part: Part, parts: Mapping[str, Any]) -> Mapping[str, str]:
    table = parts.get(part.name, {})
    same = (table.get("repo"), table.get("revision")) == (part.repo, part.revision)
    return {str(file): str(sha) for file, sha in table["files"].items()} if same else {}


def _filled(part: Part, held: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({file: sha or held.get(file, "") for file, sha in part.files.items()})


def _text(value: str) -> str:
    """Write a TOML basic string; its escapes are JSON's for what stands in a lock."""
    return json.dumps(value, ensure_ascii=False)
