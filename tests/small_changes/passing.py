# SPDX-License-Identifier: Apache-2.0
"""Which tests pass through which line of `consent/`, and how long each takes: measured once.

Tests that fail on unchanged code are left out: they would seem to notice everything.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from coverage import CoverageData

from tests.small_changes.changes import Change

TESTED: Final = (
    "tests/consent",
    "tests/properties",
    "tests/attacks",
    "tests/fuzz",
    "tests/engine/audit",
)
OPTIONS: Final = ("-q", "-p", "no:cacheprovider", "-W", "ignore")
SQLITE, POSTGRESQL = "sqlite", "postgresql"
_CHOSEN: Final = {
    SQLITE: ("--no-pg",),
    POSTGRESQL: ("-m", "postgres and not slow and not merge"),
}
_SETUP: Final = "|setup"
_BEFORE: Final = frozenset({"", _SETUP})
_AT_GROUP: Final = re.compile(r"(?<=])@[\w.+-]+]?$|@[\w.+-]+$")
"""The group behind a test's id; the report's writer closes the bracket of a parameter again."""


def measure(code: Path, folder: Path, processes: int) -> None:
    """Run the tests once over unchanged code, and write down which line each passes through."""
    for on, chosen in _CHOSEN.items():
        if (folder / f"{on}.data").exists():
            continue
        words = ["-n", str(processes), "--dist", "loadgroup", "--cov=consent", "--cov-branch"]
        words += ["--cov-context=test", "--cov-report=", f"--junitxml={folder / on}.xml"]
        there = os.environ | {"COVERAGE_FILE": str(folder / "measured.data")}
        command = [sys.executable, "-m", "pytest", *words, *OPTIONS, *chosen, *TESTED]
        subprocess.run(command, cwd=code, env=there, check=False)
        (folder / "measured.data").rename(folder / f"{on}.data")


@dataclass(frozen=True)
class Passing:
    """What was measured."""

    code: Path
    folder: Path
    _lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    @cached_property
    def _data(self) -> CoverageData:
        both = CoverageData(no_disk=True)
        for on in _CHOSEN:
            data = CoverageData(str(self.folder / f"{on}.data"))
            data.read()
            both.update(data)
        return both

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Say how long each test took; none that failed."""
        return self._passed(SQLITE) | self.on_postgresql

    @cached_property
    def on_postgresql(self) -> dict[str, float]:
        """Say how long each test took that needs a server."""
        return self._passed(POSTGRESQL)

    def _passed(self, on: str) -> dict[str, float]:
        found = {}
        for case in ElementTree.parse(self.folder / f"{on}.xml").iter("testcase"):  # noqa: S314
            if not any(child.tag in {"failure", "error", "skipped"} for child in case):
                place = str(case.get("classname")).replace(".", "/") + ".py"
                name = _AT_GROUP.sub("", f"{place}::{case.get('name')}")
                found[name] = float(str(case.get("time")))
        return found

    def tests(self, change: Change) -> tuple[list[str], bool]:
        """Say which tests pass through a change's function, and whether an import does too.

        The nearest first, then the shortest. Nearest are those of the file's own test file, all of
        them (what is made once for many was made for whoever came first), then those that pass
        through the line. What needs a server comes after all others.
        """
        through = self._through(change)
        here = through.get(change.line, set())
        around = set().union(*through.values()) if through else set()
        imported = "" in around
        if imported:  # whoever passes through the file may notice
            around |= set().union(*self._of(change.file).values())
        own = mirror(change.file)
        around |= {name for name in self.seconds if name.startswith(own)}
        ordered = sorted(
            (name for name in around if name in self.seconds),
            key=lambda name: (
                name in self.on_postgresql,
                not name.startswith(own),
                name not in here,
                round(self.seconds[name], 1),
                name,
            ),
        )
        return ordered, imported

    def within(self, names: Sequence[str], limit: float) -> list[str]:
        """Take tests from the front, for so many seconds without a server and as many with one."""
        alone = [name for name in names if name not in self.on_postgresql]
        served = [name for name in names if name in self.on_postgresql]
        return [*_within(alone, self.seconds, limit), *_within(served, self.seconds, limit)]

    def before(self, change: Change) -> bool:
        """Say whether what is made before a test, for many tests maybe, passes through it too."""
        return any(names & _BEFORE for names in self._through(change).values())

    def _through(self, change: Change) -> dict[int, set[str]]:
        body = range(change.body, change.end + 1)
        return {line: names for line, names in self._of(change.file).items() if line in body}

    def _of(self, file: str) -> dict[int, set[str]]:
        if file not in self._lines:
            found = self._data.contexts_by_lineno(self._measured(file))
            self._lines[file] = {line: set(_names(names)) for line, names in found.items()}  # type: ignore[misc]
        return self._lines[file]  # type: ignore[return-value]

    def _measured(self, file: str) -> str:
        return next(
            (name for name in self._data.measured_files() if name.endswith(f"/{file}")), file
        )


def _names(contexts: Iterable[str]) -> Iterable[str]:
    for context in contexts:
        test, _, phase = context.partition("|")
        yield _AT_GROUP.sub("", test)
        if phase == "setup":
            yield _SETUP


def mirror(file: str) -> str:
    """Name the test file of a file."""
    path = Path("tests") / file
    return str(path.with_name(f"test_{path.name}"))


def _within(names: Sequence[str], seconds: dict[str, float], limit: float) -> list[str]:
    """Take tests from the front as long as they take no more than a limit, at least one."""
    taken, total = [], 0.0
    for name in names:
        total += seconds[name] + 0.01
        if taken and total > limit:
            continue
        taken.append(name)
    return taken
