# SPDX-License-Identifier: Apache-2.0
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from consent import database, faults, key_files
from tests.engine.cli.conftest import Onlyou
from tests.postgres import Cluster


def test_init_makes_a_home_that_the_doctor_finds_sound(onlyou: Onlyou, tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = onlyou("init", "--json", home=home)
    assert (made.status, made.json["policy"]) == (0, "strict-opt-in")
    assert home.stat().st_mode & 0o077 == 0
    looked = onlyou("doctor", "--json", home=home)
    assert (looked.status, looked.json["ok"]) == (0, True)
    assert "UnsafeFileKeys" in onlyou("doctor", home=home).out


def test_init_again_changes_nothing(onlyou: Onlyou, tmp_path: Path) -> None:
    home = tmp_path / "home"
    onlyou("init", home=home)
    key = (home / "keys" / "root.key").read_bytes()
    assert onlyou("init", home=home).status == 0
    assert (home / "keys" / "root.key").read_bytes() == key


def test_a_home_that_was_there_before_holds_no_file_that_others_may_read(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    before = os.umask(0o022)
    try:
        made = onlyou("init", "--json", home=home)
    finally:
        os.umask(before)
    assert made.status == 0
    assert {path.name for path in home.iterdir()} >= {"onlyou.toml", "onlyou.sqlite3", "keys"}
    assert not [path for path in home.rglob("*") if path.stat().st_mode & 0o077]
    assert onlyou("doctor", home=home).status == 0
    (home / "onlyou.sqlite3").chmod(0o644)
    assert "others on this machine may open onlyou.sqlite3" in onlyou("doctor", home=home).out


@pytest.mark.parametrize("lost", ["keys", f"keys/{key_files.ROOT}", f"keys/{key_files.LOG}"])
def test_a_log_whose_keys_are_lost_is_not_given_others(
    onlyou: Onlyou, tmp_path: Path, lost: str
) -> None:
    home = tmp_path / "home"
    onlyou("init", home=home)
    before = _signed(onlyou, home, tmp_path / "before")
    shutil.move(home / lost, tmp_path / "apart")
    there = sorted(home.rglob("*"))
    for words in (("init",), ("subject", "list"), ("audit", "export", str(tmp_path / "out"))):
        refused = onlyou(*words, home=home)
        assert (refused.status, "the keys of this log are not here" in refused.err) == (1, True)
    looked = onlyou("doctor", "--json", home=home)
    said = {"name": "keys", "ok": False, "detail": "the keys of this log are not here"}
    assert (looked.status, looked.json) == (1, {"ok": False, "checks": [said]})
    assert sorted(home.rglob("*")) == there
    shutil.move(tmp_path / "apart", home / lost)
    assert _signed(onlyou, home, tmp_path / "after") == before


def _signed(onlyou: Onlyou, home: Path, bundle: Path) -> str:
    """Say whose signatures are on an export of the log."""
    assert onlyou("audit", "export", str(bundle), home=home).status == 0
    return (bundle / "keys" / "log.vkey").read_text("utf-8")


def test_an_installation_that_was_not_founded_to_its_end_is_by_the_next_init(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with faults.injecting(_killed_at("begin.before")), pytest.raises(_Killed):
        onlyou("init", home=home)
    (home / "keys" / key_files.LOG).unlink()
    assert onlyou("init", home=home).status == 0
    assert onlyou("doctor", home=home).status == 0


class _Killed(BaseException):
    """The end of a process: nothing of ours catches it."""


def _killed_at(point: str) -> Callable[[str], None]:
    def kill(name: str) -> None:
        if name == point:
            raise _Killed

    return kill


def test_a_lost_database_is_begun_anew_under_the_keys_that_are_there(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    onlyou("init", home=home)
    before = {path: path.read_bytes() for path in (home / "keys").glob("*.key")}
    for file in home.glob("onlyou.sqlite3*"):
        file.unlink()
    assert onlyou("init", home=home).status == 0
    assert {path: path.read_bytes() for path in (home / "keys").glob("*.key")} == before


def test_a_database_of_another_version_is_refused_and_named_by_the_doctor(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    onlyou("init", home=home)
    connected = database.connect(f"sqlite:///{home}/onlyou.sqlite3")
    with connected.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    connected.dispose()
    refused = onlyou("subject", "list", "--json", home=home)
    assert (refused.status, refused.json["reason"]) == (1, "schema-version")
    looked = onlyou("doctor", "--json", home=home)
    assert looked.status == 1
    assert [check["name"] for check in looked.json["checks"] if check["ok"] is False] == ["schema"]


def test_a_home_that_is_not_there_names_the_command_that_makes_one(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    refused = onlyou("subject", "list", home=tmp_path / "none")
    assert (refused.status, "onlyou init" in refused.err) == (2, True)


def test_a_policy_or_recipe_that_is_not_here_leaves_nothing_behind(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    for command in (("init",), ("demo", "--people", "1", "--no-serve")):
        for wrong in ("--policy", "--recipe"):
            refused = onlyou(*command, wrong, "nope", home=home)
            assert (refused.status, "nope" in refused.err) == (2, True)
            assert not home.exists()


def test_a_database_that_a_later_version_made_is_left_alone(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    onlyou("init", home=home)
    connected = database.connect(f"sqlite:///{home}/onlyou.sqlite3")
    with connected.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    connected.dispose()
    refused = onlyou("init", home=home)
    assert (refused.status, "schema-version" in refused.err) == (1, True)


def test_a_database_out_of_reach_is_one_sentence(onlyou: Onlyou, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "onlyou.sqlite3").mkdir()
    refused = onlyou("subject", "list", "--json", home=home)
    assert (refused.status, refused.json["reason"]) == (1, "unavailable")


def test_a_place_that_cannot_be_written_is_one_sentence(onlyou: Onlyou, tmp_path: Path) -> None:
    taken = tmp_path / "a file"
    taken.write_text("mine")
    refused = onlyou("init", "--json", home=taken)
    assert (refused.status, refused.json["reason"]) == (1, "unavailable")
    assert taken.read_text() == "mine"


CANARY = "c4nary 100%c"


@pytest.mark.postgres
@pytest.mark.parametrize("right", ["NOCREATEROLE", "CREATEROLE"])
def test_an_owner_who_may_not_is_one_sentence_and_nobody_reads_the_password(
    onlyou: Onlyou,
    tmp_path: Path,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    right: str,
) -> None:
    """Of two owners: one who may not make the application's role, and one no table."""
    owner = make_url(cluster.empty()).set(username=f"onlyou_no_{right.lower()}")
    admin = database.connect(cluster.owner(str(owner)))
    with admin.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {owner.username} LOGIN {right}")
    app = owner.set(username=f"onlyou_app_{right.lower()}", password=CANARY)
    monkeypatch.setenv("ONLYOU_DATABASE_URL", app.render_as_string(hide_password=False))
    monkeypatch.setenv("ONLYOU_DATABASE_OWNER", str(owner))
    refused = onlyou("init", "--json", home=tmp_path / "home")
    with admin.begin() as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {app.username}")
        connection.exec_driver_sql(f"DROP ROLE {owner.username}")
    admin.dispose()
    assert (refused.status, refused.json["reason"]) == (1, "unavailable")
    for said in (refused.out, refused.err, cluster.log()):
        assert "c4nary" not in said
    assert "CREATE" not in refused.out + refused.err


def test_a_database_whose_name_is_none_is_one_sentence(
    onlyou: Onlyou, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLYOU_DATABASE_URL", CANARY)
    refused = onlyou("init", "--json", home=tmp_path / "home")
    assert (refused.status, refused.json["reason"]) == (2, "unknown-key")
    assert "c4nary" not in refused.out
