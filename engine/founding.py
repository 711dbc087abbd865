# SPDX-License-Identifier: Apache-2.0
"""Make a database fit to run on: its schema, and on PostgreSQL the roles and what each may do.

With an owner given (`database_owner`), tables are the owner's and the application gets its rights
from `consent.roles`; without one, whoever the application is makes its own tables, as on SQLite,
and `onlyou doctor` says so.
"""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, make_url

import engine.tables  # noqa: F401 - rights are given on every room's tables
import feed.tables  # noqa: F401
import generation.tables  # noqa: F401
from consent import database, key_files, partitions, roles
from consent.chance import SystemChance
from consent.errors import Misused
from consent.words import Reason
from engine import migrations
from engine.settings import Settings

_ONE_KEY: Final = frozenset({"0001", "0002"})
"""Schemas of homes whose logs were signed with one key alone."""


def found(chosen: Settings, fill: Callable[[Connection], None] | None = None) -> None:
    """Bring the database to the present schema, and its roles to what each may do now.

    `fill` makes and fills an empty one first, as a restore does, in one transaction of the owner.
    No log is given keys here, but its second one to that of a home from before there was one.
    Errors: Misused(unknown-key) for an owner of another database than the application's, or for
    no PostgreSQL; Broken(schema-version).
    """
    app = _application(chosen) if chosen.database_owner else None
    owner = database.connect(chosen.database_owner or chosen.database)
    try:
        if app is not None:
            with owner.begin() as connection:
                roles.make(connection, *app)
        if fill is not None:
            with owner.begin() as connection:
                fill(connection)
        _second_key(chosen, migrations.current(owner))
        migrations.upgrade(owner)
        with owner.begin() as connection:
            _settle(connection, chosen, app)
    finally:
        owner.dispose()


def _second_key(chosen: Settings, schema: str) -> None:
    """Give a log of before there were two keys its second one, while its schema still tells."""
    if schema in _ONE_KEY and chosen.keys_folder.is_dir():
        key_files.keep(chosen.keys_folder / key_files.SECOND, SystemChance())


def _settle(connection: Connection, chosen: Settings, app: tuple[str, str | None] | None) -> None:
    """Divide what is to be divided, and give every role its rights on all there is."""
    if connection.dialect.name == "postgresql":
        partitions.divide(connection, partitions.divisible(), chosen.database_parts)
    if app is not None:
        roles.grant(connection, app[0])


def _application(chosen: Settings) -> tuple[str, str | None]:
    """Return the name and password that the application connects by. Errors: Misused."""
    owner, app = make_url(chosen.database_owner), make_url(chosen.database)
    if owner.get_backend_name() != "postgresql" or app.get_backend_name() != "postgresql":
        raise Misused(Reason.UNKNOWN_KEY, "only PostgreSQL has an owner apart: database_owner")
    if owner.database != app.database:
        raise Misused(Reason.UNKNOWN_KEY, "database_owner must name the same database")
    if not app.username:
        raise Misused(Reason.UNKNOWN_KEY, "database_url must name a role, where there is an owner")
    return app.username, app.password
