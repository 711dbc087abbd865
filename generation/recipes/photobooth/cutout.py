# SPDX-License-Identifier: Apache-2.0
"""A head without its room and clothes: head, hair and neck, cut out once for all scenarios."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import Likeness
from generation.recipes.photobooth.alignment import HEAD, place, view
from generation.recipes.photobooth.colour import to_lab
from generation.recipes.photobooth.geometry import (
    Field,
    Frame,
    Points,
    as_field,
    mirrored,
    ramp,
    smooth,
)
from generation.recipes.photobooth.matte import clean, matte

_ENOUGH_LONG_HAIR = 0.10  # e squared beside the neck; less is a shadow
_CUT_PIXELS = 25
_HAT_EDGE = -0.7  # a hat covers what lies above it


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cutout:
    """One head in the head frame.

    Shapes: rgb (H, W, 3); alpha, hair (H, W). `alpha` is head and neck, `hair` long hair
    that falls below the chin. Units: skin is Lab; chin and yaw are in e.
    """

    rgb: Field
    alpha: Field
    hair: Field
    skin: NDArray[np.float32]
    chin: float
    cut_top: bool
    """The selfie's upper edge cuts the hair."""
    cut_side: bool
    """The selfie's side or lower edge cuts the hair."""
    turned_away: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """A cutout in a scenario's frame."""

    frame: Frame
    rgb: Field
    alpha: Field
    hair: Field
    skin: NDArray[np.float32]
    chin: float


def cut_out(likeness: Likeness) -> Cutout:
    """Cut a head out of its selfie."""
    where = place(likeness)
    picture, valid = view(likeness.pixels, where, HEAD)
    whole = matte(likeness.pixels, where, picture) * np.clip(valid * 2 - 1, 0, 1)
    whole = _tightened(whole)
    colours = clean(picture, whole)
    lab = to_lab(colours)
    colours = _without_specks(colours, lab)
    skin = _median(lab, np.hypot(HEAD.X / 0.75, (HEAD.Y - 0.55) / 0.5) < 1, fallback=(65, 14, 16))
    hairlike, strands = _hair(lab, whole)
    short = whole * _keep(lab, skin, where.chin, strands)
    long = whole * hairlike * strands * _beside_the_neck(where.chin)
    cut_top, cut_side = _cut(whole, hairlike * strands, valid)
    return Cutout(
        rgb=colours, alpha=short, hair=long * _is_long(long, where.chin), skin=skin,
        chin=where.chin, cut_top=cut_top, cut_side=cut_side, turned_away=where.turned_away,
    )  # fmt: skip


def into(cutout: Cutout, frame: Frame) -> Head:
    """Resample a cutout to a scenario's size and place."""
    scale = frame.e / HEAD.e
    move = [[scale, 0, frame.ex - scale * HEAD.ex], [0, scale, frame.ey - scale * HEAD.ey]]
    matrix, size = np.asarray(move, np.float32), (frame.width, frame.height)

    def warp(field: Field, border: int) -> Field:
        moved = cv2.warpAffine(field, matrix, size, flags=cv2.INTER_CUBIC, borderMode=border)
        return np.clip(np.asarray(moved, np.float32), 0, 1)

    masks = warp(np.dstack([cutout.alpha, cutout.hair]), cv2.BORDER_CONSTANT)
    return Head(
        frame=frame, rgb=warp(cutout.rgb, cv2.BORDER_REPLICATE), skin=cutout.skin,
        chin=cutout.chin, alpha=np.ascontiguousarray(masks[..., 0]),
        hair=np.ascontiguousarray(masks[..., 1]),
    )  # fmt: skip


def _without_specks(colours: Field, lab: Field) -> Field:
    """Close the holes in dark curls through which a bright room shines."""
    kernel = np.ones((9, 9), np.uint8)
    opened = np.asarray(cv2.morphologyEx(colours, cv2.MORPH_OPEN, kernel), np.float32)
    below = lab[..., 0] - np.asarray(
        cv2.morphologyEx(lab[..., 0], cv2.MORPH_OPEN, kernel), np.float32
    )
    outside_face = ramp(np.hypot(HEAD.X / 1.1, (HEAD.Y - 0.4) / 1.5), 1.0, 1.12) * ramp(
        HEAD.Y, 1.2, 0.9
    )
    speck = smooth(ramp(below, 24, 40) * ramp(lab[..., 0], 45, 60) * outside_face, 0.8)[..., None]
    return np.asarray(colours * (1 - speck) + smooth(opened, 1) * speck, np.float32)


def _tightened(alpha: Field) -> Field:
    """Pull the outline in a little: a lost curl is better than a halo."""
    _, parts = cv2.connectedComponents(np.asarray(alpha > 0.25, np.uint8))
    mine = parts == parts[int(HEAD.ey), int(HEAD.ex)]
    alpha = alpha * smooth(
        np.asarray(cv2.dilate(np.asarray(mine, np.uint8), np.ones((5, 5), np.uint8)), np.float32),
        1,
    )
    inner = cv2.erode(alpha, np.ones((3, 3), np.uint8))
    return np.minimum(
        ramp(alpha, 0.08, 0.95), smooth(np.asarray(inner, np.float32), 0.8) * 0.5 + alpha * 0.5
    )


def _median(
    lab: Field, where: NDArray[np.bool_], fallback: tuple[float, float, float]
) -> NDArray[np.float32]:
    """Return the median Lab colour of a region."""
    values = lab[where]
    enough = len(values) > 50
    return np.asarray(np.median(values, axis=0) if enough else fallback, np.float32)


def _hair(lab: Field, alpha: Field) -> tuple[Field, Field]:
    """Say how much each pixel looks like this head's hair, and follow the strands down."""
    crown = (alpha > 0.9) & (np.hypot(HEAD.X / 1.25, (HEAD.Y + 1.5) / 0.45) < 1) & (HEAD.Y < -1.15)
    hair = _median(lab, crown, fallback=(15, 0, 0))
    like = smooth(_alike(lab, hair, far=(34, 20)), 1.5)
    return like, _strands(lab, like * alpha)


def _alike(lab: Field, colour: NDArray[np.float32], far: tuple[float, float]) -> Field:
    """Return 1 for the same colour, 0 beyond `far` in Lab distance or in tint (a and b) alone."""
    apart = (lab - colour) * np.asarray([0.6, 1, 1], np.float32)
    tint = np.hypot(apart[..., 1], apart[..., 2])
    away = np.sqrt(apart[..., 0] ** 2 + tint**2)
    return ramp(away, far[0], far[0] / 2) * ramp(tint, far[1], far[1] * 0.6)


def _strands(lab: Field, hair: Field) -> Field:
    """Walk down row by row: hair hangs from hair of nearly its colour, a collar does not."""
    first = int(HEAD.ey + 0.45 * HEAD.e)
    reach = np.zeros_like(hair)
    reach[:first] = 1
    colours = smooth(lab, 2.5)
    row, carried = np.asarray(hair[first - 1] > 0.3, np.float32), colours[first - 1]
    for y in range(first, HEAD.height):
        weight = _spread(row) + 1e-4
        carried = _spread(row[:, None] * carried) / weight[:, None]
        same = _alike(colours[y], carried, far=(36, 17)) * np.clip(weight, 0, 1)
        row = np.clip(same * np.clip(hair[y] * 3, 0, 1) * 1.6, 0, 1)
        row[row < 0.25] = 0
        carried = 0.8 * carried + 0.2 * colours[y]
        reach[y] = row
    whole = cv2.morphologyEx(reach, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    return smooth(np.asarray(whole, np.float32), 2.5)


def _spread(row: Field) -> Field:
    """Add up each value with its two neighbours on either side."""
    return np.asarray(cv2.boxFilter(row, -1, (1, 5), normalize=False), np.float32).reshape(
        row.shape
    )


def _keep(lab: Field, skin: NDArray[np.float32], chin: float, strands: Field) -> Field:
    """Mark what belongs to the head: all above the cheeks, the jaw, the neck's skin, no collar."""
    x, y = np.abs(HEAD.X), HEAD.Y
    jaw_line: Points = [
        (0, -1.4),
        (1.45, -0.6),
        (1.42, 0.3),
        (1.14, 1.15),
        (0.76, chin + 0.02),
        (0, chin + 0.26),
    ]
    jaw = smooth(HEAD.area(mirrored(jaw_line)), 1.2)
    sure_jaw: Points = [
        (0, -1.4),
        (1.45, -0.6),
        (1.3, 0.55),
        (0.86, 1.15),
        (0.5, chin - 0.02),
        (0, chin + 0.14),
    ]
    skinlike = smooth(_skinlike(lab, skin), 2.5)
    jaw *= np.maximum.reduce(
        [smooth(HEAD.area(mirrored(sure_jaw)), 3), ramp(skinlike, 0.15, 0.6), strands]
    )
    neck = (
        ramp(x, 1.0 + 0.1 * chin, 0.86)
        * ramp(skinlike, 0.15, 0.7)
        * ramp(y, chin + 0.8, chin + 0.35)
    )
    neck *= ramp(y, chin * 0.6, chin * 0.6 + 0.2)
    upper = ramp(y, 0.75, 0.45) * ramp(x, 2.75, 2.6)
    curls = (
        strands * ramp(y, 2.4, 1.9) * ramp(x, 2.75, 2.6) * np.maximum(ramp(x, 0.8, 1.0), y < chin)
    )
    return as_field(np.maximum.reduce([upper, curls, jaw, smooth(neck, 3)]))


def _skinlike(lab: Field, skin: NDArray[np.float32]) -> Field:
    """Return 1 for the cheeks' tint, also in the chin's shadow, where a and b fade with L."""
    shade = np.clip(lab[..., 0] / skin[0], 0, 1)
    in_light = np.hypot(lab[..., 1] - skin[1], lab[..., 2] - skin[2])
    in_shade = np.hypot(lab[..., 1] - skin[1] * shade, lab[..., 2] - skin[2] * shade)
    bright = ramp(in_light, 17, 11) * ramp(shade, 0.36, 0.5)
    dark = ramp(in_shade, 10, 6) * ramp(shade, 0.14, 0.24) * ramp(np.abs(HEAD.X), 0.85, 0.7)
    return as_field(np.maximum(bright, dark))


def _beside_the_neck(chin: float) -> Field:
    """Let long hair fall beside the neck and fade before it reaches the picture's foot."""
    x, y = np.abs(HEAD.X), HEAD.Y
    throat = ramp(x, 0.8, 0.6) * ramp(y, chin * 0.75, chin * 0.9) * ramp(y, chin + 1.1, chin + 0.8)
    return np.asarray(ramp(x, 2.4, 1.9) * ramp(y, 2.9, 2.2) * (1 - throat), np.float32)


def _is_long(long: Field, chin: float) -> float:
    """Return 1 when there is enough hair beside the neck to be hair."""
    beside = (long > 0.5) & (chin + 0.2 < HEAD.Y) & (np.abs(HEAD.X) > 1.0)
    return float(beside.sum() / HEAD.e**2 > _ENOUGH_LONG_HAIR)


def _cut(alpha: Field, hair: Field, valid: Field) -> tuple[bool, bool]:
    """Say whether the selfie's edge cuts hair at the top, and at the sides or below."""
    x, y = np.abs(HEAD.X), HEAD.Y
    edge = cv2.dilate(np.asarray(valid < 0.5, np.uint8), np.ones((13, 13), np.uint8)) > 0
    top = edge & (alpha > 0.4) & (y < _HAT_EDGE)
    side = edge & (alpha > 0.4) & (hair > 0.3) & (y > _HAT_EDGE) & (y < 1.9) & (x > 0.95)
    return int(top.sum()) > _CUT_PIXELS, int(side.sum()) > _CUT_PIXELS
