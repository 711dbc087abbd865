# SPDX-License-Identifier: Apache-2.0
"""The shapes that tables are declared in: columns, keys, and the row that spends a permit.

All rooms share this `metadata`; their tables may point to consent's, never the other way.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from consent.words import Step

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

BASIS: Final = ("subject", "purpose", "epoch")
OBJECT: Final = ("object", "subject", "purpose", "epoch")


def number(name: str, **more: Any) -> Column[int]:  # noqa: ANN401 - passed on to Column as it is
    """Declare a 63-bit number that must be given."""
    more.setdefault("nullable", False)
    return Column(name, BigInteger, autoincrement=False, **more)


def text(name: str, **more: Any) -> Column[str]:  # noqa: ANN401 - passed on to Column as it is
    """Declare a text that must be given."""
    more.setdefault("nullable", False)
    return Column(name, Text, **more)


def raw(name: str, *, nullable: bool = False) -> Column[bytes]:
    """Declare bytes: BLOB on SQLite, BYTEA on PostgreSQL."""
    return Column(name, LargeBinary, nullable=nullable)


def one_of(column: str, values: Iterable[str], name: str = "") -> CheckConstraint:
    """Admit only the listed words in a column."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=name or column)


def foreign(
    columns: Iterable[str],
    parent: str,
    targets: Iterable[str] | None = None,
    *,
    cascade: bool,
    name: str | None = None,
) -> ForeignKeyConstraint:
    """Hang columns on a parent's columns; with `cascade` the row goes when the parent goes.

    `name` tells a second hook on the same parent from the first.
    """
    names = tuple(columns)
    return ForeignKeyConstraint(
        names,
        [f"{parent}.{target}" for target in targets or names],
        ondelete="CASCADE" if cascade else None,
        name=name,
    )


def of_subject(name: str, *columns: Any, under_basis: bool = True) -> Table:  # noqa: ANN401
    """Declare a table of a person's rows that a withdrawal of their basis takes along."""
    hook = (
        foreign(BASIS, "basis", cascade=True)
        if under_basis
        else foreign(("subject",), "subject", ("id",), cascade=True)
    )
    more = (text("purpose"), number("epoch")) if under_basis else ()
    key = BASIS if under_basis else ("subject",)
    return Table(
        name,
        metadata,
        number("subject"),
        *more,
        *columns,
        hook,
        Index(f"ix_{name}_{'basis' if under_basis else 'subject'}", *key),
    )


def effect_table(name: str, step: Step, *more: Any, under: str = "", once: bool = True) -> Table:  # noqa: ANN401
    """Declare the rows that a step leaves: each spends one permit, once, under a living basis.

    `under` names the effect table it hangs on by (object, subject, purpose, epoch); `once` lets an
    object have only one such row. Extra columns and constraints follow as in `Table`.
    """
    chain = [foreign(OBJECT, under, cascade=True)] if under else []
    unique = [UniqueConstraint(*OBJECT)] if once else [Index(f"ix_{name}_object", *OBJECT)]
    return Table(
        name,
        metadata,
        number("permit_seq"),
        Column("permit_slot", Integer, nullable=False, server_default="0"),
        number("subject"),
        text("purpose"),
        number("epoch"),
        number("object"),
        text("step", server_default=str(step)),
        number("not_after"),
        number("at"),
        number("effect_seq"),
        text("effect_t", server_default="effect"),
        *more,
        PrimaryKeyConstraint("permit_seq", "permit_slot"),
        one_of("step", (step,)),
        one_of("effect_t", ("effect",)),
        CheckConstraint("at < not_after", name="in_time"),
        foreign(("effect_seq", "effect_t"), "entry", ("seq", "t"), cascade=False),
        foreign(PERMIT_COLUMNS, "permit", PERMIT, cascade=False),
        foreign(BASIS, "basis", cascade=True),
        *chain,
        *unique,
        Index(f"ix_{name}_basis", *BASIS),
        info={"step": step},
    )


PERMIT_COLUMNS: Final = (
    "permit_seq", "permit_slot", "subject", "step", "purpose", "epoch", "object", "not_after",
)  # fmt: skip
PERMIT: Final = (
    "seq", "slot", "subject", "step", "purpose", "epoch", "object", "not_after",
)  # fmt: skip


COMPANION: Final = "companion"
"""A table whose `info` says so keeps what was made of selfies: columns selfie, subject, encoder,
sealed (`consent.companions`)."""


def companion_tables() -> tuple[Table, ...]:
    """List every room's tables of what is kept beside selfies."""
    return tuple(t for t in _in_order(tuple(metadata.tables.values())) if t.info.get(COMPANION))


def effect_tables() -> tuple[Table, ...]:
    """List every room's effect tables."""
    return tuple(t for t in _in_order(tuple(metadata.tables.values())) if "step" in t.info)


@lru_cache(maxsize=4)
def _in_order(_known: tuple[Table, ...]) -> tuple[Table, ...]:
    """Put tables behind those they hang on; asked at every withdrawal, so sorted once."""
    return tuple(metadata.sorted_tables)
