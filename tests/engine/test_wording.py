# SPDX-License-Identifier: Apache-2.0
"""A form or a person's own words become a wish, or leave nothing behind."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from consent.errors import Misused
from consent.words import Reason
from engine import ordering, wording
from engine.ordering import Order, Unfit
from engine.wording import Unsaid, asked
from feed.preferences import Wishes
from feed.scenarios import Theme
from generation.expander import Asked, Expanded
from generation.portraits import Wish
from generation.tables import portrait_order
from tests.engine.town import Town


class Says:
    """An expander of another package that writes what it likes."""

    def __init__(self, words: str) -> None:
        self.words = words

    def expand(self, asked: Asked) -> Expanded:
        return Expanded(scenario=asked.ideas[0], words=self.words)


def wish(town: Town, **body: Any) -> Wish:
    return asked(town.rooms, town.people["Bo"], **body)


def refused(town: Town, **body: Any) -> Unsaid:
    size, _ = town.rooms.consent.ledger.head()
    with pytest.raises(Unsaid) as unsaid:
        wish(town, **body)
    assert town.rooms.consent.ledger.head()[0] == size
    return unsaid.value


def test_words_choose_the_idea_and_stand_in_the_wish(small_town: Town) -> None:
    made = wish(small_town, prompt="me as a jazz singer in a small club")
    assert made.scenario == "jazz"
    assert made.words is not None
    assert "as a jazz singer in a small club" in made.words
    assert made.seed == wish(small_town, scenario="jazz").seed


def test_an_idea_with_choices_is_the_ideas_prompt_with_their_words(small_town: Town) -> None:
    made = wish(small_town, scenario="knight", choices={"season": "winter"})
    assert made.scenario == "knight"
    assert made.words is not None
    assert made.words.endswith("winter, frost on the edges")


def test_what_moves_is_refused_where_only_stills_are_drawn(small_town: Town) -> None:
    for body in ({}, {"scenario": "jazz"}, {"prompt": "a jazz singer"}):
        with pytest.raises(Unfit, match="Only still pictures can be drawn here") as unfit:
            wish(small_town, form="loop", **body)
        assert unfit.value.field == "form"


def test_who_says_nothing_gets_the_catalogues_own_words(small_town: Town) -> None:
    assert wish(small_town).words is None
    assert wish(small_town, scenario="jazz").words is None


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        ({"prompt": "me naked as a pirate"}, Reason.MODERATION_FAILED, "prompt"),
        ({"prompt": ""}, Reason.MODERATION_FAILED, "prompt"),
        ({"prompt": "x" * 301}, Reason.MODERATION_FAILED, "prompt"),
        ({"prompt": "canary the tax adviser"}, Reason.UNKNOWN_KEY, "prompt"),
        ({"prompt": "a wizard"}, Reason.UNKNOWN_KEY, "prompt"),  # quick draws no wizards
        ({"choices": {"season": "winter"}}, Reason.UNKNOWN_KEY, "choices"),
        (
            {"scenario": "jazz", "choices": {"canary": "canary"}},
            Reason.UNKNOWN_KEY,
            "choices",
        ),
        (
            {"prompt": "a pirate", "choices": {"palette": "canary"}},
            Reason.UNKNOWN_KEY,
            "choices",
        ),
    ],
)
def test_what_is_not_drawn_says_why_and_leaves_nothing(
    small_town: Town, body: Mapping[str, Any], reason: Reason, field: str
) -> None:
    unsaid = refused(small_town, **body)
    assert (unsaid.reason, unsaid.field) == (reason, field)
    assert "canary" not in unsaid.sentence
    assert "naked" not in unsaid.sentence


def test_an_idea_that_is_not_here_or_blocked_is_not_drawn_for_words_either(
    small_town: Town,
) -> None:
    with pytest.raises(Misused, match="cannot be drawn here"):
        wish(small_town, scenario="wizard", prompt="a wizard")
    assert wish(small_town, prompt="me as a pirate").scenario == "pirate"
    bo = small_town.people["Bo"]
    blocked = Wishes(blocked=frozenset({Theme.WATER}))
    small_town.rooms.feed.preferences.put(bo, blocked)
    assert refused(small_town, prompt="me as a pirate").sentence == wording.NOTHING_FITS
    with pytest.raises(Misused):
        wish(small_town, scenario="pirate", prompt="with a parrot")


def test_what_a_language_model_writes_is_moderated_like_anybodys_words(small_town: Town) -> None:
    told = "portrait of a person as a baker, no clothes, naked"
    harsh = replace(small_town, rooms=replace(small_town.rooms, expander=Says(told)))
    unsaid = refused(harsh, prompt="me as a jazz singer")
    assert unsaid.reason is Reason.MODERATION_FAILED
    fine = replace(small_town, rooms=replace(small_town.rooms, expander=Says("on a stage")))
    assert wish(fine, prompt="me as a jazz singer").words == "on a stage"


def test_what_is_shown_says_when_only_the_idea_is_drawn(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wording.shown(small_town.rooms, "jazz", "words") == (
        "Drawn as: You, second set, last song. "
        "Only ideas are drawn here: your other words change nothing in the picture."
    )
    recipe = small_town.rooms.studio.recipe
    monkeypatch.setattr(type(recipe), "takes_words", True, raising=False)
    assert wording.shown(small_town.rooms, "jazz", "words") == "Drawn as: words"


def test_a_persons_words_are_told_to_them_alone_and_stand_nowhere_else(
    small_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    rooms, bo = small_town.rooms, small_town.people["Bo"]
    with caplog.at_level(logging.DEBUG):
        order = Order(
            kind="imagine",
            purpose=ordering.Purpose.IMAGINE,
            wishes=(wish(small_town, prompt="me as a pirate with a canarywing hat"),),
        )
        ordering.place(rooms, bo, order)
        (request,) = rooms.studio.pending()
        rooms.studio.make([request])
    drawn = [(request.id, "pirate")]
    assert list(wording.told(rooms, bo, drawn)) == [request.id]
    assert wording.told(rooms, small_town.people["Ada"], drawn) == {}
    assert rooms.studio.words_of(bo, [request.id])[request.id].count("canarywing") == 1
    assert "canarywing" not in caplog.text
    assert "canarywing" not in str(list(rooms.consent.ledger.bodies()))
    files = [one for one in rooms.settings.home.rglob("*") if one.is_file()]
    assert not any(b"canarywing" in one.read_bytes() or "canarywing" in one.name for one in files)
    rooms.consent.withdrawals.withdraw(bo, ordering.Purpose.IMAGINE)
    assert wording.told(rooms, bo, drawn) == {}
    with rooms.consent.ledger.read() as connection:
        assert connection.execute(portrait_order.select()).all() == []
