# SPDX-License-Identifier: Apache-2.0
"""`/v1/portraits`: every image of the person who asks, and of nobody else.

Whatever is not theirs, is no id, or is gone answers with the same 404. Looking at a picture is a
gated step: the gate decides and logs once a viewing session, and re-checks every time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Table

from consent import policies
from consent.errors import Broken
from consent.gate import Ask, Denial, View, denied
from consent.words import ObjectId, Step, Subject, parse_id, public_id, rfc3339
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.cursors import after, cursor
from engine.api.desk import person, rooms_of
from engine.api.problems import Problem, Slug, not_found
from engine.api.shapes import Explanation, Portrait, Portraits
from engine.api.tokens import Scope
from engine.rooms import Rooms
from feed import inserts
from feed.reasons import sentence, top
from feed.scenarios import shipped
from feed.tables import feed_view
from generation import album
from generation.album import Image, Origin, State
from generation.portraits import Picture, unpack
from generation.tables import asset_view

router = APIRouter(tags=["portraits"], responses=REFUSALS, dependencies=[SIGNED_IN])

InRooms = Annotated[Rooms, Depends(rooms_of)]
Who = Annotated[Subject, Depends(person(Scope.FEED_READ))]
Owner = Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))]
_PAGE: Final = 50
_MOST: Final = 100


@router.get("/v1/portraits", response_model=Portraits)
def portraits(
    rooms: InRooms,
    subject: Who,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _PAGE,
) -> Response:
    """List every image of the person, newest first, refused and destroyed ones too."""
    rest = after(rooms, subject, cursor, listed(rooms, subject))
    return json(_page(rooms, subject, rest, limit))


@router.get("/v1/portraits/{id}", response_model=Portrait)
def portrait(rooms: InRooms, subject: Who, id: str) -> Response:  # noqa: A002  the contract's name
    """Describe one image; a destroyed one keeps its line."""
    return json(_shape(rooms, _mine(rooms, subject, id), _beside(rooms, subject)))


@router.get(
    "/v1/portraits/{id}/image",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}, "image/webp": {}}, "description": "The picture"}
    },
)
def image(
    rooms: InRooms,
    subject: Who,
    id: str,  # noqa: A002  the contract's name
    still: Annotated[bool, Query()] = False,
) -> Response:
    """Open one portrait for its owner; with `still` one that moves as it is at rest."""
    picture = at_rest(rooms, subject, id) if still else look(rooms, subject, id)
    return Response(picture.file, media_type=picture.media_type)


@router.get("/v1/portraits/{id}/why", response_model=Explanation)
def why(rooms: InRooms, subject: Who, id: str) -> Response:  # noqa: A002  the contract's name
    """Say everything that a portrait rests on."""
    return json(explain(rooms, subject, id))


@router.post("/v1/portraits/{id}/appeal", response_model=Portrait)
def judge_again(rooms: InRooms, subject: Owner, id: str) -> Response:  # noqa: A002  the contract's
    """Have a picture that is held back judged again: by all gates, afresh, seen by nobody."""
    image = appeal(rooms, subject, id)
    return json(_shape(rooms, image, _beside(rooms, subject)))


@router.delete("/v1/portraits/{id}", status_code=204)
def remove(rooms: InRooms, subject: Owner, id: str) -> Response:  # noqa: A002  the contract's name
    """Destroy one portrait with everything that hangs on it; succeeds again when repeated."""
    destroy(rooms, subject, id)
    return Response(status_code=204)


def listed(rooms: Rooms, subject: Subject) -> list[dict[str, object]]:
    """Describe every image of a person, newest first."""
    beside = _beside(rooms, subject)
    return [_shape(rooms, image, beside) for image in _images(rooms, subject)]


def look(rooms: Rooms, subject: Subject, id: str) -> Picture:  # noqa: A002  the contract's name
    """Open a portrait for its owner, in the feed where it stands there, else in their album."""
    image = shown(rooms, subject, id)
    ask: Ask[View] = Ask(
        step=Step.VIEW, subject=subject, purpose=image.purpose, object=image.id, request=image.id
    )
    place: Table = feed_view if image.id in _placed(rooms, subject) else asset_view
    picture = unpack(rooms.consent.vault.view(rooms.consent.gate, ask, place))
    rooms.feed.looks.note(subject, image.id)
    return picture


def at_rest(rooms: Rooms, subject: Subject, id: str) -> Picture:  # noqa: A002  as above
    """Open a portrait for its owner as a still, with every mark that it has itself.

    Errors: as `look`; Problem `not-found` where it was destroyed since it was opened.
    """
    picture = look(rooms, subject, id)
    return stilled(rooms, subject, _mine(rooms, subject, id).id, picture)


def stilled(rooms: Rooms, owner: Subject, obj: ObjectId, picture: Picture) -> Picture:
    """Take an opened portrait as it is at rest.

    Errors: Problem `not-found` where it was destroyed since it was opened.
    """
    try:
        return rooms.studio.leaving.still(owner, obj, picture)
    except (LookupError, Broken) as gone:
        raise not_found() from gone


def explain(rooms: Rooms, subject: Subject, id: str) -> dict[str, object]:  # noqa: A002
    """Say what a portrait rests on.

    Errors: Problem `not-found` for what is gone or not theirs, `quarantined` for one held back.
    """
    image = _mine(rooms, subject, id)
    if image.state is not State.REFUSED:
        image = shown(rooms, subject, id)
    with rooms.consent.ledger.read() as connection:
        origin = album.origin(connection, subject, image.id)
    if origin is None:
        raise not_found()
    return _why(rooms, subject, image.id, origin)


def destroy(rooms: Rooms, subject: Subject, id: str) -> None:  # noqa: A002  the contract's name
    """Destroy a portrait of this person. Errors: Problem `not-found` for anything else."""
    image = _mine(rooms, subject, id)
    if image.state in {State.READY, State.QUARANTINED}:
        rooms.consent.withdrawals.destroy(subject, image.id)


def appeal(rooms: Rooms, subject: Subject, id: str) -> Image:  # noqa: A002
    """Have a picture judged again; return it as it stands then, a portrait if it passed.

    Errors: Problem `not-found` for what is gone or not theirs, `quarantined` for what was refused,
    `quota` when it was judged as often as it may be. One that is shown already stays as it is.
    """
    image = _mine(rooms, subject, id)
    if image.state is State.READY:
        return image
    if image.state is not State.QUARANTINED:
        image = shown(rooms, subject, id)
    ended = rooms.studio.appeals.appeal(subject, image.id)
    if isinstance(ended, Denial):
        raise denied(ended)
    return _mine(rooms, subject, id)


def shown(rooms: Rooms, subject: Subject, id: str) -> Image:  # noqa: A002  as above
    """Find an image that its owner may look at.

    Errors: Problem `not-found` for what is gone or not theirs, `quarantined` for one held back.
    """
    image = _mine(rooms, subject, id)
    if image.state in {State.REFUSED, State.QUARANTINED}:
        raise Problem(Slug.QUARANTINED, "This one is not shown to anybody.", reason=image.reason)
    if image.state is State.DESTROYED:
        raise not_found()
    return image


def _images(rooms: Rooms, subject: Subject) -> tuple[Image, ...]:
    now = rooms.consent.ledger.now()
    with rooms.consent.ledger.read() as connection:
        return album.images(connection, subject, now)


def _placed(rooms: Rooms, subject: Subject) -> Collection[ObjectId]:
    with rooms.consent.ledger.read() as connection:
        return inserts.placed(connection, subject)


def _mine(rooms: Rooms, subject: Subject, id: str) -> Image:  # noqa: A002  the contract's name
    """Find an image among the person's own; whatever else it is, it is not there."""
    number = parse_id(id)
    for image in _images(rooms, subject):
        if image.id == number:
            return image
    raise not_found()


def _page(
    rooms: Rooms, subject: Subject, rest: list[dict[str, object]], limit: int
) -> dict[str, object]:
    items = rest[:limit]
    more = {"cursor": cursor(rooms, subject, items[-1]["id"])} if len(rest) > limit else {}
    return {"items": items, **more}


def _beside(rooms: Rooms, subject: Subject) -> "_Beside":
    shared: dict[ObjectId, list[str]] = {}
    for one in rooms.feed.shares.of_owner(subject):
        shared.setdefault(one.object, []).append(one.audience)
    return _Beside(placed=_placed(rooms, subject), shared=shared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What a person's images are besides: which stand in their feed, which are shown to whom."""

    placed: Collection[ObjectId]
    shared: Mapping[ObjectId, Sequence[str]]


def _shape(rooms: Rooms, image: Image, beside: _Beside) -> dict[str, object]:
    own = public_id(image.id)
    ready = image.state is State.READY
    return {
        "id": own,
        "state": image.state,
        "purpose": image.purpose,
        "scenario": _scenario(image.scenario),
        "created_at": rfc3339(image.made_at),
        "expires_at": rfc3339(image.expires_at) if image.expires_at is not None else None,
        "inserted": image.id in beside.placed,
        "shared": sorted(beside.shared.get(image.id, ())),
        "reason": image.reason,
        "image_url": f"/v1/portraits/{own}/image" if ready else None,
        "appeal": _appeal(rooms, image),
        "form": image.form,
        "destroyed_at": None if image.destroyed_at is None else rfc3339(image.destroyed_at),
        "destroyed_seq": image.destroyed_seq,
    }


def _appeal(rooms: Rooms, image: Image) -> str | None:
    """Say whether a picture may be judged again; None for one that is not held back."""
    if image.state is not State.QUARANTINED:
        return None
    return "open" if rooms.consent.policy.moderation.may_appeal(image.judged) else "used"


def _scenario(id: str | None) -> dict[str, str] | None:  # noqa: A002  the contract's name
    if id is None:
        return None
    known = shipped().by_id.get(id)
    return {"id": id, "title": known.title if known else id}


def _why(rooms: Rooms, subject: Subject, obj: ObjectId, origin: Origin) -> dict[str, object]:
    held = rooms.consent.grants.show(subject)[origin.purpose]
    quoted = held.notice
    parts = top(rooms.feed.decisions.reasons(subject, obj))
    lot = rooms.feed.decisions.lot(subject, obj)
    return {
        "portrait_id": public_id(obj),
        "scenario": _scenario(origin.scenario),
        "selfies": [public_id(one) for one in origin.selfies],
        "purpose": origin.purpose,
        "basis": held.kind,
        "granted_at": rfc3339(held.granted_at),
        "grant_seq": origin.epoch,
        "notice": quoted
        and {"sha256": quoted.sha256, "version": quoted.version, "language": quoted.language},
        "policy": {"id": _policy_id(origin.policy_sha256), "sha256": origin.policy_sha256},
        "recipe": {"id": origin.recipe, "sha256": origin.recipe_sha256},
        "reasons": [
            {"feature": part.feature, "effect": part.effect, "sentence": sentence(part.feature)}
            for part in parts
        ],
    } | ({} if lot is None else {"lot": {"chance": round(lot.chance, 6), "among": lot.among}})


@cache
def _policy_id(sha256: str) -> str:
    """Name a policy by its hash; one that is not shipped any more keeps the hash as its name."""
    known = {policy.sha256: policy.id for policy in map(policies.load, policies.names())}
    return known.get(sha256, sha256)
