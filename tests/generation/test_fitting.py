# SPDX-License-Identifier: Apache-2.0
"""A person's words find the idea that they mean, or none."""

import pytest

from generation import fitting
from generation.recipes.prompts import ideas

EVERY = ideas().keys()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("me as a lighthouse keeper in a storm", "lighthouse"),
        ("me as a jazz singer", "jazz"),
        ("Draw me as a WIZARD, reading old books!", "wizard"),
        ("me as a king on a throne", "royal"),
        ("in space, looking at the Earth", "astronaut"),
        ("climbing mount everest", "mountaineer"),
        ("a detective in the rain", "noir"),
        ("keeping bees", "beekeeper"),
        ("me on Mars", "marsmail"),
        ("a Renaissance portrait", "fresco"),
        ("me with fish under water", "diver"),
        ("an old painting of me", "oldmaster"),
    ],
)
def test_words_find_the_idea_that_they_mean(said: str, meant: str) -> None:
    assert fitting.fitting(said, EVERY) == meant


@pytest.mark.parametrize(
    "said", ["me", "me with a red scarf", "a doctor", "an accountant in a blue suit", "xyz", ""]
)
def test_words_that_no_idea_shares_find_none(said: str) -> None:
    assert fitting.fitting(said, EVERY) is None


def test_one_word_of_a_prompt_decides_nothing_and_two_that_agree_do() -> None:
    assert fitting.fitting("me with some flour", EVERY) is None
    assert fitting.fitting("flour in the oven", EVERY) == "baker"


def test_every_idea_is_found_by_its_own_alt_text_and_title() -> None:
    missed = {
        one.id
        for one in ideas().values()
        if fitting.fitting(f"{one.alt} {one.title}", EVERY) != one.id
    }
    assert not missed


def test_only_what_can_be_drawn_is_found() -> None:
    assert fitting.fitting("me on Mars", EVERY - {"marsmail"}) is None
    assert fitting.fitting("a pirate captain", ["baker"]) is None
    assert fitting.fitting("a pirate captain", []) is None


def test_equal_ideas_go_by_their_ids() -> None:
    told = "something of the theatre, on a stage"
    for among in (["puppeteer", "conductor"], ["conductor", "puppeteer"]):
        assert fitting.fitting("on a stage", among) == "conductor"
        assert fitting.fitting(told, among) == "puppeteer"


def test_endings_make_no_difference() -> None:
    words = fitting.words_of
    assert words("sailing sailors sail sails") == words("sailor") == {"sail"}
    assert words("the baker bakes, baking") == {"bak"}
    assert words("of me in a red hat") == set()


def test_a_word_list_for_an_idea_that_is_gone_is_refused() -> None:
    with pytest.raises(ValueError, match="no scenario 'gone'"):
        fitting.read('schema = "onlyou-also/1"\n[also]\ngone = ["a"]')
    with pytest.raises(ValueError, match="expected the schema"):
        fitting.read("[also]")
