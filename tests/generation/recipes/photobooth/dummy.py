# SPDX-License-Identifier: Apache-2.0
"""A drawn head in front of a green room: every colour and every outline is known."""

import numpy as np

from generation.recipes.photobooth.alignment import HEAD
from generation.recipes.photobooth.colour import blend
from generation.recipes.photobooth.geometry import Field, as_field

Colour = tuple[float, float, float]

SKIN: Colour = (0.72, 0.52, 0.42)
HAIR: Colour = (0.16, 0.11, 0.09)
SHIRT: Colour = (0.20, 0.34, 0.62)
ROOM: Colour = (0.45, 0.72, 0.40)


def drawn(
    *, hair: Colour = HAIR, lengths: Colour = HAIR, noise: float = 0.03
) -> tuple[Field, Field]:
    """Return a picture in the head frame and the mask of its person."""
    crown, face, neck, chest = parts()
    picture = as_field(np.zeros((HEAD.height, HEAD.width, 3)) + as_field(np.asarray(ROOM)))
    side = as_field(np.clip(HEAD.Y + 0.6, 0, 1))
    top = blend(as_field(np.asarray(hair)), as_field(np.asarray(lengths)), side)
    picture = blend(picture, as_field(np.asarray(SHIRT)), chest)
    picture = blend(picture, top, crown)
    for mask in (neck, face):
        picture = blend(picture, as_field(np.asarray(SKIN)), mask)
    grain = np.random.default_rng(5).standard_normal(picture.shape)
    person = np.maximum.reduce([crown, face, neck, chest])
    return as_field(np.clip(picture + noise * grain, 0, 1)), as_field(person)


def parts() -> tuple[Field, Field, Field, Field]:
    """Return the outlines of hair, face, neck and chest."""
    crown = np.maximum(HEAD.ellipse(0, -0.2, 1.9, 2.0), 0)
    face = HEAD.ellipse(0, 0.35, 1.1, 1.5)
    neck = HEAD.area([(-0.7, 0.8), (0.7, 0.8), (0.75, 2.4), (-0.75, 2.4)], curved=False)
    chest = HEAD.area(
        [(-0.8, 2.2), (0.8, 2.2), (2.6, 2.9), (2.8, 4.4), (-2.8, 4.4), (-2.6, 2.9)], curved=False
    )
    return as_field(crown), face, neck, chest
