# SPDX-License-Identifier: Apache-2.0
"""Let people rate portraits on three axes, and read what they said.

    python -m benchmarks.quality --keep DIR [--recipe ID]     once a recipe, into one folder
    python -m benchmarks.rating page DIR rating.html [--most 60] [--seed 1]
    python -m benchmarks.rating table DIR RATINGS.json ...

The protocol is that of Imagine Yourself (arXiv 2409.13346): identity, prompt and appeal, each
Strong pass, Weak pass or Fail. The page is one file that asks no network for anything. It is
blind: it holds no recipe's name, only opaque numbers that `DIR/made.json` resolves; the order
follows from the seed. Synthetic people only: rating real ones would need their own consent.
"""

import argparse
import base64
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.agreement import krippendorff
from benchmarks.people import Somebody
from benchmarks.scores import interval
from generation.recipes import Likeness

AXES: Final = ("identity", "prompt", "appeal")
GRADES: Final = ("Strong pass", "Weak pass", "Fail")
MADE: Final = "made.json"
TEMPLATE: Final = Path(__file__).with_name("rating.html")
_SHOWN: Final = (384, 480)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One portrait that can be rated. `id` says nothing about the rest."""

    id: str
    recipe: str
    scenario: str
    person: str


def keep(
    folder: Path,
    recipe: str,
    pictures: Mapping[tuple[str, int], NDArray[np.uint8]],
    people: Mapping[int, Somebody],
) -> None:
    """Put portraits and selfies of synthetic people into a folder; another recipe's stay."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {one.id: one for one in made(folder)}
    for (scenario, number), picture in pictures.items():
        person = people[number].id
        name = hashlib.sha256(recipe.encode() + picture.tobytes()).hexdigest()[:12]
        Image.fromarray(picture).save(folder / f"{name}.jpg", quality=92)
        known[name] = Made(id=name, recipe=recipe, scenario=scenario, person=person)
    for one in people.values():
        _head(one.selfie).save(folder / f"{one.id}.jpg", quality=88)
    rows = [asdict(one) for one in known.values()]
    (folder / MADE).write_text(json.dumps(rows, indent=1), "utf-8")


def _head(selfie: Likeness) -> Image.Image:
    """Cut a selfie down to the head, so that a rater can see who it is."""
    left, top, right, bottom = selfie.box
    reach = right - left
    whole = Image.fromarray(selfie.pixels)
    return whole.crop(
        (
            max(0, left - reach // 2),
            max(0, top - reach * 2 // 3),
            min(whole.width, right + reach // 2),
            min(whole.height, bottom + reach * 2 // 3),
        )
    )


def made(folder: Path) -> tuple[Made, ...]:
    """Read what a folder holds."""
    file = folder / MADE
    rows = json.loads(file.read_text("utf-8")) if file.exists() else []
    return tuple(Made(**row) for row in rows)


def page(folder: Path, *, seed: int, most: int) -> str:
    """Write the rating page: everything in one file, in an order that follows from the seed."""
    everything = sorted(made(folder), key=lambda one: one.id)
    order = np.random.default_rng(seed).permutation(len(everything))[:most]
    asked, prompts = [everything[at] for at in order], _prompts()
    selfies = {one.person: _data(folder / f"{one.person}.jpg") for one in asked}
    faces = {person: f"f{at}" for at, person in enumerate(sorted(selfies))}
    items = [
        {"id": one.id, "face": faces[one.person], "prompt": prompts[one.scenario],
         "picture": _data(folder / f"{one.id}.jpg")}
        for one in asked
    ]  # fmt: skip
    content = {
        "seed": seed,
        "sheet": hashlib.sha256("".join(one.id for one in asked).encode()).hexdigest()[:12],
        "axes": AXES,
        "grades": GRADES,
        "faces": {faces[person]: selfie for person, selfie in selfies.items()},
        "items": items,
    }
    inside = json.dumps(content).replace("<", "\\u003c")
    return TEMPLATE.read_text("utf-8").replace("{{content}}", inside)


def table(folder: Path, ratings: Sequence[Mapping[str, Any]]) -> str:
    """Turn exported ratings into a Markdown table. Errors: ValueError for a rater named twice."""
    names = [one["rater"] for one in ratings]
    if len(set(names)) != len(names):
        raise ValueError(f"expected every rater once, got {', '.join(sorted(names))}")
    known = {one.id: one for one in made(folder)}
    rated = {i for one in ratings for i in one["ratings"]}
    people = {known[i].person for i in rated}
    lines = [
        f"{len(ratings)} raters, {len(rated)} portraits of {len(people)} synthetic people.",
        "",
        "| recipe | axis | n | strong | weak | fail | pass, 95 % by person | agreement |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for recipe in sorted({one.recipe for one in known.values()}):
        of = {i: one.person for i, one in known.items() if one.recipe == recipe}
        lines += [_row(recipe, axis, ratings, of) for axis in AXES if _said(axis, ratings, of)]
    return "\n".join(lines) + "\n"


def _row(
    recipe: str, axis: str, ratings: Sequence[Mapping[str, Any]], of: Mapping[str, str]
) -> str:
    said = _said(axis, ratings, of)
    shares = [100 * sum(grade == at for _, grade in said) / len(said) for at in range(len(GRADES))]
    people: dict[str, list[bool]] = {}
    for person, grade in said:
        people.setdefault(person, []).append(grade < len(GRADES) - 1)
    low, high = interval([100 * float(np.mean(passed)) for passed in people.values()])
    units = [[one["ratings"].get(i, {}).get(axis) for one in ratings] for i in of]
    alpha = krippendorff(units)
    agreed = "one rater" if alpha is None else f"{alpha:.2f}"
    return (
        f"| {recipe} | {axis} | {len(said)} | {shares[0]:.0f} % | {shares[1]:.0f} % "
        f"| {shares[2]:.0f} % | {shares[0] + shares[1]:.0f} % ({low:.0f} to {high:.0f}) "
        f"| {agreed} |"
    )


def _said(
    axis: str, ratings: Sequence[Mapping[str, Any]], of: Mapping[str, str]
) -> list[tuple[str, int]]:
    """List person and grade of every rating on an axis."""
    return [
        (of[i], given[axis])
        for one in ratings
        for i, given in one["ratings"].items()
        if i in of and axis in given
    ]


def _prompts() -> Mapping[str, str]:
    """Read what each scenario was to show."""
    found: dict[str, str] = {}
    for file in sorted((files("data") / "scenarios").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            scenarios = tomllib.loads(file.read_text("utf-8"))
            found |= {
                name: one["prompt"].replace("{person}", "this person")
                for name, one in scenarios.items()
            }
    return found


def _data(file: Path) -> str:
    """Put a picture into the page itself."""
    content = io.BytesIO()
    with Image.open(file) as image:
        image.thumbnail(_SHOWN, Image.Resampling.LANCZOS)
        image.save(content, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode("ascii")


def read(paths: Iterable[Path]) -> list[Mapping[str, Any]]:
    """Read the files that raters exported. Errors: ValueError for one that is something else."""
    found = []
    for path in paths:
        one = json.loads(path.read_text("utf-8"))
        if one.get("schema") != "onlyou-ratings/1":
            raise ValueError(f"expected onlyou-ratings/1 in {path.name}, got {one.get('schema')}")
        found.append(one)
    return found


def main() -> None:
    """Write a page or read ratings."""
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    write = verbs.add_parser("page")
    write.add_argument("folder", type=Path)
    write.add_argument("out", type=Path)
    write.add_argument("--most", type=int, default=60, help="portraits to ask about")
    write.add_argument("--seed", type=int, default=1)
    tell = verbs.add_parser("table")
    tell.add_argument("folder", type=Path)
    tell.add_argument("ratings", type=Path, nargs="+")
    asked = parser.parse_args()
    if asked.verb == "page":
        asked.out.write_text(page(asked.folder, seed=asked.seed, most=asked.most), "utf-8")
    else:
        print(table(asked.folder, read(asked.ratings)), end="")


if __name__ == "__main__":
    main()
