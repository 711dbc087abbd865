# SPDX-License-Identifier: Apache-2.0
"""`GET /healthz`: whether the log can be read. It tells nothing about anybody."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response

from engine.api.answers import json
from engine.api.desk import rooms_of
from engine.api.shapes import Shape
from engine.rooms import Rooms

router = APIRouter(tags=["engine"])


class Health(Shape):
    """Whether the log can be read."""

    status: Literal["ok"]


@router.get("/healthz", response_model=Health)
def healthz(rooms: Annotated[Rooms, Depends(rooms_of)]) -> Response:
    """Say whether this engine can serve: its log has a head that can be read."""
    rooms.consent.ledger.head()
    return json({"status": "ok"})
