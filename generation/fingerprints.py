# SPDX-License-Identifier: Apache-2.0
"""A picture's look in 64 bits, so that a copy is found again after any re-encoding.

The 64 lowest frequencies of the brightness, above or below their median. (The difference hash of
`photographs` tells uploads apart well enough, but takes two people in one scenario for each other:
docs/provenance.md.) Fingerprints lie in the database under a mask from the key store: who has
the rows alone cannot hold a picture against them.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

BITS: Final = 64
#: so many bits may differ in a copy; two people in one scenario nearly always differ in more
NEAR: Final = 2
_SMALL: Final = 32
_LOW: Final = slice(1, 9)


class Fingerprints:
    """Take fingerprints under one key; two of one key can be compared, two of two keys cannot."""

    def __init__(self, key: bytes) -> None:
        drawn = hashlib.shake_256(b"onlyou fingerprint 1|" + key).digest(9 * BITS)
        ranks = np.frombuffer(drawn[: 8 * BITS], ">u8")
        self._order = np.argsort(ranks, kind="stable")
        self._mask = np.frombuffer(drawn[8 * BITS :], np.uint8) & 1

    def of(self, pixels: NDArray[np.uint8]) -> bytes:
        """Take a picture's fingerprint. Shapes: (H, W, 3) uint8 RGB to 8 bytes."""
        bits = _look(pixels)[self._order] ^ self._mask
        return np.packbits(bits).tobytes()


def distance(one: bytes, other: bytes) -> int:
    """Count the bits in which two fingerprints of one key differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def nearest(fingerprint: bytes, others: Sequence[bytes]) -> NDArray[np.intp]:
    """Say which of the others are near enough to be the same picture, the nearest first."""
    if not others:
        return np.empty(0, np.intp)
    known = np.frombuffer(b"".join(others), np.uint64)
    distances = np.bitwise_count(known ^ np.frombuffer(fingerprint, np.uint64))
    (near,) = np.nonzero(distances <= NEAR)
    return near[np.argsort(distances[near], kind="stable")]


def _look(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA).astype(np.float32)
    lowest = cv2.dct(small)[_LOW, _LOW].ravel()
    return np.asarray(lowest > np.median(lowest), np.uint8)
