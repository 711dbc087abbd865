# SPDX-License-Identifier: Apache-2.0
"""Faces to try a recipe with: synthetic people who exist nowhere, never anybody enrolled here.

They come with the package openpeople and are measured by the models that measure selfies.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from generation.faces import Faces, ModelMissing
from generation.photographs import Unreadable, opened
from generation.recipes import Likeness

PEOPLE: Final = 10
_PICTURE: Final = Path("assets/amateur_selfie.jpg")
_BYTES: Final = 20_000_000
_PIXELS: Final = 50_000_000


def probes(faces: Faces, count: int) -> tuple[Likeness, ...]:
    """Measure so many different synthetic people, always the same ones.

    Errors: ModelMissing without the package or its pictures; ValueError for more than there are.
    """
    if not 1 <= count <= PEOPLE:
        raise ValueError(f"expected 1 to {PEOPLE} probes, got {count}")
    return tuple(_measured(faces, number) for number in range(1, count + 1))


def _measured(faces: Faces, number: int) -> Likeness:
    path = _folder() / f"P{number:03}" / _PICTURE
    found = opened(path.read_bytes(), max_bytes=_BYTES, max_pixels=_PIXELS)
    if isinstance(found, Unreadable):
        raise ModelMissing(f"expected a photograph in {path.name}: {found.why}")
    return faces.measure(found)


def _folder() -> Path:
    """Find the package's pictures without importing it."""
    found = find_spec("openpeople")
    if found is None or not found.submodule_search_locations:
        raise ModelMissing("expected the package openpeople, it is not installed")
    return Path(found.submodule_search_locations[0]) / "data" / "curated"
