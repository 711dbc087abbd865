# SPDX-License-Identifier: Apache-2.0
"""The demo through its own command, with the real photobooth: the smallest cast that shows it."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from consent import database, merkle
from consent.tables import metadata
from engine import wiring
from engine.cast import Member, Role
from engine.demo import Demo, _show
from engine.doctor import examine
from feed.items import Imagined
from generation.tables import render_pass, rendered
from tests.engine.forking import Forks
from tests.engine.town import Town

KILLED = -signal.SIGKILL
pytestmark = [
    pytest.mark.whole,
    pytest.mark.xdist_group("demo"),  # one process, so that the whole run is played once
]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(forks: Forks, tmp_path: Path) -> Run:
    """Run `onlyou demo` in a process of its own."""

    def ran(home: str, *options: str, code: str = "") -> subprocess.CompletedProcess[str]:
        return forks.run(tmp_path, _words(home, *options), code)

    return ran


def _words(home: str, *options: str) -> list[str]:
    return ["demo", "--home", home, "--no-serve", "--json", "--simulated", "0", *options]


def _summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return summary


def _lasting(summary: dict[str, Any]) -> dict[str, Any]:
    passing = {"seconds", "url", "versions", "root"}
    return {key: value for key, value in summary.items() if key not in passing}


WITHOUT_THE_EXTRA = """
import sys
EXTRA = {"torch", "diffusers", "transformers", "peft", "mediapipe"}
assert not EXTRA & set(sys.modules), "loaded with the command line itself"
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in EXTRA:
            raise ImportError(name + " belongs to no base install")
sys.meta_path.insert(0, Absent())
"""


SMALL = ("--people", "2", "--fixed-keys")
"""With fixed keys everybody's draws are the same, so a resumed run can be held to a whole one."""
LEAST = ("--people", "1", "--days", "1")


@pytest.fixture(scope="session")
def whole(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Play the demo that is repeated and killed below once without a fault, on a base install."""
    folder = tmp_path_factory.mktemp("whole")
    return _summary(forks.run(folder, _words("home", *SMALL), WITHOUT_THE_EXTRA))


@pytest.fixture(scope="session")
def least(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Play the shortest demo once: its home, to be copied, and its summary."""
    folder = tmp_path_factory.mktemp("least")
    return folder / "home", _summary(forks.run(folder, _words("home", *LEAST), ""))


@pytest.fixture
def finished(least: tuple[Path, dict[str, Any]], tmp_path: Path) -> dict[str, Any]:
    """Put a copy of the shortest demo's home where `run` looks; give its summary."""
    home, summary = least
    shutil.copytree(home, tmp_path / "home")
    return summary


def test_the_same_seed_gives_the_same_result_and_with_fixed_keys_the_same_root(
    run: Run, whole: dict[str, Any]
) -> None:
    second = _summary(run("b", *SMALL))
    assert _lasting(whole) == _lasting(second)
    assert whole["root"] == second["root"]
    with_keys_of_its_own = _summary(run("c", "--people", "2"))
    assert _lasting(whole) == _lasting(with_keys_of_its_own)
    assert whole["root"] != with_keys_of_its_own["root"]
    assert (whole["opted_in"], whole["withdrawals"]) == (2, 1)
    assert whole["portraits"] >= whole["inserts"] >= 1
    assert whole["denials"]["total"] == sum(whole["denials"]["by_reason"].values()) > 0


def test_who_shows_a_portrait_shows_it_to_friends_alone(small_town: Town) -> None:
    permit, wish = small_town.selected("Bo")
    small_town.rooms.studio.make(small_town.rooms.studio.order([permit], [wish]))  # type: ignore[arg-type]
    bo = Member(name="Bo", face="P005", role=Role.ASKS, circle="reading", shows=True)
    ada = Member(name="Ada", face="P001", role=Role.INSERTS, circle="reading")
    cy = Member(name="Cy", face="P002", role=Role.BYSTANDER)
    played = Demo(rooms=small_town.rooms, clock=small_town.clock, members=(bo, ada, cy), days=2)
    _show(played, bo)
    shares, people = small_town.rooms.feed.shares, small_town.people
    (shown,) = shares.of_owner(people["Bo"])
    assert [one.id for one in shares.visible_to(people["Ada"])] == [shown.id]
    assert shares.visible_to(people["Cy"]) == ()


def test_a_finished_home_prints_the_same_summary_again_and_takes_no_other_seed(
    run: Run, finished: dict[str, Any]
) -> None:
    assert _summary(run("home", *LEAST)) == finished
    other = run("home", *LEAST, "--seed", "8")
    assert other.returncode == 2
    assert "other settings" in other.stdout


@pytest.mark.usefixtures("finished")
def test_a_persons_name_is_in_their_account_and_nowhere_else(tmp_path: Path) -> None:
    rooms = wiring.open_home(tmp_path / "home")
    (account,) = rooms.consent.accounts.list()
    with database.reading(rooms.consent.ledger.engine) as connection:
        others = [table for name, table in metadata.tables.items() if name != "account"]
        rows = [row for table in others for row in connection.execute(table.select())]
    rooms.consent.ledger.engine.dispose()
    told = [cell for row in rows for cell in row if isinstance(cell, str)]
    assert told
    assert not [cell for cell in told if account.name in cell]


@pytest.mark.usefixtures("finished")
def test_the_summary_on_disk_says_where_the_pages_are(run: Run, tmp_path: Path) -> None:
    summary = tmp_path / "home" / "summary.json"
    assert json.loads(summary.read_bytes())["url"] is None
    no_server = "from engine.cli import running; running.uvicorn.run = lambda *a, **k: None"
    run("home", *LEAST, "--serve", "--port", "8123", code=no_server)
    assert json.loads(summary.read_bytes())["url"] == "http://127.0.0.1:8123"


def test_more_people_than_faces_is_wrong_usage_and_leaves_nothing(
    run: Run, tmp_path: Path
) -> None:
    refused = run("home", "--people", "11")
    assert refused.returncode == 2
    assert "simulate" in refused.stdout
    assert not (tmp_path / "home").exists()


POINTS = {
    "after the decision": "from generation.studio import Studio as where; what = 'order'",
    "between blob and row": "from generation import delivery as where; what = 'settle'",
    "in a withdrawal": "from consent import withdrawal as where; what = 'bury'",
}
"""Where the process kills itself: right before this function would run."""


KILL = """
import os, signal
setattr(where, what, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.parametrize("point", POINTS)
def test_a_demo_killed_at_any_point_goes_on_where_it_was(
    run: Run, tmp_path: Path, whole: dict[str, Any], point: str
) -> None:
    deadly = f"{POINTS[point]}\n{KILL}"
    killed = run("home", *SMALL, code=deadly)
    assert killed.returncode == KILLED, killed.stderr
    resumed = _summary(run("home", *SMALL))
    counted = ("opted_in", "portraits", "inserts", "views", "refusals", "withdrawals")
    assert {what: resumed[what] for what in counted} == {what: whole[what] for what in counted}
    _is_sound(tmp_path / "home")


def test_a_diffusion_recipe_takes_different_people_from_plan_to_page_in_one_batch(
    run: Run, tmp_path: Path
) -> None:
    summary = _summary(run("home", "--people", "4", "--days", "1", "--recipe", "sdxl-tiny"))
    assert (summary["recipe"], summary["withdrawals"]) == ("sdxl-tiny", 1)
    assert summary["inserts"] == summary["views"] == 2
    rooms = wiring.open_home(tmp_path / "home")
    people = {one.name: one.subject for one in rooms.consent.accounts.list()}
    with rooms.consent.ledger.read() as connection:
        shared = connection.execute(select(func.max(render_pass.c.rows))).scalar_one()
        drawn = connection.execute(select(rendered.c.subject)).scalars().all()
    assert shared == 3, "everybody who wants inserts, in one pass"
    assert people["Robin"] not in drawn, "withdrawn while pictures were noise, never decoded"
    pages = {name: rooms.feed.pages.of(one).items for name, one in people.items()}
    shown = {name for name, page in pages.items() if any(isinstance(i, Imagined) for i in page)}
    assert {"Noa"} <= shown <= {"Noa", "Sasha"}, "some hid theirs again"
    rooms.consent.ledger.engine.dispose()
    _is_sound(tmp_path / "home")


def _is_sound(home: Path) -> None:
    """Check what must hold after a crash: whole ledger, no orphan row, bytes for every row."""
    rooms = wiring.open_home(home)
    assert not [check for check in examine(rooms) if check.ok is False]
    bodies = rooms.consent.ledger.bodies()
    inserts = [
        body["object"] for body in bodies if body.get("step") == "insert" and body["t"] == "effect"
    ]
    assert len(inserts) == len(set(inserts)), "an insert was placed twice"
    assert rooms.consent.retention.lost() == 0
    leaves = [merkle.leaf_hash(rooms.consent.ledger.body(seq)) for seq in range(len(bodies))]
    assert merkle.root_of(leaves) == rooms.consent.ledger.tree().root()
    with database.reading(rooms.consent.ledger.engine) as connection:
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    rooms.consent.ledger.engine.dispose()
