# SPDX-License-Identifier: Apache-2.0
"""The head over a drawing is the row's own, at one place, and hides nothing that is broken."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from generation.faces import Faces
from generation.recipes import CannotRender, Likeness, Row
from generation.recipes.sdxl import overlay

GREY = np.full((640, 512, 3), 0.5, np.float32)


def of(likeness: Likeness, seed: int = 0) -> Row:
    return Row(likenesses=(likeness,), scenario="hat", seed=seed)


def test_the_head_lies_where_it_should_and_is_the_persons(
    likeness: Callable[[int], Likeness], faces: Faces
) -> None:
    heads = overlay.cut((of(likeness(1)), of(likeness(4))))
    for place, number in enumerate((1, 4)):
        cutout = heads.cutouts[place]
        assert cutout is not None
        laid = overlay.lay(GREY, cutout)
        (face,) = faces.find(np.asarray(np.rint(laid * 255), np.uint8))
        eyes = face.landmarks[:4].mean(axis=0)
        assert np.hypot(*(eyes - (256, 0.44 * 640))) < 8
        vector = faces.embed(np.asarray(np.rint(laid * 255), np.uint8), face)
        assert float(np.linalg.norm(vector - likeness(number).vector)) < 0.3
        assert np.array_equal(laid[-20:], GREY[-20:])


def test_a_row_is_cut_once_and_a_dropped_one_is_gone(likeness: Callable[[int], Likeness]) -> None:
    heads = overlay.cut((of(likeness(1)), of(likeness(1))))
    assert heads.cutouts[0] is heads.cutouts[1]
    heads.drop(0)
    assert heads.cutouts[0] is None
    assert heads.cutouts[1] is not None


def test_a_row_without_a_selfie_has_no_head(likeness: Callable[[int], Likeness]) -> None:
    with pytest.raises(CannotRender):
        overlay.cut((replace(of(likeness(1)), likenesses=()),))


def test_a_drawing_that_is_no_number_stays_so_under_the_head(
    likeness: Callable[[int], Likeness],
) -> None:
    (cutout,) = overlay.cut((of(likeness(1)),)).cutouts
    assert cutout is not None
    broken = overlay.enlarged(np.full((80, 64, 3), np.nan, np.float32), (512, 640))
    assert np.isnan(overlay.lay(broken, cutout)).all()


def test_a_drawing_is_enlarged_only_when_it_is_smaller() -> None:
    small = np.random.default_rng(1).random((80, 64, 3), np.float32)
    large = overlay.enlarged(small, (512, 640))
    assert large.shape == (640, 512, 3)
    assert 0 <= large.min() <= large.max() <= 1
    assert overlay.enlarged(large, (512, 640)) is large
