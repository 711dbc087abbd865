# SPDX-License-Identifier: Apache-2.0
"""Move the layers of one portrait against each other, as if whoever looks swayed a little.

Rules:
1. What lies behind moves the most and the other way, what lies in front moves along, the head
   hardly at all: it stays who it is.
2. The path goes from one side to the other, slow at both ends: played to and fro it has no seam.
3. In the middle nothing is moved: that frame is the portrait at rest.
4. What lies behind is drawn a little larger, so that no edge of it is ever seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import cos, pi
from typing import Final

import cv2
import numpy as np

from generation.recipes.photobooth.cutout import Head
from generation.recipes.photobooth.geometry import Field
from generation.recipes.photobooth.plates import Plates

FRAMES: Final = 9
"""Different frames from one side to the other, the portrait at rest in the middle."""
#: how far each layer moves at most to either side, and down. Units: pixels of 512 x 640
_BEHIND: Final = (-5.5, -1.2)
_HEAD: Final = (0.8, 0.5)
_FRONT: Final = (2.2, 1.0)
_LARGER: Final = 1 + 2 * 6 / 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """How far each layer lies from where it rests, to the right and down. Units: pixels."""

    behind: tuple[float, float]
    head: tuple[float, float]
    front: tuple[float, float]


def sways() -> Iterator[Sway]:
    """Yield the way from the left to the right, slow at both ends; at rest in the middle."""
    for at in range(FRAMES):
        across = -cos(pi * at / (FRAMES - 1))
        down = abs(across)
        yield Sway(
            behind=(_BEHIND[0] * across, _BEHIND[1] * down),
            head=(_HEAD[0] * across, _HEAD[1] * down),
            front=(_FRONT[0] * across, _FRONT[1] * down),
        )


def swayed_plates(plates: Plates, sway: Sway) -> Plates:
    """Move both plates; what they do to the head moves with the front. Shapes stay."""
    front = _moved(plates.front.astype(np.float32), sway.front)
    masks = _moved(np.dstack([plates.opening, plates.opening_below, plates.shade]), sway.front)
    opening, below, shade = (np.ascontiguousarray(masks[..., n]) for n in range(3))
    return replace(
        plates,
        behind=_moved(plates.behind.astype(np.float32), sway.behind, _LARGER).astype(np.float16),
        front=front.astype(np.float16), opening=opening, opening_below=below, shade=shade,
        face=_moved(plates.face, sway.head),
    )  # fmt: skip


def swayed_head(head: Head, lit: Field, sway: Sway) -> tuple[Head, Field]:
    """Move a head and the same head in the scenario's light."""
    masks = _moved(np.dstack([head.alpha, head.hair]), sway.head)
    alpha, hair = (np.ascontiguousarray(masks[..., n]) for n in range(2))
    moved = replace(head, rgb=_moved(head.rgb, sway.head), alpha=alpha, hair=hair)
    return moved, _moved(lit, sway.head)


def _moved(field: Field, by: tuple[float, float], larger: float = 1.0) -> Field:
    """Move a field by less than a pixel or more, about its middle; its edges go on outwards."""
    height, width = field.shape[:2]
    middle = (width - 1) / 2, (height - 1) / 2
    move = [
        [larger, 0, (1 - larger) * middle[0] + by[0]],
        [0, larger, (1 - larger) * middle[1] + by[1]],
    ]
    moved = cv2.warpAffine(
        field, np.asarray(move, np.float32), (width, height),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(moved, np.float32)
