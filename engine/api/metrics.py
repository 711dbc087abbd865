# SPDX-License-Identifier: Apache-2.0
"""`GET /metrics`: what the machine did, for Prometheus. It tells nothing of anybody.

There is no token to ask for, so all of it is told in whole tens (engine/gauges.py).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from engine.api.desk import rooms_of
from engine.gauges import TYPE, Accounts, exposition
from engine.rooms import Rooms

router = APIRouter(tags=["engine"])


def accounts_of(request: Request) -> Accounts:
    """Find the accounts that the running engine keeps, or begin them."""
    state = request.app.state
    if not hasattr(state, "accounts"):
        state.accounts = Accounts()
    accounts: Accounts = state.accounts
    return accounts


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Metrics"}},
)
def metrics(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    accounts: Annotated[Accounts, Depends(accounts_of)],
) -> Response:
    """Say what was drawn, looked at, denied and withdrawn, and what it took."""
    return Response(exposition(rooms, accounts), media_type=TYPE)
