# SPDX-License-Identifier: Apache-2.0
"""The sheet a scenario draws on: one RGBA layer and the verbs that put things on it."""

from dataclasses import dataclass, field

import numpy as np

from generation.recipes.photobooth import noise
from generation.recipes.photobooth.colour import Colour, rgb
from generation.recipes.photobooth.geometry import (
    Field,
    Frame,
    Values,
    as_field,
    ramp,
    shift,
    smooth,
)
from generation.recipes.photobooth.light import Light, height, normals
from generation.recipes.photobooth.materials import MATERIALS, lit

Contact = tuple[float, float, float, float]
"""A contact shadow: pixels right, pixels down, blur in pixels, strength 0..1."""
SOFT: Contact = (4, 7, 8, 0.45)
CLOSE: Contact = (1, 3, 4, 0.45)
TIGHT: Contact = (1, 2, 2, 0.4)
NONE: Contact = (0, 0, 0, 0)


@dataclass(eq=False, kw_only=True)
class Canvas(Frame):
    """A layer in the making, with the head's place, the light and the seed of its picture.

    The layer is premultiplied: ``rgba[..., :3]`` holds colour times coverage, so a shadow, a pane
    of glass and a glow are ordinary parts of a layer. Nothing in it depends on a person.
    """

    chin: float
    """Where the chin is, in e below the eyes: 1.6 to 2.15."""
    seed: int
    light: Light
    rgba: Field = field(init=False)

    def __post_init__(self) -> None:
        self.rgba = np.zeros((self.height, self.width, 4), np.float32)

    def chance(self, purpose: str) -> np.random.Generator:
        """Return the random stream of one purpose; one seed gives the same draws every time."""
        return noise.generator(self.seed, purpose)

    def fbm(self, purpose: str, *, octaves: int = 5, cells: tuple[int, int] = (4, 4)) -> Field:
        """Return cloudy noise of 0..1 over the picture."""
        shape = (self.height, self.width)
        return noise.fbm(shape, self.chance(purpose), octaves=octaves, cells=cells)

    def folds(
        self, purpose: str, strength: float = 10, *, cells: tuple[int, int] = (2, 4)
    ) -> Field:
        """Return a bump of cloth folds, `strength` pixels high."""
        shape = (self.height, self.width)
        return noise.creases(shape, self.chance(purpose), cells=cells) * np.float32(strength)

    def below(self, y: float, fade: float = 0.1) -> Field:
        """Return 1 below the height `y`, 0 above it."""
        return ramp(self.Y, y, y + fade)

    def above(self, y: float, fade: float = 0.1) -> Field:
        """Return 1 above the height `y`, 0 below it."""
        return ramp(self.Y, y, y - fade)

    def face(self, rx: float = 1.25, ry: float = 1.75, blur: float = 10) -> Field:
        """Return the ellipse of the face: keep snow, stars and sparks out of it."""
        reach = np.hypot(self.X / rx, (self.Y - 0.35) / ry)
        return smooth(np.clip((1.05 - reach) * 8, 0, 1, dtype=np.float32), blur)

    def fill(self, picture: Values) -> None:
        """Cover the whole sheet with a scene, (H, W, 3)."""
        self.rgba[..., :3] = picture
        self.rgba[..., 3] = 1

    def paint(self, mask: Values, colour: Colour, opacity: float = 1.0) -> None:
        """Lay a flat colour (or a colour for every pixel) over a mask."""
        box = _around(mask, 0, over=0)
        if box is None:
            return
        cover, base = (as_field(mask[box]) * np.float32(opacity))[..., None], rgb(colour)
        layer = self.rgba[box]
        layer *= 1 - cover
        layer[..., :3] += (base[box] if base.ndim == 3 else base) * cover
        layer[..., 3:] += cover

    def ink(
        self, mask: Values, colour: Colour, line: Colour = "#3a2a20", width: float = 1.6
    ) -> None:
        """Lay a flat colour with a firm outline of `width` pixels: posters, charts, engravings."""
        box = _around(mask, int(width * 3) + 3)
        if box is None:
            return
        cut, base = as_field(mask[box]), rgb(colour)
        edge = np.clip(np.clip(smooth(cut, width) * 2.2, 0, 1) * (1 - cut) * 1.6, 0, 1)
        layer = self.rgba[box]
        for cover, paint in ((edge, rgb(line)), (cut, base[box] if base.ndim == 3 else base)):
            layer *= 1 - cover[..., None]
            layer[..., :3] += paint * cover[..., None]
            layer[..., 3:] += cover[..., None]

    def glow(self, mask: Values, colour: Colour, strength: float = 1.0) -> None:
        """Add light without covering anything: stars, neon, fire, sparks."""
        self.rgba[..., :3] += (as_field(mask) * np.float32(strength))[..., None] * rgb(colour)

    def darken(self, mask: Values, strength: float = 0.45) -> None:
        """Shade whatever lies below this layer: 1 and strength 1 is black."""
        self.paint(mask, np.zeros(3, np.float32), strength)

    def cast(self, mask: Values, contact: Contact = SOFT) -> None:
        """Throw a mask's contact shadow around it."""
        right, down, blur, strength = contact
        self.darken(smooth(shift(mask, right, down), blur) * (1 - mask), strength)

    def soften(self, sigma: float) -> None:
        """Blur all that has been drawn so far: depth of field."""
        self.rgba = smooth(self.rgba, sigma)

    def shade(
        self,
        mask: Values,
        colour: Colour,
        material: str,
        *,
        bump: Values | None = None,
        contact: Contact = SOFT,
        sigmas: tuple[float, ...] | None = None,
        depth: float | None = None,
    ) -> None:
        """Draw a solid thing: inflate the mask, light it, throw its contact shadow.

        `bump` adds height in pixels (folds, quilting, chain); `colour` may be a pattern,
        (H, W, 3); `sigmas` and `depth` override the material's inflation.
        """
        stuff = MATERIALS[material]
        sigmas = stuff.sigmas if sigmas is None else sigmas
        pad = (
            int(
                max(
                    contact[2] * 2.5 + abs(contact[0]) + abs(contact[1]),
                    max(sigmas, default=0) * 1.2,
                )
            )
            + 4
        )
        box = _around(mask, pad)
        if box is None:
            return
        cut = np.ascontiguousarray(as_field(mask)[box])
        relief = height(cut, sigmas)
        if bump is not None:
            relief += as_field(bump[box])
        base = rgb(colour)
        base = base[box] if base.ndim == 3 else base
        normal = normals(relief, stuff.depth if depth is None else depth)
        surface = lit(base, relief, normal, stuff, self.light)
        self._lay(box, cut, surface, contact)

    def _lay(
        self, box: tuple[slice, slice], mask: Values, surface: Field, contact: Contact
    ) -> None:
        """Put shadow and surface on the sheet, on one box."""
        layer = self.rgba[box]
        right, down, blur, strength = contact
        if strength:
            shadow = smooth(shift(mask, right, down), blur) * (1 - mask) * np.float32(strength)
            layer *= 1 - shadow[..., None]
            layer[..., 3] += shadow
        cover = mask[..., None]
        layer *= 1 - cover
        layer[..., :3] += np.clip(surface, 0, 1.4) * cover
        layer[..., 3:] += cover


def _around(mask: Values, pad: int, over: float = 0.003) -> tuple[slice, slice] | None:
    """Return the box with a margin where the mask is `over` a value, or nothing if it never is."""
    rows, columns = np.flatnonzero(mask.max(1) > over), np.flatnonzero(mask.max(0) > over)
    if not len(rows):
        return None
    top, bottom = max(0, int(rows[0]) - pad), min(mask.shape[0], int(rows[-1]) + pad + 1)
    left, right = max(0, int(columns[0]) - pad), min(mask.shape[1], int(columns[-1]) + pad + 1)
    return slice(top, bottom), slice(left, right)
