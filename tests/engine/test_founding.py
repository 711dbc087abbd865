# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from consent import database, partitions, roles, scopes
from consent.errors import Misused
from consent.scopes import NOBODY
from consent.tables import account, asset
from consent.words import Purpose
from engine import founding, migrations, settings, wiring
from engine.settings import Settings
from feed.tables import feed_insert
from tests.postgres import Cluster
from tests.rooms import Rooms

APP = "onlyou_founded"


def _chosen(home: Path, owner: str) -> Settings:
    app = make_url(owner).set(username=APP).render_as_string(hide_password=False)
    return Settings(home=home, database_url=app, database_owner=owner)


@pytest.mark.postgres
def test_an_owner_makes_the_tables_and_the_application_runs_on_them(
    cluster: Cluster, tmp_path: Path
) -> None:
    chosen = _chosen(tmp_path, cluster.empty())
    rooms = wiring.install(chosen)
    ada = rooms.consent.accounts.add("Ada")
    with rooms.consent.ledger.read() as connection:
        assert list(roles.findings(connection)) == []
        assert roles.unguarded(connection) == roles.unlimited(connection) == ()
    rooms.consent.ledger.engine.dispose()
    again = wiring.install(chosen)
    assert again.consent.accounts.list() == (ada,)
    again.consent.ledger.engine.dispose()
    served = wiring.open_home(chosen.home, scope=NOBODY)  # as `onlyou serve` opens it
    assert served.consent.ledger.head()[0] > 0
    served.consent.ledger.engine.dispose()


KEEPER = "onlyou_test_keeper"


@pytest.fixture
def kept(cluster: Cluster) -> str:
    """Give an empty database to an owner who is no superuser: policies are forced on them, too."""
    url = cluster.empty()
    admin = database.connect(url)
    with admin.begin() as connection:
        there = connection.exec_driver_sql(f"SELECT to_regrole('{KEEPER}')").scalar()
        if there is None:
            connection.exec_driver_sql(f"CREATE ROLE {KEEPER} LOGIN CREATEROLE")
        named = make_url(url).database
        connection.exec_driver_sql(f'ALTER DATABASE "{named}" OWNER TO {KEEPER}')
    admin.dispose()
    return make_url(url).set(username=KEEPER).render_as_string(hide_password=False)


@pytest.mark.postgres
def test_an_owner_who_is_no_superuser_is_enough_also_to_divide(kept: str, tmp_path: Path) -> None:
    chosen = _chosen(tmp_path / "home", kept)
    founding.found(chosen)
    rooms = Rooms.open(chosen.database_url, tmp_path)
    ada = rooms.inserted_person("Ada")
    rooms.insert(ada, rooms.portrait(ada, Purpose.FEED_INSERT))
    rooms.close()
    founding.found(replace(chosen, database_parts=2))
    rooms = Rooms.open(chosen.database_url, tmp_path)
    with rooms.consent.ledger.read() as connection:
        assert roles.unguarded(connection) == ()
        assert set(partitions.divided(connection).values()) == {2}
    assert rooms.count(feed_insert, ada) == 1
    with scopes.within(scopes.of(ada)):
        rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert rooms.count(feed_insert, ada) == rooms.count(asset, ada) == 0
    rooms.close()
    owner = database.connect(kept, NOBODY)
    with owner.begin() as connection:
        assert connection.execute(select(account)).first() is None, "forced on the owner, too"
    owner.dispose()


@pytest.mark.postgres
def test_without_an_owner_the_application_makes_its_own_tables(
    cluster: Cluster, tmp_path: Path
) -> None:
    url = cluster.empty()
    founding.found(Settings(home=tmp_path, database_url=url))
    connected = database.connect(url)
    migrations.check(connected)
    with connected.begin() as connection:
        assert any(found.startswith("owns") for found in roles.findings(connection))
    connected.dispose()


def test_an_owner_is_for_postgresql_and_for_the_same_database(tmp_path: Path) -> None:
    lite, big = "sqlite:///x.db", "postgresql+psycopg://app@/one"
    for app, owner in ((lite, big), (big, lite), (big, "postgresql+psycopg://o@/two")):
        with pytest.raises(Misused, match="database"):
            founding.found(Settings(home=tmp_path, database_url=app, database_owner=owner))
    nameless = Settings(
        home=tmp_path,
        database_url="postgresql+psycopg:///one?host=/nowhere",
        database_owner="postgresql+psycopg://o@/one?host=/nowhere",
    )
    with pytest.raises(Misused, match="must name a role"):
        founding.found(nameless)


def test_the_owner_is_never_written_down(tmp_path: Path) -> None:
    settings.write(Settings(home=tmp_path, database_owner="postgresql+psycopg://o:secret@/one"))
    assert "secret" not in (tmp_path / settings.FILE).read_text("utf-8")
