# SPDX-License-Identifier: Apache-2.0
"""What the network sees of a person: one head, upright, whole numbers."""

import numpy as np
import pytest

from generation.faces import Faces
from generation.recipes import Likeness
from generation.recipes.batched import Misshapen
from generation.recipes.flux2 import reference
from tests.generation import samples

SHAPE = reference.shape_of({})


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return Faces().measure(np.array(samples.image_of(6, longer=1000)))


def test_the_reference_shows_the_head_upright_and_whole(likeness: Likeness) -> None:
    cut = reference.cut(likeness, SHAPE)
    assert cut.shape == SHAPE == (640, 512, 3)
    seen = Faces().measure(cut.astype(np.uint8))
    left, top, right, bottom = seen.box
    assert 0 < left < 256 < right < 512
    assert 0 < top < 270 < bottom < 640


def test_keeping_it_in_sixteen_bits_loses_nothing(likeness: Likeness) -> None:
    cut = reference.cut(likeness, SHAPE)
    assert np.array_equal(cut, cut.astype(np.float16).astype(np.float32))
    assert np.array_equal(np.asarray(reference.picture(cut, SHAPE)), cut.astype(np.uint8))


def test_what_cannot_be_a_reference_is_refused() -> None:
    for wrong in (np.zeros((640, 512), np.float32), np.full(SHAPE, np.inf, np.float32)):
        with pytest.raises(Misshapen, match="expected a reference picture"):
            reference.picture(wrong, SHAPE)


def test_its_name_changes_with_its_size() -> None:
    assert reference.identify(SHAPE) == reference.identify(reference.shape_of({}))
    small = reference.shape_of({"reference_width": 64, "reference_height": 80})
    assert reference.identify(small) != reference.identify(SHAPE)
