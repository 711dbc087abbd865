# SPDX-License-Identifier: Apache-2.0
"""Draw scenarios x people on one sheet, to be looked at: ``contact_sheet.py -h``.

The people are openpeople's ten synthetic ones, measured afresh and kept in memory only.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.faces import Faces
from generation.recipes import CannotRender, Likeness, Recipe, Row
from generation.recipes.filter import Filter
from generation.recipes.painted import Painted
from generation.recipes.photobooth import Photobooth

_RECIPES: Mapping[str, Callable[[], Recipe]] = {
    "photobooth": Photobooth,
    "painted": Painted,
    "filter": Filter,
}
_FILES = {"s": "amateur_selfie.jpg", "t": "studio_portrait.jpg"}


def main() -> None:
    """Read the arguments, draw, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="where the sheet goes (PNG or JPEG)")
    parser.add_argument("--recipe", default="photobooth", choices=sorted(_RECIPES))
    parser.add_argument("--scenarios", default="", help="comma-separated ids; all without it")
    parser.add_argument(
        "--people", default="1,2,5,8", help="1..10 selfies; 3t is a studio picture"
    )
    parser.add_argument("--width", type=int, default=256, help="width of one tile in pixels")
    parser.add_argument(
        "--columns", type=int, default=0, help="tiles a row; the number of people without it"
    )
    parser.add_argument(
        "--seed", type=int, default=-1, help="one seed for all; the person's number without it"
    )
    asked = parser.parse_args()
    recipe = _RECIPES[asked.recipe]()
    names = asked.scenarios.split(",") if asked.scenarios else sorted(recipe.scenarios)
    faces, people = Faces(), asked.people.split(",")
    likenesses = {who: _likeness(faces, who) for who in people}
    tiles = []
    for name in names:
        for number, who in enumerate(people):
            seed = asked.seed if asked.seed >= 0 else number
            tiles.append(_tile(recipe, name, likenesses[who], seed, asked.width))
    _sheet(tiles, asked.columns or len(people)).save(asked.out)


def _likeness(faces: Faces, who: str) -> Likeness:
    """Measure one of the synthetic people."""
    number, kind = (int(who[:-1]), who[-1]) if who[-1] in _FILES else (int(who), "s")
    found = importlib.util.find_spec("openpeople")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("expected the package openpeople, it is not installed")
    folder = (
        Path(found.submodule_search_locations[0])
        / "data"
        / "curated"
        / f"P{number:03d}"
        / "assets"
    )
    picture = Image.open(folder / _FILES[kind]).convert("RGB")
    picture.thumbnail((1400, 1400))
    return faces.measure(np.asarray(picture))


def _tile(recipe: Recipe, scenario: str, likeness: Likeness, seed: int, width: int) -> Image.Image:
    """Draw one portrait and say how long it took; a grey tile when the selfie does not suit."""
    start = time.perf_counter()
    try:
        pixels: NDArray[np.uint8] = recipe.render(
            [Row(likenesses=(likeness,), scenario=scenario, seed=seed)]
        )[0]
    except CannotRender as reason:
        print(reason)
        pixels = np.full((recipe.size[1], recipe.size[0], 3), 60, np.uint8)
    print(f"{scenario:14} seed {seed:<3} {time.perf_counter() - start:.2f} s")
    height = width * recipe.size[1] // recipe.size[0]
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)


def laid(
    pictures: Mapping[tuple[str, int], NDArray[np.uint8]],
    wanted: Sequence[tuple[str, int]],
    width: int = 150,
) -> Image.Image:
    """Lay portraits by scenario (down) and person (across); what could not be drawn is grey."""
    size = (width, width * 5 // 4)
    grey = Image.new("RGB", size, (60, 60, 60))
    tiles = [
        Image.fromarray(pictures[key]).resize(size, Image.Resampling.LANCZOS)
        if key in pictures
        else grey
        for key in wanted
    ]
    return _sheet(tiles, len({number for _, number in wanted}))


def _sheet(tiles: list[Image.Image], columns: int) -> Image.Image:
    """Lay tiles in rows."""
    width, height = tiles[0].size
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height))
    for k, tile in enumerate(tiles):
        sheet.paste(tile, (k % columns * width, k // columns * height))
    return sheet


if __name__ == "__main__":
    main()
