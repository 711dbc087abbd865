# SPDX-License-Identifier: Apache-2.0
"""Sign over the heads of all shards, and show later what was signed.

Nothing is signed that does not continue what was signed before: each shard's log is held against
its head in the last global checkpoint, and the key store remembers which that was, so that a front
restored from a backup signs nothing twice. It remembers one that is kept already, before anybody
is shown it: where a signer dies between the two, the next goes on from what was kept.
"""

import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from consent import database, notes
from consent.errors import Broken, Closed, Misused
from consent.notes import Checkpoint
from consent.words import Micros, Reason
from engine.cells import heads
from engine.cells.directory import State
from engine.cells.heads import NOTHING, Global
from engine.cells.house import Cells
from engine.rooms import Rooms
from engine.tables import global_checkpoint

_log = logging.getLogger(__name__)


class GlobalLog:
    """The global checkpoints of one installation."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._origin = cells.layout.front.origin
        self._signer = notes.Signer(heads.key_name(self._origin), cells.keys.signing_key())

    @property
    def key(self) -> str:
        """Return the verifier key line that others check with."""
        return self._signer.verifier

    def sign(self, now: Micros) -> Global:
        """Take every shard's head, and sign over them all.

        A shard that is moving, or whose database is away, is named by its last head. Errors:
        Closed, or OperationalError, where it has none; Broken(unavailable) where a shard or the
        front does not continue what was signed.
        """
        last = self.last()
        self._goes_on(last)
        held = last.heads if last else (None,) * self._cells.layout.shards
        found = tuple(self._head(number, old) for number, old in enumerate(held))
        made = Global(
            origin=self._origin,
            number=last.number + 1 if last else 1,
            at=max(now, last.at if last else 0),
            heads=found,
            before=last.digest if last else NOTHING,
        )
        self._keep(made, self._signer.note(made.text()))
        self._goes_on(made)
        return made

    def _goes_on(self, last: Global | None) -> None:
        """Have the key store remember the newest. Errors: Broken where it knows another."""
        keys = self._cells.keys
        if last is not None:
            keys.advance(_signed_as(last), self._continues)
        elif keys.signed():
            raise Broken(
                Reason.UNAVAILABLE,
                f"the front does not continue the {keys.signed()} global checkpoints it signed",
            )

    def _head(self, number: int, old: Checkpoint | None) -> Checkpoint:
        if self._cells.directory.place(number).state is not State.OPEN:
            if old is None:
                raise Closed
            return old  # closed on its way: what it holds is signed once it has arrived
        try:
            return self._cells.act(number, lambda rooms: _present(rooms, number, old))
        except OperationalError:
            if old is None:
                raise
            _log.warning("the database of a shard is away; its last head is signed once more")
            return old

    def _continues(self, signed: Checkpoint) -> bool:
        kept = self.find(signed.size)
        return kept is not None and _signed_as(kept) == signed

    def _keep(self, made: Global, note: str) -> None:
        told = json.dumps([head.text() for head in made.heads])
        row = {"number": made.number, "at": made.at, "heads": told, "note": note}
        try:
            with self._cells.directory.engine.begin() as connection:
                connection.execute(insert(global_checkpoint).values(row))
        except IntegrityError as taken:
            said = f"somebody else signs global checkpoint {made.number} at this moment"
            raise Broken(Reason.UNAVAILABLE, said) from taken

    # --- what was signed

    def last(self) -> Global | None:
        """Return the newest, None where there is none."""
        newest = select(global_checkpoint.c.number).order_by(global_checkpoint.c.number.desc())
        with database.reading(self._cells.directory.engine) as connection:
            number = connection.execute(newest.limit(1)).scalar()
        return None if number is None else self.find(number)

    def find(self, number: int) -> Global | None:
        """Return one by number, its signature checked.

        Errors: Broken(unavailable) where what is kept is not what was signed.
        """
        row = self._row(number)
        if row is None:
            return None
        try:
            return heads.opened(row, self.key)
        except ValueError as wrong:
            said = f"global checkpoint {number} is not as it was signed"
            raise Broken(Reason.UNAVAILABLE, said) from wrong

    def _row(self, number: int) -> Mapping[str, Any] | None:
        columns = (global_checkpoint.c.note, global_checkpoint.c.heads)
        with database.reading(self._cells.directory.engine) as connection:
            found = select(*columns).where(global_checkpoint.c.number == number)
            row = connection.execute(found).one_or_none()
        return None if row is None else {"note": row[0], "heads": json.loads(row[1])}

    def written(self, number: int, since: int = 0) -> Any:  # noqa: ANN401 - JSON
        """Write one for others, with proofs that every shard continues its head in `since`.

        Errors: Misused(unknown-key) for a number that there is not.
        """
        made, row = self.find(number), self._row(number)
        older = self.find(since) if since else None
        if made is None or row is None or (since and older is None) or since > number:
            raise Misused(Reason.UNKNOWN_KEY, f"there is no global checkpoint {number} or {since}")
        self._goes_on(self.last())
        numbers = range(len(made.heads)) if older else ()
        proofs = {n: self._proof(n, older, made) for n in numbers if older}
        return heads.written(row["note"], made, self.key, since, proofs)

    def _proof(self, number: int, older: Global, made: Global) -> tuple[bytes, ...]:
        old, size = older.heads[number].size, made.heads[number].size
        if not old or old == size:
            return ()
        return self._cells.act(number, lambda rooms: rooms.consent.ledger.consistency(old, size))

    def findings(self) -> tuple[str, ...]:
        """Check the whole chain, and every shard against the last of it; say what is wrong."""
        last = self.last()
        wrong, after = [], last
        while after is not None and after.number > 1:
            before = self.find(after.number - 1)
            if before is None or after.before != before.digest:
                wrong.append(f"global checkpoint {after.number} does not follow the one before")
            after = before
        for number, old in enumerate(last.heads if last else ()):
            if not self._cells.act(number, partial(_holds, old)):
                wrong.append(f"shard {number} does not continue its {old.size} signed entries")
        return tuple(wrong)


def _signed_as(made: Global) -> Checkpoint:
    """Name a global checkpoint as a key store remembers what it signed."""
    return Checkpoint(heads.key_name(made.origin), made.number, made.digest)


def _present(rooms: Rooms, number: int, old: Checkpoint | None) -> Checkpoint:
    """Take a shard's head, signed by its own key, once it is seen to continue an earlier one."""
    ledger = rooms.consent.ledger
    if old is not None and not _holds(old, rooms):
        raise Broken(
            Reason.UNAVAILABLE,
            f"shard {number} does not continue the {old.size} entries that were signed",
        )
    return notes.parse_checkpoint(ledger.checkpoint())


def _holds(old: Checkpoint, rooms: Rooms) -> bool:
    ledger = rooms.consent.ledger
    tree = ledger.tree()
    return (
        old.origin == ledger.origin and old.size <= len(tree) and old.root == tree.root(old.size)
    )
