# SPDX-License-Identifier: Apache-2.0
"""`GET /v1/ledger/me`: every entry about the person who asks, each with its proof.

The chain is walked from its last entry, so a page that ends without a cursor ends the story. The
map of last entries, logged before, shows that its end is the one that everybody else sees;
`consent.disclosure` checks an answer, `onlyou audit me` from the command line.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from consent import entries, notes, recorded
from consent.chains import Own, own_entries
from consent.lasts import Shown
from consent.ledger import Ledger
from consent.tag_map import Placed
from consent.words import Subject
from engine.api import cursors
from engine.api.answers import REFUSALS, SIGNED_IN, json
from engine.api.desk import person, rooms_of
from engine.api.shapes import ProvedEntry, Sha256, Shape
from engine.api.tokens import Scope
from engine.rooms import Rooms

router = APIRouter(tags=["ledger"], responses=REFUSALS, dependencies=[SIGNED_IN])


class ShownLeaf(Shape):
    """One person's end in the map, by tag, with its inclusion proof under the map's root."""

    tag: str
    seq: int
    slot: int | None = None
    place: int
    proof: list[Sha256]


class ShownMap(ProvedEntry):
    """The newest logged map of last entries: its entry, and what it says of the person.

    `leaves` is the person's own, or, where nothing was said of them before it, its neighbours.
    """

    leaves: list[ShownLeaf]


class OwnEntry(ProvedEntry):
    """One entry about the person.

    Of a block of decisions also their slot: its record, its proof under the entry's inner root,
    and in words what it decided.
    """

    slot: int | None = None
    record: str | None = None
    slot_proof: list[Sha256] | None = None
    decision: dict[str, Any] | None = None


class OwnEntries(Shape):
    """Every entry about the person, oldest first; each names the one before it."""

    tag: str
    checkpoint: str
    items: list[OwnEntry]
    cursor: str | None = None
    map: ShownMap | None = None
    newer: int = 0


@router.get("/v1/ledger/me", response_model=OwnEntries)
def mine(
    rooms: Annotated[Rooms, Depends(rooms_of)],
    subject: Annotated[Subject, Depends(person(Scope.LIKENESS_MANAGE))],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Response:
    """List what the ledger holds about me, oldest first, provable at the checkpoint given."""
    return json(told(rooms, subject, cursor, limit))


def told(
    rooms: Rooms, subject: Subject, cursor: str | None = None, limit: int | None = None
) -> dict[str, Any]:
    """Show a person some of their entries, or from there on all of them."""
    ledger = rooms.consent.ledger
    shown = rooms.consent.lasts.shown_to(subject)  # first: what comes after is newer, not missing
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
            **_slot(ledger, one),
        }
        for one in rest[:limit]
    ]
    page = {"tag": tag, "checkpoint": note, "items": items} | _mapped(ledger, shown, chain, size)
    if limit is not None and len(rest) > limit:
        page["cursor"] = cursors.cursor(rooms, subject, rest[limit - 1].seq)
    return page


def _slot(ledger: Ledger, one: Own) -> dict[str, Any]:
    """Show what a block decided about the person, and prove that it stands in the block."""
    if one.slot is None:
        return {}
    slot = recorded.Slot(seq=one.seq, slot=one.slot, record=one.record)
    with ledger.read() as connection:
        proof = recorded.proof_of(connection, slot)
    return {
        "slot": one.slot,
        "record": entries.base64url(one.record),
        "slot_proof": [node.hex() for node in proof],
        "decision": recorded.decision(entries.decode(one.body), slot),
    }


def _mapped(ledger: Ledger, shown: Shown | None, own: Sequence[Own], size: int) -> dict[str, Any]:
    """Show the person's end in the newest map, and how many of their entries came after it."""
    if shown is None:
        return {"newer": len(own)}
    return {
        "newer": sum(one.seq >= shown.seq for one in own),
        "map": {
            "seq": shown.seq,
            "entry": entries.base64url(ledger.body(shown.seq)),
            "proof": [node.hex() for node in ledger.inclusion(shown.seq, size)],
            "leaves": [_leaf(one) for one in shown.leaves],
        },
    }


def _leaf(one: Placed) -> dict[str, Any]:
    seq, slot = one.last
    return {
        "tag": entries.base64url(one.tag),
        "seq": seq,
        **({} if slot is None else {"slot": slot}),
        "place": one.place,
        "proof": [node.hex() for node in one.proof],
    }
