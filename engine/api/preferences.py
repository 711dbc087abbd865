# SPDX-License-Identifier: Apache-2.0
"""`/v1/preferences`: how many inserts a week at most, and which themes never."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import person, rooms_of
from engine.api.shapes import Shape
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.preferences import Wishes
from feed.scenarios import Theme

router = APIRouter(tags=["feed"], responses=REFUSALS, dependencies=[SIGNED_IN])

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]


class Wanted(Shape):
    """What a person wants: `per_week` is null where they leave it to the rules."""

    per_week: Annotated[int, Field(ge=0, le=1_000, strict=True)] | None
    blocked_themes: Annotated[list[Theme], Field(max_length=len(Theme))]


class Preferences(Shape):
    """What a person wants, and the most that the rules allow them."""

    per_week: int | None
    most: int
    blocked_themes: list[Theme]


@router.get("/v1/preferences", response_model=Preferences)
def preferences(rooms: InRooms, subject: Who) -> Response:
    """Say what I want less of."""
    return json(shown(rooms, rooms.feed.preferences.of(subject)))


@router.put("/v1/preferences", response_model=Preferences)
def prefer(rooms: InRooms, subject: Who, wanted: Wanted) -> Response:
    """Want fewer inserts than the rules allow, and never these themes; in force at once."""
    wishes = Wishes(per_week=wanted.per_week, blocked=frozenset(wanted.blocked_themes))
    return json(shown(rooms, rooms.feed.preferences.put(subject, wishes)))


def shown(rooms: Rooms, wishes: Wishes) -> Mapping[str, object]:
    """Write what a person wants as clients see it."""
    return {
        "per_week": wishes.per_week,
        "most": rooms.feed.preferences.most,
        "blocked_themes": sorted(wishes.blocked),
    }
