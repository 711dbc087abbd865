# SPDX-License-Identifier: Apache-2.0
"""Who is asking, checked before a route runs. Every route depends on this file.

1. A bearer header or the cookie `onlyou` names the person; the header wins.
2. A scope is checked by route. Whose object it is, is not answered here: that is a 404 later.
3. A write by cookie comes from our own page: `Sec-Fetch-Site: same-origin` or the form's token.
4. A POST with an `Idempotency-Key` acts once.
"""

import hmac
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from typing_extensions import override

from consent import scopes as scopes_of_rows
from consent.scopes import NOBODY
from consent.words import Subject, public_id
from engine.api.idempotency import HEADER, Answers, repeatable
from engine.api.problems import Problem, Slug, not_found
from engine.api.tokens import COOKIE, Claims, Issuer, Scope, unauthenticated
from engine.rooms import Rooms

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SERVER_ERROR: Final = 500
_UNAUTHENTICATED: Final = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every route finds at hand: the built rooms, the issuer and what was answered before."""

    rooms: Rooms
    issuer: Issuer
    answers: Answers
    development: bool  #: whether the development issuer is on
    refuse: Callable[[Request, Exception], Response]  #: a problem, or a page that says the same


def desk_of(request: Request) -> Desk:
    """Find the desk of the running app."""
    return cast("Desk", request.app.state.desk)


async def rooms_of(request: Request) -> Rooms:
    """Find the built rooms of the running app; not worth a thread."""
    return desk_of(request).rooms


def token_of(request: Request) -> tuple[str | None, bool]:
    """Read the token a request carries, and whether it came by cookie."""
    header = request.headers.get("authorization")
    if header is None:
        return request.cookies.get(COOKIE), True
    kind, _, token = header.partition(" ")
    return (token.strip() if kind.lower() == "bearer" else ""), False


def claims_of(request: Request, token: str) -> Claims | None:
    """Read a token, once a request; None for one that is no good."""
    if not hasattr(request.state, "claims"):
        try:
            request.state.claims = desk_of(request).issuer.read(token)
        except Problem:
            request.state.claims = None
    claims: Claims | None = request.state.claims
    return claims


def asking(*scopes: Scope) -> Callable[[Request], Awaitable[Claims]]:
    """Build the check that a request's token is valid and has every one of these scopes."""

    async def check(request: Request) -> Claims:
        """Read the claims of a request, or refuse it."""
        token, by_cookie = token_of(request)
        if token is None:
            raise unauthenticated()
        claims = claims_of(request, token)
        if claims is None:
            raise unauthenticated()
        if not claims.scopes.issuperset(scopes):
            raise Problem(Slug.SCOPE, f"This needs the scope {' '.join(scopes)}.")
        if by_cookie and request.method not in _SAFE:
            await _with_our_token(request, desk_of(request).issuer.csrf(token))
        scopes_of_rows.say(_rows_of(claims))
        return claims

    return check


def _rows_of(claims: Claims) -> scopes_of_rows.Scope:
    """Say whose rows a token's bearer may touch: their own; a token for staff has none."""
    return scopes_of_rows.of(claims.subject) if claims.subject is not None else NOBODY


def named(*scopes: Scope) -> Callable[[Request], Awaitable[Subject]]:
    """Build the check that a token names a person, whether or not anybody here knows them."""
    check = asking(*scopes)

    async def who(request: Request) -> Subject:
        """Name the person who asks, or refuse."""
        claims = await check(request)
        if claims.subject is None:
            raise Problem(Slug.SCOPE, "This is for a person, and the token names none.")
        return claims.subject

    return who


def person(*scopes: Scope) -> Callable[[Request], Awaitable[Subject]]:
    """Build the check that the asker is a person; routes get nobody else's name than this.

    A token outlives an erasure by up to its lifetime; from then on it finds nothing anywhere.
    """
    check = named(*scopes)

    async def who(request: Request) -> Subject:
        """Name the person, whom somebody here still knows."""
        subject = await check(request)
        accounts = desk_of(request).rooms.consent.accounts
        found = await run_in_threadpool(accounts.find, public_id(subject))
        if found.subject != subject:  # somebody is called as an erased person's id was
            raise not_found()
        return subject

    return who


def from_our_page(request: Request) -> None:
    """Refuse to sign anybody in or out for another site; what sends no header is no browser."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise Problem(Slug.SCOPE, "This must come from our own page.")


async def _with_our_token(request: Request, expected: str) -> None:
    if request.headers.get("sec-fetch-site") == "same-origin":
        return
    given = request.headers.get("x-csrf-token") or await _form_token(request)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Problem(Slug.SCOPE, "A write by cookie must come from our own page.")


async def _form_token(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        return ""
    return str((await request.form()).get("csrf", ""))


class Once(APIRoute):
    """A route whose POST acts once for one `Idempotency-Key`."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route so that a repeated POST gets its first answer."""
        run = super().get_route_handler()

        async def once(request: Request) -> Response:
            """Answer a request, a repeated one with what was answered first."""
            if request.method != "POST" or HEADER not in request.headers:
                return await run(request)
            return await _once(request, run)

        return once


async def _once(request: Request, run: Callable[[Request], Awaitable[Response]]) -> Response:
    answers = desk_of(request).answers
    post = await repeatable(request, _known(request))
    before = await run_in_threadpool(answers.claim, post)
    if before is not None:
        return before
    try:
        made = await _answered(request, run)
    except BaseException:
        await run_in_threadpool(answers.release, post)
        raise
    lasts = made.status_code < _SERVER_ERROR and made.status_code != _UNAUTHENTICATED
    await run_in_threadpool(*((answers.keep, post, made) if lasts else (answers.release, post)))
    return made


def _known(request: Request) -> Claims | None:
    """Read who asks, to tell whose key it is; the route itself refuses a bad token."""
    token, _ = token_of(request)
    return claims_of(request, token) if token is not None else None


async def _answered(request: Request, run: Callable[[Request], Awaitable[Response]]) -> Response:
    """Run a route and turn its refusal into the answer that a repetition gets too."""
    try:
        return await run(request)
    except Exception as error:  # noqa: BLE001  what was not foreseen is raised again there
        return desk_of(request).refuse(request, error)
