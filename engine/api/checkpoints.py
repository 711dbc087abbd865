# SPDX-License-Identifier: Apache-2.0
"""`/v1/ledger/checkpoint` and `/v1/ledger/tile/...`: the log as C2SP serves it. It names nobody.

A full tile never changes and may be kept by anybody for ever; a partial one is not kept. Both hold
hashes or entries, and entries hold no personal data: tags, commitments, closed words.
Source: C2SP tlog-tiles, tlog-checkpoint.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from starlette.responses import PlainTextResponse

from consent import tiles
from engine.api.answers import REFUSALS
from engine.api.desk import rooms_of
from engine.api.problems import not_found
from engine.rooms import Rooms

router = APIRouter(tags=["ledger"])

InRooms = Annotated[Rooms, Depends(rooms_of)]
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_BYTES: Final = "application/octet-stream"


@router.get("/v1/ledger/checkpoint", response_class=PlainTextResponse)
def checkpoint(rooms: InRooms) -> Response:
    """Sign the present tree head as a C2SP checkpoint, so that anybody can hold us to it.

    Where witnesses must cosign, it is the newest tree head that they have.
    """
    note = rooms.consent.witnessing.checkpoint()
    return PlainTextResponse(note, headers={"Cache-Control": "no-cache"})


@router.get(
    "/v1/ledger/tile/{path:path}",
    responses={200: {"content": {_BYTES: {}}}, **REFUSALS},
    response_class=Response,
)
def tile(rooms: InRooms, path: str) -> Response:
    """Serve a tile of hashes (`L/NNN`) or of entries (`entries/NNN`), `.p/W` if partial."""
    asked = tiles.parse_path(path)
    content = rooms.consent.ledger.tile(asked) if asked else None
    if asked is None or content is None:
        raise not_found()
    kept = _FOR_EVER if asked.full else "no-store"
    return Response(content, media_type=_BYTES, headers={"Cache-Control": kept})
