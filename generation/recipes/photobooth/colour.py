# SPDX-License-Identifier: Apache-2.0
"""Colours: hexadecimal in, float32 RGB 0..1 inside, linear where light adds up, Lab for skin."""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.geometry import Field, Values, as_field

Colour = str | Values
"""``"#rrggbb"``, three float32 values, or a colour for every pixel (H, W, 3)."""


def rgb(colour: Colour) -> NDArray[np.float32]:
    """Read a colour; a field of colours passes through."""
    if isinstance(colour, str):
        digits = colour.lstrip("#")
        return np.asarray([int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)], np.float32)
    return np.asarray(colour, np.float32)


def blend(one: Colour, other: Colour, amount: Values) -> Field:
    """Mix two colours by a field of 0 (`one`) to 1 (`other`): a colour for every pixel."""
    weight = as_field(amount)[..., None]
    return rgb(one) * (1 - weight) + rgb(other) * weight


def linear(picture: Field) -> Field:
    """Undo the display's gamma."""
    return as_field(np.power(np.clip(picture, 0, 4), np.float32(2.2)))


def display(light: Field) -> Field:
    """Apply the display's gamma after a soft shoulder, so that white cloth keeps its folds."""
    knee = np.float32(0.62)
    above = np.maximum(light - knee, 0)
    soft = np.minimum(light, knee) + (1 - knee) * (
        1 - np.exp(-above / (1 - knee) * np.float32(0.8))
    )
    return as_field(np.power(np.maximum(soft, 0), np.float32(1 / 2.2)))


def to_lab(picture: Values) -> Field:
    """Convert RGB 0..1 to CIE Lab (L 0..100)."""
    clipped = np.clip(picture, 0, 1, dtype=np.float32)
    return np.asarray(cv2.cvtColor(clipped, cv2.COLOR_RGB2LAB), np.float32)


def from_lab(lab: Field) -> Field:
    """Convert CIE Lab back to RGB 0..1."""
    return np.asarray(cv2.cvtColor(np.asarray(lab, np.float32), cv2.COLOR_LAB2RGB), np.float32)


def grey(picture: Values) -> Field:
    """Return the luma of an RGB picture, (H, W)."""
    clipped = np.clip(picture, 0, 1, dtype=np.float32)
    return np.asarray(cv2.cvtColor(clipped, cv2.COLOR_RGB2GRAY), np.float32)
