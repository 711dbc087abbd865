# SPDX-License-Identifier: Apache-2.0
"""Recipe files: what they may say, and one sentence for each thing that they may not."""

import tomllib
from pathlib import Path

import pytest

from generation.recipes import specs
from generation.recipes.clauses import BadSpec

GOOD = """
schema = "onlyou-recipe/1"
id = "mine"
title = "A recipe of one's own"
kind = "sdxl"
licence_class = "openrail"
acknowledge = ""
conditioning = "tokens"
isolation = "batched"
size = [512, 640]
batches = [1, 4]
steps = 4
guidance = 1.0
scheduler = "euler-trailing"
overlay = "none"
[options]
small_vae = true
[[part]]
name = "base"
repo = "somebody/something"
revision = ""
licence = "Apache-2.0"
source = "its model card"
does = "draws"
files = { "unet/config.json" = "", "unet/model.safetensors" = "" }
"""


def mine(old: str = "", new: str = "") -> specs.Spec:
    assert old in GOOD
    return specs.parse(GOOD.replace(old, new, 1).encode(), "mine.toml")


def test_a_recipe_file_is_read_whole() -> None:
    spec = mine()
    assert (spec.id, spec.size, spec.batches, spec.guidance) == ("mine", (512, 640), (1, 4), 1.0)
    assert spec.options == {"small_vae": True}
    part = spec.part("base")
    assert part is not None
    assert (part.repo, set(part.files.values())) == ("somebody/something", {""})
    assert spec.part("adapter") is None


def test_another_byte_in_the_file_is_another_recipe() -> None:
    assert mine().sha256 != mine("A recipe", "Another recipe").sha256


BAD = {
    'schema = "onlyou-recipe/1"': ('schema = "onlyou-recipe/2"', "schema must be"),
    'id = "mine"': ('id = "other"', "id must be the file's name"),
    'title = "A recipe of one\'s own"': ('title = " "', "title must be one line"),
    'kind = "sdxl"': ('kind = "gan"', "kind must be one of photobooth"),
    '"openrail"': ('"free"', "licence_class must be one of"),
    'acknowledge = ""': ('acknowledge = "I know"', "acknowledge is for non-commercial"),
    '"tokens"': ('"names"', "conditioning must be one of"),
    'isolation = "batched"': ('isolation = "alone"', "batches must be [1]"),
    "[512, 640]": ("[512, 641]", "size must be width and height"),
    "[1, 4]": ("[4, 1]", "batches must be different numbers"),
    "steps = 4": ("steps = 0", "steps must be at least 1"),
    "guidance = 1.0": ("guidance = 0.0", "guidance must be a number"),
    '"euler-trailing"': ('""', "scheduler must be a word"),
    'overlay = "none"': ('overlay = "face"', "overlay must be one of"),
    "small_vae = true": ("small_vae = []", "options must be a table of plain values"),
    'name = "base"': ('name = "The Base"', "part 1: name must be"),
    '"somebody/something"': ('"../something"', "part 1: repo must be"),
    'revision = ""': ('revision = "main"', "part 1: revision must be"),
    'licence = "Apache-2.0"': ('licence = ""', "part 1: licence must be"),
    'source = "its model card"': ("", "part 1: source is missing"),
    'does = "draws"': ('does = "draws"\nruns = "this"', "part 1: unknown key 'runs'"),
    '"unet/config.json" = ""': ('"unet/config.json" = "abc"', "64 hexadecimal digits"),
    '"unet/config.json"': ('"../config.json"', "must be a path inside its folder"),
    '"unet/model.safetensors"': ('"unet/model.bin"', "such a file may hold code"),
}


@pytest.mark.parametrize("old", BAD)
def test_what_no_recipe_may_say_is_one_clear_sentence(old: str) -> None:
    new, words = BAD[old]
    with pytest.raises(BadSpec) as found:
        mine(old, new)
    assert words in str(found.value)
    assert str(found.value).startswith("mine.toml")
    assert "\n" not in str(found.value)


def test_an_unknown_key_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(BadSpec, match="unknown key 'code'; known are acknowledge"):
        mine("steps = 4", 'steps = 4\ncode = "run me"')


def test_two_parts_of_one_name_are_refused() -> None:
    part = GOOD[GOOD.index("[[part]]") :]
    with pytest.raises(BadSpec, match="two parts are named 'base'"):
        specs.parse((GOOD + part).encode(), "mine.toml")


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"= 3", b"a = 1\na = 2"])
def test_what_is_no_toml_is_said_so(raw: bytes) -> None:
    with pytest.raises(BadSpec, match=r"mine.toml is no TOML file"):
        specs.parse(raw, "mine.toml")


def test_a_folder_of_ones_own_is_read_without_its_locks(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD)
    (tmp_path / "mine.lock.toml").write_text("")
    (tmp_path / "other.toml").write_text(GOOD)
    found, faults = specs.in_folder(tmp_path)
    assert set(found) == {"mine"}
    assert faults == ("other.toml: id must be the file's name, got 'mine'",)
    assert specs.in_folder(tmp_path / "nowhere") == ({}, ())


def test_every_shipped_recipe_can_be_read() -> None:
    assert {"photobooth", "painted"} <= set(specs.shipped())


def test_the_good_example_is_toml_without_tricks() -> None:
    assert tomllib.loads(GOOD)["part"][0]["name"] == "base"
