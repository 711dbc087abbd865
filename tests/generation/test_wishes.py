# SPDX-License-Identifier: Apache-2.0
"""Most wishes need no free text: an idea, and choices from closed lists."""

import re
from importlib.resources import files
from itertools import combinations

import pytest

from feed.scenarios import shipped
from generation.recipes import CannotRender
from generation.recipes.prompts import prompt_of
from generation.wishes import MOST, NotOffered, offered, read, slots, wish


def test_a_wish_is_the_ideas_prompt_and_the_words_of_its_choices() -> None:
    made = wish("tram", {"season": "autumn", "palette": "warm"})
    assert made == (
        f"{prompt_of('tram')}, a palette of amber, rust and cream, autumn, leaves turning"
    )


def test_a_wish_without_choices_is_the_catalogues_prompt() -> None:
    assert wish("aurora", {}) == prompt_of("aurora")


def test_every_idea_offers_something_to_choose() -> None:
    few = {one.id for one in shipped().scenarios if len(offered(one.id)) < 2}
    assert few <= {"constellation", "botanical", "nouveau", "astronaut", "snowglobe"}
    assert all(offered(one.id) for one in shipped().scenarios if one.id not in few)


def test_what_an_idea_does_not_offer_is_refused() -> None:
    with pytest.raises(NotOffered, match="'noir' has no choice of 'palette'"):
        wish("noir", {"palette": "warm"})
    with pytest.raises(NotOffered, match="'palette' has no 'a naked one'"):
        wish("tram", {"palette": "a naked one"})
    with pytest.raises(CannotRender):
        wish("anything", {})


def test_a_wish_is_short_enough_for_the_shortest_text_encoder() -> None:
    """77 tokens, less two marks, hold some sixty words and commas of plain English."""
    longest = 0
    for one in shipped().scenarios:
        choices = {
            s.id: max(s.choices, key=lambda c: len(s.choices[c].words)) for s in offered(one.id)
        }
        for chosen in combinations(choices.items(), min(MOST, len(choices))):
            longest = max(longest, len(re.findall(r"\w+|[^\w\s]", wish(one.id, dict(chosen)))))
    assert longest <= 62
    with pytest.raises(NotOffered, match="at most 3 choices, got 4"):
        wish("tram", dict.fromkeys(("palette", "framing", "season", "company"), "warm"))


def test_a_list_for_an_idea_that_is_gone_is_refused() -> None:
    text = (files("data") / "prompts" / "slots.toml").read_text("utf-8")
    with pytest.raises(ValueError, match="time: no scenario 'gone'"):
        read(text.replace('["gardener", "beekeeper", "ranger", "tram", "kite"', '["gone"'))
    with pytest.raises(ValueError, match="expected the schema"):
        read(text.replace("onlyou-slots/1", "onlyou-slots/2"))


def test_no_two_choices_of_a_list_ask_for_the_same() -> None:
    for slot in slots():
        assert len({choice.words for choice in slot.choices.values()}) == len(slot.choices)
