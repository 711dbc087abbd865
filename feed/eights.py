# SPDX-License-Identifier: Apache-2.0
"""Draw from lotteries in two steps: which eight of the actions, then which of the eight. Pure.

    pi = (1 - eps) softmax(value) + eps / |E|     over the eligible set E, as in feed/exploration

Everything lies with people in columns and actions in rows, eight rows to a byte of the mask: a
sum over actions is then a sum of rows, elementwise and in one order, and whoever stands beside
somebody changes no bit of it. The chance of exploring is added to eights and to the eight that is
drawn, never to the whole.
Shapes: values (8 g, n) float32; bits (g, n) uint8, the first action in the highest bit.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from feed.features import Matrix

Bits = NDArray[np.uint8]
Floats = NDArray[np.float32]
Whole = NDArray[np.int64]

EIGHT: Final = 8
_OUT: Final = np.float32(-1e30)
"""Added to the value of what is not eligible: its weight is then exactly 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The action of each person, and how likely it was. Shapes: (n,)."""

    action: Whole
    propensity: Matrix


def shut(values: Floats, bits: Bits, room: Floats) -> None:
    """Put what is not eligible out of reach, in place; `room` is written over."""
    np.multiply(np.unpackbits(~bits, axis=0), _OUT, out=room)
    values += room


def best(values: Floats) -> Whole:
    """Take the best of what was not shut, the first of equals. Shapes: (8 g, n) to (n,)."""
    return np.asarray(values.argmax(axis=0), np.int64)


def draw(values: Floats, bits: Bits, at: Matrix, shares: Matrix) -> Drawn:
    """Draw one action a person; `values` are shut, in units of the temperature, and used up.

    Shapes: at (n,) in [0, 1) and shares (n,), the part of each lottery that is even.
    """
    values -= values.max(axis=0)
    weights = np.exp(values, out=values)
    towers = weights.reshape(len(bits), EIGHT, -1)
    soft = _sums(towers)
    open_here = np.bitwise_count(bits)
    even = shares / open_here.sum(axis=0)
    steep = (1.0 - shares) / _ladder(soft)[-1]
    ladder = _ladder(steep * soft + even * open_here)
    target = at * ladder[-1]
    eight = (ladder <= target).sum(axis=0)
    mine = towers[eight, :, np.arange(len(eight))].T
    chances = steep * mine + even * _opened(bits, eight)
    return _within(chances, eight, target - _below(ladder, eight))


def _sums(towers: Floats) -> Matrix:
    """Add up each eight, in one order. Shapes: (g, 8, n) to (g, n)."""
    total = towers[:, 0].astype(np.float64)
    for row in range(1, EIGHT):
        total += towers[:, row]
    return total


def _ladder(steps: Matrix) -> Matrix:
    """Add up row after row, each person's by itself; `cumsum` does it four times slower."""
    ladder = steps.copy()
    for row in range(1, len(ladder)):
        ladder[row] += ladder[row - 1]
    return ladder


def _below(ladder: Matrix, step: Whole) -> Matrix:
    before = ladder[np.maximum(step - 1, 0), np.arange(ladder.shape[1])]
    return np.where(step > 0, before, 0.0)


def _opened(bits: Bits, eight: Whole) -> Bits:
    """Say which of an eight may be drawn. Shapes: (8, n)."""
    return np.unpackbits(bits[eight, np.arange(len(eight))][np.newaxis], axis=0)


def _within(chances: Matrix, eight: Whole, target: Matrix) -> Drawn:
    """Draw within one eight; what rounding left over goes to the last that has a chance."""
    place = (_ladder(chances) <= target).sum(axis=0)
    last = EIGHT - 1 - (chances[::-1] > 0).argmax(axis=0)
    place = np.minimum(place, last)
    chosen = chances[place, np.arange(len(eight))]
    return Drawn(action=eight * EIGHT + place, propensity=chosen)
