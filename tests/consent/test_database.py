# SPDX-License-Identifier: Apache-2.0
import sqlite3
from typing import Any

import pytest
from sqlalchemy import event, func, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from consent import database
from consent.errors import Broken
from consent.scopes import NOBODY
from consent.tables import log_head, metadata
from consent.words import Reason
from tests.postgres import Cluster


def test_a_fresh_database_is_fit_to_start_on(database_url: str) -> None:
    engine = database.connect(database_url)
    database.self_test(engine)
    with database.reading(engine) as connection:
        assert connection.execute(log_head.select()).all() == [(1, 0, 0, 0, 1)]
    engine.dispose()


def test_a_database_is_fit_for_whoever_serves_nobody_in_particular(database_url: str) -> None:
    engine = database.connect(database_url, NOBODY)
    database.self_test(engine)
    engine.dispose()


def test_the_self_test_leaves_nothing_behind(database_url: str) -> None:
    engine = database.connect(database_url)
    database.self_test(engine)
    with database.reading(engine) as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
            if table is not log_head
        ]
    engine.dispose()
    assert set(counts) == {0}


def test_an_empty_file_is_refused_with_what_to_do(tmp_path: Any) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(Broken, match="onlyou init") as refused:
        database.self_test(engine)
    assert refused.value.reason is Reason.SCHEMA_VERSION
    engine.dispose()


@pytest.mark.parametrize(
    ("trigger", "words"), [("entry_gapless", "an entry out of order")], ids=["gapless"]
)
def test_a_database_without_a_trigger_is_refused(owner_url: str, trigger: str, words: str) -> None:
    engine = database.connect(owner_url)
    with engine.begin() as connection:
        of = " ON entry" if engine.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}{of}")
    with pytest.raises(Broken, match=words):
        database.self_test(engine)
    engine.dispose()


@pytest.mark.postgres
def test_a_postgresql_without_a_foreign_key_is_refused(
    postgres_url: str, cluster: Cluster
) -> None:
    engine = database.connect(cluster.owner(postgres_url))
    with engine.begin() as connection:
        keys = inspect(connection).get_foreign_keys("basis")
        (of_grant,) = [key["name"] for key in keys if key["referred_table"] == "granted"]
        connection.exec_driver_sql(f'ALTER TABLE basis DROP CONSTRAINT "{of_grant}"')
    with pytest.raises(Broken, match="a basis without a grant"):
        database.self_test(engine)
    engine.dispose()


def _switched_off(url: str) -> Any:
    engine = database.connect(url)

    @event.listens_for(engine, "connect")
    def _off(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")

    return engine


def test_a_sqlite_with_foreign_keys_off_is_refused(sqlite_url: str) -> None:
    engine = _switched_off(sqlite_url)
    with pytest.raises(Broken, match="foreign_keys are off") as refused:
        database.self_test(engine)
    assert refused.value.reason is Reason.SCHEMA_VERSION
    engine.dispose()


def test_a_sqlite_with_foreign_keys_off_still_refuses_by_its_triggers(sqlite_url: str) -> None:
    engine = _switched_off(sqlite_url)
    statement = database._FORBIDDEN["a basis without a grant"]
    with pytest.raises(IntegrityError, match="no granted for basis"), engine.begin() as connection:
        connection.execute(text(statement))
    with engine.begin() as connection:
        for name in ("fk_basis_granted_orphan",):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(text(statement))
    engine.dispose()


def test_every_connection_to_sqlite_enforces_and_forgets(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    wanted = {"foreign_keys": 1, "busy_timeout": 5_000, "synchronous": 2, "secure_delete": 1}
    for _ in range(2):
        connection = engine.raw_connection()
        for pragma, value in wanted.items():
            (found,) = connection.cursor().execute(f"PRAGMA {pragma}").fetchone()
            assert found == value
        connection.close()
        engine.dispose()


def test_an_old_sqlite_keeps_out_of_the_corrupting_journal_mode(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    with database.reading(engine) as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    assert mode == ("wal" if sqlite3.sqlite_version_info >= database.WAL_SAFE else "truncate")


def test_a_reader_sees_one_moment_and_does_not_stop_a_writer(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    with database.reading(engine) as connection:
        assert connection.in_transaction()
    with engine.begin() as writing:
        assert writing.exec_driver_sql("SELECT size FROM log_head").scalar() == 0
    engine.dispose()


@pytest.mark.postgres
def test_all_that_a_reader_reads_is_of_one_moment(postgres_url: str) -> None:
    engine = database.connect(postgres_url)
    size = select(log_head.c.size)
    with database.reading(engine) as connection:
        before = connection.execute(size).scalar()
        with engine.begin() as writing:
            writing.execute(log_head.update().values(now=7))
        assert connection.execute(select(log_head.c.size, log_head.c.now)).one() == (before, 0)
    engine.dispose()


def test_on_sqlite_nobody_is_told_whom_a_transaction_is_about(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    said: list[str] = []
    with database.reading(engine) as connection:
        event.listen(engine, "before_cursor_execute", lambda *sent: said.append(sent[2]))
        database.tell(connection, NOBODY)
        assert said == []
        assert connection.execute(log_head.select()).all() == [(1, 0, 0, 0, 1)]
    engine.dispose()


@pytest.mark.postgres
def test_a_dead_line_is_given_up_unless_the_url_says_otherwise(postgres_url: str) -> None:
    url = make_url(postgres_url).update_query_dict({"tcp_user_timeout": "7000"})
    engine = database.connect(url.render_as_string(hide_password=False))
    connection = engine.raw_connection()
    said = connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    connection.close()
    engine.dispose()
    assert (said["tcp_user_timeout"], said["keepalives_idle"]) == ("7000", "15")


@pytest.mark.postgres
def test_who_wants_no_transaction_gets_none(postgres_url: str) -> None:
    engine = database.connect(postgres_url)
    with engine.connect() as connection:
        bare = connection.execution_options(isolation_level="AUTOCOMMIT")
        bare.exec_driver_sql("VACUUM basis")  # refused within one
    with database.reading(engine) as connection, pytest.raises(DBAPIError, match="transaction"):
        connection.exec_driver_sql("VACUUM basis")
    engine.dispose()


@pytest.mark.postgres
def test_a_line_that_is_cut_before_a_transaction_begins_is_given_up_and_another_taken(
    postgres_url: str,
) -> None:
    engine = database.connect(postgres_url)
    with engine.connect() as connection:
        mine = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        with engine.begin() as other:
            other.execute(select(func.pg_terminate_backend(mine)))
        with pytest.raises(OperationalError) as lost:
            connection.begin()
        assert connection.invalidated
    assert "BEGIN" in str(lost.value)
    with database.reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != mine
    engine.dispose()


def test_an_error_repeats_nothing_that_a_statement_was_given(database_url: str) -> None:
    engine = database.connect(database_url)
    with database.reading(engine) as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("SELECT nothing FROM nowhere WHERE it = :it"), {"it": "c4nary"})
    engine.dispose()
    assert "nowhere" in str(refused.value)
    assert "c4nary" not in str(refused.value)


def test_both_databases_have_every_table(database_url: str) -> None:
    engine = database.connect(database_url)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()
