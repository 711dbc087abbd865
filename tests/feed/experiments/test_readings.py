# SPDX-License-Identifier: Apache-2.0
import pytest

from feed.experiments.readings import Look


@pytest.mark.parametrize(
    ("deviations", "decided"), [(3.1, True), (-3.1, True), (3.0, False), (0.0, False)]
)
def test_a_look_decides_beyond_its_bound_on_either_side(
    deviations: float, *, decided: bool
) -> None:
    assert Look(day=10, deviations=deviations, bound=3.0).decided is decided
