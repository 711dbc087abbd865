# SPDX-License-Identifier: Apache-2.0
"""Plates hold no person, repeat exactly, and never fill the memory."""

import numpy as np
import pytest

from generation.recipes.photobooth.plates import VARIANTS, PlateRack, draw
from generation.recipes.photobooth.scenarios import collect

SCENARIOS = collect()


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_plate_repeats_exactly_and_changes_with_the_seed(name: str) -> None:
    one, again, other = (draw(SCENARIOS[name], variant, 1.6) for variant in (2, 2, 3))
    assert np.array_equal(one.behind, again.behind)
    assert np.array_equal(one.front, again.front)
    assert not np.array_equal(one.behind, other.behind)


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_plates_fit_every_chin_and_are_finite(name: str) -> None:
    for chin in (1.6, 2.15):
        plates = draw(SCENARIOS[name], 0, chin)
        assert np.isfinite(plates.behind).all()
        assert np.isfinite(plates.front).all()
        assert float(plates.opening.max()) > 0.95
        assert plates.behind.shape == (640, 512, 3)


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
