# SPDX-License-Identifier: Apache-2.0
"""One open transaction on the ledger: entries, commitments to facts, everybody's chain."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, select, update

from consent import entries, merkle
from consent.chance import Chance
from consent.envelopes import seal
from consent.errors import Misused
from consent.keys import KeyStore
from consent.tables import chain, entry, log_head, opening
from consent.words import Micros, ObjectId, Reason, Seq, Subject, public_id

OPENING_CONTEXT: Final = b"onlyou opening 1"


def opening_key(secret: bytes) -> bytes:
    """Derive the key under which a person's openings are sealed."""
    return entries.salt(secret, b"opening key", b"1")


class Writing:
    """One open transaction that holds the log head. Made by `Ledger.write` alone."""

    def __init__(
        self, connection: Connection, size: int, now: Micros, keys: KeyStore, chance: Chance
    ) -> None:
        self._connection = connection
        self.size = size
        self.now = now
        self._keys = keys
        self._chance = chance
        self._pending: list[tuple[int, str, bytes, bytes]] = []
        self._openings: list[dict[str, Any]] = []
        self._chains: dict[Subject, tuple[str, int | None]] = {}
        self._secrets: dict[Subject, bytes] = {}

    @property
    def connection(self) -> Connection:
        """The transaction's connection, with every entry appended so far already in it."""
        self._flush()
        return self._connection

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in one statement."""
        if rows:
            self.connection.execute(table.insert(), list(rows))

    def know(self, subjects: Iterable[Subject]) -> None:
        """Load the chains of many people in one query, before appending for each of them."""
        unknown = sorted(set(subjects) - set(self._chains))
        rows = self._connection.execute(
            select(chain.c.subject, chain.c.tag, chain.c.last).where(chain.c.subject.in_(unknown))
        )
        self._chains |= {Subject(person): (tag, last) for person, tag, last in rows}

    def knows(self, subject: Subject) -> bool:
        """Say whether something can be said about a person that `know` has looked for."""
        return subject in self._chains

    def append(
        self,
        t: str,
        *,
        subject: Subject | None = None,
        object: ObjectId | None = None,  # noqa: A002 - the entry's own word for it
        request: ObjectId | None = None,
        facts: Mapping[str, entries.Value] | None = None,
        **fields: entries.Value | None,
    ) -> Seq:
        """Append one entry and return its sequence number.

        `subject` becomes tag and prev; `object` and `request` become commitments; `facts` are
        committed to and their opening is sealed under the person's secret. None is left out.
        """
        if t not in entries.TYPES:
            raise ValueError(f"no entry type {t!r}")
        seq = Seq(self.size)
        body: dict[str, Any] = {"v": entries.VERSION, "t": t, "at": self.now}
        body |= {name: value for name, value in fields.items() if value is not None}
        if subject is not None:
            body |= self._personal(seq, subject, object, request, facts)
        encoded = entries.canonical(body)
        self._pending.append((seq, t, encoded, merkle.leaf_hash(encoded)))
        self.size += 1
        return seq

    def end_chain(self, subject: Subject) -> tuple[str, Seq]:
        """Let nothing more be appended about a person; return their tag and their last entry.

        Errors: Misused(unknown-subject) for whom the ledger does not know or knows nothing of.
        """
        tag, last = self._chain(subject)
        if last is None:
            raise Misused(Reason.UNKNOWN_SUBJECT, "nothing was ever said about this person")
        del self._chains[subject]
        self.connection.execute(delete(chain).where(chain.c.subject == subject))
        return tag, Seq(last)

    def commit_object(self, subject: Subject, obj: ObjectId) -> bytes:
        """Return the 32 bytes by which a person's object is named in this ledger."""
        named = entries.object_commitment(self._secret(subject), public_id(obj))
        return entries.from_base64url(named)

    def _personal(
        self,
        seq: Seq,
        subject: Subject,
        obj: ObjectId | None,
        request: ObjectId | None,
        facts: Mapping[str, entries.Value] | None,
    ) -> dict[str, Any]:
        tag, last = self._chain(subject)
        secret = self._secret(subject)
        self._chains[subject] = (tag, seq)
        personal: dict[str, Any] = {"tag": tag}
        if last is not None:
            personal["prev"] = last
        if obj is not None:
            personal["object"] = entries.object_commitment(secret, public_id(obj))
        if request is not None:
            personal["request"] = entries.request_name(secret, public_id(request))
        if facts is not None:
            personal["facts"] = self._commit(seq, subject, secret, facts)
        return personal

    def _chain(self, subject: Subject) -> tuple[str, int | None]:
        if subject not in self._chains:
            self.know([subject])
        if subject not in self._chains:
            raise Misused(Reason.UNKNOWN_SUBJECT, "this person is not known here")
        return self._chains[subject]

    def _secret(self, subject: Subject) -> bytes:
        if subject not in self._secrets:
            self._secrets[subject] = self._keys.secret(subject)
        return self._secrets[subject]

    def _commit(
        self, seq: Seq, subject: Subject, secret: bytes, facts: Mapping[str, entries.Value]
    ) -> str:
        salted = entries.salt(secret, b"facts", self._chance.token(16))
        opened = entries.canonical({"salt": entries.base64url(salted), "facts": facts})
        sealed = seal(opening_key(secret), opened, OPENING_CONTEXT, self._chance)
        self._openings.append({"seq": seq, "subject": subject, "sealed": sealed})
        return entries.commitment(salted, facts)

    def _flush(self) -> None:
        if self._pending:
            columns = ("seq", "t", "body", "leaf")
            rows = [dict(zip(columns, row, strict=True)) for row in self._pending]
            self._pending = []
            self._connection.execute(entry.insert(), rows)
        if self._openings:
            rows, self._openings = self._openings, []
            self._connection.execute(opening.insert(), rows)

    def close(self) -> None:
        """Write the new head and everybody's last entry; the caller commits."""
        self._flush()
        self._connection.execute(update(log_head).values(size=self.size))
        lasts = [{"who": person, "seq": last} for person, (_, last) in self._chains.items()]
        if lasts:
            moved = update(chain).where(chain.c.subject == bindparam("who"))
            self._connection.execute(moved.values(last=bindparam("seq")), lasts)
