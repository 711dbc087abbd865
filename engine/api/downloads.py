# SPDX-License-Identifier: Apache-2.0
"""`/v1/portraits/{id}/download`: one portrait as a file that leaves, for its owner.

Each download is a look that is decided and logged by itself. The file says in its pixels that it
was made, and carries the same watermark and a credential of its own (`generation.leaving`).
"""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from consent.errors import Broken
from consent.gate import Ask, View
from consent.words import ObjectId, Step, Subject
from engine.api import portraits
from engine.api.answers import REFUSALS, SIGNED_IN
from engine.api.desk import person, rooms_of
from engine.api.problems import not_found
from engine.api.tokens import Scope
from engine.rooms import Rooms
from generation.portraits import Picture, unpack
from generation.tables import saved

router = APIRouter(tags=["portraits"], responses=REFUSALS, dependencies=[SIGNED_IN])

_ENDINGS: Final = {"image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A portrait as it leaves. The file is called by its idea, never by an id."""

    name: str
    media_type: str
    file: bytes


@router.get(
    "/v1/portraits/{id}/download",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The labelled file"}},
)
def take(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.FEED_READ))],
    id: str,  # noqa: A002  the contract's name
) -> Response:
    """Take a portrait of mine away as a file."""
    taken = download(rooms, subject, id)
    attached = {"Content-Disposition": f'attachment; filename="{taken.name}"'}
    return Response(taken.file, media_type=taken.media_type, headers=attached)


def download(rooms: Rooms, subject: Subject, id: str) -> Download:  # noqa: A002  as elsewhere
    """Open a portrait for its owner to take away; each time is decided and logged.

    Errors: Problem `not-found` for what is gone or not theirs, `quarantined` for one held back;
    Denied.
    """
    image = portraits.shown(rooms, subject, id)
    ask: Ask[View] = Ask(
        step=Step.VIEW, subject=subject, purpose=image.purpose, object=image.id, request=image.id
    )
    picture = unpack(rooms.consent.vault.take(rooms.consent.gate, ask, saved))
    return Download(
        name=f"onlyou-{image.scenario}.{_ENDINGS[picture.media_type]}",
        media_type=picture.media_type,
        file=leaving(rooms, subject, image.id, picture),
    )


def leaving(rooms: Rooms, owner: Subject, obj: ObjectId, picture: Picture) -> bytes:
    """Write an opened portrait as the file that leaves.

    Errors: Problem `not-found` where it was destroyed since it was opened.
    """
    label = rooms.consent.policy.labels.made_by
    try:
        return rooms.studio.leaving(owner, obj, picture, label)
    except (LookupError, Broken) as gone:
        raise not_found() from gone
