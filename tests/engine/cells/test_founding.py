# SPDX-License-Identifier: Apache-2.0
import shutil
from pathlib import Path

import pytest

from consent.errors import Broken, Closed, Misused
from engine import settings, wiring
from engine.cells import founding, layout
from engine.cells.directory import State
from tests.engine.cells import spread

pytestmark = pytest.mark.xdist_group("cells")
"""One process makes the installation that all of these copy."""


def test_neighbours_begin_together_and_cells_are_even(tmp_path: Path) -> None:
    plan = layout.write(settings.read(tmp_path, recipe="filter"), 8, ["a", "b", "c"])
    assert [founding.first_cell(plan, n) for n in range(8)] == list("aaabbbcc")


def test_what_was_broken_off_is_finished_and_a_restored_log_taken_into_its_term(
    tmp_path: Path,
) -> None:
    town = spread.copied(tmp_path)
    plan = town.cells.layout
    before = [town.standing(n, town.place(n).cell) for n in range(spread.SHARDS)]
    with town.cells.directory.engine.begin() as connection:  # killed before its row was entered
        connection.exec_driver_sql("DELETE FROM shard WHERE number = 0")
    founding.found(plan, town.clock).engine.dispose()
    assert [place.number for place in town.cells.directory.places()] == [0, 1, 2, 3]
    assert all(place.state is State.OPEN for place in town.cells.directory.places())
    assert [town.standing(n, town.place(n).cell) for n in range(spread.SHARDS)] == before
    with town.cells.directory.engine.begin() as connection:  # as after a restore of the log alone
        connection.exec_driver_sql("UPDATE shard SET term = 4 WHERE number = 1")
    with pytest.raises(Closed):
        town.words(town.cells.rooms(1)).person("Gus")
    founding.found(plan, town.clock).engine.dispose()
    restored = town.standing(1, town.place(1).cell)
    assert restored is not None
    assert (restored.term, restored.open) == (4, True)
    with town.cells.directory.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE shard SET term = 3 WHERE number = 1")
    with pytest.raises(Broken, match="later term than 3"):
        founding.found(plan, town.clock)
    town.close()


@pytest.mark.parametrize("shards", [2, 8])
def test_how_many_shards_there_are_is_for_good(tmp_path: Path, shards: int) -> None:
    town = spread.copied(tmp_path)
    town.close()
    file = town.home / "cells.toml"
    file.write_text(file.read_text().replace("shards = 4", f"shards = {shards}"))
    with pytest.raises(Misused, match="over 4 shards, for good"):
        founding.found(layout.read(settings.read(town.home)))


def test_a_home_that_is_spread_has_no_log_of_its_own(tmp_path: Path) -> None:
    town = spread.copied(tmp_path)
    town.close()
    for wrong in (wiring.open_home, lambda home: wiring.install(settings.read(home))):
        with pytest.raises(Misused, match="spread over shards"):
            wrong(town.home)
    shutil.rmtree(town.home)


def test_a_front_or_a_shard_that_lost_its_keys_is_given_no_others(tmp_path: Path) -> None:
    town = spread.copied(tmp_path)
    town.close()
    plan = town.cells.layout
    lost = plan.front.keys_folder, plan.settings(0, "a").keys_folder
    for number, folder in enumerate(lost):
        folder.rename(tmp_path / f"apart-{number}")
        founding.found(plan, town.clock).engine.dispose()
        with pytest.raises(Broken, match="keys of this log are not here"):
            spread.reopened(town.home).cells.rooms(0)
        assert not folder.exists()
        (tmp_path / f"apart-{number}").rename(folder)
    again = spread.reopened(town.home)
    assert again.cells.rooms(0).consent.ledger.head()[0]
    again.close()


def test_a_front_that_lost_its_directory_too_is_given_no_other_keys(tmp_path: Path) -> None:
    """Under others its people's names would lead to other shards."""
    town = spread.copied(tmp_path)
    with town.cells.directory.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM shard")
    town.close()
    folder = town.cells.layout.front.keys_folder
    folder.rename(tmp_path / "apart")
    founding.found(town.cells.layout, town.clock).engine.dispose()
    assert not folder.exists()
    with pytest.raises(Broken, match="keys of this log are not here"):
        spread.reopened(town.home)
