# SPDX-License-Identifier: Apache-2.0
"""Outlines become masks of the right size in the right place."""

import numpy as np
import pytest

from generation.recipes.photobooth.geometry import (
    Frame,
    flipped,
    mirrored,
    ramp,
    shift,
    smooth,
    spline,
    star,
)

FRAME = Frame(e=70, ex=256, ey=262)


def test_a_square_covers_its_area_in_eye_distances_squared() -> None:
    mask = FRAME.area([(-1, -1), (1, -1), (1, 1), (-1, 1)], curved=False)
    assert float(mask.sum()) / 70**2 == pytest.approx(4.0, rel=0.02)


def test_an_ellipse_covers_pi_times_its_half_axes() -> None:
    assert float(FRAME.ellipse(0, 0, 1, 2).sum()) / 70**2 == pytest.approx(2 * np.pi, rel=0.02)


def test_a_ring_is_the_outer_circle_without_the_inner_one() -> None:
    ring = FRAME.ring(0, 0, 1.5, 1.0)
    assert float(ring.sum()) / 70**2 == pytest.approx(np.pi * (1.5**2 - 1), rel=0.03)


def test_a_shape_outside_the_picture_is_empty_and_raises_nothing() -> None:
    assert not FRAME.area([(20, 20), (21, 20), (21, 21)]).any()
    assert not FRAME.ellipse(-20, 0, 1).any()
    assert not FRAME.line([(30, 0), (31, 0)], 0.1).any()


def test_a_line_is_as_wide_as_it_was_asked_to_be() -> None:
    line = FRAME.line([(-3, 0), (3, 0)], 0.2)
    assert float(line[:, 256].sum()) / 70 == pytest.approx(0.2, abs=0.03)


def test_a_shift_fills_with_zero_and_never_wraps_round() -> None:
    field = np.ones((40, 30), np.float32)
    moved = shift(field, 4, 10)
    assert not moved[:10].any()
    assert not moved[:, :4].any()
    assert moved[10:, 4:].all()


def test_a_spline_runs_through_every_point() -> None:
    points = np.asarray([(0, 0), (4, 1), (3, 5), (-2, 3)], np.float32)
    curve = spline(points, 10)
    assert np.allclose(curve[::10], points)
    open_curve = spline(points, 10, closed=False)
    assert np.allclose(open_curve[-1], points[-1])


def test_a_ramp_may_rise_or_fall() -> None:
    values = np.asarray([0, 1, 2, 3], np.float32)
    assert ramp(values, 1, 3).tolist() == [0, 0, 0.5, 1]
    assert ramp(values, 3, 1).tolist() == [1, 1, 0.5, 0]


def test_a_wide_blur_keeps_the_sum_of_a_field() -> None:
    field = np.zeros((200, 200), np.float32)
    field[90:110, 90:110] = 1
    for sigma in (3.0, 20.0):
        assert float(smooth(field, sigma).sum()) == pytest.approx(400, rel=0.02)


def test_mirrored_outlines_are_symmetric() -> None:
    half = [(0.0, -1.0), (1.0, 0.0), (0.0, 1.0)]
    assert flipped(mirrored(half))[::-1] == mirrored(half)


def test_a_star_has_two_points_for_every_tip() -> None:
    assert len(star(0, 0, 1, tips=7)) == 14
