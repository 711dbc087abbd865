# SPDX-License-Identifier: Apache-2.0
"""The HTTP API: `app` builds it around the rooms that `engine/wiring` built.

One small file a resource. What every request goes through, outermost first:
1. `logs`      one line, the route and never the path; an unforeseen error becomes a plain 500
2. `headers`   private, no-store, nothing from elsewhere
3. `rates`     nobody asks faster than is fair
4. `limits`    no body beyond its limit
5. `kinds`     no body of a kind that the route does not read
6. `askers`    the database shows nobody's rows
7. `desk`      who asks, for which scope, and from our own page when by cookie; then theirs
8. the route   answers, or raises; `refusals` turns that into one problem
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from consent.errors import OnlyouError
from engine.api import (
    audits,
    chat,
    checkpoints,
    consents,
    development,
    downloads,
    erasure,
    experiments,
    export,
    feed,
    friends,
    health,
    interactions,
    jobs,
    metrics,
    notices,
    own_entries,
    pausing,
    portraits,
    preferences,
    rates,
    recognition,
    reports,
    selfies,
    shares,
    skeleton,
    studio,
    telemetry,
    uploads,
)
from engine.api.askers import Askers
from engine.api.description import described
from engine.api.desk import Desk
from engine.api.headers import PrivateByDefault
from engine.api.idempotency import Answers
from engine.api.kinds import BodyKind
from engine.api.limits import BodyLimit
from engine.api.logs import Quietly
from engine.api.problems import Problem
from engine.api.rates import RateLimit, Rates
from engine.api.refusals import answer_for
from engine.api.tokens import Issuer
from engine.atelier import Atelier
from engine.audit.live import Live
from engine.experiments.records import installed
from engine.experiments.reports import Reports
from engine.gauges import Accounts, exposition
from engine.rooms import Rooms
from engine.scrapes import Scrapes
from engine.settings import Settings

__all__ = ["app"]

_BODY: Final = 256_000  # bytes; no JSON of ours is near it
_JSON: Final = "application/json"
_FORM: Final = "multipart/form-data"
_FRAME: Final = 10_000  # bytes a multipart part's head and fields may add
_FORESEEN: Final = (
    Problem,
    OnlyouError,
    RequestValidationError,
    HTTPException,
    DataError,
    OperationalError,
)
_RESOURCES: Final = (
    health,
    metrics,
    feed,
    interactions,
    telemetry,
    portraits,
    selfies,
    notices,
    consents,
    pausing,
    erasure,
    checkpoints,
    own_entries,
    audits,
    experiments,
    recognition,
    preferences,
    reports,
    export,
    shares,
    skeleton,
    friends,
    downloads,
    studio,
    jobs,
    chat,
)


def app(rooms: Rooms, settings: Settings) -> FastAPI:
    """Build the API around built rooms. The development issuer exists only where it is on."""
    made = FastAPI(
        title="Onlyou",
        summary="Private portraits, only with a permit, provable afterwards.",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_working,
    )
    made.state.atelier = Atelier(rooms)
    made.state.live = Live(rooms.consent)
    made.state.scrapes = Scrapes(partial(exposition, rooms, Accounts()))
    made.state.rates = Rates(rates.read(rooms.settings.rates))
    made.state.experiments = Reports(installed(rooms))
    made.state.desk = _desk(rooms, development=settings.dev_tokens)
    for resource in _RESOURCES:
        made.include_router(resource.router)
    if settings.dev_tokens:
        made.include_router(development.router)
    _wrap(made, rooms)
    made.openapi = described(made)  # type: ignore[method-assign]  # FastAPI's way to extend it
    return made


@asynccontextmanager
async def _working(made: FastAPI) -> AsyncIterator[None]:
    """Make what is asked for as long as the server runs."""
    atelier: Atelier = made.state.atelier
    atelier.open()
    yield
    await run_in_threadpool(atelier.close)


def _desk(rooms: Rooms, *, development: bool) -> Desk:
    room = rooms.consent
    secret = room.keys.derived("api answers")
    return Desk(
        rooms=rooms,
        issuer=Issuer(room.keys.derived("api tokens"), room.clock),
        answers=Answers(room.ledger.engine, secret, room.clock, room.chance),
        development=development,
        refuse=lambda _request, error: answer_for(error),
    )


def _wrap(made: FastAPI, rooms: Rooms) -> None:
    """Put the layers around the routes; the last one added is the outermost."""
    rules = rooms.consent.policy.selfies
    upload = rules.maximum * (rules.max_bytes + _FRAME)
    one = rules.max_bytes + _FRAME
    pages = ("/likeness/selfies", "/welcome/selfies", "/studio/selfies")
    by_path = {"/v1/selfies": upload, "/v1/verify": one, **dict.fromkeys(pages, upload)}
    forms = {"/v1/selfies": _FORM, "/v1/verify": _FORM}
    made.add_middleware(Askers)
    uploads.stay_in_memory(upload)
    made.add_middleware(BodyKind, prefix="/v1/", usual=_JSON, by_path=forms)
    made.add_middleware(BodyLimit, default=_BODY, by_path=by_path)
    made.add_middleware(RateLimit)
    made.add_middleware(PrivateByDefault)
    made.add_middleware(Quietly)
    for kind in _FORESEEN:
        made.add_exception_handler(kind, _refused)


def _refused(request: Request, error: Exception) -> Response:
    desk: Desk = request.app.state.desk
    return desk.refuse(request, error)
