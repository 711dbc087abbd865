# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/telemetry`: what a client measured, from whoever lets us. Nothing ever needs it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, person, rooms_of
from engine.api.interactions import genuine
from engine.api.problems import not_found
from engine.api.shapes import Measurements, Results
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.acts import NoSuchItem
from feed.telemetry import Glance, Measure

router = APIRouter(tags=["feed"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once)


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
