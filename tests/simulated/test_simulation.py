# SPDX-License-Identifier: Apache-2.0
import pytest

from tests.simulated.simulation import Simulation
from tests.simulated.test_kills import Copies

SEEDS = (1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_every_promise_holds_and_all_is_drained(copies: Copies, seed: int) -> None:
    simulation = Simulation(home=copies(), seed=seed)
    simulation.run()
    print(  # noqa: T201
        simulation.done, simulation.scheduler.switches, simulation.truth.looks
    )
    assert simulation.truth.looks > 30
