# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest

from generation.faces import Faces, distance
from generation.recipes import Likeness, Recipe, Row
from generation.recipes.painted import STYLES, Painted
from generation.recipes.photobooth import Photobooth
from tests.generation import samples


@pytest.fixture(scope="session")
def painted() -> Painted:
    return Painted()


@pytest.fixture(scope="session")
def likeness() -> Likeness:
    return Faces().measure(samples.pixels_of(1))


def test_it_is_a_recipe_of_its_own_with_the_photobooths_ideas(painted: Painted) -> None:
    assert isinstance(painted, Recipe)
    assert painted.scenarios == Photobooth().scenarios
    assert painted.version != Photobooth().version


def test_the_same_row_gives_the_same_picture(painted: Painted, likeness: Likeness) -> None:
    row = Row(likenesses=(likeness,), scenario="jazz", seed=3)
    (first,), (again,) = painted.render([row]), painted.render([row])
    assert np.array_equal(first, again)
    assert first.shape == (640, 512, 3)


@pytest.mark.parametrize("seed", [0, 3])
def test_paint_covers_the_scene_and_leaves_the_person(
    painted: Painted, likeness: Likeness, seed: int
) -> None:
    row = Row(likenesses=(likeness,), scenario="jazz", seed=seed)
    (drawn,), (picture,) = Photobooth().render([row]), painted.render([row])
    changed = np.abs(drawn.astype(int) - picture.astype(int)).mean(axis=2)
    unit, height = Photobooth().eyes("jazz")
    cheeks = np.s_[int(height + 0.3 * unit) : int(height + 0.9 * unit), 226:286]
    assert changed[-120:].mean() > 2 * changed[cheeks].mean() > 0
    skin = [cv2.cvtColor(one, cv2.COLOR_RGB2LAB)[cheeks] for one in (drawn, picture)]
    shift = skin[0].astype(int).mean(axis=(0, 1)) - skin[1].astype(int).mean(axis=(0, 1))
    assert np.abs(shift).max() <= 2
    faces = Faces()
    (face,) = faces.find(picture)
    assert distance(faces.embed(picture, face), likeness.vector) < 0.45


def test_only_allowed_styles_are_used() -> None:
    assert len(set(STYLES)) == 8
    assert not set(STYLES) & {3, 4, 15, 17, 19, 25}
