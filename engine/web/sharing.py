# SPDX-License-Identifier: Apache-2.0
"""`/share/{id}`: who would see a portrait, asked once more each time; and taking it back.

The page names the people before the question, and yes is as big as no. Sharing and ending it call
the functions of the API.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Response
from starlette.responses import RedirectResponse

from consent.words import Purpose, public_id
from engine.api import friends, portraits, reports, shares, studio
from engine.api.desk import Once
from engine.api.problems import Problem, Slug
from engine.web import rendering
from engine.web.visitors import Here, Visitor
from feed.shares import PURPOSE_OF, Audience

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
_ROOM: Final = 12
_WAYS: Final = (
    (Audience.FRIENDS, "Friends"),
    (Audience.STORY, "Story"),
    (Audience.PROFILE, "Profile picture"),
)


@router.get("/share/{id}")
def ask(
    viewer: Here,
    id: str,  # noqa: A002  the address
    to: Audience = Audience.FRIENDS,
    said: str = "",
) -> Response:
    """Name who would see a portrait, and ask."""
    found = next(
        (one for one in portraits.listed(viewer.rooms, viewer.subject) if one["id"] == id), None
    )
    if found is None or found["state"] != "ready":
        portraits.shown(viewer.rooms, viewer.subject, id)
    return rendering.page(
        "share.html",
        here="feed",
        portrait=found,
        to=to.value,
        ways=[(way.value, words) for way, words in _WAYS],
        done=said,
        **_standing(viewer, id, to),
        **viewer.shown(),
    )


@router.post("/share/{id}")
def share(
    viewer: Here,
    atelier: studio.InAtelier,
    id: str,  # noqa: A002  the address
    to: Field,
    confirm: Field,
) -> Response:
    """Share after the question was answered with yes; a no leaves everything as it is."""
    if confirm != "true":
        return RedirectResponse("/", status_code=303)
    audience = _audience(to)
    if audience is Audience.PROFILE and not _made_for_profile(viewer, id):
        job = studio.order_profile_picture(viewer.rooms, viewer.subject, id)
        atelier.call()
        return RedirectResponse(f"/studio/jobs/{public_id(job.id)}", status_code=303)
    shares.share(viewer.rooms, viewer.subject, id, audience, confirmed=True)
    return RedirectResponse(f"/share/{id}?to={audience}&said=shared", status_code=303)


@router.post("/share/{id}/end")
def unshare(viewer: Here, id: str, share_id: Field) -> Response:  # noqa: A002  the address
    """Stop showing it, at once."""
    shares.end(viewer.rooms, viewer.subject, share_id)
    return RedirectResponse(f"/share/{id}?said=ended", status_code=303)


@router.post("/shown/report")
def report(viewer: Here, share_id: Field) -> Response:
    """Report what somebody shows me."""
    reports.file_share(viewer.rooms, viewer.subject, share_id)
    return RedirectResponse("/?said=report-share", status_code=303)


def shown_to(viewer: Visitor) -> list[dict[str, object]]:
    """List what others show to a person now: the newest, as many as a page has room for."""
    found = viewer.rooms.feed.shares.visible_to(viewer.subject)
    return shares.told(viewer.rooms, viewer.subject, found[:_ROOM])


def _standing(viewer: Visitor, id: str, to: Audience) -> dict[str, Any]:  # noqa: A002
    """Say who would see it, what is shown already, and whether that was agreed to."""
    purpose = PURPOSE_OF[to]
    mine = viewer.rooms.feed.shares.of_owner(viewer.subject)
    return {
        "people": [str(one["name"]) for one in friends.listed(viewer.rooms, viewer.subject)],
        "hours": viewer.rooms.consent.policy.sharing.story_hours,
        "purpose": purpose,
        "allowed": purpose in viewer.rooms.consent.grants.show(viewer.subject),
        "standing": [
            shares.shape(viewer.rooms, viewer.subject, one)
            for one in mine
            if public_id(one.object) == id
        ],
    }


def _made_for_profile(viewer: Visitor, id: str) -> bool:  # noqa: A002  the address
    image = portraits.shown(viewer.rooms, viewer.subject, id)
    return image.purpose is Purpose.PROFILE_PICTURE


def _audience(name: str) -> Audience:
    try:
        return Audience(name)
    except ValueError as unknown:
        raise Problem(Slug.INVALID, "There is no such audience.", field="to") from unknown
