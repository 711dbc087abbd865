# SPDX-License-Identifier: Apache-2.0
"""The two colours of a head, its skin's and its hair's, learnt from the one selfie."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.alignment import HALF, doubled, halved
from generation.recipes.photobooth.colour import to_lab
from generation.recipes.photobooth.geometry import Field, as_field, ramp, smooth

_BALD = 12  # a crown nearer to the cheeks' colour has no hair
_WEIGHTS = np.asarray([0.6, 1, 1], np.float32)  # lightness counts less than tint
_FEW = 80  # pixels; fewer say nothing about a colour


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Complexion:
    """What skin and hair look like on one head.

    Shapes: skin (3,) Lab of the cheeks; skinlike, hairlike (H, W), 0..1.
    """

    skin: NDArray[np.float32]
    skinlike: Field
    hairlike: Field


def learn(picture: Field, person: Field) -> Complexion:
    """Take the cheeks' and the hair's median colours and find them again in the picture."""
    lab, somebody = to_lab(halved(picture)), halved(person)
    x, y = np.abs(HALF.X), HALF.Y
    skin = _median(lab, np.hypot(x / 0.75, (y - 0.55) / 0.5) < 1, fallback=(65, 14, 16))
    crown = (np.hypot(x / 1.25, (y + 1.5) / 0.45) < 1) & (y < -1.15) & (somebody > 0.9)
    hair = _median(lab, crown, fallback=(15, 0, 0))
    beside = (x > 1.45) & (np.abs(y - 0.2) < 0.6) & (somebody > 0.98)
    lengths = _median(lab, beside, fallback=(hair[0], hair[1], hair[2]))
    hairlike = np.maximum(_hairlike(lab, hair), _hairlike(lab, lengths))
    if np.linalg.norm((hair - skin) * _WEIGHTS) < _BALD:
        hairlike = np.zeros_like(hairlike)
    return Complexion(
        skin=skin, skinlike=doubled(smooth(_skinlike(lab, skin), 1.2)),
        hairlike=doubled(smooth(hairlike, 0.7)),
    )  # fmt: skip


def _median(
    lab: Field, where: NDArray[np.bool_], fallback: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Return the median Lab colour of a region."""
    values = lab[where]
    enough = len(values) > _FEW
    return np.asarray(np.median(values, axis=0) if enough else fallback, np.float32)


def _hairlike(lab: Field, hair: NDArray[np.float32]) -> Field:
    """Return 1 for the hair's colour, 0 far from it; lightness counts less than tint."""
    apart = (lab - hair) * _WEIGHTS
    tint = np.hypot(apart[..., 1], apart[..., 2])
    away = np.hypot(apart[..., 0], tint)
    return ramp(away, 34, 17) * ramp(tint, 20, 12)


def _skinlike(lab: Field, skin: NDArray[np.float32]) -> Field:
    """Return 1 for the cheeks' tint, also in the chin's shadow, where a and b fade with L."""
    shade = np.clip(lab[..., 0] / skin[0], 0, 1)
    in_light = np.hypot(lab[..., 1] - skin[1], lab[..., 2] - skin[2])
    in_shade = np.hypot(lab[..., 1] - skin[1] * shade, lab[..., 2] - skin[2] * shade)
    bright = ramp(in_light, 17, 11) * ramp(shade, 0.36, 0.5)
    dark = ramp(in_shade, 10, 6) * ramp(shade, 0.14, 0.24) * ramp(np.abs(HALF.X), 0.85, 0.7)
    return as_field(np.maximum(bright, dark))
