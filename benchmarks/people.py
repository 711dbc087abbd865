# SPDX-License-Identifier: Apache-2.0
"""openpeople's ten synthetic people, as the benchmarks meet them: nobody real stands behind one.

The Fitzpatrick type is what the package's metadata *asked its generator for*; whether the picture
followed is another matter, so the tone is measured as well (`benchmarks.drift.tone`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from openpeople import curated
from PIL import Image

from generation.faces import Faces
from generation.recipes import Likeness

#: every photograph that shows one person once
PHOTOGRAPHS = ("amateur_selfie", "studio_portrait", "amateur_posture", "studio_posture")
LONGER_SIDE = 1_400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Somebody:
    """One synthetic person: the selfie they would enrol, and a second photograph."""

    id: str
    #: I to VI, as the metadata says
    type: str
    selfie: Likeness
    studio: Likeness


def met(numbers: tuple[int, ...], faces: Faces) -> Mapping[int, Somebody]:
    """Measure people by their numbers, 1 to 10."""
    return {number: _somebody(number, faces) for number in numbers}


@cache
def opened(number: int, photograph: str) -> NDArray[np.uint8]:
    """Open a photograph of a person as the intake would: RGB, bounded."""
    path = curated.get(f"P{number:03}").asset_path(photograph)
    with Image.open(path) as image:
        image.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
        return np.array(image.convert("RGB"), dtype=np.uint8)


def fitzpatrick(number: int) -> str:
    """Read a person's skin type from the metadata: a Roman numeral."""
    return str(
        curated.get(f"P{number:03}").metadata["character_details"]["demographics"]["skin_tone"]
    ).split()[-1]


def _somebody(number: int, faces: Faces) -> Somebody:
    selfie, studio = (faces.measure(opened(number, name)) for name in PHOTOGRAPHS[:2])
    return Somebody(id=f"P{number:03}", type=fitzpatrick(number), selfie=selfie, studio=studio)
