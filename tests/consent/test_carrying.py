# SPDX-License-Identifier: Apache-2.0
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect, select
from sqlalchemy.exc import DBAPIError

from consent import carrying, database
from consent.errors import Broken, Misused
from consent.tables import asset, basis, entry, log_head, metadata
from consent.words import DAY, Micros, Purpose
from tests.conftest import Opener
from tests.consent import history
from tests.postgres import Cluster


@pytest.fixture
def elsewhere(sqlite_template: Path, tmp_path: Path) -> str:
    """Give a second empty database: a file."""
    shutil.copy(sqlite_template, tmp_path / "elsewhere.db")
    return f"sqlite:///{tmp_path / 'elsewhere.db'}"


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with database.reading(engine) as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in metadata.sorted_tables
        }


def test_a_year_of_four_people_goes_from_one_kind_of_database_to_the_other_and_back(
    open_rooms: Opener,
    owner_url: str,
    elsewhere: str,
    sqlite_template: Path,
    tmp_path: Path,
) -> None:
    rooms = open_rooms(elsewhere)
    lived = history.live(rooms)
    before, size = rows(rooms.consent.ledger.engine), rooms.consent.ledger.head()[0]
    old = rooms.consent.ledger.checkpoint(size)
    there = database.connect(owner_url)
    carried = carrying.carry(rooms.consent.ledger.engine, there)
    assert rows(there) == before
    assert carried == {name: len(found) for name, found in before.items()}
    database.self_test(there)  # every trigger stands again
    shutil.copy(sqlite_template, tmp_path / "back.db")
    back = database.connect(f"sqlite:///{tmp_path / 'back.db'}")
    carrying.carry(there, back)
    assert rows(back) == before
    back.dispose()
    third = open_rooms(owner_url, at=Micros(rooms.clock.now() + 2 * DAY))
    assert third.consent.ledger.checkpoint(size) == old
    portrait = third.portrait(lived.ada, Purpose.FEED_INSERT, b"made after the move")
    assert third.consent.ledger.head()[0] > len(before["entry"])
    third.consent.erasures.erase(lived.ada)
    assert third.count(basis, lived.ada) == third.count(asset, lived.ada) == 0
    assert portrait
    there.dispose()


def test_what_was_carried_is_as_closed_to_a_changed_past_as_before(
    owner_url: str, open_rooms: Opener, elsewhere: str
) -> None:
    source = open_rooms(elsewhere)
    source.inserted_person("Ada")
    there = database.connect(owner_url)
    carrying.carry(source.consent.ledger.engine, there)
    for statement in ("DELETE FROM entry", "UPDATE basis SET epoch = 0", "DELETE FROM log_head"):
        with pytest.raises(DBAPIError), there.begin() as connection:
            connection.exec_driver_sql(statement)
    there.dispose()


def test_nothing_is_carried_over_what_is_there_already(
    open_rooms: Opener, sqlite_url: str, elsewhere: str
) -> None:
    full, other = open_rooms(sqlite_url), open_rooms(elsewhere)
    before = rows(full.consent.ledger.engine)
    with pytest.raises(Misused, match="holds something already"):
        carrying.carry(other.consent.ledger.engine, full.consent.ledger.engine)
    assert rows(full.consent.ledger.engine) == before


def test_another_schema_is_not_carried_into(
    open_rooms: Opener, elsewhere: str, sqlite_url: str
) -> None:
    rooms = open_rooms(elsewhere)
    there = database.connect(sqlite_url)
    with there.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE card ADD COLUMN more BIGINT")
    with pytest.raises(Broken, match="'card'"):
        carrying.carry(rooms.consent.ledger.engine, there)
    with there.begin() as connection:
        connection.exec_driver_sql("DROP TABLE card")
    with pytest.raises(Broken, match="only one of the databases has the table 'card'"):
        carrying.carry(rooms.consent.ledger.engine, there)
    there.dispose()


@pytest.mark.postgres
def test_what_is_written_meanwhile_is_not_half_carried(
    open_rooms: Opener, postgres_url: str, elsewhere: str
) -> None:
    rooms = open_rooms(postgres_url)
    ada = rooms.inserted_person("Ada")
    there = database.connect(elsewhere)
    size = rooms.consent.ledger.head()[0]
    with carrying.snapshot(rooms.consent.ledger.engine) as old, there.begin() as new:
        old.execute(select(log_head)).one()
        rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
        carrying.copy(old, new)
    assert rooms.count(basis, ada) == 0
    with database.reading(there) as connection:
        assert connection.execute(select(log_head.c.size)).scalar() == size
        assert len(connection.execute(select(basis)).all()) == 2, "as it was when it began"
    there.dispose()


def test_a_failure_half_way_leaves_nothing_and_every_trigger(
    open_rooms: Opener, owner_url: str, elsewhere: str
) -> None:
    rooms = open_rooms(elsewhere)
    rooms.inserted_person("Ada")
    there = database.connect(owner_url)

    @event.listens_for(there, "before_cursor_execute")
    def _cut(*said: object) -> None:
        if str(said[2]).startswith("INSERT INTO basis"):
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        carrying.carry(rooms.consent.ledger.engine, there)
    event.remove(there, "before_cursor_execute", _cut)
    database.self_test(there)
    with database.reading(there) as connection:
        assert connection.execute(select(entry)).first() is None
        assert connection.execute(select(log_head.c.size)).scalar() == 0
    there.dispose()


def test_rows_that_do_not_arrive_are_missed(
    open_rooms: Opener, sqlite_url: str, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where row security, or a trigger of somebody's own, swallows some without a word."""
    rooms = open_rooms(elsewhere)
    there = database.connect(sqlite_url)
    honest = carrying._fill

    def swallowing(*told: Any) -> None:
        if told[-1].name != "published":
            honest(*told)

    monkeypatch.setattr(carrying, "_fill", swallowing)
    with pytest.raises(Broken, match="not every row arrived"):
        carrying.carry(rooms.consent.ledger.engine, there)
    there.dispose()


@pytest.mark.postgres
def test_partitions_are_parts_of_their_table(postgres_url: str, cluster: Cluster) -> None:
    engine = database.connect(cluster.owner(postgres_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE held (n int PRIMARY KEY) PARTITION BY HASH (n)")
        connection.exec_driver_sql(
            "CREATE TABLE held_0 PARTITION OF held FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
        )
        tables = set(carrying.tables(connection))
        assert "held_0" in inspect(connection).get_table_names()
    assert "held" in tables
    assert "held_0" not in tables
    engine.dispose()
