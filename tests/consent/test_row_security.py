# SPDX-License-Identifier: Apache-2.0
"""What the catalogue says of row security, and what it does; on PostgreSQL as the application."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, delete, select, text
from sqlalchemy.exc import ProgrammingError

from consent import database, row_security, scopes
from consent.scopes import EVERYBODY, NOBODY
from consent.tables import account, asset, basis, metadata, pause, subject
from consent.words import Purpose
from feed.tables import friendship
from tests.postgres import Cluster
from tests.rooms import Rooms

pytestmark = pytest.mark.postgres


@pytest.fixture
def owner(postgres_url: str, cluster: Cluster) -> Iterator[Connection]:
    """Open the database as whoever owns its tables."""
    engine = database.connect(cluster.owner(postgres_url))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="module")
def lived_in(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Let two people have portraits, inserts and looks."""
    rooms = Rooms.open(url := cluster.fresh(), tmp_path_factory.mktemp("guarded"))
    for name in ("Ada", "Ben"):
        who = rooms.inserted_person(name)
        obj = rooms.portrait(who, Purpose.FEED_INSERT)
        rooms.insert(who, obj)
        rooms.look(who, obj)
    yield rooms
    rooms.close()
    cluster.drop(url)


def _engine(rooms: Rooms) -> Engine:
    return rooms.consent.ledger.engine


def test_every_table_with_an_owner_column_is_guarded_even_from_its_owner(
    owner: Connection,
) -> None:
    on = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = to_regclass(:t)"
    policies = "SELECT count(*) FROM pg_policies WHERE tablename = :t"
    for table in metadata.sorted_tables:
        told = {"t": f'"{table.name}"'}
        has = {"subject", "friend", "owner", "viewer"}.intersection(table.c.keys())
        guarded = owner.execute(text(on), told).scalar()
        assert guarded is bool(has or table.name == "subject"), table.name
        found = owner.execute(text(policies), {"t": table.name}).scalar()
        assert found == int(guarded), table.name


def test_no_view_shows_what_its_asker_may_not_see(owner: Connection) -> None:
    loose = (
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE relkind IN ('v', 'm') AND nspname = current_schema() "
        "AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
    )
    assert owner.exec_driver_sql(loose).scalars().all() == []
    owner.exec_driver_sql("CREATE VIEW everybody AS SELECT * FROM account")
    assert owner.exec_driver_sql(loose).scalars().all() == ["everybody"]


def test_with_nothing_said_there_is_no_row_of_anybody(lived_in: Rooms) -> None:
    counted = {}
    for scope in (NOBODY, EVERYBODY):
        with scopes.within(scope), _engine(lived_in).begin() as connection:
            counted[scope] = {
                table.name: len(connection.execute(select(table)).all())
                for table in row_security.owned()
            }
    assert set(counted[NOBODY].values()) == {0}
    filled = [name for name, rows in counted[EVERYBODY].items() if rows]
    assert len(filled) > 15, filled


def test_a_person_sees_their_own_rows_in_every_table_and_no_others(lived_in: Rooms) -> None:
    ada = lived_in.consent.accounts.find("Ada").subject
    with scopes.within(scopes.of(ada)), _engine(lived_in).begin() as connection:
        for table in row_security.owned():
            owner_column = table.c[row_security.owners(table)[0]]
            found = set(connection.execute(select(owner_column)).scalars())
            assert found <= {ada}, table.name


def test_rows_of_another_person_can_be_neither_written_nor_changed_nor_deleted(
    lived_in: Rooms,
) -> None:
    ada, ben = (lived_in.consent.accounts.find(name).subject for name in ("Ada", "Ben"))
    mine, row = scopes.of(ada), {"subject": ben, "until": None, "at": 0, "seq": 0}
    with (
        scopes.within(mine),
        pytest.raises(ProgrammingError, match="row-level security"),
        _engine(lived_in).begin() as connection,
    ):
        connection.execute(pause.insert().values(row))
    with scopes.within(mine), _engine(lived_in).begin() as connection:
        assert connection.execute(account.delete()).rowcount == 1
        connection.rollback()


def test_a_friendship_is_seen_from_both_ends_and_written_by_who_names(lived_in: Rooms) -> None:
    ada, ben = (lived_in.consent.accounts.find(name).subject for name in ("Ada", "Ben"))
    row = {"subject": ada, "friend": ben, "at": 0}
    with (
        scopes.within(scopes.of(ben)),
        pytest.raises(ProgrammingError, match="row-level security"),
        _engine(lived_in).begin() as connection,
    ):
        connection.execute(friendship.insert().values(row))
    with scopes.within(scopes.of(ada)), _engine(lived_in).begin() as connection:
        connection.execute(friendship.insert().values(row))
    with scopes.within(scopes.of(ben)), _engine(lived_in).begin() as connection:
        assert len(connection.execute(select(friendship)).all()) == 1


def test_a_policy_reads_its_setting_once_a_statement(lived_in: Rooms) -> None:
    with _engine(lived_in).begin() as connection:
        plan = "\n".join(connection.execute(text("EXPLAIN SELECT * FROM account")).scalars())
    assert plan.count("InitPlan") >= 2
    assert "current_setting" not in plan.split("InitPlan")[0]


def test_a_withdrawal_takes_along_what_policies_hide_from_it(lived_in: Rooms) -> None:
    """Cascades act for the owner and below policies: nothing is left because it was not seen."""
    ada = lived_in.consent.accounts.find("Ada").subject
    with scopes.within(scopes.of(ada)), _engine(lived_in).begin() as connection:
        connection.execute(delete(basis).where(basis.c.subject == ada))
        database.tell(connection, EVERYBODY)
        left = connection.execute(select(asset).where(asset.c.subject == ada)).all()
        connection.rollback()
    assert left == []


def test_an_id_that_is_another_persons_is_refused_by_a_key_that_policies_do_not_hide(
    lived_in: Rooms,
) -> None:
    """Why ids are the server's to make: a clash on a hidden row tells that it is there (T3)."""
    ben = lived_in.consent.accounts.find("Ben").subject
    with (
        scopes.within(scopes.of(ben)),
        pytest.raises(Exception, match="pk_subject"),
        _engine(lived_in).begin() as connection,
    ):
        connection.execute(subject.insert().values(id=ben))
