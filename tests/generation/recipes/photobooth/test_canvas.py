# SPDX-License-Identifier: Apache-2.0
"""What a scenario can do to its sheet."""

import numpy as np
import pytest

from generation.recipes.photobooth.canvas import NONE, Canvas
from generation.recipes.photobooth.light import Light


def sheet(seed: int = 1) -> Canvas:
    return Canvas(e=68, ex=256, ey=262, chin=1.6, seed=seed, light=Light())


def test_a_new_sheet_is_clear() -> None:
    assert not sheet().rgba.any()


def test_paint_covers_and_stays_premultiplied() -> None:
    c = sheet()
    c.paint(c.ellipse(0, 0, 1), "#ff0000", 0.5)
    assert c.rgba[262, 256].tolist() == pytest.approx([0.5, 0, 0, 0.5], abs=1e-3)


def test_paint_changes_no_pixel_outside_its_mask() -> None:
    c = sheet()
    c.fill(np.full((c.height, c.width, 3), 0.4, np.float32))
    before, mask = c.rgba.copy(), c.ellipse(1, 1, 0.5)
    c.paint(mask, np.broadcast_to(mask[..., None], (c.height, c.width, 3)), 0.8)
    assert np.array_equal(c.rgba[mask == 0], before[mask == 0])
    assert (c.rgba[mask == 1] != before[mask == 1]).any(1).all()


def test_ink_lays_a_flat_colour_inside_a_dark_outline() -> None:
    c = sheet()
    c.ink(c.ellipse(0, 0, 1), "#ffcc00", "#000000", 2)
    assert c.rgba[262, 256].tolist() == pytest.approx([1, 0.8, 0, 1], abs=1e-3)
    assert c.rgba[262, 256 + 69, 3] > 0.8
    assert c.rgba[262, 256 + 69, :3].max() < 0.2
    assert not c.rgba[262, 256 + 90].any()


def test_a_glow_adds_light_and_covers_nothing() -> None:
    c = sheet()
    c.glow(c.ellipse(0, 0, 1), "#0000ff", 0.7)
    assert c.rgba[262, 256].tolist() == pytest.approx([0, 0, 0.7, 0], abs=1e-3)


def test_a_solid_thing_is_brighter_on_the_side_of_the_key_light() -> None:
    c = sheet()
    c.shade(c.ellipse(0, 0, 1.5), "#808080", "cloth", contact=NONE)
    left, right = c.rgba[200, 180, :3].mean(), c.rgba[320, 330, :3].mean()
    assert left > right + 0.1


def test_a_solid_thing_throws_its_shadow_down_and_right() -> None:
    c = sheet()
    c.shade(c.ellipse(0, 0, 1), "#ffffff", "cloth")
    below, above = c.rgba[262 + 74, 256, 3], c.rgba[262 - 74, 256, 3]
    assert below > above


def test_an_empty_mask_draws_nothing() -> None:
    c = sheet()
    c.shade(c.zeros(), "#ffffff", "gold")
    assert not c.rgba.any()


def test_a_sheet_stays_single_precision_whatever_is_drawn() -> None:
    c = sheet()
    c.paint(c.ellipse(0, 0, 1).astype(np.float64), "#ffffff")
    c.glow(np.sin(c.X.astype(np.float64)), "#ffffff")
    c.shade(c.ellipse(0, 0, 1), "#ffffff", "knit", bump=c.X.astype(np.float64))
    assert c.rgba.dtype == np.float32


def test_each_purpose_draws_from_its_own_stream() -> None:
    first, second = sheet(), sheet()
    first.chance("a").random(100)
    assert np.array_equal(first.fbm("b"), second.fbm("b"))
    assert not np.array_equal(first.fbm("a"), first.fbm("b"))
    assert not np.array_equal(sheet(1).fbm("a"), sheet(2).fbm("a"))
