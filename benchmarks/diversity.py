# SPDX-License-Identifier: Apache-2.0
"""How different two portraits look from afar.

The metric: both pictures are reduced to 16 x 20 cells, and the mean CIE Lab distance of the cells
is taken. Why this one: it is in the unit of seeing (2.3 is a just noticeable difference), needs no
network (a learnt one would again be a judge whose taste nobody knows, and none with clean weights
is packaged), and at feed size composition and colour are what tells two pictures apart. What it
does not see: expression and pose. The photobooth changes neither: they are the selfie's.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = (16, 20)

Picture = NDArray[np.uint8]
#: portraits by scenario and by the person's number
Pictures = Mapping[tuple[str, int], Picture]


def afar(picture: Picture) -> NDArray[np.float32]:
    """Reduce a picture to what is seen from afar. Shapes: returns (20, 16, 3) Lab."""
    small = cv2.resize(picture, CELLS, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(np.float32(small) / 255, cv2.COLOR_RGB2LAB), np.float32)


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Measure how different two pictures look from afar. Units: CIE Lab."""
    return float(np.linalg.norm(one - other, axis=2).mean())


def told(pictures: Pictures, again: Pictures) -> Mapping[str, Any]:
    """Sum up how different looks, people and seeds are; `again` is drawn with another seed."""
    seen = {key: afar(picture) for key, picture in pictures.items()}
    looks = _looks(seen)
    nearest = min(looks, key=lambda pair: looks[pair])
    people = [
        apart(a, b)
        for (k, a), (m, b) in combinations(seen.items(), 2)
        if k[0] == m[0] and k[1] != m[1]
    ]
    seeds = [apart(afar(picture), seen[key]) for key, picture in again.items()]
    return {
        "between_looks_of_one_person": round(fmean(looks.values()), 2),
        "nearest_two_looks": [*nearest, round(looks[nearest], 2)],
        "between_people_in_one_scenario": round(fmean(people), 2) if people else None,
        "between_seeds": round(fmean(seeds), 2) if seeds else None,
    }


def _looks(seen: Mapping[tuple[str, int], NDArray[np.float32]]) -> Mapping[tuple[str, str], float]:
    """Measure every two scenarios of one person, averaged over the people."""
    found: dict[tuple[str, str], list[float]] = {}
    for (k, a), (m, b) in combinations(sorted(seen.items(), key=lambda one: one[0]), 2):
        if k[1] == m[1]:
            found.setdefault((k[0], m[0]), []).append(apart(a, b))
    return {pair: fmean(values) for pair, values in found.items()}


def missing(pictures: Pictures, wanted: Sequence[tuple[str, int]]) -> Sequence[str]:
    """Name the portraits that no selfie suited."""
    return [
        f"{scenario} P{number:03}"
        for scenario, number in wanted
        if (scenario, number) not in pictures
    ]
