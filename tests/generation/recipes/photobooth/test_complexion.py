# SPDX-License-Identifier: Apache-2.0
"""A head teaches its own two colours."""

import numpy as np

from generation.recipes.photobooth.alignment import HEAD
from generation.recipes.photobooth.complexion import learn
from generation.recipes.photobooth.geometry import Field, as_field
from tests.generation.recipes.photobooth.dummy import HAIR, SHIRT, SKIN, drawn


def test_hair_is_found_again_and_neither_skin_nor_shirt_is_taken_for_it() -> None:
    picture, person = drawn()
    look = learn(picture, person)
    assert value(look.hairlike, 0, -1.6) > 0.95
    assert value(look.hairlike, 0, 0.8) < 0.05
    assert value(look.hairlike, 0, 3.6) < 0.05


def test_skin_is_found_on_the_neck_and_not_on_the_shirt() -> None:
    picture, person = drawn()
    look = learn(picture, person)
    assert value(look.skinlike, 0, 1.9) > 0.95
    assert value(look.skinlike, 1.5, 3.4) < 0.05


def test_fair_lengths_under_a_dark_crown_are_hair_too() -> None:
    fair = (0.62, 0.47, 0.30)
    picture, person = drawn(lengths=fair)
    assert value(learn(picture, person).hairlike, 1.6, 0.2) > 0.95


def test_a_bald_head_has_no_hair() -> None:
    picture, person = drawn(hair=SKIN, lengths=SKIN)
    assert not learn(picture, person).hairlike.any()


def test_without_a_person_it_still_answers() -> None:
    picture = as_field(np.zeros((HEAD.height, HEAD.width, 3)) + np.asarray(SHIRT))
    look = learn(picture, HEAD.zeros())
    assert np.isfinite(look.skin).all()
    assert HAIR != SKIN


def value(field: Field, x: float, y: float) -> float:
    """Read a field at a place in head units."""
    column, row = HEAD.pixels([(x, y)])[0]
    return float(field[int(row), int(column)])
