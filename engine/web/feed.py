# SPDX-License-Identifier: Apache-2.0
"""`/`: the feed, the acts on its cards, and why a portrait is there.

A card's buttons are one form. With htmx the answer takes the card's place; without script the
feed is asked for again and says at its top what was done.
"""

from types import SimpleNamespace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from consent.words import Purpose
from engine.api import consents, interactions, portraits, reports, selfies
from engine.api.desk import Once
from engine.api.problems import Problem, Slug
from engine.web import rendering
from engine.web.noting import notes
from engine.web.reels import reels
from engine.web.sharing import shown_to
from engine.web.visitors import Here, Visitor, by_htmx, event_id
from feed.feedback import UNDOABLE, Event, Kind
from feed.items import PREVIEW_ID

router = APIRouter(include_in_schema=False, route_class=Once)

_PAGE: Final = 12
_SAID: Final = {
    "like": "Liked.",
    "hide": "Hidden.",
    "fewer": "You will see fewer of these.",
    "report": "Reported, and out of your feed.",
    "report-share": "Reported. It is answered in time, or taken away.",
    "undo": "It is back.",
    "stop": "Off. No more portraits in your feed.",
    "accept": "Noted. Nothing has been made yet; only you will see what comes.",
}
_SAID_TO_THE_CARD: Final = {"hide": "Not now, then. Nothing is made."}

Field = Annotated[str, Form()]


@router.get("/")
def feed(
    request: Request,
    viewer: Here,
    *,
    cursor: str | None = None,
    before: int = 0,
    said: str = "",
    item: str = "",
    req: str = "",
) -> Response:
    """Show a page of the person's own feed; to htmx only what follows the page before."""
    page = viewer.rooms.feed.pages.of(viewer.subject, cursor, _PAGE).json()
    mine = [one["portrait_id"] for one in page["items"] if "portrait_id" in one]
    shown = viewer.shown() | {
        "shared": [] if cursor else shown_to(viewer),
        "reels": reels(viewer, mine),
        "showing": len(viewer.rooms.feed.shares.of_owner(viewer.subject)),
        "page": SimpleNamespace(**({"cursor": None} | dict(page)), before=max(0, before)),
        "notes": notes(viewer.rooms, mine),
        "here": "feed",
    }
    if by_htmx(request):
        return rendering.page("more.html", **shown)
    return rendering.page("feed.html", said=_said(viewer, said, item, req), **shown)


@router.post("/act")
def act(
    request: Request, viewer: Here, *, req_id: Field, item_id: Field, nonce: Field, kind: Field
) -> Response:
    """Take one act on one card, and say in its place what was done."""
    interactions.act(viewer.rooms, viewer.subject, [_event(nonce, item_id, kind)])
    if not by_htmx(request):
        return RedirectResponse(f"/?said={kind}&item={item_id}&req={req_id}", status_code=303)
    if kind == "undo":
        return Response(status_code=204, headers={"HX-Refresh": "true"})
    template = "liked.html" if kind == "like" else "acted.html"
    return rendering.page(template, said=_said(viewer, kind, item_id, req_id), **viewer.shown())


@router.get("/why/{id}")
def why(request: Request, viewer: Here, id: str) -> Response:  # noqa: A002  the API's name
    """Say why a portrait is there: in place for htmx, else as a page of its own."""
    told = portraits.explain(viewer.rooms, viewer.subject, id)
    known = {one["id"]: one for one in selfies.listed(viewer.rooms, viewer.subject)}
    used = [known[one] for one in _ids(told["selfies"]) if one in known]
    template = "why.html" if by_htmx(request) else "portrait.html"
    own = str(told["portrait_id"])
    said = notes(viewer.rooms, [own])[own]
    shown = viewer.shown() | {"why": told, "selfies": used, "note": said, "here": "feed"}
    return rendering.page(template, **shown)


def _event(nonce: str, item_id: str, kind: str) -> Event:
    try:
        return Event(event_id=event_id(nonce, kind), item_id=item_id, kind=Kind(kind))
    except ValueError as wrong:
        raise Problem(Slug.INVALID, "This card is not one of ours.", field="nonce") from wrong


def _ids(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _said(viewer: Visitor, kind: str, item: str, req: str) -> dict[str, Any] | None:
    """Say what was done; a URL only chooses among our own words."""
    if kind not in _SAID:
        return None
    preview = item == PREVIEW_ID
    said = {
        "kind": kind,
        "text": (_SAID_TO_THE_CARD if preview else {}).get(kind, _SAID[kind]),
        "preview": preview,
        "undo": kind in UNDOABLE and not preview,
        "item_id": item,
        "req_id": req,
        "due": None,
    }
    if kind == "report":
        filed = reports.listed(viewer.rooms, viewer.subject)
        return said | {
            "due": next((one["due_at"] for one in filed if one["item_id"] == item), None)
        }
    if kind == "stop":
        receipt = consents.last_receipt(viewer.rooms, viewer.subject, Purpose.FEED_INSERT)
        return said | {"receipt": receipt} if "destroyed" in receipt else None
    return said


def _due(viewer: Visitor, item: str) -> object | None:
    """Say by when the report of an item is answered."""
    filed = reports.listed(viewer.rooms, viewer.subject)
    return next((one["due_at"] for one in filed if one["item_id"] == item), None)
