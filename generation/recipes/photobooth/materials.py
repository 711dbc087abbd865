# SPDX-License-Identifier: Apache-2.0
"""What things are made of: one table, and the shading that reads it.

A material says how far a flat outline is inflated (`sigmas`, `depth`) and how its surface answers
light. Everything but metal adds up light in linear space; metal mirrors a painted horizon, whose
dark band is what reads as steel.
"""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.colour import Colour, display, linear, rgb
from generation.recipes.photobooth.geometry import Field, as_field, smooth
from generation.recipes.photobooth.light import Light, edge_glow, facing, rim_of, unit


class Surface(Enum):
    """How a surface answers light."""

    MATTE = auto()
    VELVET = auto()
    METAL = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Inflation and gloss of one kind of stuff."""

    sigmas: tuple[float, ...]
    depth: float
    surface: Surface = Surface.MATTE
    gloss: float = 0.0
    sharpness: float = 6.0
    crease: float = 0.35
    """How dark valleys get."""


MATERIALS = {
    # big soft volumes
    "cloth": Material(sigmas=(5, 16, 44), depth=1.15, gloss=0.006),
    "jacket": Material(sigmas=(5, 16, 44), depth=1.25, gloss=0.12, sharpness=20),
    "robe": Material(sigmas=(5, 18, 46), depth=1.2, surface=Surface.VELVET),
    "plate": Material(sigmas=(4, 16, 50), depth=1.3, surface=Surface.METAL),
    "helmet": Material(sigmas=(5, 20, 60), depth=1.5, surface=Surface.METAL),
    # flat pieces: never more than this, or collars become balloons
    "felt": Material(sigmas=(3, 9), depth=1.2, gloss=0.006),
    "collar": Material(sigmas=(2, 5), depth=1.0, gloss=0.006),
    "leather": Material(sigmas=(3, 10), depth=1.3, gloss=0.18, sharpness=24),
    "velvet": Material(sigmas=(4, 14), depth=1.2, surface=Surface.VELVET),
    "silk": Material(sigmas=(3, 10), depth=1.3, gloss=0.2, sharpness=18),
    "knit": Material(sigmas=(4, 14), depth=1.4, gloss=0.004, crease=0.5),
    "metal": Material(sigmas=(3, 9), depth=1.3, surface=Surface.METAL),
    "gold": Material(sigmas=(2, 5), depth=1.25, surface=Surface.METAL),
    # small round things
    "trim": Material(sigmas=(2,), depth=1.2, surface=Surface.METAL),
    "stitch": Material(sigmas=(1.5,), depth=1.0, gloss=0.006),
    "plastic": Material(sigmas=(2, 4), depth=1.3, gloss=0.5, sharpness=50),
    "jewel": Material(sigmas=(3, 6), depth=1.5, gloss=0.7, sharpness=60),
}

_HORIZON = ((-1, -0.45, -0.08, 0.05, 0.3, 0.7, 1), (0.10, 0.30, 0.16, 0.95, 0.62, 0.85, 0.5))

_FLAT_IS_SKY = np.float32(0.14)  # or flat plates would flicker between both sides of the horizon


def lit(base: Colour, relief: Field, normal: Field, material: Material, light: Light) -> Field:
    """Return the colour of every pixel of a shape under the light."""
    glow = edge_glow(normal, light.rim)[..., None] * rim_of(light)
    if material.surface is Surface.METAL:
        return _mirror(rgb(base), normal, light) + glow
    radiance = linear(rgb(base)) * _incoming(relief, normal, material, light)
    if material.surface is Surface.VELVET:
        sheen = np.power(1 - normal[..., 2:], np.float32(1.5)) * np.float32(1.1)
        return display(
            radiance + linear(rgb(base)) * sheen * linear(rgb(light.key_colour))
        ) + glow * np.float32(0.3)
    shine = material.gloss * _highlight(normal, light, material.sharpness)[..., None] * light.power
    return display(radiance + shine * rgb(light.key_colour)) + glow * np.float32(0.6)


def _incoming(relief: Field, normal: Field, material: Material, light: Light) -> Field:
    """Add key and ambient light in linear space; valleys see less of the sky."""
    sky = np.clip(0.75 - 0.35 * normal[..., 1:2], 0.2, 1.1)
    valley = np.clip((smooth(relief, 6) - relief) * np.float32(0.09), 0, 1)[
        ..., None
    ] * np.float32(material.crease)
    ambient = linear(rgb(light.ambient)) * np.float32(2.3 * light.fill) * sky * (1 - valley)
    key = (facing(normal, light.key)[..., None] * np.float32(1.16 * light.power)) * linear(
        rgb(light.key_colour)
    )
    return np.asarray(ambient + key * (1 - 0.5 * valley), np.float32)


def _highlight(normal: Field, light: Light, sharpness: float) -> Field:
    """Return the mirror image of the key light on a rough surface."""
    halfway: NDArray[np.float32] = unit(light.key) + np.asarray([0, 0, 1], np.float32)
    halfway /= np.float32(np.linalg.norm(halfway))
    return as_field(np.power(np.clip(normal @ halfway, 0, 1), np.float32(sharpness)))


def _mirror(base: NDArray[np.float32], normal: Field, light: Light) -> Field:
    """Reflect a horizon: bright above, dark just below, bright again near the feet."""
    upwards = -2 * normal[..., 2] * normal[..., 1]
    sideways = 2 * normal[..., 2] * normal[..., 0] * np.float32(0.35 * unit(light.key)[0])
    place = np.interp(upwards + sideways + _FLAT_IS_SKY, *_HORIZON).astype(np.float32)[..., None]
    colour = rgb(light.key_colour) * np.float32(0.75 * light.power) + rgb(
        light.ambient
    ) * np.float32(0.5)
    spark = _highlight(normal, light, 60)[..., None] * np.float32(0.9) * rgb(light.key_colour)
    return np.asarray(
        base * (place * colour + np.float32(0.12)) * np.float32(1.25) + spark, np.float32
    )
