# SPDX-License-Identifier: Apache-2.0
"""Row-level security on PostgreSQL, derived from the schema: a person's rows need a scope.

Every table with an owner column gets ENABLE and FORCE, so that the owner of the tables is held to
it, too; only a superuser is not, and the application is none. A policy reads the setting of
`consent.scopes` in sub-selects, which are evaluated once a statement and not once a row.
Foreign keys and their cascades are checked without policies, as PostgreSQL does it: a policy hides
rows from queries, never from constraints.
Source: PostgreSQL 18, chapter 5.9; CREATE POLICY.
"""

from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import Table

from consent.scopes import SETTING
from consent.tables import metadata

_SET: Final = f"current_setting('{SETTING}', true)"
_EVERYBODY: Final = f"(SELECT {_SET} = '*')"
_PEOPLE: Final = (
    f"(SELECT string_to_array(nullif(replace({_SET}, '*', ''), ''), ',')::bigint[])::bigint[]"
)
_OWNERS: Final = {"subject": ("id",), "friendship": ("subject", "friend")}
"""Where not one column `subject` says whose a row is. A friendship is seen from both its ends, but
only who names writes it."""
POLICY: Final = "person"


def owners(table: Table) -> tuple[str, ...]:
    """Name the columns that say whose a row is; none for what is nobody's."""
    return _OWNERS.get(table.name, ("subject",) if "subject" in table.c else ())


def owned(there: Collection[str] | None = None) -> tuple[Table, ...]:
    """List the tables whose rows are somebody's, in the order of their keys."""
    known = (t for t in metadata.sorted_tables if there is None or t.name in there)
    return tuple(table for table in known if owners(table))


def statements(there: Collection[str] | None = None) -> Iterator[str]:
    """Yield the DDL of all policies; `there` names the tables that a migration finds."""
    for table in owned(there):
        yield from guard(table.name)
        seen = " OR ".join(_mine(column) for column in owners(table))
        written = _mine(owners(table)[0])
        yield (
            f'CREATE POLICY {POLICY} ON "{table.name}" '
            f"USING ({_EVERYBODY} OR {seen}) WITH CHECK ({_EVERYBODY} OR {written})"
        )


def guard(table: str) -> tuple[str, str]:
    """Close a table, given as SQL may name it, to whomever no policy lets in."""
    name = table if "." in table else f'"{table}"'
    return (
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
    )


def _mine(column: str) -> str:
    return f'"{column}" = ANY ({_PEOPLE})'
