# SPDX-License-Identifier: Apache-2.0
"""How far a portrait moves away from its selfie: the colour of the skin and the shape of the face.

Both pictures are laid over each other by their eyes, so that position, size and tilt drop out.
Rules:
1. Skin is compared where the *selfie* shows skin: no eye, mouth, brow or beard, and nothing that
   the drawing put there is left out in the drawing's favour.
2. Shape is measured inside the face, by what can be found again in both pictures. A costume that
   covers a cheek makes no face narrow; what cannot be found again is not measured, and counted.
3. Five landmarks give one unit, the distance of the eyes, good to about 2 %: what is held to a
   bound is a ratio in which it cancels out.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import Likeness
from generation.recipes.photobooth.alignment import place, view
from generation.recipes.photobooth.colour import grey, to_lab
from generation.recipes.photobooth.geometry import Field, Frame, smooth

#: the frame in which both pictures are laid over each other: 64 pixels between the eyes
FACE = Frame(e=64, ex=128, ey=104, width=256, height=256)
#: how alike a region must look in both pictures (correlation) to be found again
FOUND = 0.6
_STEPS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """What became of the skin. Units: CIE Lab; positive is lighter, redder, yellower."""

    #: mean distance in a and b alone, pixel by pixel: what tints, never what lights
    ab: float
    #: median change of each
    lightness: float
    red: float
    yellow: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What became of the face's shape. Units: percent of the selfie's; None: not found again."""

    #: of the whole inner face, in eye distances: how much wider, how much longer
    width: float | None
    length: float | None
    #: how much farther apart the cheeks are for the face's length: slimming is negative, and the
    #: distance of the eyes, which jitters with the landmarks, cancels out
    cheeks: float | None
    #: how much lower the nose's base is under the eyes (landmarks alone)
    nose: float


def skin(selfie: Likeness, portrait: Likeness) -> Skin:
    """Compare the skin of a portrait with its selfie's."""
    source, drawn = (_soft_lab(one) for one in (selfie, portrait))
    apart = (drawn - source)[_skin(source)]
    return Skin(
        ab=float(np.hypot(apart[:, 1], apart[:, 2]).mean()),
        lightness=float(np.median(apart[:, 0])),
        red=float(np.median(apart[:, 1])),
        yellow=float(np.median(apart[:, 2])),
    )


def tone(selfie: Likeness) -> float:
    """Measure how light a skin is in a picture: the individual typology angle of the cheeks.

    Units: degrees; above 41 light, 28 intermediate, 10 tan, -30 brown, below dark.
    Source: Chardon, Cretois, Hourseau 1991.
    """
    lab = _soft_lab(selfie)
    lightness, _, yellow = np.median(lab[_skin(lab)], axis=0)
    return float(np.degrees(np.arctan2(lightness - 50, yellow)))


def shape(selfie: Likeness, portrait: Likeness) -> Shape:
    """Compare the shape of the face in a portrait with its selfie's."""
    source, drawn = (_relief(_aligned(one)) for one in (selfie, portrait))
    whole = _found(source, drawn, _inner(), cv2.MOTION_AFFINE)
    sides = [_found(source, drawn, _cheek(side), cv2.MOTION_TRANSLATION) for side in (-1, 1)]
    left, right = sides
    length = None if whole is None else float(np.hypot(*whole[:, 1]))
    apart = None if left is None or right is None else 1 + float(right[0, 2] - left[0, 2]) / _APART
    before, after = (_nose(one) for one in (selfie, portrait))
    return Shape(
        width=None if whole is None else 100 * (float(np.hypot(*whole[:, 0])) - 1),
        length=None if length is None else 100 * (length - 1),
        cheeks=None if length is None or apart is None else 100 * (apart / length - 1),
        nose=100 * (after / before - 1),
    )


def _aligned(likeness: Likeness) -> Field:
    return view(likeness.pixels, place(likeness), FACE)[0]


def _soft_lab(likeness: Likeness) -> Field:
    return to_lab(smooth(_aligned(likeness), 2))


def _skin(lab: Field) -> NDArray[np.bool_]:
    """Mark skin in a selfie: inside the face, near the cheeks' colour, no eye and no mouth."""
    x, y = np.abs(FACE.X), FACE.Y
    face = np.hypot(x / 0.95, (y - 0.55) / 0.95) < 1
    eyes = np.hypot((x - 0.5) / 0.36, y / 0.24) < 1
    mouth = np.hypot(x / 0.5, (y - 1.13) / 0.25) < 1
    cheeks = np.median(lab[np.hypot((x - 0.55) / 0.25, (y - 0.6) / 0.25) < 1], axis=0)
    tint = np.hypot(lab[..., 1] - cheeks[1], lab[..., 2] - cheeks[2])
    like = (tint < 12) & (lab[..., 0] > 0.6 * cheeks[0])
    return np.asarray(face & ~eyes & ~mouth & like)


_CHEEK = 0.45  # where a cheek's middle lies beside the nose
_APART = 2 * _CHEEK * FACE.e


def _inner() -> NDArray[np.uint8]:
    inside = np.hypot(FACE.X / 0.82, (FACE.Y - 0.5) / 0.95) < 1
    return inside.astype(np.uint8) * 255


def _cheek(side: int) -> NDArray[np.uint8]:
    x, y = FACE.X * side, FACE.Y
    inside = np.hypot((x - _CHEEK) / 0.4, (y - 0.8) / 0.65) < 1
    return inside.astype(np.uint8) * 255


def _relief(picture: Field) -> Field:
    """Keep what a lamp does not change: edges and features against their surroundings."""
    light = np.log(grey(picture) + np.float32(0.05))
    detail = light - smooth(light, 10)
    spread = np.sqrt(smooth(detail * detail, 14)) + np.float32(0.04)
    return np.asarray(smooth(detail / spread, 1), np.float32)


def _found(
    source: Field, drawn: Field, where: NDArray[np.uint8], motion: int
) -> NDArray[np.float32] | None:
    """Find a region of the selfie again in the portrait; where it went, as a 2 x 3 matrix."""
    start = np.eye(2, 3, dtype=np.float32)
    try:
        alike, moved = cv2.findTransformECC(source, drawn, start, motion, _STEPS, where, 3)
    except cv2.error:
        return None
    return np.asarray(moved, np.float32) if alike >= FOUND else None


def _nose(likeness: Likeness) -> float:
    """Measure how low the nose's base lies under the eyes, in eye distances."""
    points = np.asarray(likeness.landmarks, np.float64)
    eyes = sorted((points[0:2].mean(0), points[2:4].mean(0)), key=lambda eye: float(eye[0]))
    across, down = eyes[1] - eyes[0], points[4] - (eyes[0] + eyes[1]) / 2
    return abs(float(across[0] * down[1] - across[1] * down[0])) / float(across @ across)
