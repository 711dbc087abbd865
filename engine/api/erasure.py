# SPDX-License-Identifier: Apache-2.0
"""`POST /v1/erasure`: everything of a person goes; the certificate is the last thing we say.

Nobody here knows the person afterwards: every other route answers their token as if they had never
been. While the token lasts, this one answers the same certificate again, in case it was lost.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from consent.words import Subject
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, named, rooms_of
from engine.api.shapes import ProvedEntry, Shape
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(
    tags=["erasure"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once
)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Named = Annotated[Subject, Depends(named(Scope.LIKENESS_MANAGE))]


class Erase(BaseModel):
    """The word that nobody types by accident."""

    confirm: Literal["erase"]


class Certificate(Shape):
    """A signed proof that a person was erased, checkable without us."""

    schema_: Annotated[Literal["onlyou-erasure/1"], Field(alias="schema")]
    requested_seq: int
    done_seq: int
    keys_destroyed: int
    bytes_destroyed: int
    checkpoint: str
    proofs: list[ProvedEntry]
    signature: str


@router.post("/v1/erasure", response_model=Certificate)
def erase(rooms: InRooms, subject: Named, _confirmed: Erase) -> Response:
    """Erase everything of the person who asks, at once and for good."""
    return json(rooms.consent.erasures.erase(subject))
