# SPDX-License-Identifier: Apache-2.0
"""`/xrpc/app.bsky.feed.getFeedSkeleton`: the shares that the asker may see, as bare references.

The shape is that of the AT Protocol's lexicon, so that its clients can read what is shared here.
An insert never stands in it: what only its owner sees has no reference at all. A reference is
worth nothing to whoever may not see the share.
Source: the lexicons app.bsky.feed.getFeedSkeleton and app.bsky.feed.defs#skeletonFeedPost.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from consent.words import Subject, public_id
from engine.api import shares
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.cursors import after, cursor
from engine.api.desk import person, rooms_of
from engine.api.problems import Problem, Slug
from engine.api.shapes import Shape
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["sharing"], responses=REFUSALS, dependencies=[SIGNED_IN])

_PAGE: Final = 50
_MOST: Final = 100
_FEED: Final = "app.bsky.feed.generator/shared"
_POST: Final = "org.onlyou.share"


class SkeletonPost(Shape):
    """A reference to something shared, and nothing about it."""

    post: Annotated[str, Field(pattern=r"^at://[a-zA-Z0-9._:%-]+/[a-zA-Z0-9.-]+/[a-z0-9]+$")]


class Skeleton(Shape):
    """References to shares, in the shape of the AT Protocol's feed skeleton."""

    feed: list[SkeletonPost]
    cursor: str | None = None


@router.get("/xrpc/app.bsky.feed.getFeedSkeleton", response_model=Skeleton)
def skeleton(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.FEED_READ))],
    feed: Annotated[str, Query(max_length=8_192)],
    limit: Annotated[int, Query(ge=1, le=_MOST)] = _PAGE,
    cursor: str | None = None,
) -> Response:
    """List references to the shares that I may see, the newest first; never to an insert."""
    if feed != feed_uri(rooms):
        raise Problem(Slug.INVALID, f"The one feed here is {feed_uri(rooms)}.", field="feed")
    return json(_page(rooms, subject, limit, cursor))


def feed_uri(rooms: Rooms) -> str:
    """Name the one feed that there is: what is shared here."""
    return f"at://{_authority(rooms)}/{_FEED}"


def _page(rooms: Rooms, subject: Subject, limit: int, place: str | None) -> dict[str, object]:
    known = [{"share_id": public_id(one.id)} for one in shares.visible(rooms, subject)]
    rest = after(rooms, subject, place, known, name="share_id")
    posts = [
        {"post": f"at://{_authority(rooms)}/{_POST}/{one['share_id']}"} for one in rest[:limit]
    ]
    more = len(rest) > limit
    onward = {"cursor": cursor(rooms, subject, rest[limit - 1]["share_id"])} if more else {}
    return {"feed": posts, **onward}


def _authority(rooms: Rooms) -> str:
    """Name this installation by the host of its log's origin, as a DID."""
    host, _, _ = rooms.consent.ledger.origin.partition("/")
    return "did:web:" + host.replace(":", "%3A")
