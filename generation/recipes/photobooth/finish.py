# SPDX-License-Identifier: Apache-2.0
"""The last look: an optional style, the skin's colour put back, then bloom, vignette and grain."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from generation.recipes.photobooth import noise
from generation.recipes.photobooth.colour import from_lab, to_lab
from generation.recipes.photobooth.geometry import Field, Frame, as_field, smooth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composite:
    """A whole portrait before its finish.

    Shapes: picture (H, W, 3); head, body, face (H, W), 0..1: where the head shows, where
    the costume's front lies, and the soft ellipse of the face inside the head.
    """

    frame: Frame
    picture: Field
    head: Field
    body: Field
    face: Field
    seed: int
    chin: float


Style = Callable[[Composite], Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """How a portrait ends."""

    style: Style | None = None
    """Paint or ink the composite (see `styles`); the skin's a and b are put back afterwards."""
    bloom: float = 0.35
    bloom_over: float = 0.82
    bloom_blur: float = 14
    vignette: float = 0.4
    grain: float = 0.016
    exposure: float = 1.0


def finish(composite: Composite, how: Finish) -> Field:
    """Apply a finish; RGB 0..1."""
    picture = composite.picture
    if how.style is not None:
        picture = keep_skin(how.style(composite), composite)
    picture = np.clip(picture * np.float32(how.exposure), 0, 1.5, dtype=np.float32)
    if how.bloom:
        glow = smooth(np.clip(picture - how.bloom_over, 0, 1), how.bloom_blur)
        picture = picture + glow * (_off_the_face(composite) * np.float32(2 * how.bloom))
    picture = picture * _vignette(composite.frame, how.vignette)
    grain = noise.generator(composite.seed, "grain").standard_normal(
        composite.head.shape, dtype=np.float32
    )
    return as_field(np.clip(picture + (grain * np.float32(how.grain))[..., None], 0, 1))


def keep_skin(styled: Field, composite: Composite) -> Field:
    """Put the photograph's a and b back inside the face: a finish may change lightness only."""
    weight = (composite.face * composite.head)[..., None]
    lab, photo = to_lab(styled), smooth(to_lab(composite.picture), 2)
    lab[..., 1:] = lab[..., 1:] * (1 - weight) + photo[..., 1:] * weight
    return from_lab(lab)


def _off_the_face(composite: Composite) -> Field:
    """Weaken light that is added: on skin it whitens and yellows, dark skin the most."""
    return (1 - np.float32(0.8) * composite.face * composite.head)[..., None]


def _vignette(frame: Frame, strength: float) -> Field:
    """Darken the corners."""
    x = (np.arange(frame.width, dtype=np.float32) / frame.width - np.float32(0.5))[None]
    y = (np.arange(frame.height, dtype=np.float32) / frame.height - np.float32(0.42))[
        :, None
    ] * np.float32(1.1)
    outside = np.clip(np.hypot(x, y) / np.float32(0.75) - np.float32(0.35), 0, 1)
    return 1 - np.float32(strength) * np.power(outside, np.float32(1.3))[..., None]
