# SPDX-License-Identifier: Apache-2.0
"""A head without its room and clothes: head, hair and neck, cut out once for all scenarios."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import Likeness
from generation.recipes.photobooth import matte
from generation.recipes.photobooth.alignment import HEAD, place, view
from generation.recipes.photobooth.colour import to_lab
from generation.recipes.photobooth.complexion import Complexion, learn
from generation.recipes.photobooth.geometry import (
    Field,
    Frame,
    Points,
    as_field,
    mirrored,
    ramp,
    smooth,
)
from generation.recipes.photobooth.parting import part

_ENOUGH_LONG_HAIR = 0.10  # e squared beside the neck; less is a shadow
_HAND = 0.06  # e squared of skin beside the jaw; less is a cheek
_PATCH = np.ones((15, 15), np.uint8)  # wider than a fair lock of hair
_THREAD = np.ones((7, 7), np.uint8)
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
    somebody = matte.person(likeness.pixels, where) * np.clip(valid * 2 - 1, 0, 1)
    look = learn(picture, somebody)
    whole = matte.refine(picture, part(picture, somebody, look, where.chin), look.hairlike)
    if hand := _hand(look, somebody, where.chin):
        whole = whole * _handless(look, where.chin)
    hanging = _hanging(whole, look)
    short = np.maximum(whole * _face(where.chin, neck=not hand), hanging * _curls(where.chin))
    long = hanging * _beside_the_neck(where.chin)
    colours = _without_specks(matte.clean(picture, whole, look))
    cut_top, cut_side = _cut(whole, look.hairlike, valid)
    return Cutout(
        rgb=colours, alpha=short,
        hair=as_field(long * _is_long(long, where.chin)), skin=look.skin,
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


def _without_specks(colours: Field) -> Field:
    """Close the holes in dark curls through which a bright room shines."""
    kernel = np.ones((9, 9), np.uint8)
    lightness = to_lab(colours)[..., 0]
    opened = np.asarray(cv2.morphologyEx(colours, cv2.MORPH_OPEN, kernel), np.float32)
    above = lightness - np.asarray(cv2.morphologyEx(lightness, cv2.MORPH_OPEN, kernel))
    outside_face = ramp(np.hypot(HEAD.X / 1.1, (HEAD.Y - 0.4) / 1.5), 1.0, 1.12)
    speck = ramp(above, 24, 40) * ramp(lightness, 45, 60) * outside_face * ramp(HEAD.Y, 1.2, 0.9)
    cover = smooth(speck, 0.8)[..., None]
    return np.asarray(colours * (1 - cover) + smooth(opened, 1) * cover, np.float32)


def _face(chin: float, *, neck: bool) -> Field:
    """Mark what every costume shows: all above the cheeks, the jaw, the neck."""
    x, y = np.abs(HEAD.X), HEAD.Y
    upper = ramp(y, 0.75, 0.45) * ramp(x, 2.75, 2.6)
    beyond = x - 1.16 + 0.2 * ramp(y, chin - 0.5, chin - 0.1)
    throat = ramp(beyond, 0, -0.18) * ramp(y, chin + 0.9, chin + 0.45) * np.float32(neck)
    return as_field(np.maximum.reduce([upper, _jaw(chin), throat]))


def _curls(chin: float) -> Field:
    """Mark where hair may hang beside the jaw."""
    x, y = np.abs(HEAD.X), HEAD.Y
    beside = np.maximum(ramp(x, 0.68, 0.82), ramp(y, chin + 0.1, chin - 0.1))
    return as_field(beside * ramp(y, 2.4, 1.9) * ramp(x, 2.75, 2.6))


def _hanging(whole: Field, look: Complexion) -> Field:
    """Keep hair that falls from above the ears: bare shoulders are none, nor is their outline."""
    skin = ramp(look.skinlike - look.hairlike, 0.3, 0.7)
    hair = as_field(whole * (1 - cv2.morphologyEx(skin, cv2.MORPH_OPEN, _THREAD)))
    beside = (np.abs(HEAD.X) > 0.68) & (HEAD.Y > 0.35)
    thick = cv2.morphologyEx(np.asarray(beside & (hair > 0.25), np.uint8), cv2.MORPH_OPEN, _THREAD)
    count, parts = cv2.connectedComponents(thick)
    falls = np.zeros(count, np.float32)
    falls[parts[(HEAD.Y < 0.5) & (look.hairlike > 0.5)]] = 1
    falls[0] = 0
    kept = as_field(cv2.dilate(falls[parts], _PATCH))
    return as_field(hair * np.where(beside, smooth(kept, 1.5), 1))


def _jaw(chin: float) -> Field:
    """Mark the face without the neck."""
    right: Points = [
        (0, -1.4), (1.45, -0.6), (1.4, 0.3), (1.12, 0.95), (0.86, 1.32), (0.52, chin + 0.12),
        (0.24, chin + 0.4), (0, chin + 0.48),
    ]  # fmt: skip
    return smooth(HEAD.area(mirrored(right)), 1.2)


def _handless(look: Complexion, chin: float) -> Field:
    """Mark all but a hand at the chin; the neck goes with it, and the drawn neck steps in."""
    hair = smooth(ramp(look.hairlike, 0.1, 0.4), 2) * ramp(np.abs(HEAD.X), 0.8, 1.0)
    return as_field(np.maximum.reduce([_jaw(chin), ramp(HEAD.Y, 1.1, 0.9), hair]))


def _hand(look: Complexion, somebody: Field, chin: float) -> bool:
    """Say whether a patch of skin shows beside the jaw, where no ear, neck or shoulder is."""
    x, y = np.abs(HEAD.X), HEAD.Y
    beside = (x > 0.95) & (x < 1.7) & (y > 1.1) & (y < chin + 0.5)
    skin = beside & (look.skinlike > 0.6) & (look.hairlike < 0.5) & (somebody > 0.8)
    patch = cv2.morphologyEx(np.asarray(skin, np.uint8), cv2.MORPH_OPEN, _PATCH)
    return float(patch.sum()) / HEAD.e**2 > _HAND


def _beside_the_neck(chin: float) -> Field:
    """Let long hair fall beside the neck and fade before it reaches the picture's foot."""
    x, y = np.abs(HEAD.X), HEAD.Y
    throat = ramp(x, 0.8, 0.6) * ramp(y, chin * 0.75, chin * 0.9)
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
