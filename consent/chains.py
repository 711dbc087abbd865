# SPDX-License-Identifier: Apache-2.0
"""Everything the ledger holds about one person, for that person: their chain, walked from its end.

Each entry names the one before it, so nothing in between can be left out; the newest is the one
that the next entry would name.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from consent import entries
from consent.errors import Broken, Misused
from consent.ledger import Ledger
from consent.tables import chain, entry
from consent.words import Reason, Seq, Subject

_BODY = select(entry.c.body).where(entry.c.seq == bindparam("seq"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One entry about a person, as it was written."""

    seq: Seq
    body: bytes


def own_entries(ledger: Ledger, subject: Subject) -> tuple[str, tuple[Own, ...]]:
    """Return a person's tag and every entry about them, oldest first.

    Errors: Misused(unknown-subject) for whom nobody here knows.
    """
    with ledger.read() as connection:
        end = select(chain.c.tag, chain.c.last).where(chain.c.subject == subject)
        row = connection.execute(end).one_or_none()
        if row is None:
            raise Misused(Reason.UNKNOWN_SUBJECT, "this person is not known here")
        tag, seq = row
        found: list[Own] = []
        while seq is not None:
            body = bytes(connection.execute(_BODY, {"seq": seq}).scalar_one())
            found.append(Own(seq=Seq(seq), body=body))
            seq = _before(seq, entries.decode(body), tag)
    return tag, tuple(reversed(found))


def _before(seq: int, body: dict[str, Any], tag: str) -> int | None:
    """Return the entry that this one names. Errors: Broken where the chain is not one."""
    named = body.get("prev")
    prev: int | None = named[0] if isinstance(named, list) else named
    if body.get("tag") != tag or (prev is not None and prev >= seq):
        raise Broken(Reason.UNAVAILABLE, f"entry {seq} breaks the chain it is part of")
    return prev
