# SPDX-License-Identifier: Apache-2.0
"""The machine runs clean on the product; each planted mistake is found by its own invariant."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.postgres import Cluster
from tests.properties import beginnings
from tests.properties.machine import FeedMachine
from tests.properties.mutants import MUTANTS, Mutant
from tests.properties.walks import Walk, invariants
from tests.properties.world import World
from tests.sweeps import swept

USUAL = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
)
SEEDS, STEPS = (1, 2, 3, 4), 120
"""Walks of the suite; `-m slow` walks further."""
WALKS, PARTS, SHORT = 5_000, 40, 50
WALKS_ON_POSTGRESQL, PARTS_ON_POSTGRESQL = 300, 10
"""Walks of `make machine`, which every merge is to pass."""
Begun = tuple[Path, World]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    home = tmp_path_factory.mktemp("settled")
    return home, beginnings.settled(home)


@pytest.fixture
def machine(begun: Begun, tmp_path: Path) -> type[FeedMachine]:
    class Machine(FeedMachine):
        pass

    Machine.template, Machine.begun = begun
    Machine.scratch = tmp_path
    return Machine


@pytest.fixture
def machine_on_postgresql(cluster: Cluster, tmp_path: Path) -> Iterator[type[FeedMachine]]:
    home, url = tmp_path / "settled", cluster.fresh()
    home.mkdir()

    @contextmanager
    def copied(_home: Path) -> Iterator[str]:
        yield (own := cluster.twin(url))
        cluster.drop(own)

    class Machine(FeedMachine):
        pass

    Machine.template, Machine.begun = home, beginnings.settled_on(url, home)
    Machine.scratch, Machine.place = tmp_path, copied
    yield Machine
    cluster.drop(url)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_long_walk_breaks_no_promise(machine: type[FeedMachine], seed: int) -> None:
    Walk(machine, seed).go(STEPS)


@pytest.mark.merge
@pytest.mark.parametrize("part", range(PARTS))
def test_five_thousand_walks_break_no_promise(machine: type[FeedMachine], part: int) -> None:
    for seed in range(part, WALKS, PARTS):
        Walk(machine, 1_000 + seed).go(SHORT)


@pytest.mark.merge
@pytest.mark.postgres
@pytest.mark.parametrize("part", range(PARTS_ON_POSTGRESQL))
def test_three_hundred_walks_on_postgresql_break_no_promise(
    machine_on_postgresql: type[FeedMachine], part: int
) -> None:
    for seed in range(part, WALKS_ON_POSTGRESQL, PARTS_ON_POSTGRESQL):
        Walk(machine_on_postgresql, 10_000 + seed).go(SHORT)


@pytest.mark.postgres
def test_a_walk_on_postgresql_breaks_no_promise(machine_on_postgresql: type[FeedMachine]) -> None:
    Walk(machine_on_postgresql, 5).go(SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_very_long_walks_break_no_promise(machine: type[FeedMachine], seed: int) -> None:
    Walk(machine, seed).go(1_000)


@pytest.mark.slow
def test_many_short_histories_break_no_promise(machine: type[FeedMachine]) -> None:
    run_state_machine_as_test(machine, settings=settings(USUAL, max_examples=400))


def test_nothing_that_people_do_in_any_order_breaks_a_promise(machine: type[FeedMachine]) -> None:
    run_state_machine_as_test(machine, settings=USUAL)


def _named(mutant: Mutant) -> ParameterSet:
    return pytest.param(mutant, id=mutant.name)


@pytest.mark.parametrize("mutant", swept(MUTANTS, _named, one_in=5))
def test_a_planted_mistake_is_found_by_its_invariant(
    machine: type[FeedMachine], monkeypatch: pytest.MonkeyPatch, mutant: Mutant
) -> None:
    machine.prepare = mutant.make(monkeypatch)
    with pytest.raises(AssertionError, match=f"^({mutant.found})"):
        walk_until_found(machine, mutant.often)


def walk_until_found(machine: type[FeedMachine], often: str) -> None:
    for seed in SEEDS:
        Walk(machine, seed, often).go(STEPS)


def test_every_gate_has_an_invariant_of_its_own_and_there_are_mutants_enough() -> None:
    named = [name for name in invariants() if name.startswith("i1")]
    assert [name[2] for name in named if name[2].isalpha()] == [*"abcdefghij"]
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 12
