# SPDX-License-Identifier: Apache-2.0
"""Part a head from its room and its clothes: two colour models and the cheapest cut between them.

The network knows a person but not where the person's clothes begin. Colours do: what is learnt
from the face and the crown is head, what is learnt from the room and the chest is not (GrabCut by
Rother, Kolmogorov and Blake, in OpenCV).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.alignment import HALF, doubled, halved
from generation.recipes.photobooth.complexion import Complexion
from generation.recipes.photobooth.geometry import Field, ramp, smooth

_ROUNDS = 2
_MARGIN = 24  # pixels of the half-size picture


def part(picture: Field, person: Field, look: Complexion, chin: float) -> Field:
    """Return 1 on the head with its hair and neck, 0 on room and clothes, with an edge between."""
    small = np.asarray(np.clip(halved(picture), 0, 1) * 255, np.uint8)
    marks = _marks(halved(person), halved(look.skinlike), halved(look.hairlike), chin)
    head = np.zeros_like(marks)
    box = _box(marks)
    head[box] = _cut(np.ascontiguousarray(small[box]), np.ascontiguousarray(marks[box]))
    return _enlarged(_one_piece(head))


def _cut(picture: NDArray[np.uint8], marks: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Learn both sides' colours from the marks and find the cheapest line between them."""
    cv2.setRNGSeed(1)  # the first clusters are drawn by chance
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    inside, outside = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(lab, marks, (0, 0, 1, 1), outside, inside, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(marks, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _box(marks: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Return the box of all that is not surely room, and a margin to learn the room from."""
    left, top, width, height = cv2.boundingRect(np.asarray(marks != cv2.GC_BGD, np.uint8))
    return (
        slice(max(0, top - _MARGIN), top + height + _MARGIN),
        slice(max(0, left - _MARGIN), left + width + _MARGIN),
    )


def _marks(person: Field, skinlike: Field, hairlike: Field, chin: float) -> NDArray[np.uint8]:
    """Say what is surely and what is probably head before colours are looked at."""
    x, y = np.abs(HALF.X), HALF.Y
    hair = _hanging(hairlike * person) & (x < 2.4)
    skin = (skinlike > 0.5) & (y < chin + 0.9)
    marks = np.where(
        (person > 0.5) & ((y < chin - 0.35) | hair | (skin & (x < 1.0))),
        cv2.GC_PR_FGD, cv2.GC_PR_BGD,
    )  # fmt: skip
    chest = (y > chin + 0.95) | ((y > chin + 0.1) & (x > 0.9) & ~skin) | ((y > chin) & (x > 1.3))
    marks[chest & ~hair] = cv2.GC_BGD
    face = np.hypot(x / 0.9, (y - 0.35) / 1.2) < 1
    crown = (np.hypot(x / 1.2, (y + 1.3) / 0.6) < 1) & (y < -1)
    sure = np.asarray(person > 0.95, np.uint8)
    deep = cv2.erode(sure, np.ones((17, 17), np.uint8)) > 0
    locks = (cv2.erode(sure, np.ones((7, 7), np.uint8)) > 0) & (hairlike > 0.6)
    marks[((person > 0.9) & (face | crown)) | ((deep | locks) & (y < 0.8))] = cv2.GC_FGD
    marks[(person < 0.08) | (y > 3.0)] = cv2.GC_BGD
    return np.asarray(marks, np.uint8)


def _hanging(hair: Field) -> NDArray[np.bool_]:
    """Keep the hair that hangs together with the crown by more than a thread: no cloth."""
    thick = cv2.morphologyEx(
        np.asarray(hair > 0.5, np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)
    )
    _, parts = cv2.connectedComponents(thick)
    crown = parts[(np.hypot(HALF.X / 1.3, (HALF.Y + 1.3) / 0.7) < 1) & (thick > 0)]
    return np.isin(parts, np.unique(crown)) & (thick > 0)


def _one_piece(head: NDArray[np.uint8]) -> Field:
    """Keep what hangs together with the face; close holes smaller than a curl."""
    opened = cv2.morphologyEx(head, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, parts = cv2.connectedComponents(opened)
    mine = np.asarray(parts == parts[int(HALF.ey), int(HALF.ex)], np.uint8)
    return np.asarray(
        cv2.morphologyEx(mine, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)), np.float32
    )


def _enlarged(mask: Field) -> Field:
    """Double a mask; its steps of two pixels become a smooth line."""
    return ramp(smooth(doubled(mask), 2.2), 0.3, 0.7)
