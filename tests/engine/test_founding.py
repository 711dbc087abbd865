# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from sqlalchemy import make_url

from consent import database, roles
from consent.errors import Misused
from engine import founding, migrations, settings, wiring
from engine.settings import Settings
from tests.postgres import Cluster

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
        assert roles.unguarded(connection) == ()
    rooms.consent.ledger.engine.dispose()
    again = wiring.install(chosen)
    assert again.consent.accounts.list() == (ada,)
    again.consent.ledger.engine.dispose()


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
