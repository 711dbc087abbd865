# SPDX-License-Identifier: Apache-2.0
"""Guessing a smile."""

from collections.abc import Callable

import pytest

from generation.faces import Faces
from generation.recipes import Likeness
from tests.generation import samples


@pytest.mark.parametrize("person", [1, 2, 4, 7, 8, 9, 10])
def test_a_laugh_that_shows_teeth_is_a_smile(
    person: int, likeness: Callable[[int], Likeness]
) -> None:
    assert likeness(person).smile > 0.5


@pytest.mark.parametrize("person", [1, 2, 4, 8])
def test_a_straight_face_is_none(person: int, faces: Faces) -> None:
    assert faces.measure(samples.pixels_of(person, "studio_portrait")).smile < 0.1
