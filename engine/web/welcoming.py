# SPDX-License-Identifier: Apache-2.0
"""`/welcome`: from a name to the first portrait in four screens, each of which may be left.

1. what a good selfie is, and the words about a likeness: yes or no
2. the selfies, each with what was wrong with it
3. what they may be used for: one sentence a purpose, nothing chosen beforehand
4. the first portrait
A no anywhere leads to a feed that works without it. Whoever was here before goes on where they
left off.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from consent.errors import Denied, Misused
from consent.words import Purpose, Reason
from engine import jobs as asked_for
from engine.api import jobs, notices, selfies, studio
from engine.api.desk import Desk, Once, desk_of, from_our_page
from engine.api.development import signed_in
from engine.api.problems import Problem, Slug
from engine.web import rendering
from engine.web.checking import checked, photos, sent
from engine.web.drawing import shown as drawn
from engine.web.visitors import Here, Visitor, by_htmx, form_of

router = APIRouter(include_in_schema=False, route_class=Once)
joining = APIRouter(include_in_schema=False, route_class=Once)

ASKED: Final = (Purpose.IMAGINE, Purpose.FEED_INSERT, Purpose.PERSONALISATION)
"""What is asked on the third screen; every other purpose is asked where it is first of use."""

Field = Annotated[str, Form()]
Atelier = studio.InAtelier


@joining.post("/welcome/join")
def join(request: Request, desk: Annotated[Desk, Depends(desk_of)], name: Field) -> Response:
    """Open an account for somebody new, and sign them in. An account is no consent."""
    from_our_page(request)
    try:
        account = desk.rooms.consent.accounts.add(name)
    except Misused as wrong:
        taken = wrong.reason is Reason.DUPLICATE
        said = "Somebody here has this name already." if taken else "A name has 1 to 80 letters."
        raise Problem(Slug.INVALID, f"{said} Choose another.", field="name") from wrong
    return signed_in(request, desk, account.subject, "/welcome")


@router.get("/welcome")
def welcome(viewer: Here) -> Response:
    """Show what a good selfie is, and ask whether to keep any at all."""
    held = viewer.rooms.consent.grants.show(viewer.subject)
    if Purpose.LIKENESS in held:
        return _go("/welcome/selfies")
    notice = notices.serve(viewer.rooms, viewer.subject, Purpose.LIKENESS)
    return _screen(viewer, 1, "begin.html", notice=notice)


@router.post("/welcome")
def answer(viewer: Here, served_id: Field, answer: Field) -> Response:
    """Take the answer about a likeness: no leads to the feed."""
    if answer != "yes":
        return _go("/")
    viewer.rooms.consent.grants.grant(viewer.subject, Purpose.LIKENESS, served_id, method="page")
    return _go("/welcome/selfies")


@router.get("/welcome/selfies")
def ask_selfies(viewer: Here, reasons: str = "") -> Response:
    """Ask for selfies, and say of each that was not kept why."""
    return _screen(viewer, 2, "selfies.html", **photos(viewer), checks=checked(reasons))


@router.post("/welcome/selfies")
def take_selfies(
    request: Request,
    viewer: Here,
    file: list[UploadFile],
    attest_self: Field = "",
    attest_adult: Field = "",
) -> Response:
    """Check photos and keep them; then on, or here again with what was wrong."""
    reasons = sent(viewer, file, attest_self=attest_self, attest_adult=attest_adult)
    if reasons is None:
        return _go("/welcome/uses", request)
    if by_htmx(request):
        return rendering.page("welcome/checks.html", checks=checked(reasons))
    return _go(f"/welcome/selfies?reasons={reasons}")


@router.get("/welcome/uses")
def ask_uses(viewer: Here) -> Response:
    """Ask what the selfies may be used for; serving the words is logged."""
    held = viewer.rooms.consent.grants.show(viewer.subject)
    served = [
        notices.serve(viewer.rooms, viewer.subject, purpose)
        for purpose in ASKED
        if purpose not in held
    ]
    return _screen(viewer, 3, "uses.html", notices=served)


@router.post("/welcome/uses")
def take_uses(
    viewer: Here, atelier: Atelier, form: Annotated[FormData, Depends(form_of)]
) -> Response:
    """Record each yes, nothing for anything else; draw the first one if that is wanted."""
    grants = viewer.rooms.consent.grants
    for purpose in ASKED:
        served = form.get(f"served-{purpose}")
        if form.get(purpose) == "yes" and isinstance(served, str):
            grants.grant(viewer.subject, purpose, served, method="page")
    first = _first(viewer)
    if first is None:
        return _go("/")
    atelier.call()
    return _go("/welcome/first")


@router.get("/welcome/first")
def first_portrait(request: Request, viewer: Here) -> Response:
    """Show how far the first portrait is, then the portrait."""
    mine = asked_for.listed(viewer.rooms, viewer.subject, 1)
    if not mine:
        return _go("/")
    job = drawn(viewer, jobs.shape(viewer.rooms, mine[0]))
    if by_htmx(request):
        return rendering.page("welcome/drawing.html", job=job, **viewer.shown())
    return _screen(viewer, 4, "first.html", job=job)


def _first(viewer: Visitor) -> object | None:
    """Order a portrait in an idea that the ranking chooses, where everything allows it."""
    rooms, subject = viewer.rooms, viewer.subject
    if Purpose.IMAGINE not in rooms.consent.grants.show(subject):
        return None
    if not selfies.listed(rooms, subject):
        return None
    try:
        return studio.order_one(rooms, subject, studio.Imagine())
    except Denied:
        return None


def _screen(viewer: Visitor, number: int, template: str, **more: Any) -> Response:  # noqa: ANN401
    """Fill one of the four screens."""
    shown = viewer.shown() | {"step": number, "here": None} | more
    return rendering.page(f"welcome/{template}", **shown)


def _go(where: str, request: Request | None = None) -> Response:
    if request is not None and by_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)
