# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/telemetry`: what a client measured, from whoever lets us. Nothing ever needs it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.interactions import genuine
from engine.api.problems import not_found
from engine.api.shapes import Results
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.acts import NoSuchItem
from feed.telemetry import Glance, Measure

router = APIRouter(tags=["feed"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once)


class Measured(BaseModel):
    """One thing that a client measured of one item. Units: `ms` milliseconds, of `dwell` only."""

    event_id: Annotated[str, Field(min_length=1, max_length=64)]
    item_id: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["seen", "dwell"]
    ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = None
    context: Annotated[str, Field(max_length=64)] | None = None


class Measurements(BaseModel):
    """What was measured on one page of the feed."""

    req_id: Annotated[str, Field(min_length=1, max_length=64)]
    events: Annotated[list[Measured], Field(max_length=100)]


@router.post("/v1/telemetry", response_model=Results)
def measure(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.FEED_READ))],
    measured: Measurements,
) -> Response:
    """Take measurements, each once by its `event_id`; without `telemetry` none is taken."""
    genuine(rooms, subject, ((one.item_id, one.context) for one in measured.events))
    glances = [
        Glance(event_id=one.event_id, item_id=one.item_id, kind=Measure(one.kind), ms=one.ms)
        for one in measured.events
    ]
    try:
        taken = rooms.feed.telemetry.record(subject, glances)
    except NoSuchItem as unknown:
        raise not_found() from unknown
    return json({"results": [{"event_id": one.event_id, "status": one.status} for one in taken]})
