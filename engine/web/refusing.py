# SPDX-License-Identifier: Apache-2.0
"""A refusal as a page, where a page was asked for: the same sentence, the same status."""

from typing import Final

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from engine.api import problems
from engine.api.desk import desk_of
from engine.api.problems import STATUS, Problem, Slug
from engine.api.refusals import answer_for, note, told
from engine.web import rendering
from engine.web.visitors import by_htmx

_API: Final = ("/v1/", "/healthz", "/openapi.json")


def refuse(request: Request, error: Exception) -> Response:
    """Answer an error in the form that was asked for."""
    problem = told(error)
    if problem is None or not _wants_page(request):
        return answer_for(error)
    note(problem, error)
    if problem.slug is Slug.UNAUTHENTICATED and desk_of(request).development:
        return _to_the_door(request)
    return _in_place(problem) if by_htmx(request) else _page(problem)


def _wants_page(request: Request) -> bool:
    wanted = "text/html" in request.headers.get("accept", "")
    return wanted and not request.url.path.startswith(_API)


def _to_the_door(request: Request) -> Response:
    if by_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": "/enter"})
    return RedirectResponse("/enter", status_code=303)


def _in_place(problem: Problem) -> Response:
    """Say it after the card where the act was tried; the card stays."""
    said = rendering.page("refusal.html", STATUS[problem.slug], problem=problems.body(problem))
    said.headers["HX-Reswap"] = "afterend"
    return said


def _page(problem: Problem) -> Response:
    body = {"reason": None} | problems.body(problem)
    return rendering.page("refused.html", STATUS[problem.slug], problem=body)
