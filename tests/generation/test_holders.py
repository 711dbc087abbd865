# SPDX-License-Identifier: Apache-2.0
"""A holder's lock tells whether its process lives; another machine's tells nothing."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from generation.holders import Holder, unnamed

HOLDS = """
import sys, time
from pathlib import Path
from generation.holders import Holder
Holder(name="other", folder=Path(sys.argv[1])).appear()
print("held", flush=True)
time.sleep(60)
"""


def test_a_killed_process_is_dead_at_once_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    mine = Holder(name="mine", folder=tmp_path)
    mine.appear()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    assert other.stdout
    assert other.stdout.readline() == b"held\n"
    assert mine.dead(["other", "mine"]) == ()
    os.kill(other.pid, signal.SIGSTOP)
    assert mine.dead(["other", "mine"]) == ()
    other.kill()
    other.wait()
    assert mine.dead(["other", "mine", "of another machine"]) == ("other",)
    other.stdout.close()


def test_who_leaves_is_dead_to_the_others(tmp_path: Path) -> None:
    first, second = (Holder(name=name, folder=tmp_path / "holders") for name in ("a", "b"))
    first.appear()
    second.appear()
    first.appear()  # a second time changes nothing
    assert second.dead(["a"]) == ()
    first.leave()
    assert second.dead(["a"]) == ("a",)
    assert (tmp_path / "holders").stat().st_mode & 0o777 == 0o700


def test_what_another_process_clears_at_the_same_time_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder / "cleared by another"]))
    Holder(name="mine", folder=tmp_path).appear()
    assert (tmp_path / "mine").exists()


def test_a_holder_without_a_folder_leaves_no_trace_and_judges_nobody(tmp_path: Path) -> None:
    first, second = unnamed(), unnamed()
    first.appear()
    assert first.name != second.name
    assert first.dead([second.name, "anybody"]) == ()
    assert not list(tmp_path.iterdir())
    first.leave()


def test_of_a_copied_home_nobody_is_known_to_be_dead(tmp_path: Path) -> None:
    """A copy of the home on another machine has the files, and nobody there locks them."""
    first = Holder(name="first", folder=tmp_path / "home")
    first.appear()
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    elsewhere = Holder(name="second", folder=tmp_path / "copy")
    elsewhere.appear()
    assert elsewhere.dead(["first"]) == ()
    first.leave()
    assert elsewhere.dead(["first"]) == ()
    assert Holder(name="third", folder=tmp_path / "home").dead(["first"]) == ("first",)


def test_a_file_of_which_nobody_has_said_yet_whose_it_is_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "coming").touch()
    assert Holder(name="mine", folder=tmp_path).dead(["coming"]) == ()


def test_old_files_of_the_dead_are_cleared_away_when_somebody_appears(tmp_path: Path) -> None:
    for name in ("long gone", "just gone"):
        one = Holder(name=name, folder=tmp_path)
        one.appear()
        one.leave()
    yesterday = (tmp_path / "just gone").stat().st_mtime - 2 * 86_400
    os.utime(tmp_path / "long gone", (yesterday, yesterday))
    Holder(name="new", folder=tmp_path).appear()
    assert {one.name for one in tmp_path.iterdir()} == {"just gone", "new"}
