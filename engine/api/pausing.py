# SPDX-License-Identifier: Apache-2.0
"""`/v1/pause`: stop everything for a while, and let it go on. Neither needs anything beforehand.

A time pauses until then, null resumes; both succeed again when repeated. Nothing is destroyed:
what was made stays its person's to look at, and withdrawing and erasing work as ever.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from consent.errors import Misused
from consent.words import Micros, Reason, Subject, parse_rfc3339, rfc3339
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.problems import Problem, Slug
from engine.api.shapes import Shape, Time
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(
    tags=["consent"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once
)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]
_FIELD: Final = "until"


class Pausing(BaseModel):
    """Until when everything is paused; null lets it go on."""

    until: Time | None


class Pause(Shape):
    """Whether everything is paused, and until when; null beside `paused` is until resumed."""

    paused: bool
    until: Time | None


@router.get("/v1/pause", response_model=Pause)
def pause(rooms: InRooms, subject: Who) -> Response:
    """Say whether everything is paused."""
    return json(told(rooms, subject))


@router.post("/v1/pause", response_model=Pause)
def change(rooms: InRooms, subject: Who, asked: Pausing) -> Response:
    """Pause everything until a time, at most ten years ahead, or let it go on."""
    set_until(rooms, subject, None if asked.until is None else _time(asked.until))
    return json(told(rooms, subject))


def set_until(rooms: Rooms, subject: Subject, until: Micros | None) -> None:
    """Pause everything of a person until a time, or let it go on.

    Errors: Problem `invalid` for a time that is over or more than ten years ahead.
    """
    if until is None:
        rooms.consent.pauses.resume(subject)
        return
    try:
        rooms.consent.pauses.pause(subject, until)
    except Misused as wrong:
        if wrong.reason is not Reason.UNKNOWN_KEY:
            raise
        raise Problem(Slug.INVALID, f"{wrong.sentence}.", field=_FIELD) from wrong


def told(rooms: Rooms, subject: Subject) -> dict[str, object]:
    """Describe a person's pause as `Pause`."""
    found = rooms.consent.pauses.of(subject)
    until = None if found is None or found.until is None else rfc3339(found.until)
    return {"paused": found is not None, "until": until}


def _time(text: str) -> Micros:
    try:
        return parse_rfc3339(text)
    except ValueError as wrong:
        raise Problem(Slug.INVALID, "until: there is no such time.", field=_FIELD) from wrong
