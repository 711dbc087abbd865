# SPDX-License-Identifier: Apache-2.0
"""The world fails by seed; whatever it does, every promise holds, and each mistake is found."""

import pytest

from tests.properties.mutants import Mutant, Prepare
from tests.simulated.mutants import MUTANTS, SEEDS
from tests.simulated.simulation import Simulation
from tests.simulated.test_kills import Copies
from tests.simulated.weather import Options

QUICK = Options(hours=6.0, every=1_800.0)
LONG = Options(hours=30.0, clients=8, fail=0.01, crash=0.003)
REGRESSIONS = ((3, QUICK),)
"""A seed with some of everything; those that find something join it, with what happened then."""


@pytest.mark.parametrize(("seed", "options"), REGRESSIONS)
def test_whatever_fails_every_promise_holds_and_all_is_drained(
    copies: Copies, seed: int, options: Options
) -> None:
    simulation = Simulation(home=copies(), seed=seed, options=options)
    simulation.run()
    assert simulation.truth.looks > 20
    done = simulation.weather.done
    assert sum(done.values()) > 5
    assert done["another policy"]
    assert done["keys opened by a replica"]
    assert done["keys refused to a replica"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 130))
def test_nothing_is_found_by_seeds_that_nobody_has_tried(copies: Copies, seed: int) -> None:
    Simulation(home=copies(), seed=seed, options=LONG).run()


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "options"), MUTANTS, ids=lambda one: getattr(one, "name", ""))
def test_a_planted_mistake_is_found_by_its_promise(
    copies: Copies, monkeypatch: pytest.MonkeyPatch, mutant: Mutant, options: Options
) -> None:
    prepare = mutant.make(monkeypatch)
    with pytest.raises(AssertionError, match=f"^({mutant.found})"):
        run_until_found(copies, prepare, options)


def run_until_found(copies: Copies, prepare: Prepare | None, options: Options) -> None:
    for seed in SEEDS:
        home = copies()
        if prepare is not None:
            prepare(home)
        Simulation(home=home, seed=seed, options=options).run()


def test_there_are_mistakes_enough_of_those_that_only_the_world_shows() -> None:
    assert len({mutant.name for mutant, _ in MUTANTS}) == len(MUTANTS) >= 6
