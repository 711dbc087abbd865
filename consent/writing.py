# SPDX-License-Identifier: Apache-2.0
"""One open transaction on the ledger: entries, commitments to facts, everybody's chain."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, NestedTransaction, Table, delete

from consent import batches, database, entries, faults, fencing, inserting, merkle
from consent.chance import Chance
from consent.envelopes import seal
from consent.errors import Broken, Misused
from consent.fencing import Fence
from consent.keys import KeyStore
from consent.naming import Names
from consent.scopes import Scope
from consent.tables import chain
from consent.words import Micros, ObjectId, Reason, Seq, Subject

OPENING_CONTEXT: Final = b"onlyou opening 1"


class Link(NamedTuple):
    """The end of a person's chain; `slot` is the place in their last entry where it is a block."""

    tag: str
    last: int | None = None
    slot: int | None = None

    @property
    def prev(self) -> entries.Value | None:
        """Return what the next entry about this person calls the one before it."""
        return self.last if self.last is None or self.slot is None else [self.last, self.slot]


@dataclass(slots=True, kw_only=True)
class _Part:
    """Where a part of the transaction began, so that it can be taken back."""

    size: int
    entries: int
    openings: int
    links: dict[Subject, Link]
    moved: set[Subject]
    savepoint: NestedTransaction | None = None


class Writing:
    """One open transaction that holds the log head. Made by `Ledger.write` alone."""

    def __init__(
        self,
        connection: Connection,
        size: int,
        now: Micros,
        keys: KeyStore,
        chance: Chance,
        *,
        names: Names | None = None,
    ) -> None:
        self._connection = connection
        self.size = size
        self.now = now
        self._keys = keys
        self._chance = chance
        self._entries: list[tuple[int, str, bytes, bytes]] = []
        self._openings: list[tuple[int, int, bytes]] = []
        self._links: dict[Subject, Link] = {}
        self._moved: set[Subject] = set()
        self._secrets: dict[Subject, bytes] = {}
        self._names = Names() if names is None else names
        self._part: _Part | None = None
        self._scope = database.scope_of(connection)

    @property
    def connection(self) -> Connection:
        """The transaction's connection, with every entry appended so far already in it."""
        self._save_part()
        self._flush(len(self._entries), len(self._openings))
        return self._connection

    @property
    def reading(self) -> Connection:
        """The transaction's connection, to ask for what no entry of this part has written."""
        return self._connection

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in one statement."""
        if rows:
            inserting.insert(self.connection, table, rows)

    # --- people

    def know(self, subjects: Iterable[Subject]) -> None:
        """Load chains and secrets of many people at once, before appending for each of them."""
        if unknown := sorted(set(subjects).difference(self._links)):
            self._secrets.update(self._keys.secrets(unknown))
            found = batches.chain_ends(self._connection, unknown)
            self._links |= {Subject(who): Link(*end) for who, end in found}

    def knows(self, subject: Subject) -> bool:
        """Say whether something can be said about a person that `know` has looked for."""
        return subject in self._links

    def link(self, subject: Subject) -> Link:
        """Return the end of a person's chain. Errors: Misused(unknown-subject) for a stranger."""
        if subject not in self._links:
            self.know([subject])
        if subject not in self._links:
            raise Misused(Reason.UNKNOWN_SUBJECT, "this person is not known here")
        return self._links[subject]

    def follow(self, subject: Subject, seq: Seq, slot: int | None = None) -> None:
        """Let an entry, or one slot of a block, be the end of a person's chain from now on."""
        self._links[subject] = Link(self.link(subject).tag, seq, slot)
        self._moved.add(subject)

    def end_chain(self, subject: Subject) -> tuple[str, Seq]:
        """Let nothing more be appended about a person; return their tag and their last entry.

        Errors: Misused(unknown-subject) for whom the ledger does not know or knows nothing of.
        """
        end = self.link(subject)
        if end.last is None:
            raise Misused(Reason.UNKNOWN_SUBJECT, "nothing was ever said about this person")
        self.connection.execute(delete(chain).where(chain.c.subject == subject))
        del self._links[subject]
        self._moved.discard(subject)
        return end.tag, Seq(end.last)

    def secret(self, subject: Subject) -> bytes:
        """Return a person's secret. Errors: Broken(unavailable) once it is destroyed."""
        if subject not in self._secrets:
            self._secrets[subject] = self._keys.secret(subject)
        return self._secrets[subject]

    def commit_object(self, subject: Subject, obj: ObjectId) -> bytes:
        """Return the 32 bytes by which a person's object is named in this ledger."""
        return entries.from_base64url(self._names.object(self.secret(subject), obj))

    def about(self, others: Iterable[Scope]) -> None:
        """Let the transaction be about these people, too, to its end."""
        wide = reduce(or_, others, self._scope)
        if wide != self._scope:
            database.tell(self._connection, wide)
            self._scope = wide

    # --- entries

    def append(
        self,
        t: str,
        *,
        subject: Subject | None = None,
        object: ObjectId | None = None,  # noqa: A002 - the entry's own word for it
        request: ObjectId | None = None,
        facts: Mapping[str, entries.Value] | None = None,
        content: str | None = None,
        **fields: entries.Value | None,
    ) -> Seq:
        """Append one entry and return its sequence number.

        `subject` becomes tag and prev; `object` and `request` become commitments; `facts` are
        committed to and their opening is sealed under the person's secret. `content` is the
        SHA-256 of a public file, named as the entry's object. None is left out.
        """
        if t not in entries.TYPES:
            raise ValueError(f"no entry type {t!r}")
        seq = Seq(self.size)
        body: dict[str, Any] = {"v": entries.VERSION, "t": t, "at": self.now}
        body |= {name: value for name, value in fields.items() if value is not None}
        sealed: list[tuple[int, int, bytes]] = []
        if content is not None:
            body["object"] = content
        if subject is not None:
            body |= self._about(subject, object, request)
            if facts is not None:
                body["facts"], opening = self._commit(subject, facts)
                sealed.append((seq, subject, opening))
        encoded = entries.canonical(body)
        self._entries.append((seq, t, encoded, merkle.leaf_hash(encoded)))
        self._openings += sealed
        self.size += 1
        if subject is not None:
            self.follow(subject, seq)
        return seq

    def _about(
        self, subject: Subject, obj: ObjectId | None, request: ObjectId | None
    ) -> dict[str, entries.Value]:
        end, secret = self.link(subject), self.secret(subject)
        about: dict[str, entries.Value] = {"tag": end.tag}
        if (prev := end.prev) is not None:
            about["prev"] = prev
        if obj is not None:
            about["object"] = self._names.object(secret, obj)
        if request is not None:
            about["request"] = self._names.request(secret, request)
        return about

    def _commit(self, subject: Subject, facts: Mapping[str, entries.Value]) -> tuple[str, bytes]:
        secret = self.secret(subject)
        salted = entries.salt(secret, b"facts", self._chance.token(16))
        told = entries.canonical(facts)
        opened = entries.opening(salted, told)
        sealed = seal(self._names.opening_key(secret), opened, OPENING_CONTEXT, self._chance)
        return entries.committed(salted, told), sealed

    # --- the transaction and its parts

    def begin_part(self) -> None:
        """Begin what stands or falls by itself, one part at a time: `keep_part` or `take_back`."""
        self._part = _Part(
            size=self.size,
            entries=len(self._entries),
            openings=len(self._openings),
            links=dict(self._links),
            moved=set(self._moved),
        )

    def ask(self, fences: Iterable[Fence]) -> None:
        """Ask fences, which only look. Errors: those of the first that no longer holds."""
        fencing.ask(self._connection, fences)

    def _save_part(self) -> None:
        """Set a savepoint before a part first touches the database; entries alone need none."""
        part = self._part
        if part is not None and part.savepoint is None:
            self._flush(part.entries, part.openings)
            part.savepoint = self._connection.begin_nested()
            part.entries = part.openings = 0

    def keep_part(self) -> None:
        """End a part: what it wrote stands, if the transaction does."""
        if self._part is not None and self._part.savepoint is not None:
            self._flush(len(self._entries), len(self._openings))
            self._part.savepoint.commit()
        self._part = None

    def take_back(self) -> None:
        """End a part as if it had never been. An error of this ends the whole transaction."""
        part, self._part = self._part, None
        if part is None:
            return
        self.size, self._links, self._moved = part.size, part.links, part.moved
        del self._entries[part.entries :], self._openings[part.openings :]
        if part.savepoint is not None:
            if not part.savepoint.is_active:  # it could not be kept: what it wrote would stay
                raise Broken(Reason.UNAVAILABLE, "a part of a transaction was not taken back")
            part.savepoint.rollback()

    def close(self) -> None:
        """Write the new head and everybody's last entry; the caller commits."""
        self._flush(len(self._entries), len(self._openings))
        batches.move_head(self._connection, self.size)
        ends = ((person, self._links[person]) for person in sorted(self._moved))
        rows = [(end.last, end.slot, person) for person, end in ends if end.last is not None]
        batches.move_chains(self._connection, rows)

    def _flush(self, most: int, openings: int) -> None:
        rows, self._entries = self._entries[:most], self._entries[most:]
        if rows:
            faults.point("append.before")
        batches.add_entries(self._connection, rows)
        sealed, self._openings = self._openings[:openings], self._openings[openings:]
        batches.add_openings(self._connection, sealed)
