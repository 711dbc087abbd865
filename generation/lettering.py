# SPDX-License-Identifier: Apache-2.0
"""Draw a few words into a corner of a picture, so that whoever sees it reads them.

A small rounded plate, tinted like what lies behind it, with light or dark words
on it. Rules:
1. words and plate differ by at least 4.5:1, at every pixel of the plate (WCAG 2.2, 1.4.3)
2. plate and words together are as bright as what they cover, as nearly as rule 1 lets them be:
   a picture's look in 64 bits (`fingerprints`) stays what it was
3. sizes follow the picture's width: half as large, the words are still read
Knows pixels and a text. The typeface is the one that Pillow brings.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Plane = NDArray[np.float32]

_PER_WIDTH: Final = 27  #: a picture is so many times as wide as its letters are high
_LEAST: Final = 11  #: pixels; smaller letters are not read
_ACROSS, _DOWN, _MARGIN = 0.75, 0.45, 0.9  #: in letter heights, around the words and the plate
_FINER: Final = 4  #: drawn so many times larger, then brought down: smooth edges
_WHITE, _INK = 255.0, 18.0
_DARKEST, _LIGHTEST = 12.0, 246.0
_UNDER_WHITE, _UNDER_INK = 108.0, 142.0  #: what a plate may be at most, and at least
_GRAIN: Final = 0.35  #: how much of what lies behind still shows through
_BT601: Final = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True)
class _Stencil:
    """Where the plate and the words are, 0 to 1. Shapes: both (h, w)."""

    plate: Plane
    words: Plane


class Corner(Enum):
    """Where the words may stand; the first is where they usually do. (down, across), 0 to 1."""

    LOWER_LEFT = (1, 0)
    LOWER_RIGHT = (1, 1)
    LOWER_MIDDLE = (1, 0.5)
    UPPER_LEFT = (0, 0)
    UPPER_RIGHT = (0, 1)


def lettered(
    pixels: NDArray[np.uint8], text: str, corner: Corner = Corner.LOWER_LEFT
) -> NDArray[np.uint8]:
    """Return the picture with the words in a corner.

    Shapes: pixels (H, W, 3) uint8 RGB.
    """
    width = pixels.shape[1]
    size = max(_LEAST, round(width / _PER_WIDTH))
    margin = round(_MARGIN * size)
    stencil = _stencil(text, size, width - 2 * margin)
    there = tuple(
        slice(start := margin + round(share * (whole - part - 2 * margin)), start + part)
        for share, whole, part in zip(
            corner.value, pixels.shape[:2], stencil.plate.shape, strict=True
        )
    )
    drawn = pixels.copy()
    drawn[there] = _drawn(pixels[there].astype(np.float32), stencil)
    return drawn


def _drawn(behind: Plane, stencil: _Stencil) -> NDArray[np.uint8]:
    plate, words = stencil.plate, stencil.words
    frosted = _frosted(behind)
    covered = float((plate * words).sum() / plate.sum())
    bright = float((behind @ _BT601 * plate).sum() / plate.sum())
    tone, letters = _tones(bright, covered)
    glass = _toned(frosted, tone, dark=letters == _WHITE)
    face = glass + (letters - glass) * words[..., np.newaxis]
    mixed = behind + (face - behind) * plate[..., np.newaxis]
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _frosted(behind: Plane) -> Plane:
    """Blur what lies behind the plate, as through matt glass."""
    sigma = behind.shape[0] / 3
    blurred = cv2.GaussianBlur(behind, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, np.float32)


def _tones(bright: float, covered: float) -> tuple[float, float]:
    """Choose plate and letters that together are as bright as what they cover."""
    choices = []
    for letters, low, high in ((_WHITE, _DARKEST, _UNDER_WHITE), (_INK, _UNDER_INK, _LIGHTEST)):
        wanted = (bright - covered * letters) / (1 - covered)
        tone = min(max(wanted, low), high)
        choices.append((abs(wanted - tone), tone, letters))
    _, tone, letters = min(choices, key=lambda choice: choice[0])
    return tone, letters


def _toned(frosted: Plane, tone: float, *, dark: bool) -> Plane:
    """Bring matt glass to one brightness, with a little of its own left, within the limits."""
    light = frosted @ _BT601
    limits = (0.0, _UNDER_WHITE) if dark else (_UNDER_INK, 255.0)
    wanted = np.clip(tone + (light - light.mean()) * _GRAIN, *limits)
    tinted = frosted * (wanted / np.maximum(light, 1.0))[..., np.newaxis]
    grey = wanted[..., np.newaxis]
    return np.asarray(np.clip(grey + (tinted - grey) * _GRAIN, 0, 255), np.float32)


@lru_cache(maxsize=32)
def _stencil(text: str, size: int, most: int) -> _Stencil:
    """Cut plate and words for a text, no wider than `most` pixels."""
    font = ImageFont.load_default(size * _FINER)
    left, _, right, _ = font.getbbox(text)
    if (right - left) / _FINER + 2 * _ACROSS * size > most and size > _LEAST:
        return _stencil(text, size - 1, most)
    _, top, _, bottom = font.getbbox("Ag")  # a tall letter and a deep one
    wide = min(most, round((right - left) / _FINER + 2 * _ACROSS * size))
    tall = round((bottom - top) / _FINER + 2 * _DOWN * size)
    plate, words = (Image.new("L", (wide * _FINER, tall * _FINER)) for _ in range(2))
    ImageDraw.Draw(plate).rounded_rectangle(
        (0, 0, plate.width - 1, plate.height - 1), radius=plate.height / 2, fill=255
    )
    ImageDraw.Draw(words).text(
        (plate.width / 2, plate.height / 2), text, font=font, fill=255, anchor="mm"
    )
    return _Stencil(_shrunk(plate, wide, tall), _shrunk(words, wide, tall))


def _shrunk(image: Image.Image, wide: int, tall: int) -> Plane:
    smooth = np.asarray(image.resize((wide, tall), Image.Resampling.BOX), np.float32)
    return smooth / np.float32(255)
