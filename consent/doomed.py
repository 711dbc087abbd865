# SPDX-License-Identifier: Apache-2.0
"""Find what hangs on a basis, by walking the foreign keys of every room's tables.

No room is imported: their tables stand in the shared metadata. What is found here is what the
cascade of a withdrawal will take, selected before it does, or the trail would be lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select, tuple_

from consent.tables import asset, effect_tables, selfie
from consent.words import Epoch, Micros, ObjectId, Purpose, Step, Subject

Ending = tuple[Purpose, Epoch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """One effect row that is about to go."""

    table: str
    step: Step
    purpose: Purpose
    object: ObjectId
    at: Micros
    blob: str | None
    about: str


def under(
    connection: Connection, subject: Subject, endings: Sequence[Ending]
) -> tuple[Doomed, ...]:
    """List the effects that go when these bases of a person end."""
    objects = {
        table.name: _objects(connection, table, subject, endings) for table in (asset, selfie)
    }
    return tuple(
        row
        for table in effect_tables()
        for row in _rows(connection, table, _of_basis(table, subject, endings, objects))
    )


def of_object(connection: Connection, subject: Subject, obj: ObjectId) -> tuple[Doomed, ...]:
    """List the effects that go when one portrait or one selfie of a person is destroyed."""
    return tuple(
        row
        for table in effect_tables()
        for row in _rows(
            connection, table, and_(table.c.subject == subject, table.c.object == obj)
        )
    )


def _objects(
    connection: Connection, table: Table, subject: Subject, endings: Sequence[Ending]
) -> list[int]:
    found = select(table.c.object).where(_basis(table, subject, endings))
    return list(connection.execute(found).scalars())


def _basis(table: Table, subject: Subject, endings: Sequence[Ending]) -> ColumnElement[bool]:
    pairs = [(str(purpose), epoch) for purpose, epoch in endings]
    return and_(table.c.subject == subject, tuple_(table.c.purpose, table.c.epoch).in_(pairs))


def _of_basis(
    table: Table, subject: Subject, endings: Sequence[Ending], objects: dict[str, list[int]]
) -> ColumnElement[bool]:
    """Match rows of the ending bases, and rows of other bases that hang on what goes with them."""
    hanging = [
        and_(table.c.subject == subject, table.c.object.in_(objects[parent]))
        for parent in _parents_by_object(table)
        if parent in objects
    ]
    return or_(_basis(table, subject, endings), *hanging)


def _parents_by_object(table: Table) -> Iterator[str]:
    for key in table.foreign_key_constraints:
        if [element.parent.name for element in key.elements] == ["object", "subject"]:
            yield key.referred_table.name


def _rows(connection: Connection, table: Table, match: ColumnElement[bool]) -> Iterator[Doomed]:
    extra = [table.c[name] for name in ("blob", "about") if name in table.c]
    columns = (table.c.purpose, table.c.object, table.c.at, *extra)
    for purpose, obj, at, *more in connection.execute(select(*columns).where(match)):
        yield Doomed(
            table=table.name,
            step=table.info["step"],
            purpose=Purpose(purpose),
            object=ObjectId(obj),
            at=Micros(at),
            blob=more[0] if more else None,
            about=more[1] if len(more) > 1 else "",
        )
