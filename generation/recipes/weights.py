# SPDX-License-Identifier: Apache-2.0
"""Know a recipe's weights byte for byte before they are loaded.

Rules:
1. Every file is opened as what its name says (`formats`) and hashed at every start. A size and a
   date are what a changed byte can keep, so no earlier answer is remembered.
2. A hash comes from the recipe's file, or from a lock that the operator wrote after looking
   (`locks`). A file without either is not loaded.
Measured: docs/recipes.md says what hashing costs beside loading.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from typing_extensions import override

from generation.recipes import ModelFile, formats, places
from generation.recipes.formats import UnsafeFile
from generation.recipes.places import Places
from generation.recipes.specs import Part, Spec
from generation.recipes.starting import CannotStart

Known = Mapping[str, Mapping[str, str]]
"""Part -> file -> SHA-256, hex."""
_HASHED_AT_ONCE: Final = 4


class WrongHash(CannotStart):
    """A file is not the one that the recipe or its lock names."""


class Unpinned(CannotStart):
    """Nobody has said yet which bytes a file must have."""


class Unsafe(CannotStart):
    """A file holds, or may hold, code."""


def read(spec: Spec, found: Mapping[str, Path]) -> Known:
    """Look at every file's format and hash it: part -> file -> SHA-256. Errors: Unsafe."""
    wanted = [(part.name, file) for part in spec.parts for file in part.files]
    with ThreadPoolExecutor(_HASHED_AT_ONCE) as pool:
        paths = [found[part] / file for part, file in wanted]
        hashed = pool.map(lambda path: _read(spec, path), paths)
        known: dict[str, dict[str, str]] = {part.name: {} for part in spec.parts}
        for (part, file), sha256 in zip(wanted, hashed, strict=True):
            known[part][file] = sha256
    return known


def _read(spec: Spec, path: Path) -> str:
    try:
        formats.check(path)
    except UnsafeFile as error:
        raise Unsafe(f"{spec.id}: {error}") from error
    return _digest(path)


def check_pins(spec: Spec) -> None:
    """Refuse a recipe as long as nobody has said which bytes each file has. Errors: Unpinned."""
    parts = ((part.name, file, sha) for part in spec.parts for file, sha in part.files.items())
    if loose := [f"{part}/{file}" for part, file, sha in parts if not sha]:
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        raise Unpinned(
            f"{spec.id}: nobody has said which bytes {loose[0]}{more} must have; look where they "
            f"come from, then run `onlyou recipe check {spec.id} --pin`"
        )


def compare(spec: Spec, known: Known) -> None:
    """Refuse files that are not those which the recipe names. Errors: Unpinned, WrongHash."""
    check_pins(spec)
    for part in spec.parts:
        for file, sha256 in part.files.items():
            if (here := known[part.name][file]) != sha256:
                raise WrongHash(
                    f"{spec.id}: {part.name}/{file} is {here[:12]}.. and must be "
                    f"{sha256[:12]}..: it was changed, or is another version"
                )


def locate(spec: Spec, where: Places) -> Mapping[str, Path]:
    """Find every part and know its files, byte for byte.

    Shapes: part -> folder that holds its files. Errors: CannotStart.
    """
    found = places.find(spec, where)
    compare(spec, read(spec, found))
    return found


class Located(Mapping[str, Path]):
    """The parts of a recipe, found and hashed when the first of them is asked for.

    So an installation whose weights are missing still opens, and its people can still withdraw.
    Errors: whatever `look` raises.
    """

    def __init__(self, spec: Spec, look: Callable[[], Mapping[str, Path]]) -> None:
        self._names = tuple(part.name for part in spec.parts)
        self._look = look
        self._found: Mapping[str, Path] | None = None

    @override
    def __getitem__(self, part: str) -> Path:
        if self._found is None:
            self._found = self._look()
        return self._found[part]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    @override
    def __len__(self) -> int:
        return len(self._names)


def hashes(spec: Spec, parts: Mapping[str, Path]) -> Mapping[str, str]:
    """Name every file of located parts by its hash: the recipe's where it has one, or its own."""
    return {
        f"{part.name}/{file}": known or _digest(parts[part.name] / file)
        for part in spec.parts
        for file, known in part.files.items()
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def models(spec: Spec) -> tuple[ModelFile, ...]:
    """Name every file of a recipe for the model card, with repository and revision."""
    return tuple(
        ModelFile(
            name=f"{spec.id}: {part.name}",
            file=file,
            sha256=sha256 or None,
            licence=part.licence,
            source=_origin(part),
            does=part.does,
        )
        for part in spec.parts
        for file, sha256 in part.files.items()
    )


def _origin(part: Part) -> str:
    revision = f" at {part.revision}" if part.revision else ""
    return f"{part.repo}{revision}: {part.source}" if part.repo else part.source
