# SPDX-License-Identifier: Apache-2.0
"""Who asked for a person's face, and what was answered: some on the control centre, all here."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from consent.errors import Misused
from consent.words import Reason, rfc3339
from engine import enquiries
from engine.api.problems import not_found
from engine.enquiries import Asked, Enquiry
from engine.web import rendering
from engine.web.visitors import Here, Visitor
from engine.web.wording import day, figure
from generation import album

router = APIRouter(include_in_schema=False)

_FEW: Final = 5
_REFUSED: Final = {
    Reason.NOT_GRANTED: "you have not agreed to it",
    Reason.WITHDRAWN: "you have turned it off",
    Reason.EXPIRED: "your yes had run out",
    Reason.NOTICE_OUTDATED: "the words had changed since your yes",
    Reason.NOTICE_MISSING: "you had not been shown the words",
    Reason.PAUSED: "you have paused everything",
    Reason.POLICY_FORBIDS: "no rule accepts it",
    Reason.POLICY_SILENT: "no rule mentions it",
    Reason.CAP: "the limit was reached",
    Reason.QUOTA: "the limit was reached",
    Reason.SELFIES_REQUIRED: "there was no selfie to draw from",
    Reason.AGE: "it is for adults",
    Reason.GUARDIAN_REQUIRED: "your guardian has not agreed to it",
    Reason.STALE: "it came too late",
}


@router.get("/likeness/asked")
def asked(viewer: Here, before: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show who asked, newest first, from an entry on."""
    try:
        found = _asked(viewer, before)
    except Misused as unknown:
        raise not_found() from unknown
    return rendering.page(
        "asked.html",
        here="likeness",
        lines=[_line(one) for one in found.lines],
        onward=found.onward,
        **viewer.shown(),
    )


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe the newest lines for the control centre, and count those of the week."""
    found = _asked(viewer)
    return {
        "enquiries": [_line(one) for one in found.lines[:_FEW]],
        "week": enquiries.week(found, viewer.now),
    }


def _asked(viewer: Visitor, before: str = "") -> Asked:
    with viewer.rooms.consent.ledger.read() as connection:
        images = album.images(connection, viewer.subject, viewer.now)
    return enquiries.asked(viewer.rooms, viewer.subject, images, before)


def _line(one: Enquiry) -> dict[str, Any]:
    """Write a line for the page: times to the second, entries as one can follow them."""
    at = rfc3339(one.at)
    many = f"{one.count} entries, {figure(one.first)} to {figure(one.last)}"
    return {
        "who": one.who,
        "what": one.what,
        "idea": one.idea,
        "own": one.who.startswith("You"),
        "refused": one.refused,
        "because": _REFUSED.get(one.refused, "it was not possible") if one.refused else None,
        "at": at,
        "when": f"{day(at)}, {at[11:19]}",
        "entries": many if one.count > 1 else f"entry {figure(one.first)}",
    }
