# SPDX-License-Identifier: Apache-2.0
"""Certificates of erasure: proof for somebody whom nobody here knows any more.

It carries the entries of the erasure with their proofs, so that it can be checked without us, by
`flaws` or by hand, against the log's public key and against any bundle exported afterwards.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select

from consent import entries, notes, statements
from consent.ledger import Ledger
from consent.tables import entry
from consent.words import Seq

SCHEMA: Final = "onlyou-erasure/1"
_SHOWN: Final = ("erase.request", "withdraw", "key.destroy", "erase.done")

Certificate = dict[str, Any]
"""CONTRACTS.md, Erasure: what was done, proved at the entry that says it is done."""


def certificate(
    ledger: Ledger, *, requested: Seq, last: Seq, done: Seq, keys_destroyed: int, size: int
) -> Certificate:
    """Write the certificate of one erasure; the same arguments give the same bytes for ever.

    Units: `last` is the last entry of the transaction that began with `requested`; `size` the
    bytes of ciphertext that were deleted.
    """
    head = done + 1
    made: Certificate = {
        "schema": SCHEMA,
        "requested_seq": requested,
        "done_seq": done,
        "keys_destroyed": keys_destroyed,
        "bytes_destroyed": size,
        "checkpoint": ledger.checkpoint(head),
        "proofs": [
            {
                "seq": seq,
                "entry": entries.base64url(body),
                "proof": [node.hex() for node in ledger.inclusion(seq, head)],
            }
            for seq, body in _shown(ledger, requested, last, done)
        ],
    }
    return statements.signed(made, ledger.signer)


def _shown(ledger: Ledger, requested: Seq, last: Seq, done: Seq) -> Iterator[tuple[int, bytes]]:
    of_erasure = entry.c.seq.between(requested, last) | (entry.c.seq == done)
    with ledger.read() as connection:
        rows = connection.execute(
            select(entry.c.seq, entry.c.body)
            .where(of_erasure, entry.c.t.in_(_SHOWN))
            .order_by(entry.c.seq)
        ).all()
    yield from ((seq, bytes(body)) for seq, body in rows)


def flaws(made: Certificate, verifier: str) -> tuple[str, ...]:
    """Say what is wrong with a certificate, offline: nothing when it proves what it says.

    `verifier` is the log's verifier key line, as bundles carry it.
    """
    return statements.flaws(made, verifier, schema=SCHEMA, called="certificate", told=_told)


def _told(made: Certificate, head: notes.Checkpoint) -> Iterator[str]:
    for one in made["proofs"]:
        if not statements.proves(one, head):
            yield f"entry {one['seq']} is not in the tree of its checkpoint"
    yield from _untold(made, [_said(one) for one in made["proofs"]])


def _said(proof: dict[str, Any]) -> dict[str, Any]:
    return entries.decode(entries.from_base64url(proof["entry"])) | {"seq": proof["seq"]}


def _untold(made: Certificate, said: list[dict[str, Any]]) -> Iterator[str]:
    ends = [(one["t"], one["seq"]) for one in said if one["t"].startswith("erase.")]
    if ends != [("erase.request", made["requested_seq"]), ("erase.done", made["done_seq"])]:
        yield "its request and its end are not the entries that it names"
    if len({one["tag"] for one in said}) != 1:
        yield "its entries are not all about one person"
    purposes = {one["epoch"] for one in said if one["t"] == "withdraw"}
    shredded = {one["epoch"] for one in said if one["t"] == "key.destroy"}
    if purposes != shredded:
        yield "a purpose was withdrawn whose key was not destroyed"
    if made["keys_destroyed"] != len(shredded) + 1:
        yield "it counts other keys than those of its entries and the person's own"
