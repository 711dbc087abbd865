# SPDX-License-Identifier: Apache-2.0
"""Backstops that constraints cannot state: honest times, no changes, no gaps.

Derived from the schema. On SQLite every foreign key is said once more as a trigger, because
`PRAGMA foreign_keys` is off until somebody sets it, and then anything would be accepted.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import (
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from consent.policy import UNPAUSED
from consent.tables import effect_tables, metadata

APPEND_ONLY: Final = (
    "entry",
    "notice_served",
    "granted",
    "block",
    "published",
    "aggregate",
    "card",
)
"""Tables whose rows are neither changed nor deleted."""
_FIXED: Final = (*APPEND_ONLY, "basis", "permit", "spent")
_GAP: Final = "NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM entry)"
_LIE: Final = "NEW.at <> (SELECT now FROM log_head)"
_BACK: Final = "NEW.now < OLD.now OR NEW.size < OLD.size"
_RECORDED: Final = {
    "sqlite": "hex(substr(records, NEW.slot * 70 + 49, 8)) = printf('%016X', NEW.epoch) "
    "AND substr(records, NEW.slot * 70 + 70, 1) = x'00'",
    "postgresql": "substring(records FROM NEW.slot * 70 + 49 FOR 8) = int8send(NEW.epoch) "
    "AND substring(records FROM NEW.slot * 70 + 70 FOR 1) = '\\x00'::bytea",
}
"""What the record of a block's slot says where it allows: its epoch, and verdict 0."""


def statements(dialect: str, there: Collection[str] | None = None) -> tuple[str, ...]:
    """List the DDL of all triggers for `sqlite` or `postgresql`.

    `there` names the tables that a migration finds: a later table's triggers come with that table.
    """
    build = {"sqlite": _sqlite, "postgresql": _postgresql}[dialect]
    known = [t for t in metadata.sorted_tables if there is None or t.name in there]
    return tuple(build(known))


def added(dialect: str, before: Collection[str], new: Collection[str]) -> tuple[str, ...]:
    """List the DDL of the triggers that come with new tables, beside those that were there."""
    known = set(statements(dialect, before))
    return tuple(one for one in statements(dialect, {*before, *new}) if one not in known)


def _sqlite(tables: Sequence[Table]) -> Iterator[str]:
    for rule in (*_rules(tables), *_held(tables), *_paused(tables), *_recorded(tables, "sqlite")):
        yield _abort(*rule)
    for table in (*_named(_FIXED, tables), *_effects(tables)):
        yield from _once(table)
    for table in tables:
        for key in table.foreign_key_constraints:
            yield _orphan(table, key)
            if key.ondelete == "CASCADE":
                yield _cascade(table, key)
            elif key.referred_table.name not in APPEND_ONLY:
                yield _needed(table, key)


def _named(names: Iterable[str], tables: Sequence[Table]) -> Iterator[Table]:
    return (metadata.tables[name] for name in names if metadata.tables[name] in tables)


def _effects(tables: Sequence[Table]) -> Iterator[Table]:
    return (table for table in effect_tables() if table in tables)


def _rules(tables: Sequence[Table]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield (trigger, table, event, condition, message) for both databases."""
    yield "entry_gapless", "entry", "INSERT", _GAP, "a sequence number is missing"
    yield "log_head_forward", "log_head", "UPDATE", _BACK, "the log head never goes back"
    yield "log_head_kept", "log_head", "DELETE", "1 = 1", "the log head stays"
    if "shard" in {table.name for table in tables}:  # terms came with shards
        back = "NEW.term < OLD.term"
        yield "log_head_term", "log_head", "UPDATE", back, "the term of the log never goes back"
    for kept in _named(APPEND_ONLY, tables):
        yield f"{kept}_kept", kept.name, "DELETE", "1 = 1", f"{kept} is append-only"
    for fixed in _named(_FIXED, tables):
        yield f"{fixed}_fixed", fixed.name, "UPDATE", "1 = 1", f"{fixed} is never changed"
    for effect in _effects(tables):
        yield (
            f"{effect.name}_clock",
            effect.name,
            "INSERT",
            _LIE,
            "at is not the time of the log head",
        )
        yield f"{effect.name}_fixed", effect.name, "UPDATE", "1 = 1", "effects are never changed"


def _held(tables: Sequence[Table]) -> Iterator[tuple[str, str, str, str, str]]:
    """Refuse a picture that is held back and has passed: one goes before the other comes."""
    if "quarantined" in {table.name for table in tables}:
        for here, there in (("quarantined", "moderated"), ("moderated", "quarantined")):
            when = (
                f"EXISTS (SELECT 1 FROM {there} o "
                "WHERE o.object = NEW.object AND o.subject = NEW.subject)"
            )
            yield f"{here}_apart", here, "INSERT", when, f"it is {there} already"


def _paused(tables: Sequence[Table]) -> Iterator[tuple[str, str, str, str, str]]:
    """Refuse what is done of somebody who has paused everything, but for looking."""
    if "pause" in {table.name for table in tables}:
        mine = "SELECT 1 FROM pause p WHERE p.subject = NEW.subject"
        when = f"EXISTS ({mine} AND (p.until IS NULL OR p.until > NEW.at))"
        for effect in _effects(tables):
            if effect.info["step"] not in UNPAUSED:
                yield f"{effect.name}_paused", effect.name, "INSERT", when, "everything is paused"


def _recorded(tables: Sequence[Table], dialect: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Refuse a permit for a slot whose record does not allow it: the epoch says whose it is."""
    if {"permit", "block"} <= {table.name for table in tables}:
        found = f"SELECT 1 FROM block WHERE seq = NEW.seq AND {_RECORDED[dialect]}"
        when = f"NEW.t = 'block' AND NOT EXISTS ({found})"
        yield "permit_recorded", "permit", "INSERT", when, "no such slot of a block allows this"


def _abort(name: str, table: str, event: str, when: str, message: str) -> str:
    return (
        f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" WHEN {when} '
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _once(table: Table) -> Iterator[str]:
    """Refuse INSERT OR REPLACE, which is an UPDATE that no trigger on UPDATE or DELETE sees."""
    for key in table.constraints:
        if isinstance(key, PrimaryKeyConstraint | UniqueConstraint):
            match = " AND ".join(
                f'"{column.name}" = NEW."{column.name}"' for column in key.columns
            )
            when = f'EXISTS (SELECT 1 FROM "{table.name}" WHERE {match})'
            yield _abort(
                f"{key.name}_once", table.name, "INSERT", when, f"{table.name} has it already"
            )


def _pairs(key: ForeignKeyConstraint) -> list[tuple[str, str]]:
    return [(element.parent.name, element.column.name) for element in key.elements]


def _orphan(table: Table, key: ForeignKeyConstraint) -> str:
    pairs = _pairs(key)
    parent = key.referred_table.name
    given = " AND ".join(f'NEW."{own}" IS NOT NULL' for own, _ in pairs)
    match = " AND ".join(f'p."{theirs}" = NEW."{own}"' for own, theirs in pairs)
    when = f'{given} AND NOT EXISTS (SELECT 1 FROM "{parent}" p WHERE {match})'
    return _abort(
        f"{key.name}_orphan", table.name, "INSERT", when, f"no {parent} for {table.name}"
    )


def _cascade(table: Table, key: ForeignKeyConstraint) -> str:
    match = " AND ".join(f'"{own}" = OLD."{theirs}"' for own, theirs in _pairs(key))
    return (
        f'CREATE TRIGGER {key.name}_cascade AFTER DELETE ON "{key.referred_table.name}" '
        f'BEGIN DELETE FROM "{table.name}" WHERE {match}; END'
    )


def _needed(table: Table, key: ForeignKeyConstraint) -> str:
    """Keep a parent that a row still needs: a permit, once it is spent, cannot be given back."""
    parent = key.referred_table.name
    match = " AND ".join(f'"{own}" = OLD."{theirs}"' for own, theirs in _pairs(key))
    when = f'EXISTS (SELECT 1 FROM "{table.name}" WHERE {match})'
    return _abort(f"{key.name}_needed", parent, "DELETE", when, f"{table.name} needs its {parent}")


def _postgresql(tables: Sequence[Table]) -> Iterator[str]:
    more = (*_held(tables), *_paused(tables), *_recorded(tables, "postgresql"))
    for name, table, event, when, message in (*_rules(tables), *more):
        result = "OLD" if event == "DELETE" else "NEW"
        yield (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {when} THEN RAISE EXCEPTION '{message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {result}; END $$"
        )
        yield (
            f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def tables_of(schema: MetaData = metadata) -> tuple[str, ...]:
    """Name the tables a database must have, in the order of their dependencies."""
    return tuple(table.name for table in schema.sorted_tables)
