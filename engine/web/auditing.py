# SPDX-License-Identifier: Apache-2.0
"""`/audit`: the log verified and replayed, for staff. No faces here, and no route to one.

The report is the file that `onlyou audit report` writes; its style is its own, so it is handed
out to be kept and never shown in place.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import RedirectResponse

from consent import policies
from consent.replay.run import Mode
from engine.api.answers import REFUSALS, SIGNED_IN
from engine.api.audits import AUDITOR, Looking, look
from engine.api.desk import Desk, desk_of, from_our_page
from engine.api.problems import Problem, Slug
from engine.api.tokens import COOKIE, STAFF
from engine.web import rendering, report

pages = APIRouter(include_in_schema=False, dependencies=[AUDITOR])
files = APIRouter(tags=["audit"], responses=REFUSALS, dependencies=[SIGNED_IN, AUDITOR])
entering = APIRouter(include_in_schema=False)

_FILE: Final = 'attachment; filename="onlyou-audit.html"'


@pages.get("/audit")
def audit(
    live: Looking,
    policy: Annotated[str, Query(max_length=80)] = "",
    mode: Mode = "pointwise",
) -> Response:
    """Show what the verifier found, and a replay under the policy that was chosen."""
    seen = look(live)
    shown: dict[str, Any] = {"seen": seen, "origin": seen.note.partition("\n")[0]}
    if seen.report is None:
        return rendering.page("audit/broken.html", **shown)
    names = [row.policy.id for row in seen.report.rows]
    chosen = policies.load(policy or names[-1])
    return rendering.page(
        "audit/page.html",
        names=names,
        chosen=chosen,
        mode=mode,
        found=live.replay(chosen, mode),
        **shown,
        **report.shown(seen.report),
    )


@files.get(
    "/v1/audit/report",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "One HTML file"}},
)
def download(live: Looking) -> Response:
    """Hand the whole audit out as one HTML file that needs nothing else."""
    seen = look(live)
    if seen.report is None:
        raise Problem(Slug.UNAVAILABLE, "The log does not verify; nothing is reported.")
    headers = {"Content-Disposition": _FILE}
    return Response(report.html(seen.report), media_type="text/html", headers=headers)


@entering.post("/audit/enter")
def enter(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Response:
    """Sign in as staff (development only): the token names nobody and opens nothing personal."""
    from_our_page(request)
    entered = RedirectResponse("/audit", status_code=303)
    entered.set_cookie(
        COOKIE,
        desk.issuer.issue(None, STAFF),
        max_age=desk.issuer.lifetime,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return entered
