# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from consent.errors import Misused
from engine import settings
from engine.cells import layout
from engine.settings import Settings
from engine.shards import LAYOUT, Shard, is_spread


@pytest.fixture
def front(tmp_path: Path) -> Settings:
    return settings.read(tmp_path / "front", recipe="filter", weights="models")


def said(front: Settings, text: str) -> Settings:
    front.home.mkdir()
    (front.home / "cells.toml").write_text(text)
    return front


def test_a_shard_runs_by_settings_of_its_own_and_keeps_its_keys_where_it_goes(
    front: Settings,
) -> None:
    assert not is_spread(front.home)
    plan = layout.write(front, 12, ["a", "b"])
    assert is_spread(front.home)
    assert (front.home / "cells.toml").stat().st_mode & 0o777 == 0o600
    here, there = plan.settings(3, "a", 1), plan.settings(3, "b", 2)
    assert here.origin == there.origin == "localhost/onlyou/shard-03"
    assert here.home == there.home == front.home / "shards" / "03"
    assert here.seed == there.seed != plan.settings(4, "a").seed
    assert here.database == f"sqlite:///{front.home}/cells/a/shard-03.sqlite3"
    assert there.blob_store == f"{front.home}/cells/b/shard-03-blobs"
    assert Shard.read(there.shard) == Shard(number=3, of=12, term=2)
    assert here.weights_folder == front.home / "models"
    assert here.recipe == "filter"


def test_a_cell_names_databases_and_stores_by_shard_and_secrets_by_variable(
    front: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELL_B_SECRET", "hush")
    url = "postgresql+psycopg://app:$CELL_B_SECRET@db-b.test:6432/onlyou_{shard}"
    text = f'shards = 200\n[cells.b]\ndatabase_url = "{url}"\nblobs = "s3://bucket/{{shard}}"\n'
    plan = layout.read(said(front, text + 'blobs_endpoint = "https://s3.b.test"\n'))
    chosen = plan.settings(7, "b")
    assert chosen.database == "postgresql+psycopg://app:hush@db-b.test:6432/onlyou_007"
    assert chosen.blob_store == "s3://bucket/007"
    assert layout.outward(plan).egress == "db-b.test:6432,s3.b.test:443"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("shards = 4\n", "at least one"),
        ("shards = 0\n[cells.a]\n", "from 1 to 4096"),
        ('shards = "4"\n[cells.a]\n', "from 1 to 4096"),
        ("shards = 4\nmore = 1\n[cells.a]\n", "at least one"),
        ("shards = 4\n[cells.a]\npolicy = 'x'\n", "only database_url"),
        ("shards = 4\n[cells.'a b']\n", "plain name"),
        ("shards = \n", "cannot be read"),
        ("shards = 2\n[cells.a]\nblobs = 's3://b/x'\n", "blobs of .*lacks {shard}"),
        ("shards = 2\n[cells.a]\ndatabase_url = 'sqlite:///x'\n", "database_url of .*lacks"),
        (
            "shards = 2\n[cells.a]\nblobs = 's3://b/{shard}'\n"
            "[cells.c]\ndatabase_url = 'sqlite:///{shard}'\nblobs = 's3://b/{shard}/'\n",
            "blobs of .cells.c. leads where that of a does",
        ),
        (
            "shards = 2\n[cells.a]\ndatabase_url = 'postgresql+psycopg://u:p@DB.test/o{shard}'\n"
            "[cells.c]\ndatabase_url = 'postgresql://v@db.test:5432/o{shard}?application_name=x'\n",
            "database_url of .cells.c. leads where that of a does",
        ),
        (
            "shards = 2\n[cells.a]\ndatabase_url = 'sqlite:////srv/x/{shard}'\n"
            "[cells.c]\ndatabase_url = 'sqlite:////srv/y/../x/{shard}'\n",
            "database_url of .cells.c. leads where that of a does",
        ),
        (
            "shards = 2\n[cells.a]\nblobs = 's3://b/{shard}'\n"
            "[cells.c]\nblobs = 's3://b/{shard}/more'\n",
            "lies within another store",
        ),
    ],
)
def test_a_file_that_says_something_else_is_refused(front: Settings, text: str, why: str) -> None:
    with pytest.raises(Misused, match=why):
        layout.read(said(front, text))


def test_a_variable_that_is_not_set_is_named_and_a_value_may_hold_what_looks_like_one(
    front: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'shards = 2\n[cells.b]\ndatabase_url = "postgresql://app:${CELL_X}@db.test/o{shard}"\n'
    plan = layout.read(said(front, text))
    with pytest.raises(Misused, match=r"names \$CELL_X, which is not set here"):
        plan.settings(0, "b")
    monkeypatch.setenv("CELL_X", "a$HOMELESS")
    assert "a$HOMELESS@" in plan.settings(0, "b").database


def test_one_fleet_of_actors_cannot_serve_several_logs(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="local workers"):
        layout.write(settings.read(tmp_path, workers="ray"), 4, ["a"])


def test_without_the_file_there_are_no_cells(front: Settings) -> None:
    with pytest.raises(Misused, match="run `onlyou cells init`"):
        layout.read(front)


def test_a_file_that_is_no_text_is_refused_with_a_reason(front: Settings) -> None:
    layout.write(front, 4, ["a"])
    (front.home / LAYOUT).write_bytes(b"\xff")
    with pytest.raises(Misused, match="cannot be read"):
        layout.read(front)


def test_a_cell_that_is_not_in_the_file_is_none(front: Settings) -> None:
    with pytest.raises(Misused, match="names no cell 'z'"):
        layout.write(front, 4, ["a"]).settings(0, "z")
