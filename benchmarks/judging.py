# SPDX-License-Identifier: Apache-2.0
"""Judge one portrait of a synthetic person by every measure that the quality table names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import drift, second_judge
from benchmarks.people import PHOTOGRAPHS, Somebody, opened
from benchmarks.second_judge import SecondJudge
from consent.policy import Policy
from consent.words import Reason
from generation import inspection, selfies
from generation.faces import distance
from generation.inspection import Inspector
from generation.recipes import Likeness

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found in one portrait. None: the portrait does not show exactly one face."""

    scenario: str
    person: str
    type: str
    faces: int
    #: dlib L2 to the own selfie, to the nearest other selfie, to the nearest other photograph
    own: float | None
    other: float | None
    cohort: float | None
    #: what the gate said beside all the others: `passed` or the reason
    gate: str
    #: the second model: cosine to the own selfie and to the nearest other; None without it
    second_own: float | None
    second_other: float | None
    skin: drift.Skin | None
    shape: drift.Shape | None
    nsfw: float
    #: of the face, and the same of the selfie's face: variance of the Laplacian at 160 px
    sharpness: float | None
    sharpness_before: float

    def row(self) -> Mapping[str, Any]:
        """Write it as a row of the result file, rounded."""
        return _rounded(asdict(self))


class Judges:
    """The models, and everybody whom a portrait could be taken for: all ten, whoever sits."""

    def __init__(self, people: Mapping[int, Somebody], policy: Policy) -> None:
        self.models: Inspector = inspection.shipped()
        self.second: SecondJudge | None = second_judge.found()
        self._policy = policy
        self._people = people
        self._known = vectors()
        self._second = {
            number: self.second.describe(opened(number, PHOTOGRAPHS[0])) if self.second else None
            for number in self._known
        }

    def judge(self, scenario: str, number: int, picture: NDArray[np.uint8]) -> Judged:
        """Measure one portrait of a person. Shapes: picture (H, W, 3) uint8 RGB."""
        somebody, found = self._people[number], self.models.faces.find(picture)
        shown = self.models.faces.likeness(picture, found[0]) if len(found) == 1 else None
        own, other, cohort = self._distances(number, shown)
        second_own, second_other = self._cosines(number, picture)
        selfie = somebody.selfie
        return Judged(
            scenario=scenario,
            person=somebody.id,
            type=somebody.type,
            faces=len(found),
            own=own,
            other=other,
            cohort=cohort,
            gate=self._gate(number, picture),
            second_own=second_own,
            second_other=second_other,
            skin=None if shown is None else drift.skin(selfie, shown),
            shape=None if shown is None else drift.shape(selfie, shown),
            nsfw=self.models.scorer.score(picture),
            sharpness=None if shown is None else selfies.sharpness(picture, found[0]),
            sharpness_before=_sharpness(self.models, selfie),
        )

    def _distances(
        self, number: int, shown: Likeness | None
    ) -> tuple[float | None, float | None, float | None]:
        if shown is None:
            return None, None, None
        others = [known for other, known in self._known.items() if other != number]
        return (
            distance(shown.vector, self._people[number].selfie.vector),
            min(distance(shown.vector, known[0]) for known in others),
            min(distance(shown.vector, vector) for known in others for vector in known),
        )

    def _cosines(
        self, number: int, picture: NDArray[np.uint8]
    ) -> tuple[float | None, float | None]:
        shown, own = self.second and self.second.describe(picture), self._second[number]
        if shown is None or own is None:
            return None, None
        others = [v for other, v in self._second.items() if other != number and v is not None]
        return float(shown @ own), max(float(shown @ vector) for vector in others)

    def _gate(self, number: int, picture: NDArray[np.uint8]) -> str:
        """Ask the gate as the studio would, with everybody else in the same batch."""
        own = self._people[number].selfie
        others = [replace(own, vector=v[0]) for other, v in self._known.items() if other != number]
        said = self.models.inspect(picture, [own], others, self._policy)
        return said.value if isinstance(said, Reason) else "passed"


def vectors() -> Mapping[int, Sequence[Vector]]:
    """Read the face vectors of everybody's photographs, the selfie's first."""
    cohort = json.loads((files("data") / "cohort.json").read_text("ascii"))["cohort"]
    return {
        int(one["id"][1:]): [np.float32(vector) for vector in one["vectors"]] for one in cohort
    }


def _sharpness(models: Inspector, selfie: Likeness) -> float:
    (face,) = models.faces.find(selfie.pixels)
    return selfies.sharpness(selfie.pixels, face)


def _rounded(values: Mapping[str, Any]) -> Mapping[str, Any]:
    def rounded(one: object) -> object:
        if isinstance(one, dict):
            return _rounded(one)
        return round(one, 3) if isinstance(one, float) else one

    return {key: rounded(one) for key, one in values.items()}
