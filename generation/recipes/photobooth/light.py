# SPDX-License-Identifier: Apache-2.0
"""One light for a whole portrait: it shades the costume and relights the head."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.geometry import Field, as_field, smooth

Direction = tuple[float, float, float]
"""From the subject towards the light: x right, y down, z towards the viewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """A key light, the ambient light of the place, and a rim light from behind."""

    key: Direction = (-0.55, -0.6, 0.6)
    key_colour: str = "#fff0dc"
    power: float = 1.0
    ambient: str = "#5a6070"
    fill: float = 1.0
    rim: Direction = (0.9, -0.3, -0.2)
    rim_colour: str = "#88aaff"
    rim_power: float = 0.5

    def mirrored(self) -> "Light":
        """Return the same light from the other side."""
        (kx, ky, kz), (rx, ry, rz) = self.key, self.rim
        return replace(self, key=(-kx, ky, kz), rim=(-rx, ry, rz))


DAYLIGHT = Light()
WARM = Light(key_colour="#ffe9cc", ambient="#5f6a88", rim_colour="#ff9a4a")
REMBRANDT = Light(
    key=(-0.75, -0.5, 0.42), key_colour="#ffe0b0", power=1.08, ambient="#3a3026", fill=0.8,
    rim=(0.9, -0.2, -0.2), rim_colour="#7a5530", rim_power=0.15,
)  # fmt: skip
STAGE = Light(
    key=(-0.5, -0.65, 0.58), key_colour="#ffeccc", ambient="#4a5a68",
    rim=(0.92, -0.25, -0.1), rim_colour="#ffc46a", rim_power=0.9,
)  # fmt: skip
COLD = Light(key_colour="#fff6ea", ambient="#54628a", rim=(0.9, 0.1, -0.2), rim_colour="#7fb8ff")


def unit(direction: Direction) -> NDArray[np.float32]:
    """Scale a direction to length 1."""
    vector = np.asarray(direction, np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def height(mask: Field, sigmas: tuple[float, ...]) -> Field:
    """Inflate a flat mask like a cushion: the least sigma is the edge, the largest the volume."""
    total = np.zeros(mask.shape, np.float32)
    for sigma in sigmas:
        total += smooth(mask, sigma) * np.float32(1.5 * sigma)
    return total


def normals(relief: Field, depth: float = 1.0) -> Field:
    """Turn a height field into unit normals, (H, W, 3)."""
    dx = np.asarray(cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3), np.float32) / 8
    dy = np.asarray(cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3), np.float32) / 8
    stacked = np.dstack([-dx * np.float32(depth), -dy * np.float32(depth), np.ones_like(relief)])
    return np.asarray(stacked / np.linalg.norm(stacked, axis=2, keepdims=True), np.float32)


def facing(normal: Field, direction: Direction) -> Field:
    """Return the cosine between each normal and the light, never negative."""
    return as_field(np.clip(normal @ unit(direction), 0, 1))


def edge_glow(normal: Field, direction: Direction) -> Field:
    """Return how much of the rim light each outline pixel catches, 0..1."""
    return as_field(facing(normal, direction) ** 2 * np.clip((1 - normal[..., 2]) * 2.2, 0, 1))


def rim_of(light: Light) -> NDArray[np.float32]:
    """Return the rim light's colour times its power."""
    return rgb(light.rim_colour) * np.float32(light.rim_power)
