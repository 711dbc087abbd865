# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/erasure`: everything of a person goes; the certificate is the last thing we say.

Nobody here knows the person afterwards: every other route answers their token as if they had never
been. While the token lasts, this one answers the same certificate again, in case it was lost.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, named, rooms_of
from engine.api.shapes import Certificate, Erase
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(
    tags=["erasure"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once
)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Named = Annotated[Subject, Depends(named(Scope.LIKENESS_MANAGE))]


@router.post("/v1/erasure", response_model=Certificate)
def erase(rooms: InRooms, subject: Named, _confirmed: Erase) -> Response:
    """Erase everything of the person who asks, at once and for good."""
    return json(rooms.consent.erasures.erase(subject))
