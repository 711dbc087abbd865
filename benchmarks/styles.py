# SPDX-License-Identifier: Apache-2.0
"""Draw the studio's examples: every idea around a head of paper, nobody's face.

    python benchmarks/styles.py engine/web/static/styles

The faces at hand are those of the demo's people; an example must never look like whoever chooses.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from generation.recipes.photobooth.alignment import bucket
from generation.recipes.photobooth.colour import to_lab
from generation.recipes.photobooth.composite import lay
from generation.recipes.photobooth.cutout import Head
from generation.recipes.photobooth.finish import finish
from generation.recipes.photobooth.geometry import Frame, smooth
from generation.recipes.photobooth.light import unit
from generation.recipes.photobooth.plates import PlateRack, frame_of, light_of
from generation.recipes.photobooth.scenarios import collect

PAPER = np.array((0.87, 0.83, 0.76), np.float32)
CHIN = 1.9  # eye distances below the eyes
SIZE = (160, 200)


def paper_head(frame: Frame, key: tuple[float, float, float]) -> tuple[Head, np.ndarray]:
    """Shape an egg of paper, lit from where the scene's light comes."""
    x, y = frame.X / 1.2, (frame.Y - 0.2) / 1.72
    inside = np.clip(1 - x**2 - y**2, 0, 1)
    normal = np.stack([x, y, np.sqrt(inside)], axis=-1)
    shade = 0.62 + 0.42 * np.clip((normal * np.array(unit(key))).sum(-1), -0.4, 1)
    lit = (PAPER * shade[..., None]).astype(np.float32)
    alpha = smooth((inside > 0).astype(np.float32), 1.5)
    skin = to_lab(PAPER[None, None])[0, 0]
    head = Head(frame=frame, rgb=lit, alpha=alpha, hair=np.zeros_like(alpha), skin=skin, chin=CHIN)
    return head, lit


def main() -> None:
    """Draw them all, small."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    rack = PlateRack(1)
    for name, scenario in sorted(collect().items()):
        light = light_of(scenario, 0)
        head, lit = paper_head(frame_of(scenario), light.key)
        plates = rack.get(scenario, 0, bucket(CHIN))
        whole = finish(lay(head, lit, plates, scenario, light, seed=0), scenario.finish)
        picture = Image.fromarray(np.asarray(np.rint(whole * 255), np.uint8))
        small = picture.resize(SIZE, Image.Resampling.LANCZOS)
        small.save(out / f"{name}.jpg", quality=78, optimize=True)
        print(name, (out / f"{name}.jpg").stat().st_size)


if __name__ == "__main__":
    main()
