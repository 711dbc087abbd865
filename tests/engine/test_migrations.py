# SPDX-License-Identifier: Apache-2.0
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Column, Table, text

import engine.wiring  # noqa: F401 - every room's tables
from consent import database, roles
from consent.errors import Broken
from consent.tables import metadata
from engine import migrations
from tests.conftest import POSTGRESQL
from tests.postgres import Cluster


@pytest.fixture(params=["sqlite", POSTGRESQL])
def empty_url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """Give a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return str(request.getfixturevalue("cluster").empty())


def test_the_migrations_lead_to_exactly_the_declared_schema(empty_url: str) -> None:
    connected = database.connect(empty_url)
    assert migrations.upgrade(connected) == migrations.head()
    with database.reading(connected) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []
    database.self_test(connected)
    connected.dispose()


def test_a_database_of_the_first_schema_is_brought_to_the_present_one(empty_url: str) -> None:
    connected = database.connect(empty_url)
    with connected.begin() as connection:
        command.upgrade(migrations._config(connection), "0001")
    with pytest.raises(Broken, match="schema 0001"):
        migrations.check(connected)
    assert migrations.upgrade(connected) == migrations.head()
    with database.reading(connected) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []
    database.self_test(connected)
    connected.dispose()


@pytest.mark.postgres
def test_a_table_that_comes_later_is_not_looked_for_in_an_earlier_schema(cluster: Cluster) -> None:
    """A migration is about what there was then, whatever belongs to the schema today."""
    connected = database.connect(cluster.empty())
    later = Table("comes_later", metadata, Column("subject", BigInteger, primary_key=True))
    try:
        with connected.begin() as connection:
            command.upgrade(migrations._config(connection), "0013")
            assert roles.unguarded(connection) == (later.name,)
    finally:
        metadata.remove(later)
        connected.dispose()


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    connected = database.connect(empty_url)
    migrations.upgrade(connected)
    migrations.upgrade(connected)
    migrations.check(connected)
    connected.dispose()


def test_a_database_of_another_version_is_refused_with_both_versions_named(
    tmp_path: object,
) -> None:
    connected = database.connect(f"sqlite:///{tmp_path}/old.db")
    migrations.upgrade(connected)
    with connected.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(Broken, match=f"schema 0000, this version needs {migrations.head()}"):
        migrations.check(connected)
    connected.dispose()


def test_an_empty_database_is_refused_with_the_command_that_helps(tmp_path: object) -> None:
    connected = database.connect(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(Broken, match="onlyou init"):
        migrations.check(connected)
    connected.dispose()
