# SPDX-License-Identifier: Apache-2.0
"""`/v1/friends`: who names me as I name them. Naming answers the same for anybody's id."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from consent.words import Subject, parse_id, public_id
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import person, rooms_of
from engine.api.shapes import Id, Shape
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["sharing"], responses=REFUSALS, dependencies=[SIGNED_IN])

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.FEED_READ))]
Owner = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]


class Friend(Shape):
    """Somebody who is named and names back."""

    id: Id
    name: str


class Friends(Shape):
    """A person's friends."""

    items: list[Friend]


@router.get("/v1/friends", response_model=Friends)
def friends(rooms: InRooms, subject: Who) -> Response:
    """List my friends: those whom I name, and who name me."""
    return json({"items": listed(rooms, subject)})


@router.put("/v1/friends/{id}", status_code=204)
def befriend(rooms: InRooms, subject: Owner, id: str) -> Response:  # noqa: A002  as elsewhere
    """Name somebody as a friend. The answer says nothing of whether anybody has this id."""
    if (number := parse_id(id)) is not None:
        rooms.feed.friends.befriend(subject, Subject(number))
    return Response(status_code=204)


@router.delete("/v1/friends/{id}", status_code=204)
def unfriend(rooms: InRooms, subject: Owner, id: str) -> Response:  # noqa: A002  as elsewhere
    """Take it back; from then on neither sees what the other shows to friends."""
    if (number := parse_id(id)) is not None:
        rooms.feed.friends.unfriend(subject, Subject(number))
    return Response(status_code=204)


def listed(rooms: Rooms, subject: Subject) -> list[dict[str, object]]:
    """Describe a person's friends by id and name, in the order in which they were named."""
    mine = rooms.feed.friends.of(subject)
    names = rooms.consent.accounts.names(mine)
    return [{"id": public_id(one), "name": names[one]} for one in mine if one in names]
