# SPDX-License-Identifier: Apache-2.0
import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from consent import faults
from tests.rooms import Rooms

ROOT = Path(__file__).parents[2]
ROOMS = ("consent", "feed", "generation", "engine")


def test_nobody_stands_at_a_point_unless_a_test_does(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = "from consent import faults; faults.point('commit.before'); assert not faults._injector"
    subprocess.run([sys.executable, "-c", bare], cwd=ROOT, check=True)
    with pytest.raises(AssertionError):
        faults.point("of no name")  # every process of tests has somebody there who knows them
    monkeypatch.setattr(faults, "_injector", None)
    faults.point("of no name")


def test_what_is_raised_at_a_point_takes_the_transaction_back(rooms: Rooms) -> None:
    before, passed = rooms.consent.ledger.head()[0], []

    def fail(name: str) -> None:
        passed.append(name)
        if name == "commit.before":
            raise OSError("the disk is gone")

    with faults.injecting(fail), pytest.raises(OSError, match="disk"):
        rooms.person("Ada")
    assert passed[:2] == ["begin.before", "begin.after"]
    assert passed[-1] == "commit.before"
    assert rooms.consent.ledger.head()[0] == before
    assert [account.name for account in rooms.consent.accounts.list()] == []


def test_every_point_that_is_named_stands_in_the_code_and_every_one_there_is_named() -> None:
    assert set(_standing()) == set(faults.POINTS)


def test_there_are_points_enough_and_each_says_what_stands_there() -> None:
    assert len(faults.POINTS) >= 24
    assert all(name == name.lower() and "." in name for name in faults.POINTS)
    assert len(set(faults.POINTS.values())) == len(faults.POINTS)


def _standing() -> Iterator[str]:
    """Read the name of every point that any room passes."""
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            text = file.read_text("utf-8")
            if "faults" in text:
                yield from (_name(call) for call in ast.walk(ast.parse(text)) if _passes(call))


def _passes(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    named = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)
    return named and (called.value.id, called.attr) == ("faults", "point")  # type: ignore[union-attr]


def _name(node: ast.AST) -> str:
    assert isinstance(node, ast.Call)
    (said,) = node.args
    assert isinstance(said, ast.Constant), "a point is named where it stands"
    return str(said.value)
