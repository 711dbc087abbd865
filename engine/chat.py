# SPDX-License-Identifier: Apache-2.0
"""A chat in which somebody asks for a portrait: `/imagine me as a jazz singer`.

Rules:
1. the command asks for one portrait under `imagine`, by the same way as every other (`wording`,
   `ordering`): nothing is drawn that the gate does not allow, and nothing reaches the feed
2. no message is a yes: who has not said it is told where the notice is, and what to do there
3. nothing that is said here is kept but a request's own words, sealed beside it
A chat of another service calls `answered` for whom it has signed in, and sends the reply back.
"""

import re
from dataclasses import dataclass
from typing import Final

from consent.errors import Denied, Misused
from consent.words import PLAIN, ObjectId, Purpose, Reason, Subject
from engine import ordering, wording
from engine.ordering import Order
from engine.rooms import Rooms

LONGEST: Final = 2_000
"""Characters of a message; what asks for a picture has far fewer (`generation.screening`)."""
_COMMAND: Final = re.compile(r"\s*(?:@[^/\n]{1,40}\s)?/(\w+)\b(.*)", re.DOTALL)
HELP: Final = (
    "Write /imagine and what you would like to be seen as, such as: /imagine me as a jazz singer. "
    "You get one portrait, which only you can see. It never goes into your feed."
)
_DRAWING: Final = "On it. {drawn} Only you can see it: you find it in the studio when it is done."
_NO_YES: Final = (
    "I may not draw you yet: {sentence}. To say yes, open Likeness, read the text for "
    "“{plain}” and turn it on; you can turn it off there at any time."
)
_NO_SELFIES: Final = "I have no selfies of you to draw from. You can add some under Likeness."
_LATER: Final = "Not now: {sentence}."
_A_YES: Final = frozenset(
    (
        Reason.NOT_GRANTED,
        Reason.WITHDRAWN,
        Reason.EXPIRED,
        Reason.NOTICE_OUTDATED,
        Reason.NOTICE_MISSING,
    )
)
"""Refusals that a yes would lift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said back; `job` is what was begun, if anything was."""

    reply: str
    job: ObjectId | None = None


def answered(rooms: Rooms, subject: Subject, text: str) -> Answer:
    """Answer one message of somebody who is signed in.

    Errors: Broken(unavailable) where something that decides gives no answer.
    """
    command = _COMMAND.fullmatch(text)
    said = command.group(2).strip() if command else ""
    if command is None or command.group(1).lower() != "imagine" or not said:
        return Answer(reply=HELP)
    try:
        return _begun(rooms, subject, said)
    except Denied as denied:
        return Answer(reply=_refused(denied))
    except Misused as misused:
        return Answer(reply=_sentence(misused.sentence))


def _begun(rooms: Rooms, subject: Subject, said: str) -> Answer:
    wish = wording.asked(rooms, subject, prompt=said)
    order = Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=(wish,))
    job = ordering.place(rooms, subject, order)
    drawn = _sentence(wording.shown(rooms, wish.scenario, wish.words or ""))
    return Answer(reply=_DRAWING.format(drawn=drawn), job=job)


def _refused(denied: Denied) -> str:
    if denied.reason is Reason.SELFIES_REQUIRED:
        return _NO_SELFIES
    told = _NO_YES if denied.reason in _A_YES else _LATER
    plain = PLAIN[denied.purpose or Purpose.IMAGINE]
    return told.format(sentence=denied.sentence.rstrip("."), plain=plain)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
