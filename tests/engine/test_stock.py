# SPDX-License-Identifier: Apache-2.0
"""Recipes are read from files, and each says whether it is ready here."""

from pathlib import Path

import pytest

from consent.errors import Broken
from engine import settings, stock
from engine.settings import Settings
from generation.recipes import specs, starting
from tests.generation.recipes import weighing
from tests.generation.recipes.test_specs import GOOD
from tests.generation.recipes.weighing import REPO


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Choose an operator's own recipe, described in the home."""
    put(tmp_path / "home", GOOD)
    return settings.read(tmp_path / "home", recipe="mine")


def put(home: Path, text: str) -> None:
    (home / "recipes").mkdir(parents=True, exist_ok=True)
    (home / "recipes" / "mine.toml").write_text(text)


def test_an_operators_own_recipe_stands_beside_ours(chosen: Settings) -> None:
    assert {"mine", "photobooth"} <= set(stock.described(chosen))
    found = stock.find(chosen)
    assert found is not None
    assert found.id == "mine"


def test_an_operators_own_recipe_replaces_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    other = GOOD.replace('id = "mine"', 'id = "photobooth"')
    (tmp_path / "recipes" / "photobooth.toml").write_text(other)
    ours = specs.shipped()["photobooth"]
    assert stock.described(settings.read(tmp_path))["photobooth"] == ours
    assert stock.find(settings.read(tmp_path)) == ours


def test_a_fault_in_a_file_that_nobody_chose_stops_nobody(tmp_path: Path) -> None:
    put(tmp_path, "colour = 3")
    chosen = settings.read(tmp_path)
    assert stock.find(chosen) is not None
    assert "mine" not in stock.described(chosen)
    (fault,) = stock.faults(chosen)
    assert fault.startswith("mine.toml: unknown key 'colour'")
    with pytest.raises(Broken, match=r"mine.toml: unknown key 'colour'"):
        stock.find(settings.read(tmp_path, recipe="mine"))


@pytest.mark.parametrize("name", ["../mine", "mine.lock", "", "MINE"])
def test_a_name_that_is_no_id_finds_no_file(chosen: Settings, name: str) -> None:
    assert stock.find(settings.read(chosen.home, recipe=name)) is None


def test_a_recipe_is_not_ready_until_its_weights_lie_here_and_are_pinned(chosen: Settings) -> None:
    spec = stock.find(chosen)
    assert spec is not None
    said = stock.hindrance(spec, chosen)
    assert said is not None
    assert "put unet/config.json" in said
    with pytest.raises(Broken, match="put unet/config"):
        stock.check(chosen)
    weighing.put(chosen.weights_folder / REPO)
    unpinned = stock.hindrance(spec, chosen)
    assert unpinned is not None
    assert "--pin" in unpinned
    known = stock.look(spec, chosen, None, fetch=False)
    place = stock.pin(spec, chosen, known)
    assert place.is_relative_to(chosen.home)
    assert stock.hindrance(spec, chosen) is None
    stock.check(chosen)
    stock.compare(spec, chosen, known)


def test_parts_are_looked_at_when_something_is_drawn(chosen: Settings) -> None:
    spec = stock.find(chosen)
    assert spec is not None
    parts = stock.parts(spec, chosen)
    with pytest.raises(Broken, match="lacks its base"):
        parts["base"]
    weighing.put(chosen.weights_folder / REPO)
    stock.pin(spec, chosen, stock.look(spec, chosen, None, fetch=False))
    assert parts["base"] == chosen.weights_folder / REPO
    weighing.put(chosen.weights_folder / REPO, {"unet/config.json": b'{"layers": 3}\n'})
    with pytest.raises(Broken, match="it was changed"):
        stock.parts(spec, chosen)["base"]


def test_files_that_are_not_what_the_recipe_names_are_not_pinned(tmp_path: Path) -> None:
    sha256 = "f" * 64
    put(tmp_path, GOOD.replace('"unet/config.json" = ""', f'"unet/config.json" = "{sha256}"'))
    chosen = settings.read(tmp_path, recipe="mine")
    spec = stock.find(chosen)
    assert spec is not None
    weighing.put(chosen.weights_folder / REPO)
    known = stock.look(spec, chosen, None, fetch=False)
    with pytest.raises(Broken, match=r"config.json is .* must be ffffffffffff"):
        stock.pin(spec, chosen, known)
    assert not list(chosen.home.rglob("*.lock.toml"))


def test_what_is_made_here_is_made_once(tmp_path: Path) -> None:
    text = GOOD.replace("small_vae = true", "random_weights = true")
    put(tmp_path, text.replace('repo = "somebody/something"', 'repo = ""'))
    chosen = settings.read(tmp_path, recipe="mine")
    spec = stock.find(chosen)
    assert spec is not None
    assert stock.is_random(spec)
    assert stock.hindrance(spec, chosen) is None
    made: list[Path] = []

    def make(folder: Path) -> None:
        made.append(folder)
        weighing.put(folder / "base")

    for _ in range(2):
        stock.look(spec, chosen, make, fetch=False)
    assert made == [chosen.weights_folder / "mine"]


def test_a_recipe_that_cannot_be_made_says_why_when_it_is_to_draw() -> None:
    absent = stock.Absent(weighing.spec(), starting.MissingExtra("mine needs torch"))
    assert (absent.id, absent.size, absent.scenarios) == ("mine", (512, 640), frozenset())
    with pytest.raises(Broken, match="mine needs torch"):
        absent.render([])
