# SPDX-License-Identifier: Apache-2.0
"""People's tables in parts: a released database with rows, and a life on it afterwards."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import ProgrammingError

from consent import carrying, database, partitions, roles, scopes
from consent.tables import asset, basis, entry, metadata
from consent.words import Purpose
from tests.conftest import Opener
from tests.postgres import APPLICATION, Cluster
from tests.rooms import Rooms

pytestmark = pytest.mark.postgres
PARTS = 2
SOME = {
    *("basis", "subject_key", "selfie", "selfie_use", "selfie_read", "opening", "ended"),
    *("request", "rendered", "moderated", "asset", "feed_insert", "feed_view", "tombstone"),
}
"""A portrait's life, and what ends it; `tests/engine/test_founding.py` divides everything."""
SAID = (
    "SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace "
    "AND conparentid = 0 AND contype <> 'n'"
)
TRIGGERS = (
    "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal AND tgparentid = 0"
)
INDEXES = (
    "SELECT tablename, indexname, replace(indexdef, 'ON ONLY ', 'ON ') FROM pg_indexes "
    "WHERE schemaname = current_schema()"
)
POLICIES = "SELECT tablename, policyname, qual, with_check FROM pg_policies"


def _catalogue(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
    """Read what holds the schema together, as the catalogue words it."""
    asked = {"constraints": SAID, "triggers": TRIGGERS, "indexes": INDEXES, "policies": POLICIES}
    return {
        name: {tuple(row) for row in connection.exec_driver_sql(statement)}
        for name, statement in asked.items()
    }


def _rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: sorted(tuple(row) for row in connection.execute(select(table)))
        for table in metadata.sorted_tables
        if not any(column.nullable for column in table.columns)
    }


@pytest.fixture(scope="module")
def divided(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Live on a whole database, divide it, and open it again."""
    home = tmp_path_factory.mktemp("divided")
    url = cluster.fresh()
    whole = Rooms.open(url, home)
    for name in ("Ada", "Ben", "Cleo"):
        _lives(whole, name)
    for name in ("Dan", "Eve", "Fay", "Gus", "Hal"):
        whole.person(name, Purpose.LIKENESS)
    whole.close()
    owner = database.connect(cluster.owner(url))
    with owner.begin() as connection:
        before, rows = _catalogue(connection), _rows(connection)
        database.tell(connection, scopes.NOBODY)  # what is hidden would be lost
        partitions.divide(connection, SOME, PARTS)
        assert connection.execute(select(func.current_setting(scopes.SETTING))).scalar() == "*"
        roles.grant(connection, APPLICATION)
        assert _rows(connection) == rows
        _same(before, _catalogue(connection))
    owner.dispose()
    rooms = Rooms.open(url, home)
    yield rooms
    rooms.close()
    cluster.drop(url)


def _lives(rooms: Rooms, name: str) -> None:
    who = rooms.inserted_person(name)
    obj = rooms.portrait(who, Purpose.FEED_INSERT)
    rooms.insert(who, obj)
    rooms.look(who, obj)


def _same(
    before: dict[str, set[tuple[object, ...]]], after: dict[str, set[tuple[object, ...]]]
) -> None:
    """Hold two catalogues equal, but for the owner behind keys that named nobody."""
    for what in ("triggers", "policies"):
        assert after[what] == before[what], what
    named = {tuple(row[:2]) for row in before["constraints"]}
    assert {tuple(row[:2]) for row in after["constraints"]} == named
    for changed in after["constraints"] - before["constraints"]:
        assert changed[2] == "p", changed
        assert str(changed[3]).endswith(", subject)"), changed
    assert {row[1] for row in after["indexes"]} == {row[1] for row in before["indexes"]}


def test_what_can_be_divided_is_read_from_the_schema() -> None:
    names = set(partitions.divisible())
    assert {"basis", "asset", "opening", "feed_view", "subject_key", "selfie_use"} <= names
    whole = {"entry", "permit", "spent", "log_head", "account", "chain", "granted", "decision"}
    assert not names & whole


def test_every_row_key_trigger_index_and_policy_is_there_as_before(divided: Rooms) -> None:
    database.self_test(divided.consent.ledger.engine)
    with divided.consent.ledger.read() as connection:
        assert partitions.divided(connection) == dict.fromkeys(SOME, PARTS)
        assert roles.unguarded(connection) == ()


def test_rows_lie_in_the_parts_of_their_people(divided: Rooms, cluster: Cluster) -> None:
    owner = database.connect(cluster.owner(str(divided.consent.ledger.engine.url)))
    with owner.begin() as connection:
        counts = connection.exec_driver_sql(
            "SELECT count(DISTINCT tableoid), count(*) FROM basis"
        ).one()
    owner.dispose()
    assert counts[0] == PARTS
    assert counts[1] == 11


def test_nobody_comes_to_a_part_but_through_its_table(divided: Rooms) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        divided.consent.ledger.read() as connection,
    ):
        connection.exec_driver_sql("SELECT * FROM public_parts.asset_00")


def test_row_security_holds_in_parts(divided: Rooms) -> None:
    ada = divided.consent.accounts.find("Ada").subject
    engine: Engine = divided.consent.ledger.engine
    with scopes.within(scopes.of(ada)), engine.begin() as connection:
        assert set(connection.execute(select(asset.c.subject)).scalars()) == {ada}
    with scopes.within(scopes.NOBODY), engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(asset)).scalar() == 0


def test_a_query_about_one_person_looks_in_one_part(divided: Rooms) -> None:
    ada = divided.consent.accounts.find("Ada").subject
    with divided.consent.ledger.read() as connection:
        plan = "\n".join(
            connection.execute(
                text("EXPLAIN SELECT * FROM asset WHERE subject = :who"), {"who": ada}
            ).scalars()
        )
    assert len({word for word in plan.split() if word.startswith("asset_0")}) == 1, plan


def test_a_withdrawal_takes_everything_along_across_parts(divided: Rooms) -> None:
    ben = divided.consent.accounts.find("Ben").subject
    done = divided.consent.withdrawals.withdraw(ben, Purpose.LIKENESS)
    assert done["destroyed"]["portraits"] == 1
    kept = {"opening", "ended", "tombstone"}
    for name in SOME - kept:
        assert divided.count(metadata.tables[name], ben) == 0, name


def test_a_life_goes_on_in_parts(divided: Rooms) -> None:
    _lives(divided, "Dora")
    cleo = divided.consent.accounts.find("Cleo").subject
    divided.consent.erasures.erase(cleo)
    assert divided.count(basis, cleo) == 0


def test_what_is_divided_already_stays_as_it_is(divided: Rooms, cluster: Cluster) -> None:
    owner = database.connect(cluster.owner(str(divided.consent.ledger.engine.url)))
    with owner.begin() as connection:
        partitions.divide(connection, SOME, 4)
        assert set(partitions.divided(connection).values()) == {PARTS}
    owner.dispose()


def test_one_part_is_the_whole(postgres_url: str, cluster: Cluster) -> None:
    owner = database.connect(cluster.owner(postgres_url))
    with owner.begin() as connection:
        partitions.divide(connection, partitions.divisible(), 1)
        assert partitions.divided(connection) == {}
    owner.dispose()


def test_rows_are_carried_into_parts_and_out_of_them(
    divided: Rooms, open_rooms: Opener, sqlite_url: str
) -> None:
    there = database.connect(sqlite_url)
    carried = carrying.carry(divided.consent.ledger.engine, there)
    assert carried["asset"] > 0
    there.dispose()
    rooms = open_rooms(sqlite_url)
    assert rooms.count(entry) >= carried["entry"]
