# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/feed`: one page of the asker's own feed. There is no way to name another's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import named, rooms_of
from engine.api.shapes import FeedPage
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.page import MOST, USUAL

router = APIRouter(tags=["feed"], responses=REFUSALS, dependencies=[SIGNED_IN])


@router.get("/v1/feed", response_model=FeedPage)
def feed(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(named(Scope.FEED_READ))],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL,
) -> Response:
    """Read a page; it writes nothing unless an imagined item stands on it.

    Whether anybody still knows the person is read with the page itself.
    """
    return json(rooms.feed.pages.of(subject, cursor, limit).json())
