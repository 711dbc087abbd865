# SPDX-License-Identifier: Apache-2.0
"""The ledger: one append-only sequence of entries, and the transaction around everything.

Rules:
1. every transaction that writes locks the log head first, then anything else: no deadlocks
2. the head gives the sequence numbers and the one time of the transaction; time never goes back
3. what an entry records stands in the same transaction as the entry: no log, no effect
4. entries hold no personal data: a pseudonymous tag, salted commitments, closed words
5. a closed log takes nothing, nor does one of another term than it was opened in: it was moved
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from consent import database, entries, faults, fencing, merkle, notes, tiles
from consent.among import among
from consent.chance import Chance
from consent.clocks import Clock
from consent.committing import Committer, Q, T, Work
from consent.envelopes import unseal
from consent.errors import Broken, Closed, Misused
from consent.keys import KeyStore
from consent.meters import Meters
from consent.naming import Mention, Names, opening_key
from consent.quorum import NOBODY, Quorum
from consent.tables import entry, log_head
from consent.words import Micros, Reason, Subject
from consent.writing import OPENING_CONTEXT, Writing

_AT_ONCE: Final = 1 << 14
"""Leaves read together."""


class Ledger:
    """Append, read and prove."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        keys: KeyStore,
        chance: Chance,
        origin: str,
        quorum: Quorum = NOBODY,
        term: int | None = None,
    ) -> None:
        self.engine = engine
        self.origin = origin
        self.quorum = quorum
        self.signer = notes.Signer(origin, keys.signing_key())
        self._second = notes.quantum_safe(origin, keys.signing_seed())
        self._term = term
        self._clock = clock
        self._keys = keys
        self._chance = chance
        self._tree = merkle.Tree()
        self._growing = threading.Lock()
        # SQLite's own waiting is not in turn: a thread may starve until its busy timeout.
        alone = engine.dialect.name == "sqlite"
        self._turn = threading.Lock() if alone else nullcontext()
        self.meters = Meters()
        self._committer = Committer(self.write, sizes=self.meters.groups)
        later = func.max if alone else func.greatest
        self._lock = (
            update(log_head)
            .values(now=later(log_head.c.now, bindparam("mine", type_=log_head.c.now.type)))
            .returning(log_head.c.size, log_head.c.now, log_head.c.term, log_head.c.open)
        )

    @contextmanager
    def write(self, about: Sequence[Mention] = ()) -> Iterator[Writing]:
        """Open the transaction in which something happens; commit it when the block ends well.

        `about` tells what many things will be said of: they are named before the head is taken,
        while others write. Errors: Closed where the log is closed, or of another term than it was
        opened in; those of a fence that this task stands behind.
        """
        faults.point("begin.before")
        names = Names.of(self._keys, about)
        with self._turn, self.engine.begin() as connection:
            size, now = self._lock_head(connection)
            faults.point("begin.after")
            fencing.ask(connection, fencing.said())
            writing = Writing(connection, size, now, self._keys, self._chance, names=names)
            yield writing
            writing.close()
            faults.point("commit.before")
        faults.point("commit.after")

    def together(self, work: Work[Q, T], item: Q) -> T:
        """Do a small act in one transaction with those of other threads at the same moment.

        `work` is given all acts of its kind and answers each; it opens no transaction of its own.
        Returns once all is committed. Errors: the act's own, which take it back alone; those of
        the transaction, which all in it are told.
        """
        return self._committer(work, item)

    def _lock_head(self, connection: Connection) -> tuple[int, Micros]:
        locked = connection.execute(self._lock, {"mine": self._clock.now()}).one_or_none()
        if locked is None:
            raise Broken(Reason.SCHEMA_VERSION, "the log has no head; run `onlyou init` first")
        size, now, term, is_open = locked
        if not is_open or self._term not in {None, term}:
            raise Closed
        return size, Micros(now)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open one consistent view for reading; nothing is locked."""
        faults.point("read.before")
        with database.reading(self.engine) as connection:
            yield connection

    def head(self) -> tuple[int, Micros]:
        """Return how many entries there are and the time of the last transaction."""
        with self.read() as connection:
            size, now = connection.execute(select(log_head.c.size, log_head.c.now)).one()
        return size, Micros(now)

    def whole(self) -> None:
        """Refuse to go on with an older copy of this log, which lacks entries that were signed.

        For what deletes whatever no row names: rows that are missing here may name it elsewhere.
        Errors: Broken(unavailable).
        """
        signed = self._keys.signed()  # read first: an honest log is never behind it
        with database.reading(self.engine) as connection:
            size = connection.execute(select(log_head.c.size)).scalar_one()
        if size < signed:
            raise Broken(
                Reason.UNAVAILABLE,
                f"this database lacks entries: {signed} were signed, {size} are there",
            )

    def holds_signed(self) -> bool:
        """Say whether the tree still holds the head that was signed last; nothing is signed."""
        signed = self._keys.signed_head()  # read first, as in `whole`
        return signed is None or self._continues(signed)

    def now(self) -> Micros:
        """Return the time as the next transaction will see it: never before the log head's."""
        return self.time(self.head()[1])

    def time(self, head: Micros) -> Micros:
        """Return the time as the next transaction will see it, after one at `head`."""
        return Micros(max(self._clock.now(), head))

    def tree(self) -> merkle.Tree:
        """Return the Merkle tree over all committed entries.

        Errors: Broken(unavailable) when entries that were there are gone.
        """
        with self._growing, self.read() as connection:
            size = connection.execute(select(log_head.c.size)).scalar_one()
            if size < len(self._tree):
                raise Broken(Reason.UNAVAILABLE, "the log has lost entries that were there before")
            if size > len(self._tree):
                fresh = select(entry.c.leaf).where(entry.c.seq >= len(self._tree))
                found = connection.execute(fresh.order_by(entry.c.seq))
                # the driver's own rows take half the time of SQLAlchemy's
                while some := found.cursor.fetchmany(_AT_ONCE):
                    self._tree.extend([leaf for (leaf,) in some])
            return self._tree

    @property
    def verifiers(self) -> tuple[str, ...]:
        """Return the verifier key lines of the log: Ed25519, then ML-DSA-44 where there is one."""
        second = (self._second.verifier,) if self._second else ()
        return (self.signer.verifier, *second)

    def checkpoint(self, size: int | None = None) -> str:
        """Sign the present tree, or that of a given size: a C2SP checkpoint as text.

        The present tree is signed with every key of the log, a given size with Ed25519 alone:
        the same proof then has the same bytes for ever, which an ML-DSA line has not.
        Errors: Broken(unavailable) where the log does not continue what was signed before.
        """
        tree = self.tree()
        upto = len(tree) if size is None else size
        head = notes.Checkpoint(self.origin, upto, tree.root(upto))
        faults.point("sign.before")
        self._keys.advance(head, self._continues)
        faults.point("sign.after")
        note = self.signer.note(head.text())
        if size is not None or self._second is None:
            return note
        return f"{note}{self._second.line(head.text())}\n"

    def _continues(self, signed: notes.Checkpoint) -> bool:
        """Compare with what was signed, read before the tree: an honest tree is never behind."""
        tree = self.tree()
        return (
            signed.origin == self.origin
            and signed.size <= len(tree)
            and signed.root == tree.root(signed.size)
        )

    def inclusion(self, seq: int, size: int) -> tuple[bytes, ...]:
        """Prove that an entry is in the tree of a given size."""
        return self.tree().inclusion(seq, size)

    def consistency(self, old: int, size: int) -> tuple[bytes, ...]:
        """Prove that the tree of one size continues that of an earlier one."""
        return self.tree().consistency(old, size)

    def body(self, seq: int) -> bytes:
        """Return one entry as it was written. Errors: Misused(unknown-key), the caller's fault."""
        with self.read() as connection:
            found = connection.execute(select(entry.c.body).where(entry.c.seq == seq)).scalar()
        if found is None:
            raise Misused(Reason.UNKNOWN_KEY, f"the ledger has no entry {seq}")
        return bytes(found)

    def bodies_of(self, seqs: Collection[int]) -> dict[int, bytes]:
        """Return many entries as they were written. Errors: Misused(unknown-key) as `body`."""
        wanted = sorted(set(seqs))
        mine = select(entry.c.seq, entry.c.body).where(among(entry.c.seq, wanted))
        with self.read() as connection:
            found = {seq: bytes(body) for seq, body in connection.execute(mine).all()}
        if missing := [seq for seq in wanted if seq not in found]:
            raise Misused(Reason.UNKNOWN_KEY, f"the ledger has no entry {missing[0]}")
        return found

    def tile(self, tile: tiles.Tile) -> bytes | None:
        """Return one tile of hashes or bundle of entries; None while it is not that full."""
        tree = self.tree()
        if not tile.there(len(tree)):
            return None
        if tile.level is not None:
            return tiles.hashes(tree, tile.level, tile.number, tile.width)
        mine = entry.c.seq.between(tile.first, tile.first + tile.width - 1)
        with self.read() as connection:
            found = select(entry.c.body).where(mine).order_by(entry.c.seq)
            return tiles.pack([bytes(body) for body in connection.execute(found).scalars()])

    def bodies(self) -> tuple[dict[str, Any], ...]:
        """Read every entry in order; for reports over a history that fits in memory."""
        with self.read() as connection:
            rows = connection.execute(select(entry.c.body).order_by(entry.c.seq)).scalars()
            return tuple(entries.decode(body) for body in rows)

    def open_facts(self, subject: Subject, sealed: bytes) -> dict[str, Any]:
        """Open what was committed to in a decision, while the person's secret exists."""
        key = opening_key(self._keys.secret(subject))
        return entries.decode(unseal(key, sealed, OPENING_CONTEXT))
