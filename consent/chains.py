# SPDX-License-Identifier: Apache-2.0
"""Everything the ledger holds about one person, for that person: their chain, walked from its end.

Each entry names the one before it, so nothing in between can be left out; the newest is the one
that the next entry would name.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import NoResultFound

from consent import blocks, entries, recorded
from consent.errors import Broken, Misused
from consent.ledger import Ledger
from consent.tables import chain, entry
from consent.words import Reason, Seq, Subject

_BODY = select(entry.c.body).where(entry.c.seq == bindparam("seq"))
_Place = tuple[int, int | None]
"""An entry, and the slot in it where it is a block of decisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One entry about a person, as it was written; of a block their slot and its record too."""

    seq: Seq
    body: bytes
    slot: int | None = None
    record: bytes = b""


def own_entries(ledger: Ledger, subject: Subject) -> tuple[str, tuple[Own, ...]]:
    """Return a person's tag and every entry about them, oldest first.

    Errors: Misused(unknown-subject) for whom nobody here knows.
    """
    with ledger.read() as connection:
        tag, place = _end(connection, subject)
        found: list[Own] = []
        while place is not None:
            found.append(_read(connection, *place))
            place = _before(found[-1], tag)
    return tag, tuple(reversed(found))


def newest(
    ledger: Ledger, subject: Subject, count: int, before: _Place | None = None
) -> tuple[Own, ...]:
    """Return a person's last entries, newest first; at most `count`, so it is quick for anybody.

    `before` is one of their own places to go on from; it is not returned again.
    Errors: Misused(unknown-subject) for whom nobody here knows, Misused(unknown-key) for a place
    that is not theirs.
    """
    with ledger.read() as connection:
        tag, place = _end(connection, subject)
        if before is not None:
            place = _before(_theirs(connection, before, tag), tag)
        found: list[Own] = []
        while place is not None and len(found) < count:
            found.append(_read(connection, *place))
            place = _before(found[-1], tag)
    return tuple(found)


def _end(connection: Connection, subject: Subject) -> tuple[str, _Place | None]:
    end = select(chain.c.tag, chain.c.last, chain.c.slot).where(chain.c.subject == subject)
    row = connection.execute(end).one_or_none()
    if row is None:
        raise Misused(Reason.UNKNOWN_SUBJECT, "this person is not known here")
    tag, seq, slot = row
    return tag, None if seq is None else (seq, slot)


def _theirs(connection: Connection, place: _Place, tag: str) -> Own:
    """Read a place that somebody names; whatever is not theirs is as unknown as none."""
    try:
        one = _read(connection, *place)
    except (NoResultFound, Misused):
        one = None
    if one is None or _names(one)[0] != tag:
        raise Misused(Reason.UNKNOWN_KEY, "there is no such entry of yours")
    return one


def _read(connection: Connection, seq: int, slot: int | None) -> Own:
    body = bytes(connection.execute(_BODY, {"seq": seq}).scalar_one())
    if slot is None:
        return Own(seq=Seq(seq), body=body)
    record = recorded.slot_of(connection, seq, slot).record
    return Own(seq=Seq(seq), body=body, slot=slot, record=record)


def _before(one: Own, tag: str) -> _Place | None:
    """Return the place that this entry names. Errors: Broken where the chain is not one."""
    named, prev = _names(one)
    if named != tag or (prev is not None and prev[0] >= one.seq):
        raise Broken(Reason.UNAVAILABLE, f"entry {one.seq} breaks the chain it is part of")
    return prev


def _names(one: Own) -> tuple[str | None, _Place | None]:
    """Return whose an entry says it is, and which one it says was before it."""
    if one.record:
        said = blocks.read(one.record)
        return said.tag, None if said.prev is None else (said.prev, said.prev_slot)
    body = entries.decode(one.body)
    prev = body.get("prev")
    match prev:
        case [int(seq), int(slot)]:
            return body.get("tag"), (seq, slot)
        case _:
            return body.get("tag"), None if prev is None else (prev, None)
