# SPDX-License-Identifier: Apache-2.0
"""What a watermark survives, on real portraits; docs/provenance.md has the whole table."""

import io
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from generation.watermark import Watermark, _drawn
from tests.generation import samples

Pixels = NDArray[np.uint8]
Drawn = dict[tuple[str, int], Pixels]
SHAPE = (512, 640)
OURS = Watermark(b"k" * 32)
pytestmark = pytest.mark.xdist_group("drawn")  # one process, so that they are drawn once


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    file = io.BytesIO(samples.written(Image.fromarray(pixels), quality=quality))
    return np.array(Image.open(file))


def scaled(pixels: Pixels, by: float) -> Pixels:
    image = Image.fromarray(pixels)
    return np.array(image.resize((round(image.width * by), round(image.height * by))))


def bears(pixels: Pixels, number: int) -> bool:
    return number in OURS.readings(np.ascontiguousarray(pixels), SHAPE)


def found(mark: Watermark, pixels: Pixels) -> set[int]:
    return set(mark.readings(np.ascontiguousarray(pixels), SHAPE))


@pytest.fixture(scope="session")
def marked(drawn: Drawn) -> list[tuple[int, Pixels]]:
    """Mark every portrait with five references: sixty marked pictures."""
    chance = np.random.default_rng(3)
    return [
        (number, OURS.write(picture, number))
        for picture, _ in product(drawn.values(), range(5))
        for number in [int(chance.integers(0, 1 << 32))]
    ]


@pytest.mark.parametrize(
    "copied",
    [
        lambda pixels: pixels,
        lambda pixels: jpeg(pixels, 50),
        lambda pixels: scaled(pixels, 0.25),
    ],
    ids=["as it is", "JPEG quality 50", "a quarter of its size"],
)
def test_a_copy_is_found_sixty_times_of_sixty(
    marked: list[tuple[int, Pixels]], copied: Callable[[Pixels], Pixels]
) -> None:
    lost = [number for number, pixels in marked if not bears(copied(pixels), number)]
    assert (len(marked), lost) == (60, [])


@pytest.mark.parametrize(
    "copied",
    [
        lambda p: p[:, ::-1],
        np.rot90,
        lambda p: p[64:576],
        lambda p: p[:512],
        lambda p: p[19:621, 15:497],
        lambda p: jpeg(scaled(p, 0.5), 75),
        lambda p: np.minimum(p * 1.2, 255).astype(np.uint8),
        lambda p: np.dstack([p.mean(axis=2).astype(np.uint8)] * 3),
    ],
    ids=["mirrored", "turned", "square", "square, top", "edges cut", "half", "brighter", "grey"],
)
def test_other_copies_are_found_too(
    marked: list[tuple[int, Pixels]], copied: Callable[[Pixels], Pixels]
) -> None:
    lost = [number for number, pixels in marked[::5] if not bears(copied(pixels), number)]
    assert lost == []


def test_a_small_and_badly_saved_copy_is_nearly_always_found(
    marked: list[tuple[int, Pixels]],
) -> None:
    small = [(number, jpeg(scaled(pixels, 0.25), 75)) for number, pixels in marked]
    assert sum(bears(copy, number) for number, copy in small) >= 55


def test_another_key_reads_nothing(marked: list[tuple[int, Pixels]]) -> None:
    other = Watermark(b"o" * 32)
    for number, pixels in marked[::10]:
        assert number not in found(other, pixels)


def test_a_portrait_without_a_mark_has_none(drawn: Drawn) -> None:
    assert [found(OURS, picture) for picture in drawn.values()] == [set()] * len(drawn)


def test_a_mark_can_hardly_be_seen(drawn: Drawn) -> None:
    for picture in drawn.values():
        apart = OURS.write(picture, 7).astype(float) - picture
        assert 10 * np.log10(255**2 / np.mean(apart**2)) > 38


def test_the_same_mark_on_the_same_picture_gives_the_same_bytes(drawn: Drawn) -> None:
    picture = drawn["jazz", 1]
    assert np.array_equal(OURS.write(picture, 7), Watermark(b"k" * 32).write(picture, 7))


def test_the_patterns_are_the_same_on_every_machine() -> None:
    first, second = _drawn(b"k" * 32, 2)
    assert (hex(int(first)), hex(int(second))) == ("0xda5a99f10e51bbf8", "0x8984c578c8349dc4")


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_picture_of_one_colour_is_no_trouble(level: int) -> None:
    flat = np.full((640, 512, 3), level, np.uint8)
    marked = OURS.write(flat, 7)
    assert marked.shape == flat.shape
    assert np.abs(marked.astype(int) - flat).mean() < 6


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (700, 3), (1400, 1400)])
def test_a_picture_of_any_size_can_be_asked_about(size: tuple[int, int]) -> None:
    chance = np.random.default_rng(5)
    noise = chance.integers(0, 256, (*size, 3)).astype(np.uint8)
    assert len(found(OURS, noise)) <= 1
