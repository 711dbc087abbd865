# SPDX-License-Identifier: Apache-2.0
"""A head leaves its room and clothes behind."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from generation.recipes import Likeness
from generation.recipes.photobooth.alignment import HEAD, bucket, place
from generation.recipes.photobooth.colour import to_lab
from generation.recipes.photobooth.cutout import cut_out

Measured = Callable[[int], Likeness]
EVERYBODY = range(1, 11)


def test_the_face_is_kept_and_the_corners_are_not(likeness: Measured) -> None:
    head = cut_out(likeness(1))
    face = np.hypot(HEAD.X, (HEAD.Y - 0.4) / 1.3) < 0.8
    assert float(head.alpha[face].mean()) > 0.98
    assert not head.alpha[:40, :40].any()
    assert not head.alpha[-40:, :40].any()


def test_no_clothes_are_left_below_the_collar_line(likeness: Measured) -> None:
    for person in EVERYBODY:
        head = cut_out(likeness(person))
        clothes = (head.chin + 1.0 < HEAD.Y) & (head.hair < 0.02)
        assert float((head.alpha * clothes).max()) < 0.02


def test_no_shirt_shows_beside_the_neck_of_short_and_tied_hair(likeness: Measured) -> None:
    for person in (1, 2, 6, 7, 10):
        head = cut_out(likeness(person))
        beside = (np.abs(HEAD.X) > 1.15) & (head.chin - 0.2 < HEAD.Y)
        assert float(np.maximum(head.alpha, head.hair)[beside].mean()) < 0.005


def test_a_hand_at_the_chin_is_no_part_of_the_head(likeness: Measured) -> None:
    head = cut_out(likeness(4))
    fingers = np.hypot((HEAD.X + 0.95) / 0.2, (HEAD.Y - 1.95) / 0.25) < 1
    assert float(np.maximum(head.alpha, head.hair)[fingers].mean()) < 0.05
    neck = (np.abs(HEAD.X) < 0.4) & (np.abs(HEAD.Y - 2.15) < 0.05)
    assert float(head.alpha[neck].mean()) < 0.1
    assert float(cut_out(likeness(2)).alpha[neck].mean()) > 0.5


def test_hair_has_no_bright_rim(likeness: Measured) -> None:
    for person in EVERYBODY:
        head = cut_out(likeness(person))
        lightness = to_lab(head.rgb)[..., 0]
        solid = np.asarray(head.alpha > 0.5, np.uint8)
        hair = HEAD.Y < -0.8
        rim = hair & (solid > cv2.erode(solid, np.ones((7, 7), np.uint8)))
        within = (cv2.erode(solid, np.ones((25, 25), np.uint8)) > 0) & (HEAD.Y < -1.25)
        assert float(lightness[rim].mean()) < float(np.median(lightness[within])) + 20


def test_a_shifted_or_a_smaller_selfie_gives_nearly_the_same_head(likeness: Measured) -> None:
    for person in (3, 7):
        whole = likeness(person)
        head = cut_out(whole)
        for other in (shifted(whole, whole.pixels.shape[1] // 10), resized(whole, 0.9)):
            assert float(np.abs(cut_out(other).alpha - head.alpha).mean()) < 0.005


def test_eyes_come_out_level_at_one_place_and_size(likeness: Measured) -> None:
    original = likeness(3)
    turned = replace(
        original,
        pixels=np.ascontiguousarray(np.rot90(original.pixels)),
        landmarks=np.stack(
            [original.landmarks[:, 1], original.pixels.shape[1] - 1 - original.landmarks[:, 0]], 1
        ).astype(np.float32),
    )
    assert abs(abs(place(turned).tilt - place(original).tilt) - np.pi / 2) < 0.01
    assert place(turned).unit == pytest.approx(place(original).unit, rel=1e-3)


def test_hair_cut_by_the_pictures_edge_is_noticed(likeness: Measured) -> None:
    whole = likeness(7)
    assert not cut_out(whole).cut_top
    where = place(whole)
    rows = int(where.middle[1] - 1.7 * where.unit)
    cropped = replace(
        whole,
        pixels=np.ascontiguousarray(whole.pixels[rows:]),
        landmarks=whole.landmarks - np.asarray([0, rows], np.float32),
        box=(whole.box[0], whole.box[1] - rows, whole.box[2], whole.box[3] - rows),
    )
    assert cut_out(cropped).cut_top


def test_the_same_selfie_gives_the_same_cutout(likeness: Measured) -> None:
    one, other = cut_out(likeness(4)), cut_out(likeness(4))
    assert np.array_equal(one.rgb, other.rgb)
    assert np.array_equal(one.alpha, other.alpha)


def test_a_chin_goes_to_the_nearest_bucket() -> None:
    assert bucket(1.63) == 1.6
    assert bucket(1.76) == 1.8
    assert bucket(2.4) == 2.15


def shifted(whole: Likeness, columns: int) -> Likeness:
    """Crop a selfie at the left."""
    left, top, right, bottom = whole.box
    return replace(
        whole,
        pixels=np.ascontiguousarray(whole.pixels[:, columns:]),
        landmarks=whole.landmarks - np.asarray([columns, 0], np.float32),
        box=(left - columns, top, right - columns, bottom),
    )


def resized(whole: Likeness, factor: float) -> Likeness:
    """Make a selfie smaller."""
    small = cv2.resize(whole.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    left, top, right, bottom = (round(side * factor) for side in whole.box)
    return replace(
        whole,
        pixels=np.asarray(small, np.uint8),
        landmarks=whole.landmarks * np.float32(factor),
        box=(left, top, right, bottom),
    )
