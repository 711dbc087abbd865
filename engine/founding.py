# SPDX-License-Identifier: Apache-2.0
"""Make a database fit to run on: its schema, and on PostgreSQL the roles and what each may do.

With an owner given (`database_owner`), tables are the owner's and the application gets its rights
from `consent.roles`; without one, whoever the application is makes its own tables, as on SQLite,
and `onlyou doctor` says so.
"""

from sqlalchemy import Connection, make_url

from consent import database, roles
from consent.errors import Misused
from consent.words import Reason
from engine import migrations
from engine.settings import Settings


def found(chosen: Settings) -> None:
    """Bring the database to the present schema, and its roles to what each may do now.

    Errors: Misused(unknown-key) for an owner of another database than the application's, or for
    no PostgreSQL; Broken(schema-version).
    """
    owner = database.connect(_owner(chosen))
    try:
        if chosen.database_owner:
            with owner.begin() as connection:
                _make_roles(connection, chosen.database)
        migrations.upgrade(owner)
        if chosen.database_owner:
            with owner.begin() as connection:
                roles.grant(connection, _application(chosen.database)[0])
    finally:
        owner.dispose()


def _owner(chosen: Settings) -> str:
    """Return the URL that owns the tables; the application's own where no other is given."""
    if not chosen.database_owner:
        return chosen.database
    owner, app = make_url(chosen.database_owner), make_url(chosen.database)
    if owner.get_backend_name() != "postgresql" or app.get_backend_name() != "postgresql":
        raise Misused(Reason.UNKNOWN_KEY, "only PostgreSQL has an owner apart: database_owner")
    if owner.database != app.database:
        raise Misused(Reason.UNKNOWN_KEY, "database_owner must name the same database")
    return chosen.database_owner


def _application(url: str) -> tuple[str, str | None]:
    """Return the name and password that the application connects by."""
    parts = make_url(url)
    if not parts.username:
        raise Misused(Reason.UNKNOWN_KEY, "database_url must name a role, where there is an owner")
    return parts.username, parts.password


def _make_roles(connection: Connection, url: str) -> None:
    name, password = _application(url)
    roles.make(connection, name, password)
