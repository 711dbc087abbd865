# SPDX-License-Identifier: Apache-2.0
"""Pictures that move, as arrays: the frames of a short way from one side to the other.

Rules:
1. a still is (H, W, 3), one that moves (frames, H, W, 3): nothing else tells them apart
2. the frame in the middle is the picture at rest: what stands for all, where one must
3. it is played to and fro from the middle, so that it begins again where it ended
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
LEAST: Final = 3
_OF_A_STILL: Final = 3


def moving(picture: Pixels) -> bool:
    """Say whether a picture has frames."""
    return picture.ndim > _OF_A_STILL


def each(picture: Pixels) -> tuple[Pixels, ...]:
    """List the different frames of a picture; a still is its only one."""
    return tuple(picture) if moving(picture) else (picture,)


def at_rest(picture: Pixels) -> Pixels:
    """Take the frame that stands for the picture. Shapes: (H, W, 3)."""
    return picture[len(picture) // 2] if moving(picture) else picture


def to_and_fro(count: int) -> tuple[int, ...]:
    """Say in which order frames are shown: from the middle to one end, to the other, and back.

    No frame follows itself, also where it begins again. Errors: ValueError for a number of frames
    without a middle.
    """
    if count < LEAST or count % 2 == 0:
        raise ValueError(f"expected an odd number of frames, at least {LEAST}, got {count}")
    middle = count // 2
    return (*range(middle, count - 1), *range(count - 1, 0, -1), *range(middle))


def fits(picture: Pixels, size: tuple[int, int], *, moves: bool) -> bool:
    """Say whether a picture is what a recipe of this size must draw for a row."""
    width, height = size
    if picture.dtype != np.uint8 or picture.shape[-3:] != (height, width, 3):
        return False
    if not moves:
        return not moving(picture)
    return moving(picture) and len(picture) >= LEAST and len(picture) % 2 == 1
