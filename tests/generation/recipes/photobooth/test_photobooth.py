# SPDX-License-Identifier: Apache-2.0
"""The recipe as the studio meets it: same row, same bytes; the person stays the person."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from generation.faces import Faces, distance
from generation.recipes import Likeness, Recipe, Row
from generation.recipes.photobooth import Photobooth, Unsuitable, Why
from generation.recipes.photobooth.plates import PlateRack
from generation.recipes.photobooth.scenario import Covers
from generation.recipes.photobooth.scenarios import collect
from tests.generation.recipes.photobooth.conftest import each_scenario

Measured = Callable[[int], Likeness]


@pytest.fixture(scope="module")
def booth(rack: PlateRack) -> Photobooth:
    made = Photobooth()
    made._rack = rack
    return made


def row(likeness: Likeness, scenario: str, seed: int = 0) -> Row:
    return Row(likenesses=(likeness,), scenario=scenario, seed=seed)


def test_it_is_a_recipe(booth: Photobooth) -> None:
    assert isinstance(booth, Recipe)
    assert len(booth.version) == 64
    assert booth.version == Photobooth().version


@pytest.mark.parametrize("name", each_scenario())
def test_the_face_is_found_and_is_the_owners(
    booth: Photobooth, faces: Faces, likeness: Measured, name: str
) -> None:
    person = likeness(2)
    picture = booth.render([row(person, name)])[0]
    assert picture.shape == (640, 512, 3)
    assert picture.dtype == np.uint8
    found = faces.measure(picture)
    assert distance(found.vector, person.vector) < 0.45


def test_rows_come_back_in_order_and_do_not_touch_each_other(
    booth: Photobooth, likeness: Measured
) -> None:
    one, other = row(likeness(1), "knight", 3), row(likeness(8), "jazz", 4)
    together = booth.render([one, other])
    assert np.array_equal(together[0], booth.render([one])[0])
    assert np.array_equal(together[1], booth.render([other])[0])


def test_a_fresh_booth_draws_the_same_bytes(booth: Photobooth, likeness: Measured) -> None:
    asked = row(likeness(7), "astronaut", 12)
    assert np.array_equal(booth.render([asked])[0], Photobooth().render([asked])[0])


def test_a_scenario_it_does_not_know_is_refused(booth: Photobooth, likeness: Measured) -> None:
    with pytest.raises(Unsuitable) as refused:
        booth.render([row(likeness(1), "nowhere")])
    assert refused.value.why is Why.UNKNOWN_SCENARIO


def test_a_row_without_selfies_is_refused(booth: Photobooth) -> None:
    with pytest.raises(Unsuitable) as refused:
        booth.render([Row(likenesses=(), scenario="jazz", seed=0)])
    assert refused.value.why is Why.NO_SELFIE


def test_cut_hair_is_refused_bare_headed_and_forgiven_under_a_helmet(
    booth: Photobooth, likeness: Measured
) -> None:
    cropped = without_top(likeness(7))
    with pytest.raises(Unsuitable) as refused:
        booth.render([row(cropped, "jazz")])
    assert refused.value.why is Why.CUT_HAIR
    assert booth.render([row(cropped, "knight")])
    assert booth.suited([cropped]) == {
        name for name, scenario in collect().items() if scenario.covers is not Covers.NOTHING
    }


def test_a_second_selfie_steps_in_for_one_with_cut_hair(
    booth: Photobooth, likeness: Measured
) -> None:
    whole = likeness(7)
    both = Row(likenesses=(without_top(whole), whole), scenario="jazz", seed=1)
    assert np.array_equal(booth.render([both])[0], booth.render([row(whole, "jazz", 1)])[0])


def test_the_mood_of_the_scenario_chooses_the_selfie(
    booth: Photobooth, likeness: Measured
) -> None:
    smiling, earnest = replace(likeness(1), smile=0.95), replace(likeness(9), smile=0.05)
    for name, chosen in (("jazz", smiling), ("knight", earnest)):
        offered = Row(likenesses=(earnest, smiling), scenario=name, seed=2)
        assert np.array_equal(booth.render([offered])[0], booth.render([row(chosen, name, 2)])[0])


def without_top(whole: Likeness) -> Likeness:
    """Crop a selfie through the hair, where a hat covers the cut."""
    left, top, right, bottom = whole.box
    rows = max(0, top - (bottom - top) // 6)
    return replace(
        whole,
        pixels=np.ascontiguousarray(whole.pixels[rows:]),
        landmarks=whole.landmarks - np.asarray([0, rows], np.float32),
        box=(left, top - rows, right, bottom - rows),
    )
