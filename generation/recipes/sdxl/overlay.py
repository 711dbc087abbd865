# SPDX-License-Identifier: Apache-2.0
"""Lay a person's own head over a drawing: the photobooth's cutout at one fixed place.

Rule: where the head is opaque its pixels are the selfie's; a drawing that is not finite stays so,
for whoever judges the picture to see.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import CannotRender, Row
from generation.recipes.photobooth.cutout import Cutout, Head, cut_out, into
from generation.recipes.photobooth.geometry import Frame, smooth

_EYES: Final = (0.5, 0.44)  # across and down the picture
_APART: Final = 0.14  # of the picture's width
_FEATHER: Final = 1.5  # pixels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heads:
    """The heads of a pass, one a row; a row's own is None once the row is out."""

    cutouts: list[Cutout | None]

    def drop(self, row: int) -> None:
        """Forget one row's head."""
        self.cutouts[row] = None


def cut(rows: tuple[Row, ...]) -> Heads:
    """Cut every row's head out once, duplicates included. Errors: CannotRender."""
    known: dict[int, Cutout] = {}
    found: list[Cutout | None] = []
    for row in rows:
        if not row.likenesses:
            raise CannotRender("a row without a selfie has no head to lay over")
        chosen = row.likenesses[row.seed % len(row.likenesses)]
        if id(chosen) not in known:
            known[id(chosen)] = cut_out(chosen)
        found.append(known[id(chosen)])
    return Heads(cutouts=found)


def lay(picture: NDArray[np.float32], cutout: Cutout) -> NDArray[np.float32]:
    """Lay one head over one drawing. Shapes: (H, W, 3). Units: 0..1."""
    height, width = picture.shape[:2]
    head = into(cutout, _frame(width, height))
    cover = _cover(head)[..., None]
    return np.asarray(picture * (1 - cover) + head.rgb * cover, np.float32)


def enlarged(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Bring a drawing to the size that the recipe answers. Units: width, height in pixels."""
    if picture.shape[1::-1] == size:
        return picture
    larger = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(larger, 0, 1), np.float32)


def _frame(width: int, height: int) -> Frame:
    across, down = _EYES
    return Frame(e=_APART * width, ex=across * width, ey=down * height, width=width, height=height)


def _cover(head: Head) -> NDArray[np.float32]:
    """Say how opaque the head is: soft at its edge, long hair included."""
    return np.clip(smooth(np.maximum(head.alpha, head.hair), _FEATHER), 0, 1)
