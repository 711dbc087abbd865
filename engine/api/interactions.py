# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/interactions`: what a person says about their own feed; it needs no permit."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.problems import Problem, Slug, not_found
from engine.api.shapes import Results
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.acts import NoSuchItem
from feed.feedback import Event, Kind

router = APIRouter(tags=["feed"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once)


class Act(BaseModel):
    """One explicit act on one item; `event_id` is the client's UUID.

    `context` is the item's own, as the page gave it; it may be left out.
    """

    event_id: Annotated[str, Field(min_length=1, max_length=64)]
    item_id: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["accept", "like", "hide", "fewer", "stop", "report", "share_intent", "undo"]
    context: Annotated[str, Field(max_length=64)] | None = None


class Interactions(BaseModel):
    """Acts on one page of the feed."""

    req_id: Annotated[str, Field(min_length=1, max_length=64)]
    events: Annotated[list[Act], Field(max_length=100)]


@router.post("/v1/interactions", response_model=Results)
def interact(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.FEED_READ))],
    acts: Interactions,
) -> Response:
    """Take explicit acts, each once by its `event_id`; they show on the next page."""
    kept = [one for one in acts.events if one.kind != "stop"]  # a no needs to prove nothing
    genuine(rooms, subject, ((one.item_id, one.context) for one in kept))
    page = rooms.feed.contexts.page(subject, acts.req_id)
    events = [
        Event(event_id=one.event_id, item_id=one.item_id, kind=Kind(one.kind), page=page)
        for one in acts.events
    ]
    return json({"results": act(rooms, subject, events)})


def genuine(rooms: Rooms, subject: Subject, contexts: Iterable[tuple[str, str | None]]) -> None:
    """Check the contexts that came along with items. Errors: Problem `invalid` for a forgery."""
    fits = rooms.feed.contexts.fits
    if any(given is not None and not fits(subject, item, given) for item, given in contexts):
        raise Problem(Slug.INVALID, "This context is not this item's.", field="context")


def act(rooms: Rooms, subject: Subject, events: Sequence[Event]) -> list[dict[str, str]]:
    """Hand acts to the feed and say of each what became of it.

    Errors: Problem `not-found` for an item that is somebody else's or nobody's.
    """
    try:
        done = rooms.feed.feedback.record(subject, events)
    except NoSuchItem as unknown:
        raise not_found() from unknown
    return [{"event_id": one.event_id, "status": one.status} for one in done]
