# SPDX-License-Identifier: Apache-2.0
"""Plates drawn once a process, for whoever looks at the same scenario."""

import pytest
from _pytest.mark.structures import ParameterSet

from generation.recipes.photobooth.plates import PlateRack
from generation.recipes.photobooth.scenarios import collect
from tests.sweeps import swept


def each_scenario() -> list[ParameterSet]:
    """Name every scenario; all that looks at one stays in one process."""
    return swept(sorted(collect()), _named, one_in=8)


def _named(name: str) -> ParameterSet:
    return pytest.param(name, id=name, marks=pytest.mark.xdist_group(f"scenario-{name}"))


@pytest.fixture(scope="package")
def rack() -> PlateRack:
    """Keep the plates of every scenario at variant 0."""
    return PlateRack(keep=len(collect()))
