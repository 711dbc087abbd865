# SPDX-License-Identifier: Apache-2.0
"""The catalogue is what a planner may draw unprompted, so its rules are tests."""

import pkgutil
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from consent.errors import Broken, Misused
from consent.words import Reason
from feed.scenarios import (
    ALT_START,
    SLOT,
    Catalogue,
    Mood,
    Sensitivity,
    Theme,
    catalogue,
    parse,
    read,
    shipped,
    words,
)
from generation.recipes.photobooth import scenarios as drawings

DRAWN = {
    "astronaut", "knight", "superhero", "oldmaster", "storybook", "cyberpunk", "pirate",
    "explorer", "diver", "royal", "jazz", "noir", "chef", "wizard", "botanical", "aurora",
    "aviator", "nouveau", "futurist", "fresco", "animation", "beekeeper", "conductor", "racer",
    "gardener", "lighthouse", "baker", "mountaineer", "ringmaster", "constellation",
    "papercraft", "sailor", "balloonist", "toyshop",
}  # fmt: skip
ONE = """
[kite]
title = "You, holding the wind on a string"
prompt = "portrait of {person} flying a kite"
alt = "AI image of you as a kite flyer"
themes = ["sky"]
mood = "smile"
sensitivity = "gentle"
finish = "photo"
scene = { setting = "a hill", light = "sun", palette = ["yellow"] }
reviewed = 2026-11-02
version = 1
"""


@pytest.fixture(scope="module")
def ideas() -> Catalogue:
    return shipped()


def refused(text: str, tmp_path: Path, match: str) -> None:
    (tmp_path / "never.txt").write_text("# none\nsword\nred king\n")
    (tmp_path / "one.toml").write_text(text)
    with pytest.raises(Broken, match=match) as caught:
        read(tmp_path)
    assert caught.value.reason is Reason.UNKNOWN_KEY


def test_the_catalogue_has_at_least_sixty_ideas(ideas: Catalogue) -> None:
    assert len(ideas.scenarios) >= 60
    assert len(ideas.by_id) == len(ideas.scenarios)


def test_every_idea_that_the_photobooth_draws_is_in_it(ideas: Catalogue) -> None:
    assert set(ideas.by_id) >= DRAWN
    assert len(set(ideas.by_id) - DRAWN) >= 26


def test_the_photobooth_draws_at_least_thirty_of_them(ideas: Catalogue) -> None:
    drawn = {module.name for module in pkgutil.iter_modules(drawings.__path__)}
    assert len(drawn) >= 30
    assert drawn <= set(ideas.by_id)


def test_titles_speak_to_the_person_and_stand_once(ideas: Catalogue) -> None:
    titles = [scenario.title for scenario in ideas.scenarios]
    assert len(set(titles)) == len(titles)
    assert all(title.startswith("You, ") and not title.endswith(".") for title in titles)


def test_alt_texts_say_that_a_machine_made_it(ideas: Catalogue) -> None:
    assert all(scenario.alt.startswith(ALT_START) for scenario in ideas.scenarios)
    assert len({scenario.alt for scenario in ideas.scenarios}) == len(ideas.scenarios)


def test_a_prompt_takes_the_word_for_the_person_once(ideas: Catalogue) -> None:
    for scenario in ideas.scenarios:
        written = scenario.prompt_for("a person")
        assert SLOT not in written
        assert written.count("a person") == 1


def test_every_theme_and_mood_has_several_ideas(ideas: Catalogue) -> None:
    for theme in Theme:
        assert sum(theme in s.themes for s in ideas.scenarios) >= 5
    for mood in Mood:
        assert sum(s.mood is mood for s in ideas.scenarios) >= 10


def test_the_hash_names_the_content(ideas: Catalogue) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", ideas.sha256)
    assert catalogue(reversed(ideas.scenarios)).sha256 == ideas.sha256
    assert catalogue(ideas.scenarios[1:]).sha256 != ideas.sha256
    never = words("")
    changed = ONE.replace("sun", "dusk")
    assert (
        catalogue(parse(ONE, never=never)).sha256 != catalogue(parse(changed, never=never)).sha256
    )


def test_only_what_the_recipe_renders_is_eligible(ideas: Catalogue) -> None:
    renders = frozenset({"aurora", "jazz", "unheard-of"})
    found = ideas.eligible(renders, most_sensitive="eerie")
    assert [scenario.id for scenario in found] == ["aurora", "jazz"]


def test_what_was_shown_lately_is_not_eligible(ideas: Catalogue) -> None:
    found = ideas.eligible({"aurora", "jazz"}, most_sensitive="eerie", without={"jazz"})
    assert [scenario.id for scenario in found] == ["aurora"]


def test_the_policy_bounds_how_much_an_idea_may_startle(ideas: Catalogue) -> None:
    all_of_them = frozenset(ideas.by_id)
    counts = [len(ideas.eligible(all_of_them, most_sensitive=s)) for s in Sensitivity]
    assert counts == sorted(set(counts))
    gentle = ideas.eligible(all_of_them, most_sensitive="gentle")
    assert {scenario.sensitivity for scenario in gentle} == {Sensitivity.GENTLE}


def test_an_unknown_id_is_the_callers_fault(ideas: Catalogue) -> None:
    with pytest.raises(Misused, match="no scenario 'samba'"):
        ideas.of("samba")
    assert ideas.of("aurora").title == "You, under the northern lights"


def test_an_unknown_key_is_an_error(tmp_path: Path) -> None:
    refused(ONE + 'artist = "somebody"\n', tmp_path, "unknown key 'artist' in kite")


def test_a_missing_key_is_an_error(tmp_path: Path) -> None:
    refused(ONE.replace("version = 1", ""), tmp_path, "missing key 'version' in kite")


def test_an_unknown_theme_is_an_error(tmp_path: Path) -> None:
    refused(ONE.replace('"sky"', '"politics"'), tmp_path, "politics")


def test_an_id_stands_once(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text(ONE)
    refused(ONE, tmp_path, "an id stands twice")


@pytest.mark.parametrize(
    ("was", "now", "match"),
    [
        ("{person}", "somebody", "expected {person} once"),
        ("AI image of you as", "Picture of", "must start with"),
        ('["sky"]', "[]", "at least one theme"),
        ('"a hill"', '""', "expected a text"),
        ("2026-11-02", '"lately"', "expected a date"),
        ("version = 1", "version = true", "expected a version"),
    ],
)
def test_a_scenario_that_is_not_whole_is_refused(
    tmp_path: Path, was: str, now: str, match: str
) -> None:
    refused(ONE.replace(was, now), tmp_path, match)


@pytest.mark.parametrize("word", ["a Sword", "the red king"])
def test_a_listed_word_is_refused_anywhere_in_any_case(tmp_path: Path, word: str) -> None:
    refused(ONE.replace("flying a kite", f"with {word}"), tmp_path, "is a word of never.txt")


def test_a_listed_word_inside_another_word_is_no_match() -> None:
    never = words("man\nking")
    assert never.search("a romantic baking mountain") is None
    assert never.search("one Man, baking") is not None


def test_the_word_list_knows_bodies_origins_brands_and_people() -> None:
    never = words((files("data") / "scenarios" / "never.txt").read_text("utf-8"))
    for word in ("muscular", "skin", "asian", "samurai", "disney", "celebrity", "sword"):
        assert never.search(f"portrait with {word} in it")


def test_a_copy_of_the_folder_reads_the_same(tmp_path: Path, ideas: Catalogue) -> None:
    shutil.copytree(str(files("data") / "scenarios"), tmp_path / "copy")
    assert read(tmp_path / "copy").sha256 == ideas.sha256
