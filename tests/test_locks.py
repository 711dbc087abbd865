# SPDX-License-Identifier: Apache-2.0
"""Every file that is installed is named by its hash, and by nobody's address."""

import re
import subprocess
import sys

import pytest

from engine import packages
from tests import auditing, locking
from tests.auditing import CLEAN, FAULTY, UNKNOWN

LOCKS = locking.locks()
BY_MAKE = LOCKS.keys() - {"postgres"}
"""Locks that `make` installs by; the other is the container's (test_containers)."""
COPYLEFT = re.compile(r"\b(A?GPL)", re.IGNORECASE)
ALONE = """
import sys
from importlib.metadata import packages_distributions
from packaging.utils import canonicalize_name

base = {*sys.argv[1].split(","), "onlyou"}
known = packages_distributions().items()
foreign = {top for top, of in known if base.isdisjoint(map(canonicalize_name, of))}

class Bare:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in foreign:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Bare)
import engine.cli, engine.web
from generation.recipes import photobooth
"""
"""Begin where nothing is installed but what the engine needs."""


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_all_that_is_needed_as_constraints_have_it(name: str) -> None:
    text = (locking.LOCKS / f"{name}.txt").read_text()
    found, pinned = locking.locked(text), packages.pins()
    assert found.keys() == LOCKS[name], "constraints or pyproject changed: run `make lock`"
    assert {one: version for one, (version, _) in found.items()} == {
        one: pinned[one] for one in found
    }
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for _, digest in found.values())
    assert "://" not in text


def test_what_the_package_brings_along_is_what_it_needs() -> None:
    pinned = packages.pins()
    lines = locking.TESTED.read_text().splitlines()
    assert lines == [f"{name}=={pinned[name]}" for name in sorted(LOCKS["base"])]


def test_installing_takes_these_files_or_none() -> None:
    makefile = (locking.ROOT / "Makefile").read_text()
    assert "HASHED := $(EXACT) --require-hashes" in makefile
    for name in BY_MAKE:
        assert f"$(HASHED) -r locks/{name}.txt" in makefile


def test_the_engine_begins_with_what_it_says_it_needs() -> None:
    held = subprocess.run(
        [sys.executable, "-c", ALONE, ",".join(sorted(LOCKS["base"]))],
        capture_output=True,
        text=True,
        check=False,
        cwd=locking.ROOT,
    )
    assert held.returncode == 0, held.stderr[-2_000:]


def test_licences_are_listed_as_they_are() -> None:
    assert locking.LICENCES.read_text() == locking.licences(), "run `make lock`"
    bound = {name for name in LOCKS["base"] if COPYLEFT.search(locking.licence(name))}
    assert bound == set()


def test_an_audit_that_learned_nothing_says_so() -> None:
    skipped = {"dependencies": [{"name": "a", "skip_reason": "not found"}]}
    for answer in (None, auditing.read("no json"), auditing.read("{}"), skipped):
        status, said = auditing.report(answer)
        assert status == UNKNOWN
        assert "nothing was learned" in said


def test_an_audit_names_each_fault_and_where_it_is_mended() -> None:
    clean = {"name": "a", "version": "1", "vulns": []}
    faulty = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3", "2.1"]}]}
    assert auditing.report({"dependencies": [clean]})[0] == CLEAN
    status, said = auditing.report({"dependencies": [clean, faulty]})
    assert (status, said) == (FAULTY, "b 2: X-1 (mended in: 3, 2.1)")
