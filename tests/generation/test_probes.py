# SPDX-License-Identifier: Apache-2.0
"""Probes are synthetic people, each a different one, the same ones every time."""

from importlib.util import find_spec

import numpy as np
import pytest

from generation import probes as module
from generation.faces import Faces, ModelMissing, distance
from generation.probes import probes


def test_probes_are_different_people_with_a_face_each(faces: Faces) -> None:
    found = probes(faces, 3)
    assert len({one.pixels.tobytes() for one in found}) == 3
    for one in found:
        assert max(one.pixels.shape) <= 1400
        assert one.vector.shape == (128,)
        assert [distance(one.vector, other.vector) for other in found].count(0.0) == 1
    assert np.array_equal(probes(faces, 1)[0].vector, found[0].vector)


@pytest.mark.parametrize("count", [0, 11])
def test_more_probes_than_there_are_people_is_said(faces: Faces, count: int) -> None:
    with pytest.raises(ValueError, match=f"expected 1 to 10 probes, got {count}"):
        probes(faces, count)


def test_without_the_people_nothing_can_be_tried(
    faces: Faces, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_spec("openpeople") is not None
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(ModelMissing, match="openpeople"):
        probes(faces, 1)
