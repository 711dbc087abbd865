# SPDX-License-Identifier: Apache-2.0
"""The port and who stands behind it."""

import re
from importlib.metadata import EntryPoint
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from generation import isolation, probes, recipes
from generation.faces import Faces
from generation.recipes import Declares, Recipe, factories, specs
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


def test_the_recipe_that_the_docs_show_is_one(tmp_path: Path, faces: Faces) -> None:
    text = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "onlyou_mirror.py").write_text(code, encoding="utf-8")
    spec = spec_from_file_location("onlyou_mirror", tmp_path / "onlyou_mirror.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    mirror = module.Mirror()
    assert isinstance(mirror, Recipe)
    assert isinstance(mirror, Declares)
    found = isolation.selftest(mirror, probes.probes(faces, isolation.PROBES))
    assert (found.kind, found.ok) == ("bit-identical", True)


def test_the_recipe_file_that_the_docs_show_can_be_read() -> None:
    text = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text("utf-8")
    shown = next(t for t in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "schema" in t)
    assert specs.parse(shown.encode(), "my-sdxl.toml").guidance == 5.0
