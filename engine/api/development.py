# SPDX-License-Identifier: Apache-2.0
"""The development issuer: a token for anybody who asks. These routes exist only where it is on."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from consent.errors import Misused
from consent.words import Subject
from engine.api.answers import REFUSALS, json
from engine.api.desk import Desk, Once, desk_of, from_our_page
from engine.api.problems import Problem, Slug
from engine.api.shapes import Token, TokenRequest
from engine.api.tokens import COOKIE, PERSONAL, scopes_of

router = APIRouter(tags=["development"], responses=REFUSALS, route_class=Once)
_NOBODY: Final = "There is no person with this id or name."

AtDesk = Annotated[Desk, Depends(desk_of)]


@router.post("/v1/token", response_model=Token)
def token(desk: AtDesk, asked: TokenRequest) -> Response:
    """Issue a short-lived token for a person, or one with staff scopes for nobody."""
    subject = _find(desk, asked.subject) if asked.subject is not None else None
    scopes = scopes_of(asked.scopes, subject)
    return json(
        {
            "access_token": desk.issuer.issue(subject, scopes),
            "token_type": "Bearer",
            "expires_in": desk.issuer.lifetime,
        }
    )


@router.post("/enter", status_code=303, response_class=RedirectResponse)
async def enter(desk: AtDesk, request: Request) -> Response:
    """Sign in as one of the people: the pages' cookie, then the feed.

    Takes `subject` (id or name) as a form field or as JSON. Another site cannot sign anybody in.
    """
    from_our_page(request)
    return signed_in(request, desk, _find(desk, await _named(request)), "/")


def signed_in(request: Request, desk: Desk, subject: Subject, where: str) -> Response:
    """Send a person on with the pages' cookie, which names them."""
    entered = RedirectResponse(where, status_code=303)
    entered.set_cookie(
        COOKIE,
        desk.issuer.issue(subject, PERSONAL),
        max_age=desk.issuer.lifetime,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return entered


def _find(desk: Desk, name: str) -> Subject:
    try:
        return desk.rooms.consent.accounts.find(name).subject
    except Misused as unknown:
        raise Problem(Slug.INVALID, _NOBODY, reason=unknown.reason, field="subject") from unknown


async def _named(request: Request) -> str:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            sent = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return ""
        return str(sent.get("subject", "")) if isinstance(sent, dict) else ""
    return str((await request.form()).get("subject", ""))
