# SPDX-License-Identifier: Apache-2.0
"""What others can see of a person: shares, each ended with one press; friends; reports."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Response

from consent.words import Subject, parse_id, public_id
from engine.api import friends, reports, shares
from engine.api.desk import Once
from engine.web.saying import back
from engine.web.visitors import Here, Visitor

router = APIRouter(include_in_schema=False, route_class=Once)

Field = Annotated[str, Form()]
_TO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "friends": "Friends see it",
        "story": "In your story, for friends,",
        "profile": "Everybody here sees it as your picture",
    }
)
_ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {"portrait": "a portrait of you", "post": "a post", "share": "what somebody shows"}
)
_WHY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not-me": "does not look like me",
        "demeaning": "demeaning",
        "sexual": "sexual",
        "frightening": "frightening",
        "too-real": "could be taken for a photo",
        "other": "something else",
    }
)


@router.post("/likeness/shares/end")
def unshare(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Stop showing one portrait to others, at once."""
    shares.end(viewer.rooms, viewer.subject, id)
    return back("unshared")


@router.post("/likeness/friends")
def befriend(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Name somebody as a friend; the answer says nothing of who is here."""
    if (number := parse_id(id.strip().lower())) is not None:
        viewer.rooms.feed.friends.befriend(viewer.subject, Subject(number))
    return back("named")


@router.post("/likeness/friends/end")
def unfriend(viewer: Here, id: Field) -> Response:  # noqa: A002  the form's field
    """Take a name back; neither sees from then on what the other shows to friends."""
    if (number := parse_id(id)) is not None:
        viewer.rooms.feed.friends.unfriend(viewer.subject, Subject(number))
    return back("unnamed")


def shown(viewer: Visitor) -> dict[str, Any]:
    """Describe what others see of a person, who their friends are, what they reported."""
    rooms, subject = viewer.rooms, viewer.subject
    mine = [shares.shape(rooms, subject, one) for one in rooms.feed.shares.of_owner(subject)]
    return {
        "shares": [one | {"words": _TO[str(one["audience"])]} for one in mine],
        "friends": friends.listed(rooms, subject),
        "own_id": public_id(subject),
        "reports": [_report(one) for one in reports.listed(rooms, subject)],
    }


def _report(one: Mapping[str, object]) -> dict[str, object]:
    why = _WHY.get(str(one["why"]))
    words = _ABOUT[str(one["about"])] + (f", {why}" if why else "")
    return {**one, "words": words}
