# SPDX-License-Identifier: Apache-2.0
"""The machine runs clean on the product; each planted mistake is found by its own invariant."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from consent.tables import metadata
from tests.properties import world
from tests.properties.machine import FeedMachine
from tests.properties.world import World

USUAL = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
)
Begun = tuple[Path, World]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    share = world.declare_sharing()
    home = tmp_path_factory.mktemp("settled")
    yield home, world.settled(home, share)
    metadata.remove(share)


@pytest.fixture
def machine(begun: Begun, tmp_path: Path) -> type[FeedMachine]:
    class Machine(FeedMachine):
        pass

    Machine.template, Machine.begun = begun
    Machine.scratch = tmp_path
    return Machine


def test_nothing_that_people_do_in_any_order_breaks_a_promise(machine: type[FeedMachine]) -> None:
    run_state_machine_as_test(machine, settings=USUAL)
