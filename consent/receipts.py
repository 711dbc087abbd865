# SPDX-License-Identifier: Apache-2.0
"""Receipts: what a person keeps, so that they can prove later what they said and when."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, and_, func, select

from consent import entries, notes, statements, witnessing
from consent.ledger import Ledger
from consent.tables import ended, granted
from consent.words import Purpose, Seq, Subject, rfc3339

SCHEMA: Final = "onlyou-receipt/1"
_EVENTS: Final[Mapping[str, str]] = {
    "grant": "grant",
    "renew": "renew",
    "withdraw": "withdraw",
    "expire": "withdraw",
}

Receipt = dict[str, Any]
"""CONTRACTS.md, Receipt: entry, inclusion proof and checkpoint, signed by the log's key."""


def receipt(ledger: Ledger, seq: Seq, destroyed: Mapping[str, int] | None = None) -> Receipt:
    """Write the receipt for one entry, proved at the newest witnessed checkpoint that has it."""
    body = ledger.body(seq)
    entry = entries.decode(body)
    note, size = witnessing.proving(ledger, seq)
    made: Receipt = {
        "schema": SCHEMA,
        "event": _EVENTS[entry["t"]],
        "purpose": entry["purpose"],
        "at": rfc3339(entry["at"]),
        "seq": seq,
        "epoch": entry.get("epoch", _epoch(ledger, seq)),
        "checkpoint": note,
        "proof": [node.hex() for node in ledger.inclusion(seq, size)],
        "entry": entries.base64url(body),
    }
    if "notice" in entry:
        made["notice"] = entry["notice"]
    if destroyed is not None:
        made["destroyed"] = dict(destroyed)
    return statements.signed(made, ledger.signer)


def _epoch(ledger: Ledger, seq: Seq) -> Seq | None:
    """Name the grant that a yes is or renews; None for a no to what was never granted."""
    said = granted.alias()
    mine = (said.c.subject == granted.c.subject, said.c.purpose == granted.c.purpose)
    with ledger.read() as connection:
        found = connection.execute(
            select(func.max(said.c.seq))
            .select_from(granted.join(said, and_(*mine)))
            .where(granted.c.seq == seq, said.c.seq <= seq, said.c.t == "grant")
        ).scalar()
    return None if found is None else Seq(found)


def flaws(made: Receipt, verifier: str) -> tuple[str, ...]:
    """Say what is wrong with a receipt, offline: nothing when it proves what it says.

    `verifier` is the log's verifier key line, as bundles carry it.
    """
    return statements.flaws(made, verifier, schema=SCHEMA, called="receipt", told=_untold)


def _untold(made: Receipt, head: notes.Checkpoint) -> Iterator[str]:
    if not statements.proves(made, head):
        yield "its entry is not in the tree of its checkpoint"
    said = entries.decode(entries.from_base64url(made["entry"]))
    told = (_EVENTS[said["t"]], said["purpose"], rfc3339(said["at"]), said.get("notice"))
    if told != (made["event"], made["purpose"], made["at"], made.get("notice")):
        yield "it says something else than its entry"


def last_receipt(ledger: Ledger, subject: Subject, purpose: Purpose) -> Receipt | None:
    """Return the receipt of a person's last act on a purpose, or None if there was none."""
    with ledger.read() as connection:
        said = connection.execute(
            select(granted.c.seq)
            .where(granted.c.subject == subject, granted.c.purpose == purpose)
            .order_by(granted.c.seq.desc())
            .limit(1)
        ).scalar()
        unsaid = last_end(connection, subject, purpose)
    if unsaid is not None and (said is None or said < unsaid[0]):
        return receipt(ledger, *unsaid)
    return None if said is None else receipt(ledger, Seq(said))


def last_end(
    connection: Connection, subject: Subject, purpose: Purpose
) -> tuple[Seq, dict[str, int]] | None:
    """Find the entry of a person's last withdrawal of a purpose, and what it destroyed."""
    row = connection.execute(
        select(ended.c.seq, ended.c.portraits, ended.c.inserts, ended.c.shares, ended.c.shredded)
        .where(ended.c.subject == subject, ended.c.purpose == purpose)
        .order_by(ended.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    seq, portraits, inserts, shares, keys = row
    counts = {"portraits": portraits, "inserts": inserts, "shares": shares, "keys": keys}
    return Seq(seq), counts
