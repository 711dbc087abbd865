# SPDX-License-Identifier: Apache-2.0
"""`/studio`: selfies, an idea or styles, the drawing, and what came of it.

Every form calls the function that the API route calls. What cannot be drawn is said where it was
asked for, beside the words as they were typed.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from consent.words import Purpose, public_id
from engine import wanting
from engine.api import jobs, portraits, reports, studio
from engine.api.desk import Once
from engine.api.problems import Problem
from engine.jobs import Job
from engine.ordering import Order
from engine.web import offering, rendering
from engine.web.checking import checked, photos, sent
from engine.web.drawing import shown as drawn
from engine.web.visitors import Here, Visitor, by_htmx, form_of, given
from generation import wishes

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
Filled = Annotated[FormData, Depends(form_of)]
Atelier = studio.InAtelier


@router.get("/studio")
def workshop(viewer: Here, idea: str = "", reasons: str = "") -> Response:
    """Show the studio; with an idea, what may be chosen for it."""
    return _workshop(viewer, idea=idea, checks=checked(reasons))


@router.post("/studio/selfies")
def give(
    request: Request,
    viewer: Here,
    file: list[UploadFile],
    attest_self: Field = "",
    attest_adult: Field = "",
) -> Response:
    """Check photos and keep them, or say of each what was wrong."""
    reasons = sent(viewer, file, attest_self=attest_self, attest_adult=attest_adult)
    if reasons is not None and by_htmx(request):
        return rendering.page("welcome/checks.html", checks=checked(reasons))
    where = "/studio#selfies" if reasons is None else f"/studio?reasons={reasons}#selfies"
    if by_htmx(request):
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    return RedirectResponse(where, status_code=303)


@router.post("/studio/imagine")
def imagine(viewer: Here, atelier: Atelier, form: Filled) -> Response:
    """Order one portrait: in own words, in an idea with choices, or as it comes."""
    words, idea = given(form, "prompt").strip(), given(form, "idea")
    slots = {slot.id: given(form, f"slot-{slot.id}") for slot in wishes.slots()}
    try:
        asked = studio.Imagine(
            scenario=idea or None,
            prompt=words or None,
            choices={name: one for name, one in slots.items() if one} or None,
            form="loop" if given(form, "form") == "loop" else "still",
        )
        job = studio.order_one(viewer.rooms, viewer.subject, asked)
    except (Problem, ValidationError) as refused:
        return _workshop(viewer, idea=idea, words=words, refused=_sentence(refused))
    return _begun(atelier, job)


@router.post("/studio/pack")
def pack(viewer: Here, atelier: Atelier, form: Filled) -> Response:
    """Order a pack in the chosen styles."""
    styles = [one for one in form.getlist("style") if isinstance(one, str)]
    count = given(form, "count")
    try:
        asked = studio.Pack(
            styles=styles,
            count=int(count) if count.isdecimal() else 0,
            form="loop" if given(form, "form") == "loop" else "still",
        )
        job = studio.order_pack(viewer.rooms, viewer.subject, asked)
    except (Problem, ValidationError) as refused:
        return _workshop(viewer, chosen=styles, pack_refused=_sentence(refused))
    return _begun(atelier, job)


@router.post("/studio/again")
def again(request: Request, viewer: Here, atelier: Atelier, id: Field) -> Response:  # noqa: A002
    """Draw the same idea once more; the one there is stays."""
    image = portraits.shown(viewer.rooms, viewer.subject, id)
    before = wanting.again(viewer.rooms, viewer.subject, image.id)
    wish = wanting.one(viewer.rooms, viewer.subject, before.scenario, form=before.form)
    order = Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=(wish,))
    job = studio.placed(viewer.rooms, viewer.subject, order)
    if not by_htmx(request):
        return _begun(atelier, job)
    atelier.call()
    return _piece(viewer, public_id(job.id))


@router.get("/studio/jobs/{id}")
def drawing(request: Request, viewer: Here, id: str) -> Response:  # noqa: A002  the address
    """Show how far a job is, then what came of it; to htmx only that piece."""
    if by_htmx(request):
        return _piece(viewer, id, small="small" in request.query_params)
    return rendering.page("studio/job.html", here="studio", **_job(viewer, id))


@router.post("/studio/jobs/{id}/stop")
def stop(request: Request, viewer: Here, id: str) -> Response:  # noqa: A002  the address
    """Stop a job: what is made stays."""
    jobs.stop(viewer.rooms, viewer.subject, id)
    if by_htmx(request):
        return _piece(viewer, id, small=False)
    return RedirectResponse(f"/studio/jobs/{id}", status_code=303)


@router.post("/studio/destroy")
def destroy(viewer: Here, id: Field, job: Field) -> Response:  # noqa: A002  the form's field
    """Destroy one portrait."""
    portraits.destroy(viewer.rooms, viewer.subject, id)
    return RedirectResponse(f"/studio/jobs/{job}?said=destroyed", status_code=303)


@router.post("/studio/report")
def report(viewer: Here, id: Field, job: Field) -> Response:  # noqa: A002  the form's field
    """Report one portrait; it is answered by a time that is said."""
    reports.file(viewer.rooms, viewer.subject, id)
    return RedirectResponse(f"/studio/jobs/{job}?said=reported", status_code=303)


def _begun(atelier: Atelier, job: Job) -> Response:
    atelier.call()
    return RedirectResponse(f"/studio/jobs/{public_id(job.id)}", status_code=303)


def _piece(viewer: Visitor, id: str, *, small: bool = True) -> Response:  # noqa: A002  as above
    template = "studio/version.html" if small else "studio/progress.html"
    return rendering.page(template, **_job(viewer, id))


def _job(viewer: Visitor, id: str) -> dict[str, Any]:  # noqa: A002  as above
    found = jobs.shape(viewer.rooms, jobs.found(viewer.rooms, viewer.subject, id))
    due = {str(one["item_id"]): one for one in reports.listed(viewer.rooms, viewer.subject)}
    return viewer.shown() | {"job": drawn(viewer, found), "reported": due}


def _sentence(refused: Problem | ValidationError) -> str:
    if isinstance(refused, Problem):
        return refused.detail
    return (
        "Choose at least one style, and how many avatars."
        if refused.title == "Pack"
        else ("That is too long: say it in fewer words.")
    )


def _workshop(
    viewer: Visitor,
    *,
    idea: str = "",
    words: str = "",
    refused: str = "",
    chosen: list[str] | None = None,
    pack_refused: str = "",
    checks: tuple[object, ...] = (),
) -> Response:
    """Fill the studio; 422 where it says what could not be drawn."""
    shown = viewer.shown() | photos(viewer) | offering.shown_in(viewer, idea)
    more = {
        "here": "studio",
        "words": words,
        "refused": refused,
        "chosen": chosen or [],
        "pack_refused": pack_refused,
        "checks": checks,
        "jobs": offering.recent(viewer),
    }
    status = 422 if refused or pack_refused else 200
    return rendering.page("studio/studio.html", status, **(shown | more))
