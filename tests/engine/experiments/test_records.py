# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent import bundle
from consent.errors import Broken, Misused
from engine.experimenting import look
from engine.experiments.records import (
    FILE,
    FOLDER,
    Joined,
    Records,
    RunFolders,
    from_bundle,
    from_folder,
    installed,
    of,
)
from engine.experiments.report import build
from engine.web.experiments import html
from feed.experiments import records
from feed.experiments.analysis import analyse
from tests.engine.experiments import runs
from tests.engine.trying import engine


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    folder = runs.kept(tmp_path)
    found = RunFolders(tmp_path)
    assert found.ids() == ["gap"]
    assert found.load("gap") == runs.guarded() == from_folder(folder)


def test_a_run_that_is_still_being_written_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / FOLDER / "new").mkdir(parents=True)
    assert RunFolders(tmp_path).ids() == []
    assert RunFolders(tmp_path / "nowhere").ids() == []


@pytest.mark.parametrize("name", ["none", "..", "../experiments/gap", "gap/../gap", ""])
def test_an_id_is_never_a_path(tmp_path: Path, name: str) -> None:
    runs.kept(tmp_path)
    for ask in (RunFolders(tmp_path).load, RunFolders(tmp_path).version):
        with pytest.raises(Misused, match="no run"):
            ask(name)


def test_a_spoilt_record_is_said_to_be_one(tmp_path: Path) -> None:
    folder = runs.kept(tmp_path)
    (folder / FILE).write_text('{"schema": "something else"}')
    with pytest.raises(Broken, match="is no record"):
        RunFolders(tmp_path).load("gap")


def test_more_of_a_run_is_another_version(tmp_path: Path) -> None:
    folder = runs.kept(tmp_path)
    found = RunFolders(tmp_path)
    before = found.version("gap")
    assert before == found.version("gap")
    (folder / FILE).write_bytes(records.write(runs.record()))
    assert found.version("gap") != before


def test_places_are_joined_and_the_first_that_knows_answers(tmp_path: Path) -> None:
    runs.kept(tmp_path / "a")
    runs.kept(tmp_path / "b", record=runs.record())
    runs.kept(tmp_path / "b", name="other")
    places: list[Records] = [RunFolders(tmp_path / "a"), RunFolders(tmp_path / "b")]
    joined = Joined(*places)
    assert joined.ids() == ["gap", "other"]
    assert joined.load("gap") == runs.guarded()
    assert joined.version("other").startswith("1 ")
    with pytest.raises(Misused):
        joined.load("none")


def test_one_of_several_is_found_by_its_id() -> None:
    assert of({"gap": runs.record()}, "gap") == runs.record()
    with pytest.raises(Misused, match="no run"):
        of({}, "gap")


def test_what_runs_on_the_feed_is_told_alike_by_database_and_bundle(tmp_path: Path) -> None:
    tried = engine(tmp_path / "home", 4)
    found = installed(tried.rooms)
    assert found.ids() == []
    bundle.export(tried.rooms.consent, tmp_path / "before")
    assert from_bundle(tmp_path / "before") == {}
    tried.trial.start()
    tried.trial.meet()
    runs.kept(tried.rooms.settings.home)
    assert found.ids() == ["deeper", "gap"]
    before = found.version("deeper")
    tried.trial.home.later(days=1)
    look(tried.rooms)
    assert found.version("deeper") != before
    bundle.export(tried.rooms.consent, tmp_path / "bundle")
    live, taken = found.load("deeper"), of(from_bundle(tmp_path / "bundle"), "deeper")
    assert len(live.days) == 1
    assert html(build(live, analyse(live))) == html(build(taken, analyse(taken)))
    tried.rooms.consent.ledger.engine.dispose()
