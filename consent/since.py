# SPDX-License-Identifier: Apache-2.0
"""Do once more to the rows of a copy what entries did that came after it.

Only what ends: a basis, a thing, everything for a while; and what was used, so that caps hold.
What began is not done again: its rows and keys were never copied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from consent import blocks, entries, recorded
from consent.keys import KeyStore
from consent.policy import CAPPED
from consent.tables import (
    basis,
    effect_tables,
    entry,
    erasure,
    pause,
    permit,
    request,
    selfie,
)
from consent.words import ObjectId, Step, Subject, public_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """One entry that the copy has not: its records where it is a block, what it names by hash."""

    seq: int
    body: bytes
    records: bytes = b""
    content: str | None = None
    card: str | None = None


class Acts:
    """Take entries in their order; count what they ended."""

    def __init__(
        self, connection: Connection, keys: KeyStore, people: Mapping[str, Subject]
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._people = people
        self.ended = self.destroyed = 0

    def take(self, seq: int, body: Mapping[str, Any]) -> None:
        """Do to the rows what an entry did."""
        if body["t"] == "erase.done":
            self._finished(seq, body)
        who = self._people.get(body.get("tag", ""))
        if who is not None:
            self._end(who, seq, body)
            self._count(who, seq, body)

    def _end(self, who: Subject, seq: int, body: Mapping[str, Any]) -> None:
        match body["t"]:
            case "withdraw" | "expire":
                mine = (basis.c.subject == who, basis.c.purpose == body["purpose"])
                gone = self._connection.execute(delete(basis).where(*mine, basis.c.epoch < seq))
                self.ended += gone.rowcount
            case "destroy":
                self._destroy(who, body)
            case "pause":
                self._pause(who, seq, body["at"], body.get("not_after"))
            case "resume":
                self._pause(who, seq, body["at"], body["at"])
            case _:
                pass

    def _count(self, who: Subject, seq: int, body: Mapping[str, Any]) -> None:
        if body["t"] == "decision" and body["verdict"] == "allow":
            self._use(who, body, {**body, "seq": seq, "slot": 0})
        if body["t"] == "effect" and isinstance(body["effect_of"], list):
            self._use_of_block(who, body)

    def _use_of_block(self, who: Subject, body: Mapping[str, Any]) -> None:
        seq, slot = body["effect_of"]
        found = select(entry.c.body).where(entry.c.seq == seq)
        said = entries.decode(bytes(self._connection.execute(found).scalar_one()))
        record = blocks.read(recorded.slot_of(self._connection, seq, slot).record)
        self._use(who, body, said | {"seq": seq, "slot": slot, "epoch": record.epoch})

    def _use(self, who: Subject, body: Mapping[str, Any], said: Mapping[str, Any]) -> None:
        """Remember that something was used, so that caps hold: of what it was, only the name."""
        place = (permit.c.seq == said["seq"], permit.c.slot == said["slot"])
        there = self._connection.execute(select(permit.c.seq).where(*place)).first()
        if said["step"] in CAPPED and there is None:
            same = ("seq", "slot", "t", "step", "purpose", "epoch", "not_after")
            own = {"subject": who, "at": body["at"], "object": _number(body["object"])}
            row = {name: said[name] for name in same} | own
            self._connection.execute(permit.insert().values(row))

    def _destroy(self, who: Subject, body: Mapping[str, Any]) -> None:
        """Delete what an entry destroyed; it names the thing as only its person's secret does."""
        secret = self._keys.secrets([who]).get(who)
        if secret is None:
            return  # this person is gone as a whole
        shares = [table for table in effect_tables() if table.info["step"] is Step.SHARE]
        of_share = "epoch" in body
        for table in shares if of_share else (request, selfie):
            rows = self._connection.execute(
                select(table.c.object, table.c.epoch).where(table.c.subject == who)
            ).all()
            for obj, epoch in rows:
                named = entries.object_commitment(secret, public_id(ObjectId(obj)))
                if named == body["object"] and (not of_share or epoch == body["epoch"]):
                    mine = (table.c.subject == who, table.c.object == obj, table.c.epoch == epoch)
                    self.destroyed += self._connection.execute(delete(table).where(*mine)).rowcount

    def _finished(self, seq: int, body: Mapping[str, Any]) -> None:
        """Note that an erasure, which the copy knows as begun, is done."""
        mine = (erasure.c.tag == body["tag"], erasure.c.done_seq.is_(None))
        done = {"done_seq": seq, "done_at": body["at"], "blobs": ""}
        self._connection.execute(update(erasure).where(*mine).values(done))

    def _pause(self, who: Subject, seq: int, at: int, until: int | None) -> None:
        self._connection.execute(delete(pause).where(pause.c.subject == who))
        row = {"subject": who, "until": until, "at": at, "seq": seq}
        self._connection.execute(pause.insert().values(row))


def _number(commitment: str) -> int:
    """Give an object a number of which only the commitment is known: equal ones the same."""
    return int.from_bytes(entries.from_base64url(commitment)[:8]) >> 1
