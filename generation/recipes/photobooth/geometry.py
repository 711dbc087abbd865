# SPDX-License-Identifier: Apache-2.0
"""Head units, outlines and their rasters.

Unit: ``e``, the distance between the two eye centres. Origin: the point midway between the eyes;
x grows to the right, y downwards. Every shape of every costume is written in these units and
rasterised by a `Frame`, so one drawing fits every person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
"""One value a pixel, (H, W) or (H, W, channels), nearly always 0..1."""
Points = Sequence[tuple[float, float]]
"""An outline in head units."""
Values = NDArray[np.float32] | NDArray[np.float64]
"""What arithmetic on fields may give; verbs take it and store float32."""

_SUBPIXEL = 4  # cv2 fixed-point bits of a coordinate
_OVERSAMPLE = 2


def as_field(values: NDArray[Any]) -> Field:
    """Store values as float32: one float64 among them, and OpenCV refuses the picture."""
    return np.asarray(values, np.float32)


def smooth(field: Values, sigma: float) -> Field:
    """Blur; wide blurs run on a quarter-size copy, ten times faster and looking the same.

    A last small blur hides the copy's grid, which metal would mirror as dots.
    """
    if sigma <= 0:
        return as_field(field)
    if sigma <= 12:
        return as_field(cv2.GaussianBlur(field, (0, 0), sigma))
    height, width = field.shape[:2]
    quarter = (max(1, width // 4), max(1, height // 4))
    small = cv2.resize(field, quarter, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / 4)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return as_field(cv2.GaussianBlur(large, (0, 0), 2.5))


def shift(field: Values, dx: float, dy: float) -> Field:
    """Move a field by whole pixels and fill with zero: np.roll wraps the torso to the top."""
    move = np.asarray([[1, 0, dx], [0, 1, dy]], np.float32)
    size = (field.shape[1], field.shape[0])
    return np.asarray(cv2.warpAffine(field, move, size, flags=cv2.INTER_NEAREST), np.float32)


def ramp(field: Values, low: float, high: float) -> Field:
    """Go from 0 at `low` to 1 at `high` (which may be the smaller one), clipped at both ends."""
    return as_field(np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1))


def spline(
    points: NDArray[np.float32], steps: int = 10, *, closed: bool = True
) -> NDArray[np.float32]:
    """Run a Catmull-Rom curve through every point."""
    count = len(points)
    index = np.arange(count if closed else count - 1)[:, None] + np.arange(-1, 3)
    index = index % count if closed else np.clip(index, 0, count - 1)
    a, b, c, d = (points[index[:, k]][:, None] for k in range(4))
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[None, :, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    flat = curve.reshape(-1, 2)
    return np.asarray(flat if closed else np.vstack([flat, points[-1:]]), np.float32)


def mirrored(points: Points) -> Points:
    """Complete the right half of a symmetric outline: the left half runs back up."""
    return [*points, *((-x, y) for x, y in reversed(points))]


def flipped(points: Points) -> Points:
    """Give the same outline on the other side of the body."""
    return [(-x, y) for x, y in points]


def star(
    x: float, y: float, radius: float, *, tips: int = 5, waist: float = 0.42, turn: float = 0.0
) -> Points:
    """Outline a star; fill it with ``soft=False``."""
    return [
        (
            x + float(np.sin(k * np.pi / tips + turn)) * radius * (waist if k % 2 else 1.0),
            y - float(np.cos(k * np.pi / tips + turn)) * radius * (waist if k % 2 else 1.0),
        )
        for k in range(2 * tips)
    ]


@dataclass(eq=False)
class Frame:
    """A picture's pixel grid with the head's place in it."""

    e: float
    """Eye distance in pixels."""
    ex: float
    ey: float
    width: int = 512
    height: int = 640

    @cached_property
    def X(self) -> Field:  # noqa: N802 - the letter of the drawings
        """Return each pixel's x in head units, (H, W)."""
        row = (np.arange(self.width, dtype=np.float32) - np.float32(self.ex)) / np.float32(self.e)
        return np.ascontiguousarray(np.broadcast_to(row, (self.height, self.width)))

    @cached_property
    def Y(self) -> Field:  # noqa: N802
        """Return each pixel's y in head units, (H, W)."""
        column = (np.arange(self.height, dtype=np.float32) - np.float32(self.ey)) / np.float32(
            self.e
        )
        return np.ascontiguousarray(np.broadcast_to(column[:, None], (self.height, self.width)))

    def pixels(self, points: Points | NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn head units into pixel coordinates."""
        origin = np.asarray([self.ex, self.ey], np.float32)
        return np.asarray(points, np.float32) * np.float32(self.e) + origin

    def zeros(self) -> Field:
        """Return an empty mask."""
        return np.zeros((self.height, self.width), np.float32)

    def area(self, points: Points, *, curved: bool = True) -> Field:
        """Fill a closed outline: a spline through the points, or straight edges."""
        outline = self.pixels(points)
        outline = spline(outline) if curved else outline
        return self._raster(
            outline, 0, lambda image, curve: cv2.fillPoly(image, [curve], 255, shift=_SUBPIXEL)
        )

    def line(
        self, points: Points, width: float, *, closed: bool = False, curved: bool = True
    ) -> Field:
        """Draw a stroke of constant width (in e)."""
        path = self.pixels(points)
        path = spline(path, closed=closed) if curved and len(points) > 2 else path
        thick = max(1, round(width * self.e * _OVERSAMPLE))
        return self._raster(
            path,
            width * self.e,
            lambda image, curve: cv2.polylines(
                image, [curve], closed, 255, thick, cv2.LINE_AA, shift=_SUBPIXEL
            ),
        )

    def ellipse(self, x: float, y: float, rx: float, ry: float | None = None) -> Field:
        """Fill an ellipse (a circle without `ry`)."""
        ry = rx if ry is None else ry
        mask = self.zeros()
        px, py = (float(v) for v in self.pixels([(x, y)])[0])
        left, right = (
            int(np.clip(v, 0, self.width)) for v in (px - rx * self.e - 3, px + rx * self.e + 4)
        )
        top, bottom = (
            int(np.clip(v, 0, self.height)) for v in (py - ry * self.e - 3, py + ry * self.e + 4)
        )
        if left < right and top < bottom:
            box = np.s_[top:bottom, left:right]
            reach = np.hypot((self.X[box] - x) / rx, (self.Y[box] - y) / ry)
            mask[box] = np.clip((1 - reach) * min(rx, ry) * self.e + 0.5, 0, 1)
        return mask

    def ring(self, x: float, y: float, outer: float, inner: float) -> Field:
        """Fill the band between two circles."""
        return as_field(np.clip(self.ellipse(x, y, outer) - self.ellipse(x, y, inner), 0, 1))

    def window(self, x: float, y: float, radius: float) -> tuple[slice, slice]:
        """Return the box of pixels around a point, cut to the picture; the radius is in e."""
        column, row = (float(v) for v in self.pixels([(x, y)])[0])
        reach = radius * self.e
        return (
            slice(max(0, int(row - reach)), max(0, int(row + reach) + 1)),
            slice(max(0, int(column - reach)), max(0, int(column + reach) + 1)),
        )

    def _raster(
        self,
        path: NDArray[np.float32],
        pad: float,
        draw: Callable[[NDArray[np.uint8], NDArray[np.int32]], object],
    ) -> Field:
        """Draw on the path's bounding box, at double size, and average down."""
        mask = self.zeros()
        left, top = np.maximum(np.floor(path.min(0) - pad - 2), 0).astype(int)
        right, bottom = np.minimum(
            np.ceil(path.max(0) + pad + 3), (self.width, self.height)
        ).astype(int)
        if right <= left or bottom <= top:
            return mask
        image = np.zeros((_OVERSAMPLE * (bottom - top), _OVERSAMPLE * (right - left)), np.uint8)
        scaled = (path - (left, top)) * (_OVERSAMPLE * 2**_SUBPIXEL)
        draw(image, np.asarray(np.round(scaled), np.int32))
        small = cv2.resize(image, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        mask[top:bottom, left:right] = np.asarray(small, np.float32) / 255
        return mask
