# SPDX-License-Identifier: Apache-2.0
"""Who may do what on PostgreSQL: the application owns nothing and is granted no more than it does.

Four roles. The owner runs migrations and nothing else. The application reads and writes rows, and
what is append-only it cannot even try to change. `AUDIT` reads the ledger and no person's row.
`REAPER` reads how sealed bytes are named and whose they are, never a wrapped key; what it may do
is what a reaper of objects needs. Audit and reaper cannot log in: they are granted to who may.
Foreign keys and cascades act for the owner, so the application needs no right to what they do.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import ProgrammingError

from consent.errors import Broken
from consent.row_security import owners
from consent.tables import metadata
from consent.triggers import APPEND_ONLY
from consent.words import Reason

AUDIT: Final = "onlyou_audit"
REAPER: Final = "onlyou_reaper"
VERSION: Final = "alembic_version"
_SCRAM: Final = b"scram-sha-256"

_CHANGED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "log_head": ("size", "now", "term", "open"),
        "chain": ("last", "slot"),
        "erasure": ("bytes_destroyed", "blobs", "done_seq", "done_at"),
        "subject_key": ("week", "wrapped_key"),
        "arm_stop": ("lifted_seq",),
        "arm_sum": ("n",),
        "report": ("why", "outcome", "answered_at"),
        "job": ("stopped_at", "onward"),
        "answered": ("status", "sealed"),
        "plan_run": ("closed_at", "outcome"),
        "lease": ("holder", "term", "until"),
        "leader": ("holder", "term", "until"),
        "shard": ("cell", "term", "state", "beside"),
    }
)
"""Which columns are ever changed in place; in every other table a row is as it was written."""
_LASTING: Final = frozenset(
    {
        *APPEND_ONLY,
        "log_head",
        "spent",
        "subject",
        "issued",
        "render_pass",
        "post",
        "experiment",
        "experiment_day",
        "arm_stop",
        "arm_sum",
        "plan_run",
        "stage",
        "leader",
        "cell",
        "global_checkpoint",
    }
)
"""Tables from which the application deletes nothing itself."""
_AUDITED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    dict.fromkeys(
        (
            "entry",
            "log_head",
            "published",
            "aggregate",
            "cosignature",
            "card",
            "experiment",
            "experiment_day",
            "arm_stop",
            "global_checkpoint",
        ),
        (),
    )
    | {"block": ("seq", "records")}
)
"""What `AUDIT` reads: whole tables, or the columns named. What a block seals is not among it."""
LIMITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "idle_in_transaction_session_timeout": "10s",
        "lock_timeout": "30s",
        "client_connection_check_interval": "5s",
        "tcp_user_timeout": "20s",
        "tcp_keepalives_idle": "15s",
        "tcp_keepalives_interval": "5s",
        "tcp_keepalives_count": "3",
    }
)
"""How long the server waits for the application: whoever vanishes in the middle of a transaction
holds the log head, and with it everybody. No limit on a statement: a no that takes long must end
as a no. What only reads is given longer (`database`)."""
_NEEDED: Final = ("idle_in_transaction_session_timeout", "lock_timeout")
_SECRET: Final = frozenset({"wrapped_dek", "wrapped_key", "sealed"})
_NAMES_BLOBS: Final = frozenset({"blob", "blobs"})


def grants(table: Table) -> tuple[str, ...]:
    """List what the application may do with a table, as GRANT says it."""
    named = table.name
    insert = () if named == "log_head" else ("INSERT",)
    delete = () if named in _LASTING else ("DELETE",)
    columns = _CHANGED.get(named)
    update = (f"UPDATE ({', '.join(columns)})",) if columns else ()
    return ("SELECT", *insert, *update, *delete)


def statements(app: str) -> Iterator[str]:
    """Yield the DDL that gives each role exactly its rights, whatever it had before."""
    role = _quoted(app)
    for table in metadata.sorted_tables:
        yield f'REVOKE ALL ON "{table.name}" FROM PUBLIC, {role}, {AUDIT}, {REAPER}'
        for right in grants(table):
            yield f'GRANT {right} ON "{table.name}" TO {role}'
        if names := _blob_names(table):
            yield f'GRANT SELECT ({", ".join(names)}) ON "{table.name}" TO {REAPER}'
        if (columns := _AUDITED.get(table.name)) is not None:
            yield f'GRANT SELECT{_listed(columns)} ON "{table.name}" TO {AUDIT}'


def _blob_names(table: Table) -> Sequence[str]:
    """List the columns that a reaper reads where sealed bytes are named: all but keys."""
    if _NAMES_BLOBS.isdisjoint(table.c.keys()):
        return ()
    return [column.name for column in table.c if column.name not in _SECRET]


def _listed(columns: Sequence[str]) -> str:
    return f" ({', '.join(columns)})" if columns else ""


def make(connection: Connection, app: str, password: str | None) -> None:
    """Make the roles that are not there; the server is told no password, but what verifies it.

    Errors: Broken(schema-version) where the application's is a superuser, or passes by row
    security; Broken(unavailable) where whoever is connected may not make one.
    """
    for role in (AUDIT, REAPER):
        if not _there(connection, role):
            _make(connection, role, "NOLOGIN")
    if not _there(connection, app):
        secret = f" PASSWORD '{_verifier(connection, app, password)}'" if password else ""
        _make(connection, app, f"LOGIN{secret}")
    elif _mighty(connection, app):
        raise Broken(
            Reason.SCHEMA_VERSION,
            f"the role {app!r} of ONLYOU_DATABASE_URL is a superuser or passes by row security; "
            f"the application must be neither: name another role",
        )


def _make(connection: Connection, role: str, how: str) -> None:
    try:
        _do(connection, f"CREATE ROLE {_quoted(role)} {how}")
    except ProgrammingError as error:
        raise Broken(
            Reason.UNAVAILABLE,
            f"the owner of the database may not make the role {role!r}: "
            f"an administrator makes it first (docs/postgresql.md)",
        ) from error


def _verifier(connection: Connection, role: str, password: str) -> str:
    """Turn a password into what the server keeps of it: it reads and logs nothing else."""
    driver: Any = connection.connection.driver_connection
    made: bytes = driver.pgconn.encrypt_password(password.encode(), role.encode(), _SCRAM)
    return made.decode()


def _do(connection: Connection, statement: str) -> None:
    """Say a statement as it stands: a percent sign in a name is no parameter."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def grant(connection: Connection, app: str) -> None:
    """Give every role exactly its rights on a database at the present schema."""
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
    for statement in statements(app):
        _do(connection, statement)
    versioned = connection.exec_driver_sql(f"SELECT to_regclass('{VERSION}')").scalar()
    _limit(connection, app)
    for role in (_quoted(app), AUDIT, REAPER):
        _do(connection, f"GRANT USAGE ON SCHEMA {_quoted(schema)} TO {role}")
        if versioned:
            _do(connection, f"GRANT SELECT ON {VERSION} TO {role}")


def _limit(connection: Connection, app: str) -> None:
    """Tell the server how long to wait for the application in this database.

    An owner that has no say over the role leaves it to an administrator: `onlyou doctor` says so.
    """
    here = connection.exec_driver_sql("SELECT current_database()").scalar_one()
    for statement in limits(app, here):
        with suppress(ProgrammingError), connection.begin_nested():
            _do(connection, statement)


def limits(app: str, name: str) -> Iterator[str]:
    """Yield the statements by which a role is waited for no longer than that in a database."""
    role = f"ALTER ROLE {_quoted(app)} IN DATABASE {_quoted(name)}"
    yield from (f"{role} SET {setting} = '{value}'" for setting, value in LIMITS.items())


def unlimited(connection: Connection) -> tuple[str, ...]:
    """Name the limits that whoever is connected has not, and should."""
    off = text("SELECT name FROM pg_settings WHERE name = ANY(:names) AND reset_val = '0'")
    return tuple(connection.execute(off, {"names": [*_NEEDED]}).scalars())


def _there(connection: Connection, role: str) -> bool:
    found = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    return connection.execute(found, {"role": role}).first() is not None


def _mighty(connection: Connection, role: str) -> bool:
    found = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = :role")
    return bool(connection.execute(found, {"role": role}).scalar())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def findings(connection: Connection) -> Iterator[str]:
    """Yield each way in which whoever is connected is more than the application may be."""
    said = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
    row = connection.exec_driver_sql(f"{said} WHERE rolname = current_user").one()
    words = ("is a superuser", "passes by row security", "makes roles", "makes databases")
    yield from (word for word, has in zip(words, row, strict=True) if has)
    mine = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname = current_schema() "
        "AND pg_has_role(current_user, c.relowner, 'USAGE')"
    ).scalar_one()
    if mine:
        yield f"owns {mine} tables"


def unguarded(connection: Connection) -> tuple[str, ...]:
    """Name the tables of people's rows whose row security is off, or does not bind their owner."""
    on = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND c.relrowsecurity AND c.relforcerowsecurity"
    ).scalars()
    guarded = set(on)
    return tuple(t.name for t in metadata.sorted_tables if owners(t) and t.name not in guarded)
