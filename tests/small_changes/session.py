# SPDX-License-Identifier: Apache-2.0
"""One run over a sample: what is still to be tried, by how many processes, and what is written."""

import json
import os
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from tests.small_changes import changes, forked, fresh, passing, warm
from tests.small_changes.changes import Change
from tests.small_changes.forked import Ended, Outcome
from tests.small_changes.passing import Passing
from tests.small_changes.typed import TYPES, Typed
from tests.small_changes.warm import NotThere, Warm

CONTROL: Final = 10
_UNNOTICED: Final = frozenset({"survived", "no test"})
READERS: Final = ("consent/verify/", "consent/replay/")
"""What reads what others made, and makes nothing that a test would have to make anew."""


def begin(code: Path, folder: Path, processes: int, limit: float) -> "Session":
    """Measure what is not measured yet.

    Units: `limit` is the seconds of tests, all in all, after which nobody has noticed a change.
    """
    passing.measure(code, folder, processes)
    every = changes.every(code, folder / "changes.jsonl")
    known = Passing(code, folder)
    return Session(code=code, folder=folder, every=every, passing=known, limit=limit)


@dataclass(frozen=True, kw_only=True)
class Session:
    """A copy of the code, its changes, and what was tried of them."""

    code: Path
    folder: Path
    every: list[Change]
    passing: Passing
    limit: float

    @cached_property
    def countable(self) -> list[Change]:
        """All changes under no rule, whose text is still Python."""
        return [change for change in self.every if change.rule is None]

    @property
    def excluded(self) -> Counter[str]:
        """Count what each rule leaves out."""
        return Counter(change.rule for change in self.every if change.rule is not None)

    def drawn(self, sample: int, seed: int) -> list[Change]:
        """Draw without repetition; the same for the same seed and code, and a start of more."""
        order = np.random.default_rng(seed).permutation(len(self.countable))
        return [self.countable[place] for place in order[:sample]]

    def named(self, names: Sequence[str]) -> list[Change]:
        """Find changes by name."""
        return [change for change in self.every if change.name in names]

    def tried(self) -> dict[str, dict[str, Any]]:
        """Read what is known of each change by now; the last word counts."""
        found: dict[str, dict[str, Any]] = {}
        for path in sorted(self.folder.glob("tried*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                said = json.loads(line)
                if said["verdict"] != "not tried":
                    found[said["name"]] = said
        return found

    def all(self, drawn: Sequence[Change], processes: int) -> None:
        """Try what was not tried yet, in turns."""
        known = self.tried()
        left = [change for change in drawn if change.name not in known]
        os.chdir(self.code)
        self.temporary.mkdir(exist_ok=True)
        fresh.warm()
        children = [self._fork(left[number::processes], number) for number in range(processes)]
        for child in children:
            os.waitpid(child, 0)
        shutil.rmtree(self.temporary, ignore_errors=True)
        self._check(drawn)

    def _check(self, drawn: Sequence[Change]) -> None:
        """Ask the type check about what no test noticed."""
        known, typed = self.tried(), Typed(self.code, self.folder)
        with (self.folder / "tried.typed.jsonl").open("a", buffering=1) as file:
            for change in drawn:
                said = known.get(change.name)
                if said and said["verdict"] in _UNNOTICED and said["by"] is None:
                    refused = typed.refuses(change.file, changes.text(self.code, change))
                    verdict = "killed" if refused else said["verdict"]
                    by = TYPES if refused else f"not {TYPES}"
                    file.write(json.dumps(said | {"verdict": verdict, "by": by}) + "\n")

    @property
    def temporary(self) -> Path:
        """Name the folder for what tests write."""
        return self.folder / "temporary"

    def _fork(self, share: Sequence[Change], number: int) -> int:
        child = os.fork()
        if child == 0:
            try:
                with (self.folder / f"tried.{number}.jsonl").open("a", buffering=1) as file:
                    Trials(self, share, file).all()
            except BaseException:  # noqa: BLE001 - this process ends here
                traceback.print_exc()
            os._exit(0)
        return child


@dataclass(frozen=True)
class Trials:
    """The share of one process."""

    session: Session
    share: Sequence[Change]
    file: IO[str]

    def all(self) -> None:
        """Try what can be exchanged in a warm process, then what only an import shows."""
        warming = os.fork()
        if warming == 0:
            try:
                warm.serve(self._warmly, self.session.temporary)
            except BaseException:  # noqa: BLE001 - this process ends here
                traceback.print_exc()
            os._exit(0)
        os.waitpid(warming, 0)
        known = self.session.tried()
        for change in self.share:
            if change.name not in known:
                self._freshly(change)

    def _warmly(self, pytest: Warm) -> None:
        known = self.session.tried()
        for place, change in enumerate(self.share):
            if change.name not in known and self._fits(pytest, change):
                with suppress(NotThere):
                    self._exchange(pytest, change, control=place % CONTROL == 0)

    def _fits(self, pytest: Warm, change: Change) -> bool:
        """Say whether a process may try it: a furnished one what did not make its furniture."""
        if not pytest.furnished:
            return not self.session.passing.tests(change)[1]
        return change.file.startswith(READERS) and not self.session.passing.before(change)

    def _exchange(self, pytest: Warm, change: Change, *, control: bool) -> None:
        """Try one change; where asked, the test that noticed it on the code as it is."""
        names, _ = self.session.passing.tests(change)
        path = str(self.session.code / change.file)
        if (text := self._text(change)) is None:
            return
        exchange = pytest.exchange(change, path, text)
        outcome = self._tried(partial(pytest.run, exchange), names)
        if pytest.furnished and outcome.by == forked.WORDLESS:
            return  # perhaps it waits for a thread that stayed behind
        self._write(change.name, change, outcome)
        if control and outcome.by in names:
            same = self._tried(partial(pytest.run, None), [outcome.by])
            self._write(f"control {change.name}", change, same)

    def _freshly(self, change: Change) -> None:
        if (text := self._text(change)) is None:
            return
        names, _ = self.session.passing.tests(change)
        run = partial(fresh.run, change.module, text)
        self._write(change.name, change, self._tried(run, names))

    def _text(self, change: Change) -> str | None:
        """Return the changed text, None (and say so) where it is no longer Python."""
        text = changes.text(self.session.code, change)
        try:
            compile(text, change.file, "exec", dont_inherit=True)
        except SyntaxError:
            self._write(change.name, change, Outcome(verdict="no Python", by=None, took=0.0))
            return None
        return text

    def _tried(self, run: Callable[[Sequence[str], Path], Ended], names: Sequence[str]) -> Outcome:
        seconds = self.session.passing.seconds
        taken = self.session.passing.within(names, self.session.limit)
        if not taken:
            return Outcome(verdict="no test", by=None, took=0.0)
        expected = sum(seconds[name] for name in taken)
        return forked.tried(partial(run, taken), expected, self.session.temporary)

    def _write(self, name: str, change: Change, outcome: Outcome) -> None:
        said = asdict(change) | {"name": name} | asdict(outcome)
        self.file.write(json.dumps(said, ensure_ascii=False) + "\n")
        sys.stderr.write(f"{outcome.verdict} {name} ({outcome.took} s)\n")
