# SPDX-License-Identifier: Apache-2.0
"""Seeded noise: everything that should look as if nobody had drawn it."""

import zlib

import cv2
import numpy as np

from generation.recipes.photobooth.geometry import Field, smooth


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Derive one stream for each purpose of a picture, so that adding a star moves no cloud."""
    return np.random.default_rng((seed & 0xFFFF_FFFF, zlib.crc32(purpose.encode())))


def fbm(
    shape: tuple[int, int],
    chance: np.random.Generator,
    *,
    octaves: int = 5,
    cells: tuple[int, int] = (4, 4),
) -> Field:
    """Sum octaves of random grids, each twice as fine and half as strong; scaled to 0..1.

    Shapes: `shape` and `cells` are (rows, columns).
    """
    height, width = shape
    total = np.zeros(shape, np.float32)
    for k in range(octaves):
        grid = chance.random((cells[0] * 2**k + 1, cells[1] * 2**k + 1), dtype=np.float32)
        layer = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
        total += np.float32(0.5**k) * np.asarray(layer, np.float32)
    total -= total.min()
    return total / max(float(total.max()), 1e-6)


def creases(
    shape: tuple[int, int], chance: np.random.Generator, *, cells: tuple[int, int] = (2, 4)
) -> Field:
    """Give cloth its folds: sharp valleys between soft hills, bent by a second noise; 0..1."""
    height, width = shape
    hills = fbm(shape, chance, octaves=3, cells=cells)
    bend = (fbm(shape, chance, octaves=2, cells=(2, 2)) - 0.5) * np.float32(0.16 * width)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    bent = cv2.remap(
        hills, columns + bend, rows + bend * 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    ridges = np.abs(np.asarray(bent, np.float32) - 0.5) * 2
    return smooth(np.power(ridges, np.float32(0.85)), 1.5)
