# SPDX-License-Identifier: Apache-2.0
"""A hand on the tables, past every line of our code: what the schema alone must withstand.

Two people hold `likeness`, `feed_insert`, `avatar_pack` and `story`, a third holds nothing. The
first has portraits FED (in the feed), PACKED (of the pack) and DRAWN (never inserted) and one
SELFIE; the second has one portrait in the feed, OTHERS.
"""

from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from consent import tables
from consent.words import ROOTS, Purpose
from feed.tables import feed_insert, feed_view

ADA, BOB, CY = 1, 2, 3
FED, PACKED, DRAWN, OTHERS, SELFIE = 500, 501, 502, 503, 900
NOW = 10
LATER = 1_000

COLUMNS: dict[str, dict[str, Any]] = {
    "moderated": {"verdict": "pass"},
    "quarantined": {"reason": "nsfw", "wrapped_dek": b"k", "blob": "b", "expires_at": 9},
    "appealed": {"reason": "nsfw"},
    "asset": {"kind": "portrait", "wrapped_dek": b"k", "blob": "b", "expires_at": 9},
    "selfie": {"wrapped_dek": b"k", "blob": "b", "expires_at": 9},
    "selfie_read": {"selfie": SELFIE},
    "feed_insert": {"scenario": "astronaut", "expires_at": 9},
}
"""What an effect table wants beside the columns that all of them have."""

LIFE = (tables.request, tables.rendered, tables.moderated, tables.asset)
HELD = (tables.request, tables.rendered, tables.quarantined)


class Forger:
    """Write any row at all, in one transaction that is never committed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._seq = 0
        self.epochs: dict[tuple[int, str], int] = {}

    def put(self, table: Table, **columns: Any) -> None:
        """Insert one row."""
        self.connection.execute(table.insert().values(**columns))

    def clock(self, now: int) -> None:
        """Turn the clock row, as a transaction that locks the log head does."""
        self.connection.execute(update(tables.log_head).values(now=now))

    def entry(self, t: str) -> int:
        """Append an entry of any type."""
        seq, self._seq = self._seq, self._seq + 1
        self.put(tables.entry, seq=seq, t=t, body=b"x", leaf=b"0" * 32)
        return seq

    def serve(self, person: int, purpose: str) -> int:
        """Serve a notice."""
        seq = self.entry("notice.served")
        words = {"sha256": "h", "served_id": f"s{seq}", "version": "1", "language": "en"}
        self.put(tables.notice_served, seq=seq, subject=person, purpose=purpose, **words)
        return seq

    def say(self, person: int, purpose: str, served: int | None, t: str = "grant") -> int:
        """Record a yes that quotes a serving, or none."""
        seq = self.entry(t)
        self.put(
            tables.granted,
            seq=seq,
            t=t,
            subject=person,
            purpose=purpose,
            kind="explicit",
            served_seq=served,
            at=NOW,
            term_end=9_999,
        )
        return seq

    def basis(
        self, person: int, purpose: str, epoch: int, parent: str | None, parent_epoch: int | None
    ) -> None:
        """Claim that a basis holds."""
        self.put(
            tables.basis,
            subject=person,
            purpose=purpose,
            epoch=epoch,
            kind="explicit",
            parent_purpose=parent,
            parent_epoch=parent_epoch,
        )
        self.epochs[person, purpose] = epoch

    def grant(self, person: int, purpose: str) -> int:
        """Say yes as one should: serve, grant, basis, key."""
        epoch = self.say(person, purpose, self.serve(person, purpose))
        root = purpose in ROOTS
        above = None if root else self.epochs.get((person, "likeness"), 77)
        self.basis(person, purpose, epoch, None if root else "likeness", above)
        key = {"subject": person, "purpose": purpose, "epoch": epoch}
        self.put(tables.subject_key, wrapped_key=b"k", **key)
        return epoch

    def withdraw(self, person: int, purpose: str) -> None:
        """Delete a basis."""
        mine = (tables.basis.c.subject == person, tables.basis.c.purpose == purpose)
        self.connection.execute(delete(tables.basis).where(*mine))

    def permit(
        self, person: int, step: str, purpose: str, obj: int, **other: Any
    ) -> dict[str, Any]:
        """Forge or receive a permit; return what an effect row must say to spend it."""
        row = {"seq": other.pop("seq", None), "t": "decision", "slot": 0} | other
        row["seq"] = self.entry("decision") if row["seq"] is None else row["seq"]
        epoch = self.epochs.get((person, purpose), 0)
        row = {"epoch": epoch, "not_after": LATER, "at": NOW} | row
        self.put(tables.permit, subject=person, step=step, purpose=purpose, object=obj, **row)
        return {
            "permit_seq": row["seq"],
            "permit_slot": row["slot"],
            "subject": person,
            "purpose": purpose,
            "epoch": row["epoch"],
            "object": obj,
            "not_after": row["not_after"],
        }

    def block(self, purpose: str, *people: int, denied: int = 0) -> int:
        """Write a block of decisions that allows everybody but one; return its entry."""
        records = b"".join(
            bytes(48)
            + self.epochs[person, purpose].to_bytes(8, "big")
            + b"\xff" * 12
            + bytes([1, person == denied])
            for person in people
        )
        seq = self.entry("block")
        self.put(tables.block, seq=seq, records=records, nonce=bytes(16), sealed=b"")
        return seq

    def effect(self, table: Table, spent: dict[str, Any], **other: Any) -> None:
        """Claim that a step was taken."""
        row = COLUMNS.get(table.name, {}) | {"at": NOW} | spent | other
        if "effect_seq" not in row:
            row["effect_seq"] = self.entry("effect")
        self.put(table, **row)

    def step(self, table: Table, person: int, purpose: str, obj: int, **other: Any) -> None:
        """Take a step as one should: ask, then act."""
        permit = self.permit(person, table.info["step"], purpose, obj)
        self.effect(table, permit, **other)

    def portrait(self, person: int, purpose: str, obj: int) -> None:
        """Make a portrait as one should."""
        for table in LIFE:
            self.step(table, person, purpose, obj)

    def hold_back(self, person: int, purpose: str, obj: int) -> None:
        """Draw a picture and hold it back as one should."""
        for table in HELD:
            self.step(table, person, purpose, obj)

    def count(self, table: Table, person: int = ADA) -> int:
        """Count one person's rows."""
        rows = self.connection.execute(select(table).where(table.c.subject == person))
        return len(rows.all())


def settle(connection: Connection) -> Forger:
    """Bring about the honest state of things that the attacks begin from."""
    forger = Forger(connection)
    forger.clock(NOW)
    for person in (ADA, BOB, CY):
        forger.put(tables.subject, id=person)
    for person in (ADA, BOB):
        for purpose in ("likeness", "feed_insert", "avatar_pack", "story"):
            forger.grant(person, purpose)
    forger.portrait(ADA, "feed_insert", FED)
    forger.portrait(ADA, "avatar_pack", PACKED)
    forger.portrait(ADA, "feed_insert", DRAWN)
    forger.portrait(BOB, "feed_insert", OTHERS)
    for person, obj in ((ADA, FED), (BOB, OTHERS)):
        forger.step(feed_insert, person, "feed_insert", obj)
    forger.step(feed_view, ADA, "feed_insert", FED)
    forger.step(tables.selfie, ADA, "likeness", SELFIE)
    for purpose in (Purpose.FEED_INSERT, Purpose.AVATAR_PACK):
        use = {"selfie": SELFIE, "subject": ADA, "purpose": str(purpose), "wrapped_dek": b"w"}
        forger.put(tables.selfie_use, epoch=forger.epochs[ADA, str(purpose)], **use)
        forger.step(tables.selfie_read, ADA, str(purpose), SELFIE)
    return forger
