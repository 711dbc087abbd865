# SPDX-License-Identifier: Apache-2.0
"""A pytest that has collected all tests once and then, instead of running them, answers trials.

Each trial is a fork of it, in which the code of one function is exchanged for the changed code
and the tests named are run. That costs what the tests cost, and no import.
"""

import gc
import os
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final

import pytest
from _pytest import runner

from tests.small_changes import forked
from tests.small_changes.changes import Change
from tests.small_changes.forked import Ended
from tests.small_changes.fresh import QUIET
from tests.small_changes.passing import TESTED

Key = tuple[str, str, int]
"""Where a function stands: its file, its name within, its first line."""
Exchange = tuple[list[FunctionType], CodeType]
"""Functions, and the code that all of them are to have."""


FURNITURE: Final = ("year", "nights")
"""Fixtures that take seconds to make and that whole folders of tests only read."""


class NotThere(LookupError):
    """No function has this code, or its code cannot be exchanged: only an import shows it."""


@dataclass(eq=False)
class Warm:
    """A plugin: calls `answer` in place of the loop over tests.

    First in a fork in which what takes long to make is made already, then in one without. The
    store of sealed bytes has threads in the first, which no fork of it takes along.
    """

    answer: Callable[["Warm"], None]
    temporary: Path
    items: dict[str, pytest.Item] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    furnished: bool = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer trials; no test is run in this process."""
        self.items = {item.nodeid: item for item in session.items}
        gc.unfreeze()  # what is frozen is hidden from whoever looks for functions
        assert self.functions
        gc.freeze()
        assert threading.active_count() == 1, "a fork would lose threads"
        child = os.fork()
        if child == 0:
            try:
                self._furnish()
                self.answer(self)
            except BaseException:  # noqa: BLE001 - this process ends here
                traceback.print_exc()
            os._exit(0)
        os.waitpid(child, 0)
        self.answer(self)
        return True

    def _write_into(self, folder: Path) -> None:
        factory = next(iter(self.items.values())).config._tmp_path_factory  # type: ignore[attr-defined]
        factory._given_basetemp, factory._basetemp = folder, None

    def _furnish(self) -> None:
        """Make what many tests read, before they are forked."""
        self._write_into(self.temporary / str(os.getpid()))
        *_, elsewhere = self.items.values()  # shares no folder with them: what they set up ends
        for name in FURNITURE:
            some = (one for one in self.items.values() if isinstance(one, pytest.Function))
            first = next(one for one in some if name in one.fixturenames)
            first.config.option.setuponly = True
            reports = runner.runtestprotocol(first, log=False, nextitem=elsewhere)
            assert all(one.passed for one in reports), reports
            first.config.option.setuponly = False
        self.furnished = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what failed."""
        if report.failed:
            self.failed.append(report.nodeid)

    @cached_property
    def functions(self) -> dict[Key, list[FunctionType]]:
        """Find every function of ours by where its code stands."""
        found: dict[Key, list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and "/consent/" in one.__code__.co_filename:
                found[_key(one.__code__)].append(one)
        return found

    def exchange(self, change: Change, path: str, source: str) -> Exchange:
        """Find a function and its new code. Errors: `NotThere`, where only an import shows it."""
        if change.line < change.body:
            raise NotThere(change.name)
        key = max(
            (key for key in self.functions if _is(key, path, change)),
            key=lambda key: key[2],
            default=("", "", 0),
        )
        code = next((code for code in _codes(_compiled(path, source)) if _key(code) == key), None)
        if code is None or code.co_freevars != self.functions[key][0].__code__.co_freevars:
            raise NotThere(change.name)
        return self.functions[key], code

    def run(self, exchange: Exchange | None, names: Sequence[str], folder: Path) -> Ended:
        """Exchange and run, in a process that ends afterwards; None leaves the code as it is."""
        if exchange is not None:
            for function in exchange[0]:
                function.__code__ = exchange[1]
        self._write_into(folder)
        tests = [self.items[name] for name in names if name in self.items]
        for item, following in zip_longest(tests, tests[1:]):
            forked.begin_test()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return int(pytest.ExitCode.TESTS_FAILED), self.failed[0]
        return int(pytest.ExitCode.OK if tests else pytest.ExitCode.NO_TESTS_COLLECTED), None


def serve(answer: Callable[[Warm], None], temporary: Path) -> None:
    """Collect all tests, then answer. Errors: what pytest says of a collection that fails."""
    words = [*QUIET, "--capture=no", *TESTED]
    code = pytest.main(words, plugins=[Warm(answer, temporary)])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise SystemExit(int(code))


def _compiled(path: str, source: str) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)


def _is(key: Key, path: str, change: Change) -> bool:
    file, name, line = key
    ours = name.split(".")[-1] == change.function and "<locals>" not in name
    return file == path and ours and line <= change.line


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Go through classes and into functions, outermost first."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _key(code: CodeType) -> Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno
