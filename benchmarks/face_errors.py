# SPDX-License-Identifier: Apache-2.0
"""How often the face model errs, on synthetic people: `onlyou bench face_errors`.

Every face of openpeople's ten people is measured; pairs of one person and of two people are
counted at thresholds that others use as a gate. We use none of them: this is why. n is pairs, of
ten people whom one generator made; rates on real faces are unknown.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openpeople import curated
from PIL import Image

from benchmarks.conditions import Result, report
from generation.faces import Faces

PICTURES = ("amateur_selfie", "studio_portrait", "amateur_posture", "studio_posture")
SHEET = "emotions_sheet"
THRESHOLDS = (0.60, 0.55, 0.50, 0.45, 0.40)
LONGER_SIDE = 2_400


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Count false matches and false non-matches; `smoke` leaves the expression sheets out."""
    del users  # as many people as there are
    faces = Faces()
    pictures = PICTURES if smoke else (*PICTURES, SHEET)
    people = {person.person_id: vectors(faces, person, pictures) for person in curated.list()}
    packages = ("dlib-bin", "face_recognition_models", "openpeople")
    same, two = pairs(people)
    summed = report("face_errors", smoke=smoke, packages=packages, results=list(rates(same, two)))
    return {**summed, "curve": curve(same, two)}


def vectors(
    faces: Faces, person: curated.Person, pictures: tuple[str, ...]
) -> NDArray[np.float32]:
    """Measure every face in a person's pictures."""
    found = []
    for name in pictures:
        with Image.open(person.asset_path(name)) as image:
            image.thumbnail((LONGER_SIDE, LONGER_SIDE))
            pixels = np.array(image.convert("RGB"), dtype=np.uint8)
        found += [faces.embed(pixels, face) for face in faces.find(pixels)]
    return np.stack(found)


def pairs(
    people: Mapping[str, NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Measure all pairs of faces: of one person, and of two."""
    same = np.concatenate([within(faces) for faces in people.values()])
    two = np.concatenate([between(one, other) for one, other in combinations(people.values(), 2)])
    return same, two


def rates(same: NDArray[np.float32], two: NDArray[np.float32]) -> Iterator[Result]:
    """Tell both error rates at every threshold, in percent."""
    for limit in THRESHOLDS:
        yield line(f"false non-match at {limit:.2f}", (same > limit).mean(), len(same))
        yield line(f"false match at {limit:.2f}", (two <= limit).mean(), len(two))


def curve(same: NDArray[np.float32], two: NDArray[np.float32]) -> list[Mapping[str, float]]:
    """Tell both error rates at every step of the distance, for the figure."""
    return [
        {
            "threshold": round(float(limit), 2),
            "non_match": round(100 * float((same > limit).mean()), 2),
            "match": round(100 * float((two <= limit).mean()), 2),
            "same": len(same),
            "two": len(two),
        }
        for limit in np.arange(0.30, 0.701, 0.02)
    ]


def within(faces: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure all pairs of one person's faces."""
    return np.array([np.linalg.norm(a - b) for a, b in combinations(faces, 2)], dtype=np.float32)


def between(one: NDArray[np.float32], two: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure all pairs of two people's faces."""
    return np.linalg.norm(one[:, None] - two[None], axis=2).ravel()


def line(what: str, rate: float, n: int) -> Result:
    """Put one rate into the shape of a benchmark's result."""
    return {
        "what": what,
        "value": round(100 * float(rate), 1),
        "unit": "%",
        "floor": None,
        "ratio": None,
        "n": n,
        "spread": None,
    }
