# SPDX-License-Identifier: Apache-2.0
"""What the network sees of a person: the head of one selfie, upright, cut to one size.

Rules:
1. One selfie in, one picture out: nothing of anybody else, nothing of an earlier call.
2. The numbers are whole, 0 to 255, so that keeping them in 16 bits loses nothing.
"""

import hashlib
import importlib.resources
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.recipes import Likeness
from generation.recipes.batched import Misshapen
from generation.recipes.photobooth.alignment import place, view
from generation.recipes.photobooth.geometry import Frame
from generation.recipes.specs import Option

_EYES: Final = 0.2  # their distance, of the width
_HEIGHT: Final = 0.42  # of the eyes, of the height
_USED: Final = ("alignment.py", "geometry.py")
_BRIGHTEST: Final = 255


def shape_of(options: Mapping[str, Option]) -> tuple[int, int, int]:
    """Say what one selfie becomes: height, width, colours."""
    width, height = options.get("reference_width", 512), options.get("reference_height", 640)
    return int(height), int(width), 3


def cut(likeness: Likeness, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Cut the head out of a selfie. Shapes: as `shape_of`. Units: whole numbers 0..255."""
    high, wide, _ = shape
    frame = Frame(e=_EYES * wide, ex=wide / 2, ey=_HEIGHT * high, width=wide, height=high)
    picture, _ = view(likeness.pixels, place(likeness), frame)
    return np.rint(np.clip(picture, 0, 1) * _BRIGHTEST).astype(np.float32)


def picture(conditioning: NDArray[np.float32], shape: tuple[int, int, int]) -> Image.Image:
    """Make conditioning a picture again. Errors: Misshapen for what `cut` cannot have made."""
    if conditioning.shape != shape or not np.isfinite(conditioning).all():
        raise Misshapen(f"expected a reference picture {shape}, got {conditioning.shape}")
    return Image.fromarray(np.rint(np.clip(conditioning, 0, _BRIGHTEST)).astype(np.uint8))


def identify(shape: tuple[int, int, int]) -> str:
    """Name all that turns a likeness into conditioning. Returns a sha256, hex."""
    digest = hashlib.sha256(f"pixels {shape}\0".encode() + Path(__file__).read_bytes())
    booth = importlib.resources.files("generation.recipes.photobooth")
    for name in _USED:
        digest.update((booth / name).read_bytes())
    return digest.hexdigest()
