# SPDX-License-Identifier: Apache-2.0
"""The edge of a head: network, guided filter, then colour, for hair is finer than any network."""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth import segmentation
from generation.recipes.photobooth.alignment import HEAD, Placement, view
from generation.recipes.photobooth.colour import grey, to_lab
from generation.recipes.photobooth.geometry import Field, Frame, as_field, ramp, smooth

# Two squares for the network: the upper body tells who the person is, the head where hair ends.
_BODY = Frame(e=256 / 9.0, ex=128, ey=256 * 0.36, width=256, height=256)
_CROWN = Frame(e=256 / 5.6, ex=128, ey=256 * 0.48, width=256, height=256)


def matte(pixels: NDArray[np.uint8], where: Placement, picture: Field) -> Field:
    """Return how much of each pixel of the head frame is the person, 0..1."""
    rough = ramp(_network(pixels, where), 0.25, 0.75)
    guide = grey(picture)
    soft = _guided(guide, _guided(guide, rough, 10, 2e-4), 4, 1e-4)
    return _coloured(picture, ramp(soft, 0.06, 0.94))


def clean(picture: Field, alpha: Field) -> Field:
    """Replace the room's light in half-covered pixels by the head's colour just inside."""
    sure = alpha**4
    weight = smooth(sure, 6)[..., None]
    inside = smooth(picture * sure[..., None], 6) / (weight + 1e-4)
    amount = (np.clip((0.985 - alpha) / 0.45, 0, 1) * ramp(weight[..., 0], 0.004, 0.02))[..., None]
    return np.asarray(picture * (1 - amount) + np.clip(inside, 0, 1) * amount, np.float32)


def _network(pixels: NDArray[np.uint8], where: Placement) -> Field:
    """Blend three looks of the network: body, head, head in the mirror."""
    body = _into_head(segmentation.person(view(pixels, where, _BODY)[0]), _BODY)
    crown_view = view(pixels, where, _CROWN)[0]
    reflected = segmentation.person(np.ascontiguousarray(crown_view[:, ::-1]))[:, ::-1]
    crown = _into_head(as_field((segmentation.person(crown_view) + reflected) / 2), _CROWN)
    reach = np.maximum(np.abs(HEAD.X) / 2.8, np.abs(HEAD.Y - 0.11) / 2.8)
    weight = ramp(reach, 1.0, 0.8)
    return body * (1 - weight) + crown * weight


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
    across = hair - room
    length = np.linalg.norm(across, axis=2) + 1e-3
    along = ((lab - room) * across).sum(2) / length**2
    beside = np.linalg.norm(lab - room - along[..., None] * across, axis=2) / length
    trust = ramp(length, 14, 34) * ramp(beside, 0.75, 0.35) * hair_known * room_known
    trust *= ramp(HEAD.Y, 1.0, 0.5) * _band(alpha)
    near = np.clip(smooth(alpha, 5) * 3.5, 0, 1)
    found = ramp(np.asarray(along, np.float32), 0.16, 0.86) * near
    return np.asarray(alpha * (1 - trust) + found * trust, np.float32)


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
