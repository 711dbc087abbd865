# SPDX-License-Identifier: Apache-2.0
"""Light the head like its costume: Lab L changes, a and b move by at most 1.3 to the key."""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.colour import from_lab, rgb, to_lab
from generation.recipes.photobooth.cutout import Head
from generation.recipes.photobooth.geometry import Field, as_field, ramp, smooth
from generation.recipes.photobooth.light import Light, edge_glow, facing, height, normals

_TINT = 1.3


def relight(head: Head, light: Light, *, amount: float, rim: float) -> Field:
    """Return the head's RGB under the scenario's light.

    `amount` 0 keeps the selfie's light, 1 replaces its fall-off; `rim` scales the rim light.
    """
    outline = height(head.alpha, (4, 10))
    normal = _normals(head)
    lambert = np.clip(0.25 + 0.75 * facing(normal, light.key), 0.05, 1)
    gain = 1 + amount * ((0.5 + 0.85 * lambert * light.power) / 1.05 - 1)
    lab = to_lab(head.rgb)
    lab[..., 0] = np.clip(lab[..., 0] * gain, 0, 100)
    lab[..., 1:] += _tint(light)
    lit = from_lab(lab)
    if rim:
        edge = edge_glow(normals(outline, 1.3), light.rim) * ramp(
            head.frame.Y, head.chin, head.chin - 0.5
        )
        lit = lit + (edge * np.float32(rim))[..., None] * rgb(light.rim_colour)
    return as_field(np.clip(lit, 0, 1))


def _normals(head: Head) -> Field:
    """Use an egg for the face and the inflated outline near the edge, where hair bends away."""
    x, y = head.frame.X / 1.35, (head.frame.Y - 0.3) / 2.0
    radius = x * x + y * y
    egg = np.dstack([x, y, np.sqrt(1 - np.clip(radius, 0, 0.98))])
    egg /= np.linalg.norm(egg, axis=2, keepdims=True)
    cushion = normals(height(head.alpha, (6, 20)))
    weight = smooth(np.asarray(radius < 0.9, np.float32), 10)[..., None]
    return np.asarray(egg * weight + cushion * (1 - weight), np.float32)


def _tint(light: Light) -> NDArray[np.float32]:
    """Return the small step in a and b towards the key light's colour."""
    key = np.asarray(
        cv2.cvtColor(rgb(light.key_colour)[None, None], cv2.COLOR_RGB2LAB), np.float32
    )[0, 0, 1:]
    length = float(np.linalg.norm(key)) + 1e-6
    return key / np.float32(length) * np.float32(min(_TINT, length))
