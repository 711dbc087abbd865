# SPDX-License-Identifier: Apache-2.0
"""Every image ever made of a person: some on the control centre, all with filters here.

Listing opens no picture; the browser asks for each as it comes into sight.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Response

from engine.api import portraits
from engine.api.cursors import after, cursor
from engine.api.desk import Once
from engine.web import rendering
from engine.web.saying import back
from engine.web.visitors import Here, Visitor
from generation.album import State

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
Portrait = Mapping[str, object]
_FEW: Final = 8
_PAGE: Final = 24

_WHICH: Final[Mapping[str, tuple[str, Callable[[Portrait], bool]]]] = MappingProxyType(
    {
        "all": ("All", lambda _: True),
        "shown": ("In your feed", lambda one: one["state"] == "ready" and bool(one["inserted"])),
        "never": ("Never shown", lambda one: one["state"] == "ready" and not one["inserted"]),
        "held": ("Held back", lambda one: one["state"] == "quarantined"),
        "refused": ("Refused", lambda one: one["state"] == "refused"),
        "gone": ("Destroyed", lambda one: one["state"] == "destroyed"),
    }
)
"""The filters, in their order: every image is in exactly one of those after the first."""


@router.get("/likeness/images")
def images(
    viewer: Here,
    show: Annotated[str, Query(max_length=16)] = "all",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Show every image, or those of one kind, some at a time."""
    chosen = show if show in _WHICH else "all"
    every = portraits.listed(viewer.rooms, viewer.subject)
    rest = after(viewer.rooms, viewer.subject, cursor, every)
    found = [one for one in rest if _WHICH[chosen][1](one)]
    return rendering.page(
        "images.html",
        here="likeness",
        show=chosen,
        filters=_filters(every),
        portraits=found[:_PAGE],
        onward=_onward(viewer, found),
        **viewer.shown(),
    )


@router.post("/likeness/portraits/destroy")
def destroy_portrait(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Destroy one portrait."""
    portraits.destroy(viewer.rooms, viewer.subject, id)
    return back("destroyed")


@router.post("/likeness/portraits/appeal")
def appeal_portrait(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Have one picture that is held back judged again."""
    image = portraits.appeal(viewer.rooms, viewer.subject, id)
    if image.state is State.READY:
        return back("passed")
    left = viewer.rooms.consent.policy.moderation.may_appeal(image.judged)
    return back("unjudged" if left and not image.judged else "stays")


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe the newest images for the control centre, and count all."""
    every = portraits.listed(viewer.rooms, viewer.subject)
    return {
        "portraits": every[:_FEW],
        "made": len(every),
        "filters": _filters(every),
        "living": sum(one["state"] in {State.READY, State.QUARANTINED} for one in every),
    }


def _filters(every: list[dict[str, object]]) -> list[tuple[str, str, int]]:
    """Name each filter with how many it shows; one that shows nothing is left out."""
    counted = [(name, words, sum(map(fits, every))) for name, (words, fits) in _WHICH.items()]
    return [one for one in counted if one[2] or one[0] == "all"]


def _onward(viewer: Visitor, found: list[dict[str, object]]) -> str | None:
    if len(found) <= _PAGE:
        return None
    return cursor(viewer.rooms, viewer.subject, found[_PAGE - 1]["id"])
