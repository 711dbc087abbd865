# SPDX-License-Identifier: Apache-2.0
"""Words in a corner: read by whoever sees the picture, and as bright as what they cover."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from generation.lettering import Corner, lettered
from tests.generation import samples

Pixels = NDArray[np.uint8]
TEXT = "AI, made for you"


def light(colour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Relative luminance (WCAG 2.2). Shapes: (..., 3), 0 to 255, to (...)."""
    part = colour / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def changed(before: Pixels, after: Pixels) -> tuple[slice, slice]:
    rows, columns = np.nonzero((before != after).any(axis=2))
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def grounds() -> dict[str, Pixels]:
    plain = {str(tone): np.full((640, 512, 3), tone, np.uint8) for tone in range(0, 256, 15)}
    noise = np.random.default_rng(1).integers(0, 256, (640, 512, 3), dtype=np.uint8)
    reds = np.zeros((640, 512, 3), np.uint8)
    reds[..., 0] = 220
    return plain | {"noise": noise, "red": reds, "selfie": samples.pixels_of(1)[:640, :512]}


@pytest.mark.parametrize("ground", grounds().values(), ids=grounds())
def test_words_stand_out_from_the_plate_by_four_and_a_half_to_one(ground: Pixels) -> None:
    there = changed(ground, drawn := lettered(ground, TEXT))
    inside = light(drawn[there].astype(np.float64))
    tall, wide = inside.shape
    plate = inside[2:5, wide // 4 : -wide // 4]  # above the letters: nothing but plate
    letters = inside[tall // 4 : -tall // 4, wide // 8 : -wide // 8]
    dark_words = plate.mean() > light(np.array([128.0, 128.0, 128.0]))
    ink = letters.min() if dark_words else letters.max()
    brighter, darker = sorted((ink, plate.min() if dark_words else plate.max()), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("tone", [60, 110, 150, 200])
def test_what_is_covered_is_as_bright_as_before(tone: int) -> None:
    ground = np.full((640, 512, 3), tone, np.uint8)
    drawn = lettered(ground, TEXT)
    there = changed(ground, drawn)
    grey = cv2.cvtColor(drawn[there], cv2.COLOR_RGB2GRAY)
    assert abs(float(grey.mean()) - tone) < 4


@pytest.mark.parametrize("corner", Corner)
def test_it_stands_in_its_corner_and_nothing_else_changes(corner: Corner) -> None:
    ground = samples.pixels_of(1)[:640, :512]
    down, across = changed(ground, lettered(ground, TEXT, corner))
    assert 0 < down.start < down.stop < 640
    assert 0 < across.start < across.stop < 512
    below, right = down.start + down.stop > 640, (across.start + across.stop) / 1024
    assert below == bool(corner.value[0])
    assert abs(right - corner.value[1]) <= (0.05 if corner.value[1] == 0.5 else 0.25)
    assert (down.stop - down.start) * (across.stop - across.start) < 640 * 512 / 40


def test_a_long_text_on_a_small_picture_stays_inside_it() -> None:
    ground = np.full((120, 96, 3), 90, np.uint8)
    _, across = changed(ground, lettered(ground, "AI, made for everybody who is in it"))
    assert across.stop <= 96


def test_the_same_picture_gets_the_same_words() -> None:
    ground = samples.pixels_of(1)[:640, :512]
    assert (lettered(ground, TEXT) == lettered(ground, TEXT)).all()
