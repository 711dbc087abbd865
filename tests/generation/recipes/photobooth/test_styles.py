# SPDX-License-Identifier: Apache-2.0
"""What a style may do to a picture."""

import numpy as np

from generation.recipes.photobooth.finish import Composite
from generation.recipes.photobooth.geometry import Field, Frame, as_field
from generation.recipes.photobooth.styles import brushed, inked


def halves() -> Field:
    """Return a dark half and a bright half, with a grain."""
    grain = np.random.default_rng(3).normal(0, 0.02, (640, 512, 3)).astype(np.float32)
    sides = np.where(np.arange(512) < 256, 0.2, 0.8).astype(np.float32)[None, :, None]
    return as_field(np.clip(sides + grain, 0, 1))


def test_brush_marks_calm_a_plane_and_keep_an_edge() -> None:
    picture = halves()
    painted = brushed(picture, 4)
    assert painted[:, 20:200].std() < 0.5 * picture[:, 20:200].std()
    assert painted[:, 254].mean() < 0.25
    assert painted[:, 257].mean() > 0.75


def test_brush_marks_invent_no_colour() -> None:
    flat = np.full((640, 512, 3), 0.7, np.float32)
    flat[200:300, 100:104] = 0.1
    painted = brushed(flat, 4)
    assert 0.1 - 1e-3 <= painted.min() <= painted.max() <= 0.7 + 1e-3


def test_an_inked_head_gets_a_dark_contour_and_the_paper_stays_clean() -> None:
    frame = Frame(e=66, ex=256, ey=262)
    head, empty = frame.ellipse(0, 0.2, 1.4, 1.8), frame.zeros()
    picture = np.full((640, 512, 3), 0.85, np.float32)
    drawn = inked(
        Composite(
            frame=frame, picture=picture, head=head, body=empty, face=empty, seed=1, chin=1.6
        )
    )
    edge = int(256 - 1.4 * 66)
    assert drawn[275, edge - 3 : edge + 4].min() < 0.35
    assert drawn[40:80].min() > 0.8
