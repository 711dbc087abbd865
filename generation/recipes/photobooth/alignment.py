# SPDX-License-Identifier: Apache-2.0
"""Where the head is in a selfie: level eyes, one unit, one place, whatever its size and tilt."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import Likeness
from generation.recipes.photobooth.geometry import Field, Frame, as_field

HEAD = Frame(e=80, ex=248, ey=256, width=496, height=608)
"""The frame in which every head is cut out once; scenarios resample it to their own size."""

HALF = Frame(e=40, ex=124, ey=128, width=248, height=304)
"""The same at half size, for what is smooth anyway."""

CHINS = (1.6, 1.7, 1.8, 1.95, 2.15)
"""The places of the chin that plates are drawn for."""

_FAR_TURNED = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A head in its selfie. Units: unit, middle in pixels; tilt in radians; chin, yaw in e."""

    unit: float
    middle: tuple[float, float]
    tilt: float
    chin: float
    yaw: float

    @property
    def turned_away(self) -> bool:
        """Say whether the face looks too far to the side for a frontal costume."""
        return abs(self.yaw) > _FAR_TURNED


def place(likeness: Likeness) -> Placement:
    """Measure a head from the five landmarks and the face's box."""
    points = np.asarray(likeness.landmarks, np.float64)
    eyes = sorted((points[0:2].mean(0), points[2:4].mean(0)), key=lambda eye: float(eye[0]))
    across = eyes[1] - eyes[0]
    unit, middle = float(np.hypot(*across)), (eyes[0] + eyes[1]) / 2
    tilt = float(np.arctan2(across[1], across[0]))
    nose = _level(points[4] - middle, tilt) / unit
    left, _, right, bottom = likeness.box
    lower = _level(np.asarray([(left + right) / 2, bottom]) - middle, tilt)[1] / unit
    chin = float(np.clip(0.5 * lower + 0.5 * 2.1 * nose[1], CHINS[0], CHINS[-1]))
    return Placement(
        unit=unit,
        middle=(float(middle[0]), float(middle[1])),
        tilt=tilt,
        chin=chin,
        yaw=float(nose[0]),
    )


def halved(field: Field) -> Field:
    """Take a field of the head frame to half size."""
    size = (HALF.width, HALF.height)
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_AREA), np.float32)


def doubled(field: Field) -> Field:
    """Take a field of half size back to the head frame."""
    size = (HEAD.width, HEAD.height)
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)


def bucket(chin: float) -> float:
    """Round a chin to one of the few that plates are drawn for."""
    return min(CHINS, key=lambda step: abs(step - chin))


def view(pixels: NDArray[np.uint8], where: Placement, frame: Frame) -> tuple[Field, Field]:
    """Resample a selfie into a frame; return its RGB 0..1, and 1 where the selfie has pixels."""
    scale = frame.e / where.unit
    source, factor = _reduced(pixels, scale)
    cos, sin = np.cos(-where.tilt) * scale / factor, np.sin(-where.tilt) * scale / factor
    turn = np.asarray([[cos, -sin], [sin, cos]])
    offset = np.asarray([frame.ex, frame.ey]) - turn @ (np.asarray(where.middle) * factor)
    matrix = np.asarray(np.column_stack([turn, offset]), np.float32)
    size = (frame.width, frame.height)
    picture = cv2.warpAffine(
        source, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    inside = np.ones(source.shape[:2], np.float32)
    valid = cv2.warpAffine(inside, matrix, size, flags=cv2.INTER_LINEAR)
    if scale > 1.05:
        picture = cv2.addWeighted(picture, 1.5, cv2.GaussianBlur(picture, (0, 0), 1.2), -0.5, 0)
    return as_field(np.asarray(picture) / 255), as_field(valid)


def _reduced(pixels: NDArray[np.uint8], scale: float) -> tuple[NDArray[np.uint8], float]:
    """Average a large selfie down before it is resampled, or its hair turns to noise."""
    if scale >= 0.6:
        return pixels, 1.0
    factor = 1.6 * scale
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), factor


def _level(vector: NDArray[np.float64], tilt: float) -> NDArray[np.float64]:
    """Turn a vector so that the eyes are level."""
    cos, sin = np.cos(-tilt), np.sin(-tilt)
    return np.asarray([[cos, -sin], [sin, cos]]) @ vector
