# SPDX-License-Identifier: Apache-2.0
"""The edge of a head: a network finds the person, colour the hair, finer than any network."""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth import segmentation
from generation.recipes.photobooth.alignment import HEAD, Placement, view
from generation.recipes.photobooth.colour import grey, to_lab
from generation.recipes.photobooth.complexion import Complexion
from generation.recipes.photobooth.geometry import Field, Frame, as_field, ramp, smooth

# Two squares for the network: the upper body tells who the person is, the head where hair ends.
_BODY = Frame(e=256 / 9.0, ex=128, ey=256 * 0.36, width=256, height=256)
_CROWN = Frame(e=256 / 5.6, ex=128, ey=256 * 0.48, width=256, height=256)


_SHEEN = 0.16  # how much brighter than its surroundings a lock may be at the rim
_CHEEKS = int(HEAD.ey + HEAD.e)
"""The row down to which hair stands before a room; below it lies on clothes."""


def person(pixels: NDArray[np.uint8], where: Placement) -> Field:
    """Return how sure the network is of a person at each pixel of the head frame, 0..1.

    It looks three times: at the body, at the head, at the head in the mirror.
    """
    body = _into_head(segmentation.person(view(pixels, where, _BODY)[0]), _BODY)
    crown_view = view(pixels, where, _CROWN)[0]
    reflected = segmentation.person(np.ascontiguousarray(crown_view[:, ::-1]))[:, ::-1]
    crown = _into_head(as_field((segmentation.person(crown_view) + reflected) / 2), _CROWN)
    reach = np.maximum(np.abs(HEAD.X) / 2.8, np.abs(HEAD.Y - 0.11) / 2.8)
    weight = ramp(reach, 1.0, 0.8)
    return body * (1 - weight) + crown * weight


def refine(picture: Field, head: Field, hairlike: Field) -> Field:
    """Soften the outline of a parted head: a plain edge on skin, single locks on hair."""
    locks = _guided(grey(picture), head, 6, 1e-4)
    locks[:_CHEEKS] = _coloured(picture[:_CHEEKS], locks[:_CHEEKS])
    near_hair = np.clip(smooth(hairlike * head, 6) * 2.5, 0, 1)
    return as_field(head * (1 - near_hair) + locks * near_hair)


def clean(picture: Field, alpha: Field, look: Complexion) -> Field:
    """Replace the room's light in half-covered pixels by the head's colour just inside."""
    sure = alpha**4
    weight = smooth(sure, 6)[..., None]
    inside = smooth(picture * sure[..., None], 6) / (weight + 1e-4)
    amount = (np.clip((0.985 - alpha) / 0.45, 0, 1) * ramp(weight[..., 0], 0.004, 0.02))[..., None]
    mixed = picture * (1 - amount) + np.clip(inside, 0, 1) * amount
    return _without_back_light(as_field(mixed), alpha, look)


def _without_back_light(picture: Field, alpha: Field, look: Complexion) -> Field:
    """Darken the hair's rim where light from behind makes it brighter than the hair within."""
    solid = np.asarray(alpha > 0.6, np.uint8)
    deep, inner = _shrunken(solid > 0, 25), _shrunken(solid > 0, 9)
    hair = as_field(look.hairlike * solid)
    light = grey(picture)
    within = smooth(light * hair, 13) / (smooth(hair, 13) + 1e-3)
    sheen = _SHEEN * (0.3 + 0.7 * smooth(inner, 1.5))
    excess = np.clip(light - within - sheen, 0, 1) * (1 - smooth(deep, 3))
    no_skin = ramp(look.skinlike, 0.4, 0.1) * ramp(np.hypot(HEAD.X, HEAD.Y - 0.3), 1.1, 1.25)
    excess *= np.clip(smooth(hair, 8) * 5, 0, 1) * no_skin * ramp(HEAD.Y, 1.0, 0.7)
    return as_field(picture * (1 - excess / (light + 1e-3))[..., None])


def _into_head(mask: Field, frame: Frame) -> Field:
    """Carry a mask from one of the network's squares to the head frame."""
    scale = HEAD.e / frame.e
    matrix = np.asarray(
        [[scale, 0, HEAD.ex - scale * frame.ex], [0, scale, HEAD.ey - scale * frame.ey]],
        np.float32,
    )
    size = (HEAD.width, HEAD.height)
    return np.asarray(
        cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )


def _guided(guide: Field, mask: Field, radius: int, eps: float) -> Field:
    """Snap a mask to the edges of a grey picture (He, Sun and Tang's guided filter)."""

    def mean(field: Field) -> Field:
        return np.asarray(cv2.boxFilter(field, -1, (2 * radius + 1, 2 * radius + 1)), np.float32)

    at, mark = mean(guide), mean(mask)
    slope = as_field((mean(guide * mask) - at * mark) / (mean(guide * guide) - at * at + eps))
    offset = mean(as_field(mark - slope * at))
    return as_field(np.clip(mean(slope) * guide + offset, 0, 1))


def _coloured(picture: Field, alpha: Field) -> Field:
    """Place each pixel of the unsure band between the local hair colour and the local room colour.

    Where the two differ little, or the pixel lies on neither, the network keeps the last word.
    """
    lab = to_lab(picture) * np.asarray([1, 1.3, 1.3], np.float32)
    hair, hair_known = _local(lab, _shrunken(alpha > 0.96, 7))
    room, room_known = _local(lab, _shrunken(alpha < 0.03, 9))
    across, above = hair - room, lab - room
    length = _length(across) + 1e-3
    along = np.einsum("ijk,ijk->ij", above, across) / length**2
    beside = _length(above - along[..., None] * across) / length
    trust = ramp(length, 14, 34) * ramp(beside, 0.75, 0.35) * hair_known * room_known
    trust *= ramp(HEAD.Y[:_CHEEKS], 1.0, 0.5) * _band(alpha)
    near = np.clip(smooth(alpha, 5) * 3.5, 0, 1)
    fine = alpha * (1 - trust) + ramp(along, 0.16, 0.86) * near * trust
    inside = _inside(_length(above), length * hair_known * room_known, alpha)
    return as_field(fine * (1 - inside))


def _length(colours: Field) -> Field:
    """Return the length of each pixel's step in Lab."""
    return as_field(np.sqrt(np.einsum("ijk,ijk->ij", colours, colours)))


def _inside(from_room: Field, apart: Field, alpha: Field) -> Field:
    """Mark what has the room's colour inside the outline: back light, gaps between locks."""
    like_room = ramp(from_room, 16, 8) * ramp(apart, 24, 38) * ramp(HEAD.Y[:_CHEEKS], 1.0, 0.5)
    deep = cv2.erode(np.asarray(alpha > 0.5, np.uint8), np.ones((51, 51), np.uint8))
    return smooth(as_field(like_room * (1 - deep)), 0.8)


def _band(alpha: Field) -> Field:
    """Mark the pixels near the outline, where the matte may be wrong by a curl."""
    around = cv2.dilate(np.asarray(alpha > 0.3, np.uint8), np.ones((23, 23), np.uint8))
    inside = cv2.erode(np.asarray(alpha > 0.7, np.uint8), np.ones((15, 15), np.uint8))
    return smooth(np.asarray(around - np.minimum(inside, around), np.float32), 1.5)


def _shrunken(mask: NDArray[np.bool_], side: int) -> Field:
    """Pull a mask in by half of `side` pixels."""
    return np.asarray(
        cv2.erode(np.asarray(mask, np.uint8), np.ones((side, side), np.uint8)), np.float32
    )


def _local(lab: Field, where: Field) -> tuple[Field, Field]:
    """Average a colour over the sure pixels nearby; also say how many there were, 0..1."""
    weight = smooth(where, 20)
    mean = smooth(lab * where[..., None], 20) / (weight[..., None] + 1e-4)
    return mean, ramp(weight, 0.02, 0.08)
