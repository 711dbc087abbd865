# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/ledger/me`: every entry about the person who asks, each with its proof.

The chain is walked from its last entry, so a page that ends without a cursor ends the story.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from consent import entries, notes
from consent.chains import own_entries
from consent.words import Subject
from engine.api import cursors
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import person, rooms_of
from engine.api.shapes import ProvedEntry, Shape
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["ledger"], responses=REFUSALS, dependencies=[SIGNED_IN])


class OwnEntries(Shape):
    """Every entry about the person, oldest first; each names the one before it."""

    tag: str
    checkpoint: str
    items: list[ProvedEntry]
    cursor: str | None = None


@router.get("/v1/ledger/me", response_model=OwnEntries)
def mine(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """List what the ledger holds about me, oldest first, provable at the checkpoint given."""
    ledger = rooms.consent.ledger
    tag, chain = own_entries(ledger, subject)
    note = ledger.checkpoint()
    size = notes.parse_checkpoint(note).size
    named = [{"id": str(one.seq), "own": one} for one in chain]
    rest = [one["own"] for one in cursors.after(rooms, subject, cursor, named)]
    items = [
        {
            "seq": one.seq,
            "entry": entries.base64url(one.body),
            "proof": [node.hex() for node in ledger.inclusion(one.seq, size)],
        }
        for one in rest[:limit]
    ]
    page = {"tag": tag, "checkpoint": note, "items": items}
    if len(rest) > limit:
        page["cursor"] = cursors.cursor(rooms, subject, rest[limit - 1].seq)
    return json(page)
