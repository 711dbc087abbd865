# SPDX-License-Identifier: Apache-2.0
"""Plates hold no person, repeat exactly, and never fill the memory."""

import numpy as np
import pytest

from generation.recipes.photobooth import plates
from generation.recipes.photobooth.plates import VARIANTS, PlateRack, draw
from generation.recipes.photobooth.scenarios import collect
from tests.generation.recipes.photobooth.conftest import each_scenario

SCENARIOS = collect()


@pytest.mark.parametrize("name", each_scenario())
def test_a_plate_repeats_exactly_and_changes_with_the_seed(rack: PlateRack, name: str) -> None:
    one, again = rack.get(SCENARIOS[name], 0, 1.6), draw(SCENARIOS[name], 0, 1.6)
    assert np.array_equal(one.behind, again.behind)
    assert np.array_equal(one.front, again.front)
    other = plates._canvas(SCENARIOS[name], 1, 1.6)
    SCENARIOS[name].behind(other)
    assert not np.array_equal(one.behind, other.rgba[..., :3].astype(np.float16))


@pytest.mark.parametrize("name", each_scenario())
def test_plates_fit_every_chin_and_are_finite(rack: PlateRack, name: str) -> None:
    for drawn in (rack.get(SCENARIOS[name], 0, 1.6), draw(SCENARIOS[name], 0, 2.15)):
        assert np.isfinite(drawn.behind).all()
        assert np.isfinite(drawn.front).all()
        assert float(drawn.opening.max()) > 0.95
        assert drawn.behind.shape == (640, 512, 3)


def test_the_second_half_of_the_variants_is_the_first_in_the_mirror() -> None:
    scenario = SCENARIOS["jazz"]
    plain, mirror = draw(scenario, 1, 1.6), draw(scenario, 1 + VARIANTS // 2, 1.6)
    assert np.array_equal(plain.behind[:, ::-1], mirror.behind)


def test_the_rack_hands_out_the_same_plates_and_forgets_the_oldest() -> None:
    rack, jazz = PlateRack(keep=2), SCENARIOS["jazz"]
    first = rack.get(jazz, 0, 1.6)
    assert rack.get(jazz, 0, 1.6) is first
    rack.get(jazz, 1, 1.6)
    rack.get(jazz, 2, 1.6)
    assert rack.get(jazz, 0, 1.6) is not first
