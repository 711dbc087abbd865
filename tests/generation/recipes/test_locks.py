# SPDX-License-Identifier: Apache-2.0
"""What an operator has looked at is written down, and holds for those files alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from generation.recipes import locks, weights
from generation.recipes.locks import BadLock
from generation.recipes.specs import Spec
from tests.generation.recipes import weighing
from tests.generation.recipes.weighing import FILES

LOOSE = weighing.spec(pinned=False)
KNOWN = {"base": {name: weighing.sha256(content) for name, content in FILES.items()}}


def test_a_lock_says_which_bytes_a_recipes_files_have(tmp_path: Path) -> None:
    assert locks.pinned(LOOSE, tmp_path) == LOOSE
    place = locks.write(LOOSE, KNOWN, tmp_path / "recipes")
    assert place == tmp_path / "recipes" / "mine.lock.toml"
    again = locks.pinned(LOOSE, tmp_path / "recipes")
    assert again.parts[0].files == KNOWN["base"]
    weights.check_pins(again)


def test_what_the_recipe_itself_names_stands_over_any_lock(tmp_path: Path) -> None:
    locks.write(LOOSE, {"base": dict.fromkeys(FILES, "f" * 64)}, tmp_path)
    spec = weighing.spec()
    assert locks.pinned(spec, tmp_path) == spec


@pytest.mark.parametrize("change", [{"repo": "another/one"}, {"revision": "f" * 40}])
def test_a_lock_of_another_revision_holds_nothing(tmp_path: Path, change: dict[str, str]) -> None:
    locks.write(LOOSE, KNOWN, tmp_path)
    other: Spec = replace(LOOSE, parts=(replace(LOOSE.parts[0], **change),))
    assert locks.pinned(other, tmp_path) == other


def test_a_file_that_the_lock_does_not_know_stays_open(tmp_path: Path) -> None:
    locks.write(LOOSE, KNOWN, tmp_path)
    files = {**LOOSE.parts[0].files, "more.json": ""}
    more = replace(LOOSE, parts=(replace(LOOSE.parts[0], files=files),))
    assert locks.pinned(more, tmp_path).parts[0].files == {**KNOWN["base"], "more.json": ""}


@pytest.mark.parametrize("text", ["= =", "", "part = 3", "[part]\nbase = 3"])
def test_a_lock_that_cannot_be_read_is_said_so(tmp_path: Path, text: str) -> None:
    locks.path_of(LOOSE, tmp_path).write_text(text)
    with pytest.raises(BadLock, match=r"mine.lock.toml cannot be read"):
        locks.pinned(LOOSE, tmp_path)
