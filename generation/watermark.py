# SPDX-License-Identifier: Apache-2.0
"""An invisible mark in the brightness of a picture, which only the installation's key can read.

Spread spectrum. The brightness is brought to 256 x 256, whatever its shape, and taken apart into
frequencies (DCT). Those between radius 20 and 110 are dealt into 48 groups, one a bit; in each
group a secret pattern of signs is strengthened for a 1 and weakened for a 0. Reading takes the key
alone, neither the original nor its size.

1. Writing measures what it wrote, in the rounded and clipped picture, and mends it, 12 times at
   most.
2. The patterns come from SHA-256 in counter mode: the same on every machine, for ever.
3. Mirrored and turned copies are read by turning the frequencies, at no cost worth the name; a
   copy that was cut along one side, or a little at all four, by guessing where it belongs.
4. A reading is no proof: who reads must know the reference (`payloads`).

What survives and what does not is measured in docs/provenance.md. Knows pixels and a key.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation import payloads

Plane = NDArray[np.float32]

_SIDE: Final = 256
_INNER, _OUTER, _FALL = 20, 110, 20.0
#: what each group is strengthened to, and what of it suffices
STRENGTH: Final = 7.0
_ENOUGH: Final = 0.8
_GAIN: Final = 2.0
_ROUNDS: Final = 12
#: no single frequency counts for more than this when it is read
_CLIP: Final = 60.0
#: a cut picture is looked at no larger than this, in pixels of its longer side
_SEARCHED: Final = 400
#: how much of a side a guess at a cut may be wrong by, and the most that is guessed at
_STEP: Final = 0.004
_MOST_LOST: Final = 0.1
_SAME_SHAPE: Final = 0.015
_DRAWN_BYTES: Final = 8


class Watermark:
    """Write references into pictures and read them again, under one key."""

    def __init__(self, key: bytes) -> None:
        rows, columns = np.mgrid[0:_SIDE, 0:_SIDE]
        radius = np.hypot(rows, columns).ravel()
        band = np.flatnonzero((radius > _INNER) & (radius < _OUTER))
        drawn = _drawn(key, len(band))
        order = np.argsort(drawn >> np.uint64(1), kind="stable")
        self._band = band[order]
        self._chips = np.where(drawn[order] & np.uint64(1), 1, -1).astype(np.float32)
        self._falls = (1 / (1 + radius[self._band] / _FALL)).astype(np.float32)
        edges = np.linspace(0, len(band), payloads.BITS + 1).astype(np.int64)
        self._starts, self._sizes = edges[:-1], np.diff(edges)

    def write(self, pixels: NDArray[np.uint8], reference: int) -> NDArray[np.uint8]:
        """Return the picture with a reference in it.

        Shapes: pixels (H, W, 3) uint8 RGB. Errors: ValueError for more than 32 bits.
        """
        signs = np.where(payloads.written(reference), 1, -1).astype(np.float32)
        amounts = np.zeros(payloads.BITS, np.float32)
        marked = pixels
        for _ in range(_ROUNDS):
            short = STRENGTH - signs * self.scores(_frequencies(_brightness(marked)))
            if (short <= (1 - _ENOUGH) * STRENGTH).all():
                break
            amounts += _GAIN * signs * np.maximum(short, 0)
            marked = self._added(pixels, amounts)
        return marked

    def readings(
        self, pixels: NDArray[np.uint8], shape: tuple[int, int] | None = None
    ) -> Iterator[int]:
        """Yield what references a picture may carry, the likeliest way to hold it first.

        `shape` is the width and height in which marked pictures are made, where it is known.
        """
        for guess in guesses(pixels, shape):
            yield from payloads.readings(self.scores(guess))

    def scores(self, frequencies: Plane) -> NDArray[np.float32]:
        """Measure each bit's pattern: above 0 is a 1. Shapes: (256, 256) to (48,)."""
        seen = np.clip(frequencies.ravel()[self._band] / self._falls, -_CLIP, _CLIP) * self._chips
        return (np.add.reduceat(seen, self._starts) / self._sizes).astype(np.float32)

    def _added(self, pixels: NDArray[np.uint8], amounts: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Add every group's pattern to all three colours alike, rounded and clipped."""
        frequencies = np.zeros(_SIDE * _SIDE, np.float32)
        frequencies[self._band] = np.repeat(amounts, self._sizes) * self._chips * self._falls
        pattern = cv2.idct(frequencies.reshape(_SIDE, _SIDE))
        height, width = pixels.shape[:2]
        grown = cv2.resize(pattern, (width, height), interpolation=cv2.INTER_CUBIC)
        steps = np.rint(grown).astype(np.int16)
        added = cv2.add(pixels, cv2.merge([steps, steps, steps]), dtype=cv2.CV_8U)
        return np.asarray(added, np.uint8)


def guesses(pixels: NDArray[np.uint8], shape: tuple[int, int] | None) -> Iterator[Plane]:
    """Yield the frequencies of a picture in every way that it may have been turned and cut."""
    brightness = _brightness(pixels)
    yield from _poses(_frequencies(brightness))
    for whole in _restored(_shrunk(brightness), shape):
        yield _frequencies(whole)


def _drawn(key: bytes, count: int) -> NDArray[np.uint64]:
    """Draw numbers of 64 bits from SHA-256 in counter mode."""
    blocks = -(-count * _DRAWN_BYTES // hashlib.sha256().digest_size)
    stream = b"".join(
        hashlib.sha256(b"onlyou watermark 1|" + key + number.to_bytes(4, "big")).digest()
        for number in range(blocks)
    )
    return np.frombuffer(stream, ">u8", count).astype(np.uint64)


def _brightness(pixels: NDArray[np.uint8]) -> Plane:
    """Shapes: (H, W, 3) uint8 RGB to (H, W), 0 to 255 (BT.601)."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)[..., 0].astype(np.float32)


def _frequencies(brightness: Plane) -> Plane:
    """Shapes: (H, W) to (256, 256)."""
    square = cv2.resize(brightness, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.dct(square), np.float32)


def _shrunk(brightness: Plane) -> Plane:
    scale = _SEARCHED / max(brightness.shape)
    if scale >= 1:
        return brightness
    shrunk = cv2.resize(brightness, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.float32)


def _poses(frequencies: Plane) -> Iterator[Plane]:
    """Yield the frequencies of a picture as it is, mirrored and turned: eight ways in all."""
    turns = np.where(np.arange(_SIDE) % 2, -1, 1).astype(np.float32)
    across, down = turns[np.newaxis, :], turns[:, np.newaxis]
    for pose in (frequencies, frequencies.T):
        yield pose
        yield pose * across
        yield pose * down
        yield pose * across * down


def _restored(brightness: Plane, shape: tuple[int, int] | None) -> Iterator[Plane]:
    """Yield guesses at the whole of a picture that was cut: grey where it lacks something.

    Cut to another shape, along one side: every place it may come from. Cut in its own shape: from
    the middle, by up to a tenth at each edge.
    """
    height, width = brightness.shape
    aspect = width / height if shape is None else shape[0] / shape[1]
    lacks = width / aspect / height - 1
    if lacks > _SAME_SHAPE:
        yield from _slid(brightness, round(height * lacks))
    elif lacks < -_SAME_SHAPE:
        yield from (one.T for one in _slid(brightness.T, round(height * aspect) - width))
    else:
        yield from _framed(brightness)


def _slid(part: Plane, missing: int) -> Iterator[Plane]:
    """Put a part back at every place along the whole, from its middle outwards."""
    step, middle = max(1, round(_STEP * (len(part) + missing))), missing // 2
    places = {0, missing, *range(middle, -1, -step), *range(middle, missing, step)}
    for before in sorted(places, key=lambda at: abs(at - middle)):
        yield np.pad(part, ((before, missing - before), (0, 0)), constant_values=part.mean())


def _framed(part: Plane) -> Iterator[Plane]:
    for lost in np.arange(_STEP, _MOST_LOST + _STEP, _STEP):
        down, across = (round(side * lost / (1 - 2 * lost)) for side in part.shape)
        yield np.pad(part, ((down, down), (across, across)), constant_values=part.mean())
