# SPDX-License-Identifier: Apache-2.0
"""Being forgotten: everything of a person goes, and the proof of it stays.

Rules:
1. one transaction logs `erase.request`, withdraws every purpose as a withdrawal does, and deletes
   every row that can go; from then on nobody here knows the person and nothing more can be said
   about them
2. then their secret is destroyed: no copy of any row opens any more, nor any opening
3. then the ciphertext is deleted; then `erase.done` says so, last of all
4. what a crash leaves between request and done, the next sweep finishes
5. what stays: entries under a tag that nobody can compute, the numbers of yeses and notices that
   those entries stand on, and for two weeks the row that answers the same certificate again
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from consent.blobs import Blobs
from consent.certificates import Certificate, certificate
from consent.errors import Misused
from consent.keys import KeyStore
from consent.ledger import Ledger
from consent.partings import Partings
from consent.rotation import PROMISE
from consent.scopes import EVERYBODY, within
from consent.tables import erasure, metadata, permit
from consent.tables import subject as known_subject
from consent.withdrawal import withdraw_all
from consent.words import Actor, Reason, Seq, Subject
from consent.writing import Writing

_BETWEEN: Final = "\n"
_OPEN: Final = erasure.c.done_seq.is_(None)


class Erasures:
    """Erase a person; finish what was begun."""

    def __init__(
        self, ledger: Ledger, blobs: Blobs, keys: KeyStore, *, partings: Partings
    ) -> None:
        self._ledger = ledger
        self._blobs = blobs
        self._keys = keys
        self._partings = partings

    def erase(self, subject: Subject, *, actor: Actor = Actor.SELF) -> Certificate:
        """Erase a person and return the certificate; repeated, the same one for two weeks.

        Errors: Misused(unknown-subject) for whom nobody here knows, whether ever or any more.
        """
        with self._ledger.write() as writing:
            if _row(writing.connection, subject) is None:
                _request(writing, subject, actor, self._partings)
        return self._finish(subject)

    def finish(self) -> int:
        """Finish every erasure that a crash left half-way; return how many there were.

        Takes along what landed late of somebody already erased, and forgets, once no backup can
        hold them any more, who was erased.
        """
        with self._ledger.read() as connection:
            waiting = list(connection.execute(select(erasure.c.subject).where(_OPEN)).scalars())
            late = connection.execute(select(erasure.c.subject).where(~_OPEN).limit(1)).first()
        for subject in waiting:
            self._finish(Subject(subject))
        if late is not None:
            self._tidy()
        return len(waiting)

    @within(EVERYBODY)  # whom row security hides is no stranger
    def forget_strangers(self) -> int:
        """Destroy the secrets of whom nobody knows: what a crash left of a new account.

        Looks again with the log head held, since who joins has a secret before they have a row.
        """
        there = self._keys.people()
        with self._ledger.read() as connection:
            if not _unknown(connection, there):
                return 0
        with self._ledger.write() as writing:
            strangers = _unknown(writing.connection, self._keys.people())
            for person in strangers:
                self._keys.destroy_secret(person)
        return len(strangers)

    def _tidy(self) -> None:
        with self._ledger.write() as writing:
            connection = writing.connection
            done = connection.execute(select(erasure.c.subject).where(~_OPEN)).scalars().all()
            for subject in done:
                purge(connection, Subject(subject))
            over = erasure.c.done_at <= writing.now - PROMISE
            connection.execute(delete(erasure).where(over))

    def _finish(self, subject: Subject) -> Certificate:
        self._keys.destroy_secret(subject)
        self._delete_bytes(subject)
        with self._ledger.write() as writing:
            _done(writing, subject)
            row = _known(writing.connection, subject)
        return certificate(
            self._ledger,
            requested=Seq(row.requested_seq),
            last=Seq(row.last_seq),
            done=Seq(row.done_seq),
            keys_destroyed=row.keys_destroyed,
            size=row.bytes_destroyed,
        )

    def _delete_bytes(self, subject: Subject) -> None:
        """Delete the ciphertext. What is measured first is written down before anything goes."""
        with self._ledger.read() as connection:
            row = _known(connection, subject)
        names = [name for name in row.blobs.split(_BETWEEN) if name]
        if row.bytes_destroyed is None:
            size = sum(self._blobs.size(name) for name in names)
            unmeasured = (erasure.c.subject == subject, erasure.c.bytes_destroyed.is_(None))
            with self._ledger.write() as writing:
                measured = update(erasure).where(*unmeasured).values(bytes_destroyed=size)
                writing.connection.execute(measured)
        for name in names:
            self._blobs.delete(name)


def _row(connection: Connection, subject: Subject) -> Row[Any] | None:
    mine = erasure.c.subject == subject
    return connection.execute(select(erasure).where(mine)).one_or_none()


def _unknown(connection: Connection, people: Sequence[Subject]) -> tuple[Subject, ...]:
    known = set(connection.execute(select(known_subject.c.id)).scalars())
    return tuple(person for person in people if person not in known)


def _known(connection: Connection, subject: Subject) -> Row[Any]:
    row = _row(connection, subject)
    if row is None:
        raise Misused(Reason.UNKNOWN_SUBJECT, "this person is not known here")
    return row


def _request(writing: Writing, subject: Subject, actor: Actor, partings: Partings) -> None:
    requested = writing.append("erase.request", subject=subject, actor=actor)
    taken, blobs = withdraw_all(writing, subject, actor, partings)
    tag, last = writing.end_chain(subject)
    purge(writing.connection, subject)
    row = {
        "subject": subject,
        "tag": tag,
        "requested_seq": requested,
        "last_seq": last,
        "keys_destroyed": taken.keys + 1,  # and the person's own secret
        "blobs": _BETWEEN.join(blobs),
    }
    writing.insert(erasure, [row])


def purge(connection: Connection, subject: Subject) -> None:
    """Delete every row that hangs on the person alone, whichever room it belongs to."""
    for table in reversed(metadata.sorted_tables):
        for key in table.foreign_key_constraints:
            if key.referred_table.name == "subject" and key.ondelete == "CASCADE":
                (own,) = key.columns
                connection.execute(delete(table).where(own == subject))
    connection.execute(delete(permit).where(permit.c.subject == subject))


def _done(writing: Writing, subject: Subject) -> None:
    """Log that it is done, once, whoever else finishes it at the same time."""
    row = _known(writing.connection, subject)
    if row.done_seq is not None:
        return
    purge(writing.connection, subject)
    seq = writing.append("erase.done", tag=row.tag, prev=row.last_seq, actor=Actor.SYSTEM)
    mine = erasure.c.subject == subject
    done = {"done_seq": seq, "done_at": writing.now, "blobs": ""}
    writing.connection.execute(update(erasure).where(mine).values(done))
