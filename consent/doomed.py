# SPDX-License-Identifier: Apache-2.0
"""Find what hangs on a basis, by walking the foreign keys of every room's tables.

No room is imported: their tables stand in the shared metadata. What is found here is what the
cascade of a withdrawal will take, selected before it does, or the trail would be lost.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    and_,
    cast,
    false,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from consent.among import among
from consent.tables import effect_tables, metadata
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

    Tables that hang on no other's rows are asked at once, then those that hang on them: the log
    head is held meanwhile, and each question is a wait.
    """
    known = tuple(effect_tables())
    going: dict[str, list[Doomed]] = {table.name: [] for table in known}
    for tables in _levels(known):
        asked = [
            _question(table, and_(table.c.subject == subject, or_(first(table), *hanging)))
            for table in tables
            for hanging in [_hanging(table, going)]
        ]
        for row in connection.execute(union_all(*asked)).all():
            going[row[0]].append(_doomed(*row))
    return tuple(row for rows in going.values() for row in rows)


def _hanging(table: Table, going: Mapping[str, Sequence[Doomed]]) -> list[ColumnElement[bool]]:
    return [
        among(table.c[own], [getattr(row, own) for row in going[parent]])
        for own, parent in _parents_by_name(table)
    ]


@cache
def _levels(known: tuple[Table, ...]) -> tuple[tuple[Table, ...], ...]:
    """Sort the tables by how many others they hang on, one behind the other."""
    depth: dict[str, int] = {}
    for table in known:
        parents = [depth[parent] for _, parent in _parents_by_name(table) if parent in depth]
        depth[table.name] = 1 + max(parents, default=-1)
    return tuple(
        tuple(table for table in known if depth[table.name] == level)
        for level in range(1 + max(depth.values()))
    )


def _parents_by_name(table: Table) -> Iterator[tuple[str, str]]:
    """Yield (column, parent) where a row hangs on a portrait, selfie or share of another basis."""
    for key in table.foreign_key_constraints:
        named = [element.parent.name for element in key.elements]
        if named in (["object", "subject"], ["share", "object", "subject"]):
            yield named[0], key.referred_table.name


def _question(table: Table, match: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Ask one table in the form that all share."""
    own = [
        table.c[name] if name in table.c else cast(null(), kind).label(name)
        for name, kind in (("blob", Text), ("about", Text), ("share", BigInteger))
    ]
    named = (literal(table.name, Text).label("home"), table.c.purpose, table.c.epoch)
    return select(*named, table.c.object, table.c.at, *own).where(match)


def _doomed(
    home: str,
    purpose: str,
    epoch: int,
    obj: int,
    at: int,
    *own: Any,  # noqa: ANN401
) -> Doomed:
    blob, about, share = own
    return Doomed(
        table=home,
        step=metadata.tables[home].info["step"],
        purpose=Purpose(purpose),
        epoch=Epoch(epoch),
        object=ObjectId(obj),
        at=Micros(at),
        blob=blob,
        about=about or "",
        share=share or 0,
    )
