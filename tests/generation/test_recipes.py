# SPDX-License-Identifier: Apache-2.0
"""The port and who stands behind it."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from generation import recipes
from generation.recipes import Recipe, factories
from tests.generation.samples import Head


def test_a_small_recipe_fits_the_port() -> None:
    recipe: Recipe = Head()
    assert isinstance(recipe, Recipe)


def test_another_package_can_offer_a_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = EntryPoint("theirs", "tests.generation.samples:Head", recipes.GROUP)
    broken = EntryPoint("broken", "nothing.at.all:Here", recipes.GROUP)
    monkeypatch.setattr(recipes, "entry_points", lambda **_: (offered, broken))
    found = factories()
    assert set(found) == {"theirs", "broken"}  # listing loads nothing of theirs
    assert found["theirs"]().id == "head"


def test_no_recipe_knows_people_or_permits() -> None:
    folder = Path(recipes.__file__).parent
    for file in folder.rglob("*.py"):
        source = file.read_text("utf-8")
        for word in ("import consent", "from consent", "Permit", "Subject", "ObjectId"):
            assert word not in source, file.name
