# SPDX-License-Identifier: Apache-2.0
"""Find what hangs on a basis, by walking the foreign keys of every room's tables.

No room is imported: their tables stand in the shared metadata. What is found here is what the
cascade of a withdrawal will take, selected before it does, or the trail would be lost.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, and_, false, or_, select, tuple_

from consent.tables import effect_tables
from consent.words import Epoch, Micros, ObjectId, Purpose, Step, Subject

Ending = tuple[Purpose, Epoch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """One effect row that is about to go; `share` is its name where it is a share, 0 elsewhere."""

    table: str
    step: Step
    purpose: Purpose
    epoch: Epoch
    object: ObjectId
    at: Micros
    blob: str | None
    about: str
    share: int = 0


def under(
    connection: Connection, subject: Subject, endings: Sequence[Ending]
) -> tuple[Doomed, ...]:
    """List the effects that go when these bases of a person end."""
    pairs = [(str(purpose), epoch) for purpose, epoch in endings]
    return _cascade(
        connection,
        subject,
        lambda table: tuple_(table.c.purpose, table.c.epoch).in_(pairs),
    )


def of_object(connection: Connection, subject: Subject, obj: ObjectId) -> tuple[Doomed, ...]:
    """List the effects that go when one portrait or one selfie of a person is destroyed."""
    return _cascade(connection, subject, lambda table: table.c.object == obj)


def of_share(
    connection: Connection,
    subject: Subject,
    obj: ObjectId,
    purpose: Purpose,
    share: ObjectId | None = None,
) -> tuple[Doomed, ...]:
    """List the effects that go when one share of a portrait ends: the share, and looks at it.

    With `share` only where that is its name: not one that has come in its place since.
    """

    def is_it(table: Table) -> ColumnElement[bool]:
        if table.info["step"] is not Step.SHARE:
            return false()
        it = and_(table.c.object == obj, table.c.purpose == purpose)
        return it if share is None else and_(it, table.c.share == share)

    return _cascade(connection, subject, is_it)


def _cascade(
    connection: Connection, subject: Subject, first: Callable[[Table], ColumnElement[bool]]
) -> tuple[Doomed, ...]:
    """Match rows of a person, and rows of other bases that hang on what goes with them.

    Tables come in the order of their keys, so that what another hangs on is known before it.
    """
    going: dict[str, list[Doomed]] = {}
    for table in effect_tables():
        hanging = [
            table.c[own].in_([getattr(row, own) for row in going[parent]])
            for own, parent in _parents_by_name(table)
            if parent in going
        ]
        match = and_(table.c.subject == subject, or_(first(table), *hanging))
        going[table.name] = list(_rows(connection, table, match))
    return tuple(row for rows in going.values() for row in rows)


def _parents_by_name(table: Table) -> Iterator[tuple[str, str]]:
    """Yield (column, parent) where a row hangs on a portrait, selfie or share of another basis."""
    for key in table.foreign_key_constraints:
        named = [element.parent.name for element in key.elements]
        if named in (["object", "subject"], ["share", "object", "subject"]):
            yield named[0], key.referred_table.name


def _rows(connection: Connection, table: Table, match: ColumnElement[bool]) -> Iterator[Doomed]:
    more = [name for name in ("blob", "about", "share") if name in table.c]
    columns = [table.c[name] for name in ("purpose", "epoch", "object", "at", *more)]
    for purpose, epoch, obj, at, *rest in connection.execute(select(*columns).where(match)):
        own = dict(zip(more, rest, strict=True))
        yield Doomed(
            table=table.name,
            step=table.info["step"],
            purpose=Purpose(purpose),
            epoch=Epoch(epoch),
            object=ObjectId(obj),
            at=Micros(at),
            blob=own.get("blob"),
            about=own.get("about", ""),
            share=own.get("share", 0),
        )
