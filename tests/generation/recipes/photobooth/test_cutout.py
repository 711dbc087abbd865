# SPDX-License-Identifier: Apache-2.0
"""A head leaves its room and clothes behind."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from generation.recipes import Likeness
from generation.recipes.photobooth.alignment import HEAD, bucket, place
from generation.recipes.photobooth.cutout import cut_out

Measured = Callable[[int], Likeness]


def test_the_face_is_kept_and_the_corners_are_not(likeness: Measured) -> None:
    head = cut_out(likeness(1))
    face = np.hypot(HEAD.X, (HEAD.Y - 0.4) / 1.3) < 0.8
    assert float(head.alpha[face].mean()) > 0.98
    assert not head.alpha[:40, :40].any()
    assert not head.alpha[-40:, :40].any()


def test_no_clothes_are_left_below_the_collar_line(likeness: Measured) -> None:
    for person in (1, 2, 5, 7, 10):
        head = cut_out(likeness(person))
        clothes = (head.chin + 1.0 < HEAD.Y) & (head.hair < 0.02)
        assert float((head.alpha * clothes).max()) < 0.02


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
