# SPDX-License-Identifier: Apache-2.0
"""`/v1/shares`: what a person shows to others, and what others show to them.

1. The owner shares, each time confirmed, and ends it; both are in the ledger.
2. The audience sees the picture with its AI label drawn in, the idea's title and who shows it:
   never why it was made, the selfies, or the portrait by its own name.
3. To anybody else there is no such share: the same 404 as for any other id.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Query, Response

from consent import scopes
from consent.errors import Misused
from consent.words import ObjectId, Purpose, Reason, Subject, parse_id, public_id, rfc3339
from engine import sharing
from engine.api import downloads, portraits
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.cursors import after, cursor
from engine.api.desk import Once, person, rooms_of
from engine.api.problems import Problem, Slug, not_found
from engine.api.shapes import Share, Shares, Sharing
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed.shares import Audience, Shared
from generation.portraits import unpack

router = APIRouter(
    tags=["sharing"], responses=REFUSALS, dependencies=[SIGNED_IN], route_class=Once
)

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.FEED_READ))]
Owner = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]
Said = Annotated[Sharing, Body()]
_NOTHING: Final = Sharing()
_PAGE: Final = 50
_MOST: Final = 100


@router.post("/v1/portraits/{id}/share", status_code=201, response_model=Share)
def with_others(
    rooms: InRooms,
    subject: Owner,
    id: str,  # noqa: A002  the contract's name
    said: Said = _NOTHING,
) -> Response:
    """Show a portrait to my friends or, where it was made as one, as my profile picture."""
    audience = Audience(said.audience or Audience.FRIENDS)
    return json(share(rooms, subject, id, audience, confirmed=said.confirm), 201)


@router.post("/v1/portraits/{id}/story", status_code=201, response_model=Share)
def in_story(
    rooms: InRooms,
    subject: Owner,
    id: str,  # noqa: A002  the contract's name
    said: Said = _NOTHING,
) -> Response:
    """Show a portrait to my friends in my story, for as long as a story lasts."""
    if said.audience not in {None, Audience.STORY}:
        raise Problem(Slug.INVALID, "A story is for the audience of a story.", field="audience")
    return json(share(rooms, subject, id, Audience.STORY, confirmed=said.confirm), 201)


@router.get("/v1/shares", response_model=Shares)
def shares(
    rooms: InRooms,
    subject: Who,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _PAGE,
) -> Response:
    """List what I show and what I may see, the newest first."""
    rest = after(rooms, subject, cursor, listed(rooms, subject), name="share_id")
    return json(_page(rooms, subject, rest, limit))


@router.get("/v1/shares/{id}", response_model=Share)
def one_share(rooms: InRooms, subject: Who, id: str) -> Response:  # noqa: A002  the contract's
    """Describe a share that I may see."""
    return json(shape(rooms, subject, find(rooms, subject, id)))


@router.get(
    "/v1/shares/{id}/image",
    response_class=Response,
    responses={
        200: {
            "content": {"image/jpeg": {}, "image/webp": {}},
            "description": "The picture, labelled",
        }
    },
)
def image(
    rooms: InRooms,
    subject: Who,
    id: str,  # noqa: A002  the contract's name
    still: Annotated[bool, Query()] = False,
) -> Response:
    """Open a share for its owner or its audience, with the AI label in the picture.

    With `still` one that moves as it is at rest.
    """
    file, media_type = look(rooms, subject, id, still=still)
    return Response(file, media_type=media_type)


@router.delete("/v1/shares/{id}", status_code=204)
def unshare(rooms: InRooms, subject: Owner, id: str) -> Response:  # noqa: A002  the contract's
    """End a share of mine at once."""
    end(rooms, subject, id)
    return Response(status_code=204)


def share(
    rooms: Rooms,
    subject: Subject,
    id: str,  # noqa: A002  the contract's name
    audience: Audience,
    *,
    confirmed: bool,
) -> dict[str, object]:
    """Show a portrait of this person to an audience.

    Errors: Problem `not-found` for what is gone or not theirs, `quarantined` for one held back,
    `invalid` without a confirmation, `purpose-mismatch` for a profile picture that was made for
    something else; Denied.
    """
    portrait = portraits.shown(rooms, subject, id)
    if not confirmed:
        raise Problem(Slug.INVALID, "Sharing needs confirm: true, each time.", field="confirm")
    if audience is Audience.PROFILE and portrait.purpose is not Purpose.PROFILE_PICTURE:
        raise Problem(
            Slug.PURPOSE_MISMATCH,
            "A profile picture is a portrait that was made to be one.",
            reason=Reason.PURPOSE_MISMATCH,
            purpose=Purpose.PROFILE_PICTURE,
        )
    return shape(rooms, subject, sharing.share(rooms, subject, portrait.id, audience))


def listed(rooms: Rooms, subject: Subject) -> list[dict[str, object]]:
    """Describe what a person shows, and what they may see of others, the newest first."""
    return told(rooms, subject, visible(rooms, subject))


def told(rooms: Rooms, viewer: Subject, found: Sequence[Shared]) -> list[dict[str, object]]:
    """Describe shares as somebody sees them; one whose owner is erased meanwhile is left out."""
    names = rooms.consent.accounts.names({one.owner for one in found})
    return [_told(rooms, viewer, one, names[one.owner]) for one in found if one.owner in names]


def visible(rooms: Rooms, subject: Subject) -> list[Shared]:
    """List what a person shows, and what they may see of others, the newest first."""
    known = rooms.feed.shares
    found = (*known.of_owner(subject), *known.visible_to(subject))
    return sorted(found, key=lambda one: -one.seq)


def find(rooms: Rooms, subject: Subject, id: str) -> Shared:  # noqa: A002  the contract's name
    """Find a share that a person may see; whatever else it is, it is not there."""
    number = parse_id(id)
    found = None if number is None else rooms.feed.shares.find(subject, ObjectId(number))
    if found is None:
        raise not_found()
    return found


def look(
    rooms: Rooms,
    subject: Subject,
    id: str,  # noqa: A002
    *,
    still: bool = False,
) -> tuple[bytes, str]:
    """Open a share for its owner or its audience: the file as it leaves, and its media type.

    Errors: Problem `not-found` for everybody else.
    """
    found = find(rooms, subject, id)
    with scopes.also([found.owner]):
        file, media_type = _opened(rooms, subject, found, still=still)
    find(rooms, subject, id)  # it may have ended while the file was written
    return file, media_type


def _opened(rooms: Rooms, subject: Subject, found: Shared, *, still: bool) -> tuple[bytes, str]:
    if found.owner == subject:
        picture = portraits.look(rooms, subject, public_id(found.object))
    else:
        content = rooms.feed.shares.look(subject, found)
        if content is None:
            raise not_found()
        picture = unpack(content)
    if still:
        picture = portraits.stilled(rooms, found.owner, found.object, picture)
    file = downloads.leaving(rooms, found.owner, found.object, picture)
    return file, picture.media_type


def end(rooms: Rooms, subject: Subject, id: str) -> None:  # noqa: A002  the contract's name
    """End a share of this person. Errors: Problem `not-found` for anything else."""
    number = parse_id(id)
    if number is None:
        raise not_found()
    try:
        rooms.feed.shares.end(subject, ObjectId(number))
    except Misused as unknown:
        raise not_found() from unknown


def shape(rooms: Rooms, viewer: Subject, one: Shared) -> dict[str, object]:
    """Describe a share as its owner sees it, or as little of it as its audience does."""
    return _told(rooms, viewer, one, rooms.consent.accounts.find(public_id(one.owner)).name)


def _told(rooms: Rooms, viewer: Subject, one: Shared, name: str) -> dict[str, object]:
    own = public_id(one.id)
    idea = rooms.feed.catalogue.by_id.get(one.scenario)
    told: dict[str, object] = {
        "share_id": own,
        "audience": one.audience,
        "url": f"/v1/shares/{own}/image",
        "mine": one.owner == viewer,
        "by": name,
        "ai_label": rooms.consent.policy.labels.made_by,
        "scenario": {"id": one.scenario, "title": idea.title if idea else one.scenario},
        "shared_at": rfc3339(one.at),
        "ends_at": None if one.ends_at is None else rfc3339(one.ends_at),
    }
    if one.owner == viewer:
        told |= {"portrait_id": public_id(one.object), "purpose": one.purpose, "seq": one.seq}
    return told


def _page(
    rooms: Rooms, subject: Subject, rest: list[dict[str, object]], limit: int
) -> dict[str, object]:
    items = rest[:limit]
    more = {"cursor": cursor(rooms, subject, items[-1]["share_id"])} if len(rest) > limit else {}
    return {"items": items, **more}
