# SPDX-License-Identifier: Apache-2.0
"""Try tests on a change by importing everything anew, the changed text in its module's place.

For what an import runs: a change put in afterwards would come too late. No file is written.
"""

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

import pytest
from typing_extensions import override

from tests.small_changes import forked
from tests.small_changes.forked import Ended
from tests.small_changes.passing import OPTIONS

QUIET: Final = (*OPTIONS, "-p", "no:pytest_cov")
WARM: Final = (
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.dialects.postgresql",
    "psycopg",
    "numpy",
    "obstore",
    "alembic",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.ciphers.aead",
)


class _Loader(SourceFileLoader):
    """Compiles a text of ours instead of the file's."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


@dataclass(frozen=True)
class _Changed(MetaPathFinder):
    module: str
    source: str

    @override
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != self.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(fullname, spec.origin, self.source)
        return spec


@dataclass(eq=False)
class _Chosen:
    """Runs the tests named, in that order, and remembers the first that failed."""

    names: Mapping[str, int]
    failed: list[str] = field(default_factory=list)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out and sort."""
        left_out = [item for item in items if item.nodeid not in self.names]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.nodeid in self.names]
        items.sort(key=lambda item: self.names[item.nodeid])

    def pytest_runtest_logstart(self) -> None:
        """Give each test its time."""
        forked.begin_test()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember."""
        if report.failed:
            self.failed.append(report.nodeid)


def warm() -> None:
    """Import what no change touches."""
    for name in WARM:
        importlib.import_module(name)


def run(module: str, source: str, names: Sequence[str], folder: Path) -> Ended:
    """Import and run, in a process that has imported nothing of ours and ends afterwards."""
    sys.meta_path.insert(0, _Changed(module, source))
    chosen = _Chosen({name: place for place, name in enumerate(names)})
    files = sorted({name.split("::")[0] for name in names})
    code = int(pytest.main([*QUIET, "-x", f"--basetemp={folder}", *files], plugins=[chosen]))
    return code, chosen.failed[0] if chosen.failed else None
