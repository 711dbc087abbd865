# SPDX-License-Identifier: Apache-2.0
"""`/v1/verify`: anybody may ask about a picture; a person gets a signed answer, also a no.

Nothing is kept of what was asked, nor that anybody asked.
"""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse

from consent.words import Subject, public_id
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import Once, asking, desk_of, rooms_of, token_of
from engine.api.shapes import Id, Sha256, Shape, Time
from engine.recognizing import tell
from engine.rooms import Rooms

router = APIRouter(tags=["verify"], responses=REFUSALS, route_class=Once)

_PEM: Final = "application/x-pem-file"
InRooms = Annotated[Rooms, Depends(rooms_of)]


async def asker(request: Request) -> Subject | None:
    """Name the person who asks; None where no token came along, or one that names nobody."""
    token, _ = token_of(request)
    if token is None:
        return None
    subject = (await asking()(request)).subject
    if subject is not None:
        accounts = desk_of(request).rooms.consent.accounts
        await run_in_threadpool(accounts.find, public_id(subject))
    return subject


class OwnImage(Shape):
    """A portrait of the asker that a picture shows, and by which marks that is known."""

    portrait_id: Id
    by: list[Literal["c2pa", "watermark", "fingerprint"]]
    marks: dict[str, Any] | None = None


class SignedAnswer(Shape):
    """What a person was told about a file, signed by the log's key; a no as well as a yes."""

    schema_: Annotated[Literal["onlyou-image-answer/1"], Field(alias="schema")]
    at: Time
    file: Sha256
    found: dict[Literal["c2pa", "watermark", "fingerprint"], str]
    yours: list[OwnImage]
    says: str
    signature: str


class ImageAnswer(Shape):
    """Which marks of this installation a picture bears; the signed part is for a person."""

    c2pa: Literal["trusted", "valid", "invalid", "absent"]
    watermark: Literal["found", "absent"]
    fingerprint: Literal["found", "absent"]
    means: str
    answer: SignedAnswer | None = None


@router.post("/v1/verify", response_model=ImageAnswer, dependencies=[SIGNED_IN])
def verify(
    rooms: InRooms,
    subject: Annotated[Subject | None, Depends(asker)],
    file: Annotated[UploadFile, File()],
) -> Response:
    """Say which marks of this installation a picture bears: three layers, never summed up."""
    return json(tell(rooms, file.file.read(), subject))


@router.get(
    "/v1/verify/anchor",
    response_class=Response,
    responses={200: {"content": {_PEM: {}}, "description": "The certificate"}},
)
def anchor(rooms: InRooms) -> Response:
    """Give the root certificate (PEM) under which this installation's credentials are trusted."""
    return PlainTextResponse(
        rooms.studio.anchor,
        media_type=_PEM,
        headers={"Cache-Control": "no-cache"},
    )
