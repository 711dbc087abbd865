# SPDX-License-Identifier: Apache-2.0
"""`GET /metrics`: what the machine did, for Prometheus. It tells nothing of anybody.

There is no token to ask for, so all of it is told in whole tens (engine/gauges.py),
and no crowd that asks takes more than one thread (engine/scrapes.py).
"""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response

from engine.gauges import TYPE
from engine.scrapes import Scrapes

router = APIRouter(tags=["engine"])


async def scrapes_of(request: Request) -> Scrapes:
    """Find what the running engine tells of itself; not worth a thread."""
    return cast("Scrapes", request.app.state.scrapes)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Metrics"}},
)
async def metrics(scrapes: Annotated[Scrapes, Depends(scrapes_of)]) -> Response:
    """Say what was drawn, looked at, denied and withdrawn, and what it took."""
    return Response(await scrapes.text(), media_type=TYPE)
