# SPDX-License-Identifier: Apache-2.0
"""Open the database so that its constraints are in force, and refuse to start where not."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from consent import packing, row_security, scopes, triggers
from consent.errors import Broken
from consent.scopes import EVERYBODY, Scope
from consent.tables import log_head, metadata
from consent.words import Reason

WAL_SAFE: Final = (3, 51, 3)
"""First SQLite without the WAL-reset corruption race (sqlite.org, 3.51.3 release notes)."""
_SCOPE: Final = "onlyou_scope"
_BUSY_MS: Final = 5_000
_LINE: Final = MappingProxyType(
    {
        "connect_timeout": 10,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
)
"""After how long a line that is dead is given up here, where the URL says nothing else: seconds,
the last one in milliseconds. Source: libpq, "Parameter Key Words"."""
_PATIENT: Final = ", set_config('idle_in_transaction_session_timeout', '1h', true)"
"""Who only reads holds nobody up, and may have a long way from one row to the next: a backup."""
_KEPT_OPEN: Final = 40
"""Connections, as many as a server has threads: opening one costs more than a page of the feed.
SQLAlchemy opens ten more for what else is at work, and closes them again."""


def connect(url: str, scope: Scope = EVERYBODY) -> Engine:
    """Open a database by URL: `sqlite:///file` or `postgresql+psycopg://...`.

    `scope` says whose rows a transaction may see where nothing else is said: everybody's for what
    plans and sweeps, nobody's for what answers requests. SQLite knows no such thing.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgresql(url, scope)


def _postgresql(url: str, scope: Scope) -> Engine:
    """Begin every transaction ourselves: one round trip says that it begins and whom it is for."""
    packing.teach()
    said_there = make_url(url).query
    engine = create_engine(
        url,
        connect_args={name: value for name, value in _LINE.items() if name not in said_there},
        pool_pre_ping=True,
        isolation_level="AUTOCOMMIT",
        pool_size=_KEPT_OPEN,
        hide_parameters=True,
        execution_options={_SCOPE: scope},
    )

    lost = engine.dialect.loaded_dbapi.Error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if "isolation_level" in options:
            return  # no transaction is wanted: VACUUM, say, cannot be in one
        reads = options.get("onlyou_reading", False)
        level = "REPEATABLE READ" if reads else "READ COMMITTED"
        said = scope_of(connection).said()
        statement = (
            f"BEGIN ISOLATION LEVEL {level}; SELECT set_config('{scopes.SETTING}', '{said}', true)"
        )
        if reads:
            statement += _PATIENT
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute(statement, prepare=False)
        except lost as error:
            connection.invalidate()
            raise OperationalError(statement, None, error) from error

    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False},
        pool_size=_KEPT_OPEN,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
        connection.isolation_level = None
        journal = "WAL" if sqlite3.sqlite_version_info >= WAL_SAFE else "TRUNCATE"
        for pragma in (
            "foreign_keys = ON",
            f"busy_timeout = {_BUSY_MS}",
            f"journal_mode = {journal}",
            "synchronous = FULL",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("onlyou_reading", False)
        driver: Any = connection.connection.driver_connection
        driver.execute("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def scope_of(connection: Connection) -> Scope:
    """Say whom a transaction that begins here and now is about."""
    usual: Scope = connection.get_execution_options().get(_SCOPE, EVERYBODY)
    return scopes.said() or usual


def tell(connection: Connection, scope: Scope) -> None:
    """Say in the middle of a transaction whom it is about from here on; it ends with it."""
    if connection.dialect.name == "postgresql":
        about = func.set_config(scopes.SETTING, scope.said(), True)
        connection.execute(select(about))


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open one consistent view for reading; on SQLite it takes no write lock."""
    with engine.connect().execution_options(onlyou_reading=True) as connection, connection.begin():
        yield connection


def create(engine: Engine) -> None:
    """Make every table and trigger of the rooms imported so far in an empty database."""
    with engine.begin() as connection:
        install(connection)


def install(connection: Connection) -> None:
    """Make tables and triggers and write the first log head, in the caller's transaction."""
    metadata.create_all(connection)
    for statement in triggers.statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "postgresql":
        for statement in row_security.statements():
            connection.exec_driver_sql(statement)
    connection.execute(log_head.insert().values(one=1, size=0, now=0))


def self_test(engine: Engine) -> None:
    """Try inserts that must be refused; a database that takes one is not fit to start on.

    Errors: Broken(schema-version), the operator's fault: wrong schema or constraints off.
    """
    missing = set(triggers.tables_of()) - set(inspect(engine).get_table_names())
    if missing:
        raise Broken(
            Reason.SCHEMA_VERSION,
            f"the database lacks the table {min(missing)!r}; run `onlyou init` on it first",
        )
    with scopes.within(EVERYBODY):  # row security would refuse before a constraint does
        accepted = [name for name, said in _FORBIDDEN.items() if not _refused(engine, said)]
    if accepted:
        raise Broken(
            Reason.SCHEMA_VERSION,
            f"the database accepted {accepted[0]}; not starting",
        )
    if engine.dialect.name == "sqlite" and not _foreign_keys_on(engine):
        raise Broken(Reason.SCHEMA_VERSION, "SQLite's foreign_keys are off; not starting")


_EFFECT: Final = (
    "INSERT INTO asset (permit_seq, subject, purpose, epoch, object, not_after, at, effect_seq, "
    "wrapped_dek, blob, expires_at) "
    "SELECT {}, 1, 'feed_insert', 0, 1, now + 1, now, 0, '', '', 0 FROM log_head"
)
_FORBIDDEN: Final = {
    "an effect without a permit": _EFFECT.format(-1),
    "a permit without an entry": "INSERT INTO permit (seq, subject, step, purpose, epoch, "
    "object, at, not_after) VALUES (-1, 1, 'insert', 'feed_insert', 0, 1, 0, 1)",
    "a basis without a grant": "INSERT INTO basis (subject, purpose, epoch, kind) "
    "VALUES (1, 'likeness', -1, 'explicit')",
    "an entry out of order": "INSERT INTO entry (seq, t, body, leaf) "
    "VALUES (-7, 'x', '', '00000000000000000000000000000000')",
}


def _refused(engine: Engine, statement: str) -> bool:
    with engine.connect() as connection:
        attempt = connection.begin()
        try:
            connection.execute(text(statement))
        except IntegrityError:
            return True
        finally:
            attempt.rollback()
    return False


def _foreign_keys_on(engine: Engine) -> bool:
    with reading(engine) as connection:
        return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())
