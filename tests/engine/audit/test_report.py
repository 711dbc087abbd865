# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent import bundle, policies
from consent.replay import loading
from engine.audit.report import Report, build
from tests.engine.homes import Home


@pytest.fixture
def made(home: Home, tmp_path: Path) -> Report:
    bundle.export(home.rooms.consent, tmp_path / "bundle")
    loaded = loading.load(tmp_path / "bundle")
    assert loaded.recorded is not None
    every = [policies.load(name) for name in policies.names()]
    return build(tmp_path / "bundle", loaded.report, loaded.recorded, every)


def test_what_decided_comes_first_and_all_are_numbered(made: Report) -> None:
    assert made.rows[0].policy.id == made.recorded == "strict-opt-in"
    assert [row.number for row in made.rows] == list(range(1, 10))
    assert {row.policy.id for row in made.rows} == set(policies.names())


def test_the_matrix_adds_up_to_every_replay(made: Report) -> None:
    for place, row in enumerate(made.rows):
        cells = [line.cells[place] for line in made.matrix]
        assert sum(cell.denied for cell in cells) == row.pointwise["table"]["allow_deny"]
        assert sum(cell.allowed for cell in cells) == row.pointwise["table"]["deny_allow"]
    assert sum(line.decisions for line in made.matrix) == made.first["decisions"]


def test_the_darkest_cell_is_one_where_all_turn(made: Report) -> None:
    for line in made.matrix:
        for cell in line.cells:
            turned = cell.denied + cell.allowed
            assert (cell.strength == 4) >= (turned == line.decisions)
            assert (cell.strength == 0) == (turned == 0)


def test_people_are_tags_and_nothing_was_done_after_a_no(made: Report) -> None:
    assert {len(one.tag) for one in made.people} == {22}
    assert made.ended.after == 0
    assert made.reached.inserted == 2
    assert made.rows[0].reach == made.reached


def test_a_report_under_no_policy_is_the_callers_fault(home: Home, tmp_path: Path) -> None:
    bundle.export(home.rooms.consent, tmp_path / "bundle")
    loaded = loading.load(tmp_path / "bundle")
    assert loaded.recorded is not None
    with pytest.raises(ValueError, match="at least one policy"):
        build(tmp_path / "bundle", loaded.report, loaded.recorded, [])
