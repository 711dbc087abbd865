# SPDX-License-Identifier: Apache-2.0
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine import settings, stock, wiring
from feed import scenarios
from generation import recipes
from generation.recipes import specs, starting
from generation.recipes.sdxl import loading
from tests.engine.cli.conftest import Onlyou
from tests.engine.forking import Forks
from tests.generation.recipes import weighing
from tests.generation.recipes.test_formats import CODE
from tests.generation.recipes.test_specs import GOOD
from tests.generation.recipes.weighing import FILES, REPO

REAL = wiring.recipe
"""What the wiring makes, where a town's own fixture has put a quick recipe in its place."""
RESEARCH = GOOD.replace('"openrail"', '"non-commercial"').replace(
    'acknowledge = ""', 'acknowledge = "for research alone"'
)

TELL_WHAT_IS_HEAVY = """
import sys
from engine import cli
listed = cli.main
def listing():
    try:
        listed()
    finally:
        print({"torch", "diffusers", "transformers"} & set(sys.modules))
cli.main = listing
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return described(tmp_path / "home", GOOD)


def described(home: Path, text: str) -> Path:
    (home / "recipes").mkdir(parents=True)
    (home / "recipes" / "mine.toml").write_text(text)
    return home


def test_the_photobooth_is_listed_with_scenarios_that_the_catalogue_knows(
    onlyou: Onlyou, tmp_path: Path
) -> None:
    items = {i["id"]: i for i in onlyou("recipe", "list", "--json", home=tmp_path).json["items"]}
    assert set(items) == set(specs.shipped())
    found = items["photobooth"]
    assert (found["size"], len(found["sha256"]), found["ready"]) == ([512, 640], 64, True)
    assert (found["licence_class"], found["isolation"]) == ("permissive", "batched")
    assert len(found["scenarios"]) >= 30
    assert set(found["scenarios"]) <= set(scenarios.shipped().by_id)


def test_what_cannot_start_is_listed_with_the_reason(
    onlyou: Onlyou, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = {i["id"]: i for i in onlyou("recipe", "list", "--json", home=home).json["items"]}
    assert not items["mine"]["ready"]
    assert "put unet/config.json" in items["mine"]["why"]
    assert "ONLYOU_ACKNOWLEDGE=sdxl-faceid" in items["sdxl-faceid"]["why"]
    assert items["sdxl-faceid"]["sha256"] is None
    monkeypatch.setattr(starting, "find_spec", lambda _name: None)
    gone = {i["id"]: i for i in onlyou("recipe", "list", "--json", home=home).json["items"]}
    assert "pip install 'onlyou[diffusion]'" in gone["sdxl-tiny"]["why"]
    assert gone["photobooth"]["ready"]
    said = onlyou("recipe", "list", home=home)
    assert said.status == 0
    assert "not ready" in said.out


@pytest.mark.xdist_group("demo")  # where processes of the engine are forked already
def test_listing_loads_no_heavy_library(forks: Forks, home: Path) -> None:
    done = forks.run(home, ["recipe", "list", "--home", str(home)], TELL_WHAT_IS_HEAVY)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "set()"


def test_another_packages_recipe_is_listed_without_being_run(
    onlyou: Onlyou, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = (
        EntryPoint("theirs", "nothing.at.all:Here", recipes.GROUP),
        EntryPoint("photobooth", "nothing.at.all:Here", recipes.GROUP),
    )
    monkeypatch.setattr(recipes, "entry_points", lambda **_: offered)
    items = onlyou("recipe", "list", "--json", home=home).json["items"]
    assert [i["ready"] for i in items if i["id"] == "theirs"] == [None]
    assert [i["kind"] for i in items if i["id"] == "photobooth"] == ["photobooth"]
    said = onlyou("recipe", "check", "theirs", home=home)
    assert (said.status, "another package" in said.err) == (2, True)


# --- check


def test_files_are_checked_pinned_and_checked_again(onlyou: Onlyou, home: Path) -> None:
    weights = weighing.put(home / "weights" / REPO)
    before = onlyou("recipe", "check", "mine", "--json", home=home)
    assert before.status == 1
    assert {file["state"] for file in before.json["files"]} == {"not pinned"}
    assert "--pin" in before.json["why"]
    pinned = onlyou("recipe", "check", "mine", "--pin", "--json", home=home)
    assert (pinned.status, pinned.json["ok"], pinned.json["why"]) == (0, True, None)
    assert {file["path"]: file["sha256"] for file in pinned.json["files"]} == {
        name: weighing.sha256(content) for name, content in FILES.items()
    }
    assert "mine can start here" in onlyou("recipe", "check", "mine", home=home).out
    (weights / "unet/config.json").write_text('{"layers": 3}\n')
    after = onlyou("recipe", "check", "mine", home=home)
    assert after.status == 1
    assert "DIFFERS" in after.out
    assert "it was changed" in after.out


def test_missing_weights_are_one_sentence_that_says_what_goes_where(
    onlyou: Onlyou, home: Path
) -> None:
    said = onlyou("recipe", "check", "mine", home=home)
    assert said.status == 1
    assert f"put unet/config.json and 1 more from {REPO} into {home}/weights/{REPO}" in said.err


@pytest.mark.parametrize("code", ["zip", "protocol 0", "protocol 4"])
def test_a_pickle_is_refused_by_what_it_holds(onlyou: Onlyou, home: Path, code: str) -> None:
    weighing.put(home / "weights" / REPO, {**FILES, "unet/model.safetensors": CODE[code]})
    said = onlyou("recipe", "check", "mine", "--pin", "--json", home=home)
    assert said.status == 1
    assert "model.safetensors is refused" in said.json["detail"]
    assert not list(home.rglob("*.lock.toml"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unet/model.safetensors", "unet/model.bin", "such a file may hold code"),
        ("steps = 4", "steps = 4\nrun = 'me'", "unknown key 'run'"),
        ('kind = "sdxl"', 'kind = "gan"', "kind must be one of"),
    ],
)
def test_a_file_with_a_fault_is_one_sentence(
    onlyou: Onlyou, tmp_path: Path, old: str, new: str, words: str
) -> None:
    home = described(tmp_path / "home", GOOD.replace(old, new))
    said = onlyou("recipe", "check", "mine", home=home)
    assert said.status == 1
    assert words in said.err
    assert "Traceback" not in said.err
    listed = onlyou("recipe", "list", "--json", home=home)
    assert (listed.status, len(listed.json["items"])) == (0, len(specs.shipped()))
    assert words in listed.json["faults"][0]
    assert words in onlyou("recipe", "list", home=home).out


def test_research_weights_start_only_once_they_are_acknowledged(
    onlyou: Onlyou, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = described(tmp_path / "home", RESEARCH)
    weighing.put(home / "weights" / REPO)
    for command in (("recipe", "check", "mine"), ("init", "--recipe", "mine")):
        said = onlyou(*command, home=home)
        assert said.status == 1
        assert "mine is not for commercial use: for research alone." in said.err
    monkeypatch.setenv("ONLYOU_ACKNOWLEDGE", "other, mine")
    assert onlyou("recipe", "check", "mine", "--pin", home=home).status == 0


def test_a_recipe_that_cannot_start_is_refused_before_a_home_is_made(
    onlyou: Onlyou, home: Path
) -> None:
    said = onlyou("init", "--recipe", "mine", home=home)
    assert said.status == 1
    assert "mine lacks its base" in said.err
    assert not (home / "onlyou.sqlite3").exists()


def test_an_unknown_recipe_names_what_there_is(onlyou: Onlyou, home: Path) -> None:
    for command in ("check", "selftest"):
        said = onlyou("recipe", command, "crayon", home=home)
        assert said.status == 2
        assert "here are filter" in said.err


# --- selftest


@pytest.mark.whole
def test_the_photobooth_keeps_people_apart(onlyou: Onlyou, tmp_path: Path) -> None:
    said = onlyou("recipe", "selftest", "photobooth", "--json", home=tmp_path)
    found = said.json
    assert (said.status, found["ok"], found["recipe"]) == (0, True, "photobooth")
    assert (found["rows"], found["swapped"], found["isolation"]) == (4, [0, 3], "bit-identical")
    assert (found["max_abs_diff_others"], found["swapped_row_changed"]) == (0.0, True)
    assert (found["device"], found["dtype"], found["weights"]) == ("cpu", "uint8", "real")
    assert all(len(file["sha256"]) == 64 and file["path"] for file in found["files"])


@pytest.mark.whole
@pytest.mark.xdist_group("torch")
def test_random_weights_go_through_the_whole_path(onlyou: Onlyou, tmp_path: Path) -> None:
    said = onlyou("recipe", "selftest", "sdxl-tiny", "--json", home=tmp_path)
    found = said.json
    assert (said.status, found["ok"], found["isolation"]) == (0, True, "bit-identical")
    assert (found["rows"], found["weights"], found["dtype"]) == (4, "tiny-random", "float32")
    assert onlyou("recipe", "check", "sdxl-tiny", home=tmp_path).status == 0


def test_a_recipe_that_mixes_people_ends_with_one(
    onlyou: Onlyou, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixing = EntryPoint("mixing", "tests.generation.test_isolation:Mixing", recipes.GROUP)
    monkeypatch.setattr(recipes, "entry_points", lambda **_: (mixing,))
    said = onlyou("recipe", "selftest", "mixing", home=tmp_path)
    assert said.status == 1
    assert "leak" in said.out


# --- what stands in the files is what runs


@pytest.mark.parametrize("name", sorted(specs.shipped()))
def test_every_shipped_recipe_is_what_its_adapter_says_of_itself(
    name: str, tmp_path: Path
) -> None:
    spec = specs.shipped()[name]
    recipe = wiring.make(spec, settings.read(tmp_path, recipe=name))
    assert not isinstance(recipe, stock.Absent)
    assert (recipe.id, recipe.size) == (spec.id, spec.size)
    shape = getattr(recipe, "conditioned", None)  # only what shares passes encodes faces
    tensors = {"vector": (512,), "tokens": (257, 1280)}
    assert tensors.get(spec.conditioning, shape) == shape
    assert getattr(recipe, "batches", spec.batches) == spec.batches
    assert (spec.isolation == "alone") == (spec.batches == (1,))


def test_nobodys_withdrawal_waits_for_weights(
    onlyou: Onlyou, town_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "recipe", REAL)
    monkeypatch.setenv("ONLYOU_RECIPE", "sdxl-plusface")
    said = onlyou("consent", "withdraw", "Ada", "feed_insert", home=town_home)
    assert (said.status, said.err) == (0, "")
    assert "is off for Ada" in said.out
    monkeypatch.setattr(starting, "find_spec", lambda _name: None)
    monkeypatch.setattr(loading, "find_spec", lambda _name: None)  # and torch is gone as well
    assert onlyou("consent", "withdraw", "Ada", "likeness", home=town_home).status == 0
