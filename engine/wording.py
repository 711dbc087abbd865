# SPDX-License-Identifier: Apache-2.0
"""What somebody asks for, in a form or in their own words, as a wish that can be drawn.

Rules:
1. nothing is stored and nothing is asked of the gate before the words have passed; what does not
   pass leaves nothing behind
2. an idea whose theme the person blocked is neither drawn nor found for their words
3. what is shown is what is drawn: the words that a model gets, or the idea alone where the recipe
   takes no words, and it says so
No message repeats what was said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from consent.errors import Misused
from consent.words import ObjectId, Reason, Subject
from engine import wanting
from engine.rooms import Rooms
from generation import wishes
from generation.expander import Expanded, Nothing
from generation.phrasing import phrased
from generation.portraits import Form, Wish
from generation.recipes import takes_words
from generation.recipes.prompts import ideas
from generation.screening import Failed
from generation.wishes import NotOffered

NOTHING_FITS: Final = "No idea here fits these words. Say it in other words, or choose an idea."
_NOT_OFFERED: Final = "This idea does not offer that choice."
_NO_CHOICES: Final = "Choose an idea first: what there is to choose depends on it."
_IDEAS_ONLY: Final = "Only ideas are drawn here: your other words change nothing in the picture."


class Unsaid(Misused):
    """Words or choices of which nothing is drawn; `field` says which were meant."""

    def __init__(self, reason: Reason, sentence: str, field: str) -> None:
        super().__init__(reason, sentence)
        self.field = field


def asked(
    rooms: Rooms,
    subject: Subject,
    *,
    scenario: str | None = None,
    choices: Mapping[str, str] | None = None,
    prompt: str | None = None,
    form: Form = "still",
) -> Wish:
    """Wish for what somebody asks for: an idea, choices of it, their own words, or none of these.

    Errors: Unsaid(moderation-failed) for words that must not be drawn, Unsaid(unknown-key) where
    no idea fits or offers that; Misused(unknown-key) for an idea that is not here or is blocked;
    Broken(unavailable) where an expander gives no answer.
    """
    if prompt is not None:
        found = _found(rooms, subject, scenario, choices or {}, prompt)
        wish = wanting.one(rooms, subject, found.scenario, form=form)
        return replace(wish, words=found.words)
    if choices and scenario is None:
        raise Unsaid(Reason.UNKNOWN_KEY, _NO_CHOICES, "choices")
    wish = wanting.one(rooms, subject, scenario, form=form)
    return replace(wish, words=_chosen(wish.scenario, choices)) if choices else wish


def told(
    rooms: Rooms, subject: Subject, drawn: Iterable[tuple[ObjectId, str]]
) -> Mapping[ObjectId, str]:
    """Say to a person what their words became, for those requests that were made in words.

    `drawn` are their requests with their ideas.
    """
    scenarios = dict(drawn)
    found = rooms.studio.words_of(subject, list(scenarios))
    return {obj: shown(rooms, scenarios[obj], words) for obj, words in found.items()}


def shown(rooms: Rooms, scenario: str, words: str) -> str:
    """Say as what somebody's words are drawn."""
    if takes_words(rooms.studio.recipe):
        return f"Drawn as: {words}"
    known = rooms.feed.catalogue.by_id.get(scenario)
    return f"Drawn as: {known.title if known else scenario}. {_IDEAS_ONLY}"


def _found(
    rooms: Rooms,
    subject: Subject,
    scenario: str | None,
    choices: Mapping[str, str],
    prompt: str,
) -> Expanded:
    if scenario is not None:
        wanting.offered(rooms, subject, [scenario])
    among = _drawable(rooms, subject) if scenario is None else frozenset([scenario])
    try:
        found = phrased(rooms.expander, prompt, ideas=among & ideas().keys(), choices=choices)
    except NotOffered as error:
        raise Unsaid(Reason.UNKNOWN_KEY, _NOT_OFFERED, "choices") from error
    if isinstance(found, Failed):
        raise Unsaid(Reason.MODERATION_FAILED, found.words, "prompt")
    if isinstance(found, Nothing):
        raise Unsaid(Reason.UNKNOWN_KEY, NOTHING_FITS, "prompt")
    return found


def _drawable(rooms: Rooms, subject: Subject) -> frozenset[str]:
    """Name the ideas that can be drawn here and that the person did not block."""
    known = rooms.feed.catalogue.by_id.keys() & rooms.studio.recipe.scenarios
    return frozenset(known) - rooms.feed.preferences.unwanted(subject)


def _chosen(scenario: str, choices: Mapping[str, str]) -> str:
    try:
        return wishes.wish(scenario, choices)
    except NotOffered as error:
        raise Unsaid(Reason.UNKNOWN_KEY, _NOT_OFFERED, "choices") from error
