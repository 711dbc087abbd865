# SPDX-License-Identifier: Apache-2.0
"""What a diffusion model is asked for comes from the catalogue and says nothing of the person."""

import ast
from pathlib import Path

import pytest

from feed.scenarios import shipped
from generation.recipes import CannotRender, prompts


def test_every_scenario_of_the_catalogue_has_exactly_its_prompt() -> None:
    drawn = {idea.id: idea.prompt for idea in prompts.ideas().values()}
    assert drawn == {one.id: one.prompt_for("a person") for one in shipped().scenarios}


def test_the_look_of_an_idea_is_the_catalogues() -> None:
    for one in shipped().scenarios:
        idea = prompts.ideas()[one.id]
        assert (idea.finish, idea.palette) == (one.finish.value, one.scene.palette)
        assert idea.mood == one.mood.value
        assert (idea.setting, idea.light) == (one.scene.setting, one.scene.light)


def test_no_slot_is_left_open_in_any_prompt() -> None:
    assert [i.id for i in prompts.ideas().values() if "{" in i.prompt or "}" in i.prompt] == []


def test_what_the_catalogue_does_not_hold_has_no_prompt() -> None:
    with pytest.raises(CannotRender, match="no scenario 'anything you like'"):
        prompts.prompt_of("anything you like")


def test_the_digest_changes_with_one_word_of_one_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = prompts.digest()
    (tmp_path / "one.toml").write_text(
        '[a]\ntitle = "t"\nalt = "a"\nthemes = []\n'
        'prompt = "portrait of {person}"\nfinish = "photo"\nmood = "half"\n'
        'scene = { setting = "s", light = "l", palette = [] }\n'
    )
    other = prompts.read(tmp_path)
    monkeypatch.setattr(prompts, "ideas", lambda: other)
    assert prompts.prompt_of("a") == "portrait of a person"
    assert prompts.digest() != before


def test_a_prompt_without_its_one_slot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        '[a]\ntitle = "t"\nalt = "a"\nthemes = []\n'
        'prompt = "a portrait"\nfinish = "photo"\nmood = "half"\nscene = {}\n'
    )
    with pytest.raises(ValueError, match="once in the prompt"):
        prompts.read(tmp_path)


def test_the_reader_knows_neither_feed_nor_consent() -> None:
    tree = ast.parse(Path(prompts.__file__).read_text("utf-8"))
    named = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.split(".")[0] for name in named} & {"feed", "consent", "engine"} == set()
