# SPDX-License-Identifier: Apache-2.0
"""The doors: pick a person (development only), and leave."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from engine.api.desk import Desk, desk_of, from_our_page
from engine.api.tokens import COOKIE
from engine.web import rendering

leaving = APIRouter(include_in_schema=False)
entering = APIRouter(include_in_schema=False)


@entering.get("/enter")
def pick(desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """Show who can be picked: ids and names, nothing of what they said or have."""
    people = sorted(desk.rooms.consent.accounts.list(), key=lambda one: one.name)
    return rendering.page("enter.html", people=people)


@leaving.post("/leave")
def leave(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """Forget the cookie. It works at any time, with or without a session."""
    from_our_page(request)
    left = RedirectResponse("/enter" if desk.development else "/", status_code=303)
    return without_cookie(left, request)


def without_cookie(answer: Response, request: Request) -> Response:
    """Let the browser forget who was here."""
    answer.delete_cookie(
        COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )
    return answer
