# SPDX-License-Identifier: Apache-2.0
"""The outline is plain on skin, fine on hair, and free of the room's light."""

import numpy as np
import pytest

from generation.recipes.photobooth import matte
from generation.recipes.photobooth.alignment import HEAD
from generation.recipes.photobooth.colour import grey, to_lab
from generation.recipes.photobooth.complexion import Complexion, learn
from generation.recipes.photobooth.geometry import Field, as_field, smooth
from tests.generation.recipes.photobooth.dummy import HAIR, ROOM, drawn, parts


@pytest.fixture(scope="module")
def scene() -> tuple[Field, Field, Complexion]:
    picture, person = drawn()
    return picture, person, learn(picture, person)


def test_the_matte_keeps_the_head_and_leaves_the_room(
    scene: tuple[Field, Field, Complexion],
) -> None:
    picture, person, look = scene
    crown, face, _, _ = parts()
    alpha = matte.refine(picture, person, look.hairlike)
    assert float(alpha[face > 0.99].min()) > 0.95
    assert float(alpha[(crown > 0.99) & (face == 0)].mean()) > 0.95
    assert float(alpha[(person == 0) & (HEAD.Y < 0)].mean()) < 0.01


def test_a_gap_in_the_hair_through_which_the_room_shows_is_open(
    scene: tuple[Field, Field, Complexion],
) -> None:
    picture, person, look = scene
    gap = HEAD.ellipse(1.65, -0.2, 0.09) > 0.99
    pierced = picture.copy()
    pierced[gap] = np.asarray(ROOM)
    alpha = matte.refine(pierced, person, look.hairlike)
    assert float(alpha[gap].mean()) < 0.25


def test_half_covered_pixels_take_the_hairs_colour_not_the_rooms(
    scene: tuple[Field, Field, Complexion],
) -> None:
    picture, person, look = scene
    soft = as_field(np.where((person > 0) & (person < 1), person, np.round(person)))
    wide = smooth(soft, 3)
    cleaned = to_lab(matte.clean(picture, wide, look))
    edge = (wide > 0.15) & (wide < 0.5) & (HEAD.Y < -0.6)
    hair = to_lab(as_field(np.asarray(HAIR)[None, None]))[0, 0]
    assert float(np.abs(cleaned[edge].mean(0) - hair).max()) < 6


def test_light_from_behind_leaves_no_bright_rim_on_dark_hair(
    scene: tuple[Field, Field, Complexion],
) -> None:
    picture, person, _ = scene
    reach = np.hypot(HEAD.X / 1.9, (HEAD.Y + 0.2) / 2.0)
    rim = (reach > 0.96) & (reach < 0.99) & (HEAD.Y < -0.5) & (HEAD.Y > -1.9)
    lit = picture.copy()
    lit[rim] = (0.9, 0.88, 0.8)
    cleaned = grey(matte.clean(lit, person, learn(lit, person)))
    inside = (reach < 0.9) & (HEAD.Y < -1.3)
    assert float(grey(lit)[rim].mean()) > 0.8
    assert float(cleaned[rim].mean()) < float(np.median(cleaned[inside])) + 0.25


def test_a_face_keeps_every_pixel_of_its_light(scene: tuple[Field, Field, Complexion]) -> None:
    picture, person, look = scene
    face = np.hypot(HEAD.X / 0.9, (HEAD.Y - 0.4) / 1.1) < 1
    assert np.array_equal(matte.clean(picture, person, look)[face], picture[face])
