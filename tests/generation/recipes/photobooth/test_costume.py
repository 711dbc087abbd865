# SPDX-License-Identifier: Apache-2.0
"""Parts that many costumes share."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.light import Light


def sheet(seed: int = 1) -> Canvas:
    return Canvas(e=68, ex=256, ey=262, chin=1.6, seed=seed, light=Light())


def test_a_leaf_lies_where_it_points_and_nowhere_else() -> None:
    c = sheet()
    costume.leaf(c, 0, 0, angle=0, length=1.5, width=0.6, colour="#3f7a55")
    cover = c.rgba[..., 3]
    assert cover[262, 256 + 50] > 0.99
    assert not cover[262, :220].any()
    assert not cover[:200].any()


def test_fur_grows_along_its_path_and_two_seeds_grow_differently() -> None:
    one, other = sheet(1), sheet(2)
    for c in (one, other):
        costume.fur(c, [(-2, 0), (2, 0)], 0.2, "#cfae84", purpose="fur", hairs=800, clump=0.9)
    assert one.rgba[262, 160:350, 3].mean() > 0.5
    assert not one.rgba[:180].any()
    assert not np.array_equal(one.rgba, other.rgba)


def test_locks_bend_the_hairs() -> None:
    straight, bent = sheet(), sheet()
    for c, clump in ((straight, 1e-6), (bent, 1.5)):
        costume.fur(c, [(-2, 0), (2, 0)], 0.2, "#cfae84", purpose="fur", hairs=800, clump=clump)
    assert not np.array_equal(straight.rgba, bent.rgba)


def test_curls_are_round_hills_of_one_size() -> None:
    hills = costume.curls(sheet(), "wool", 0.1)
    assert hills.shape == (640, 512)
    assert hills.mean() > 0.5 * hills.max()
    assert 0 <= hills.min() < hills.max() <= 0.1 * 68 * 1.5 + 1
