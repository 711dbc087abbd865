# SPDX-License-Identifier: Apache-2.0
"""The layers sway by a few pixels, slowly at both ends, and the person stays the person."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from generation.faces import Faces, distance
from generation.recipes import Likeness, Moves, Row
from generation.recipes.filter import Filter
from generation.recipes.photobooth import Photobooth, Unsuitable, parallax
from generation.recipes.photobooth.plates import PlateRack


def test_the_way_is_even_rests_in_the_middle_and_is_slow_at_both_ends() -> None:
    way = list(parallax.sways())
    assert len(way) == parallax.FRAMES
    assert way[parallax.FRAMES // 2].behind == pytest.approx((0, 0), abs=1e-9)
    across = np.array([sway.behind[0] for sway in way])
    assert across == pytest.approx(-across[::-1])
    steps = np.abs(np.diff(across))
    assert steps[0] == steps.min()
    assert steps.max() < 3


def test_what_lies_behind_moves_the_most_and_the_head_hardly() -> None:
    end = list(parallax.sways())[-1]
    assert end.behind[0] < 0 < end.head[0] < end.front[0] < -end.behind[0]
    assert end.head[0] < 1


@pytest.mark.parametrize("scenario", ["astronaut", "oldmaster"])
def test_every_layer_moves_the_face_stays_its_owners_and_the_same_row_the_same(
    rack: PlateRack, faces: Faces, likeness: Callable[[int], Likeness], scenario: str
) -> None:
    booth = Photobooth()
    booth._rack = rack
    assert isinstance(booth, Moves)
    person = likeness(2)
    row = Row(likenesses=(person,), scenario=scenario, seed=3, moves=True)
    (frames,) = booth.frames([row])
    assert frames.shape == (parallax.FRAMES, 640, 512, 3)
    assert frames.dtype == np.uint8
    ends = np.abs(frames[0].astype(int) - frames[-1]).mean(axis=2)
    assert ends[:200].mean() > 1  # what lies behind
    assert ends[520:].mean() > 0.5  # the costume
    steps = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames)]
    assert max(steps) < 12
    for at in (0, parallax.FRAMES - 1):
        assert distance(faces.measure(frames[at]).vector, person.vector) < 0.45
    alone = booth.render([row])[0]
    rest = np.abs(frames[parallax.FRAMES // 2].astype(int) - alone)
    assert rest[200:400, 200:312].mean() < 1.5  # at rest the face is the still's


def test_who_does_not_suit_the_scenario_does_not_move_either() -> None:
    with pytest.raises(Unsuitable):
        Photobooth().frames([Row(likenesses=(), scenario="astronaut", seed=1, moves=True)])


def test_not_every_recipe_moves() -> None:
    assert not isinstance(Filter(), Moves)
