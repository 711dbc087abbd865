# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/ledger/checkpoint`: the signed size and root of the log. It names nobody."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from starlette.responses import PlainTextResponse

from engine.api.desk import rooms_of
from engine.rooms import Rooms

router = APIRouter(tags=["ledger"])


@router.get("/v1/ledger/checkpoint", response_class=PlainTextResponse)
def checkpoint(rooms: Annotated[Rooms, Depends(rooms_of)]) -> Response:
    """Sign the present tree head as a C2SP checkpoint, so that anybody can hold us to it."""
    return PlainTextResponse(
        rooms.consent.ledger.checkpoint(), headers={"Cache-Control": "no-cache"}
    )
