# SPDX-License-Identifier: Apache-2.0
"""Who may do what on PostgreSQL: read from the catalogue, and tried."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, delete, text, update
from sqlalchemy.exc import OperationalError, ProgrammingError

from consent import database, roles, row_security
from consent.errors import Broken
from consent.tables import metadata
from consent.triggers import APPEND_ONLY
from tests.postgres import APPLICATION, SETTING, Cluster

pytestmark = pytest.mark.postgres
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@pytest.fixture
def owner(postgres_url: str, cluster: Cluster) -> Iterator[Connection]:
    """Open the database as whoever owns its tables."""
    engine = database.connect(cluster.owner(postgres_url))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def application(postgres_url: str) -> Iterator[Connection]:
    """Open the database as the application does."""
    engine = database.connect(postgres_url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _may(connection: Connection, role: str, table: str, right: str) -> bool:
    asked = text("SELECT has_table_privilege(:role, :table, :right)")
    told = {"role": role, "table": f'"{table}"', "right": right}
    return bool(connection.execute(asked, told).scalar())


def _columns(connection: Connection, role: str, table: str, right: str) -> set[str]:
    asked = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attnum > 0 "
        "AND NOT attisdropped AND has_column_privilege(:role, attrelid, attnum, :right)"
    )
    told = {"role": role, "table": f'"{table}"', "right": right}
    return set(connection.execute(asked, told).scalars())


def test_the_application_is_no_superuser_passes_by_nothing_and_owns_nothing(
    application: Connection, owner: Connection
) -> None:
    assert list(roles.findings(application)) == []
    *may, owns = roles.findings(owner)
    assert may == ["is a superuser", "passes by row security", "makes roles", "makes databases"]
    assert re.fullmatch(r"owns \d\d+ tables", owns)


def test_the_application_has_exactly_the_rights_that_are_written_down(
    owner: Connection,
) -> None:
    for table in metadata.sorted_tables:
        listed = {right for right in roles.grants(table) if " " not in right}
        found = {right for right in RIGHTS if _may(owner, APPLICATION, table.name, right)}
        assert found == listed, table.name
        changed = _columns(owner, APPLICATION, table.name, "UPDATE")
        written = next((r for r in roles.grants(table) if r.startswith("UPDATE")), "UPDATE ()")
        assert changed == set(filter(None, written[8:-1].split(", "))), table.name


def test_what_is_append_only_the_application_may_not_even_try_to_change(
    application: Connection,
) -> None:
    for table in (*APPEND_ONLY, "basis", "permit", "spent", "asset", "feed_view"):
        it = metadata.tables[table]
        tried = [update(it).values({it.c[0]: 1}), *([delete(it)] * (table in APPEND_ONLY))]
        for statement in tried:
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                application.begin_nested(),
            ):
                application.execute(statement)


def test_an_auditor_reads_the_ledger_and_no_row_of_anybody(owner: Connection) -> None:
    owner.exec_driver_sql(f"SET LOCAL ROLE {roles.AUDIT}")
    owner.exec_driver_sql("SELECT seq, t, body, leaf FROM entry")
    owner.exec_driver_sql("SELECT seq, records FROM block")
    for table in row_security.owned():
        assert _columns(owner, roles.AUDIT, table.name, "SELECT") == set(), table.name
    assert _columns(owner, roles.AUDIT, "block", "SELECT") == {"seq", "records"}
    for table in metadata.sorted_tables:
        for right in RIGHTS[1:]:
            assert not _may(owner, roles.AUDIT, table.name, right), table.name


def test_who_reads_how_bytes_are_named_reads_no_key_that_opens_them(owner: Connection) -> None:
    owner.exec_driver_sql(f"SET LOCAL ROLE {roles.REAPER}")
    named = set()
    for table in metadata.sorted_tables:
        seen = _columns(owner, roles.REAPER, table.name, "SELECT")
        named |= {table.name} if seen else set()
        assert seen.isdisjoint({"wrapped_dek", "wrapped_key", "sealed", "name"}), table.name
        assert not any(_may(owner, roles.REAPER, table.name, right) for right in RIGHTS)
    assert named == {"asset", "selfie", "quarantined", "erasure"}
    owner.exec_driver_sql("SELECT blob, expires_at FROM asset")
    with pytest.raises(ProgrammingError, match="permission denied"):
        owner.exec_driver_sql("SELECT wrapped_dek FROM asset")


def test_a_role_that_is_there_already_is_taken_as_it_is_unless_it_may_too_much(
    owner: Connection,
) -> None:
    roles.make(owner, APPLICATION, None)
    me = owner.exec_driver_sql("SELECT current_user").scalar_one()
    with pytest.raises(Broken, match="superuser or passes by row security"):
        roles.make(owner, me, None)
    owner.exec_driver_sql("CREATE ROLE passes BYPASSRLS")
    with pytest.raises(Broken, match="superuser or passes by row security"):
        roles.make(owner, "passes", None)
    owner.connection.rollback()


def test_a_new_role_gets_the_password_of_its_url(owner: Connection) -> None:
    odd = 'o"dd%s one'
    roles.make(owner, odd, "it's a 'secret'")
    roles.grant(owner, odd)
    assert _may(owner, odd, "entry", "SELECT")
    found = "SELECT rolpassword FROM pg_authid WHERE rolname LIKE 'o\"dd%%one'"
    assert str(owner.exec_driver_sql(found).scalar()).startswith("SCRAM-SHA-256$")
    owner.connection.rollback()


OURS = SETTING not in os.environ
SIGNS_IN = "signs%s in"
SECRETS = ("100%c", "%s", 'it\'s a "secret"', "back\\slash\\", "grüße 密码", "Ⅸ", "$1;--")


@pytest.fixture
def signing(postgres_url: str, cluster: Cluster) -> Iterator[Engine]:
    """Let the server ask one role for its password: it trusts everybody else who is here."""
    engine = database.connect(cluster.owner(postgres_url))
    before = _ruled(engine, "")
    _ruled(engine, f'local all "{SIGNS_IN}" scram-sha-256\n{before}')
    yield engine
    _ruled(engine, before)
    engine.dispose()


def _ruled(engine: Engine, said: str) -> str:
    """Say who is asked for a password, where the server is ours; return what was said before."""
    with engine.begin() as connection:
        rules = Path(str(connection.exec_driver_sql("SHOW hba_file").scalar()))
        before = rules.read_text("utf-8") if OURS else ""
        if OURS and said:
            rules.write_text(said, "utf-8")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
    return before


def _signed_in(engine: Engine, password: str) -> bool:
    there = create_engine(engine.url.set(username=SIGNS_IN, password=password))
    try:
        with there.connect():
            return True
    except OperationalError:
        return False
    finally:
        there.dispose()


@pytest.mark.parametrize("secret", SECRETS)
def test_whatever_the_password_holds_who_has_it_can_sign_in(signing: Engine, secret: str) -> None:
    with signing.begin() as connection:
        roles.make(connection, SIGNS_IN, secret)
    tried = [_signed_in(signing, one) for one in (secret, f"{secret}x", "$2")]
    with signing.begin() as connection:
        roles._do(connection, f'DROP ROLE "{SIGNS_IN}"')
    assert tried[0]
    assert not any(tried[1:]) or not OURS


def test_the_server_is_never_told_the_password_itself(owner: Connection, cluster: Cluster) -> None:
    owner.exec_driver_sql("SET LOCAL log_statement = 'all'")
    roles.make(owner, "told", "c4nary's")
    log = cluster.log()
    owner.connection.rollback()
    assert 'CREATE ROLE "told" LOGIN PASSWORD \'SCRAM-SHA-256$' in log or not OURS
    assert "c4nary" not in log


def test_an_owner_who_may_not_make_roles_is_told_who_may(owner: Connection) -> None:
    owner.exec_driver_sql("CREATE ROLE another")
    owner.exec_driver_sql("SET LOCAL ROLE another")
    with pytest.raises(Broken, match="may not make the role 'nobody yet'") as refused:
        roles.make(owner, "nobody yet", "c4nary")
    assert "c4nary" not in str(refused.value)


def test_a_table_whose_row_security_is_off_is_named(owner: Connection) -> None:
    assert roles.unguarded(owner) == ()
    owner.exec_driver_sql("ALTER TABLE asset NO FORCE ROW LEVEL SECURITY")
    owner.exec_driver_sql("ALTER TABLE basis DISABLE ROW LEVEL SECURITY")
    assert roles.unguarded(owner) == ("basis", "asset")


def test_rights_that_somebody_added_by_hand_are_taken_back(owner: Connection) -> None:
    owner.exec_driver_sql(f"GRANT ALL ON entry TO {APPLICATION}, PUBLIC, {roles.AUDIT}")
    assert _may(owner, APPLICATION, "entry", "DELETE")
    roles.grant(owner, APPLICATION)
    assert not _may(owner, APPLICATION, "entry", "DELETE")
    assert not _may(owner, roles.AUDIT, "entry", "INSERT")


def test_the_server_does_not_wait_for_ever_for_the_application(
    owner: Connection, postgres_url: str
) -> None:
    roles.grant(owner, APPLICATION)
    owner.commit()
    engine = database.connect(postgres_url)
    with engine.begin() as writing, database.reading(engine) as reading:
        settings = writing.exec_driver_sql("SELECT name, setting FROM pg_settings")
        said: dict[str, str] = dict(tuple(row) for row in settings)
        assert (said["idle_in_transaction_session_timeout"], said["lock_timeout"]) == (
            "10000",
            "30000",
        )
        assert said["statement_timeout"] == "0", "a no that takes long ends as a no"
        patient = "SHOW idle_in_transaction_session_timeout"
        assert reading.exec_driver_sql(patient).scalar() == "1h"
        assert roles.unlimited(reading) == ()
    engine.dispose()


def test_an_owner_who_has_no_say_over_the_application_leaves_its_limits_to_others(
    owner: Connection, application: Connection
) -> None:
    owner.exec_driver_sql("CREATE ROLE another")
    owner.exec_driver_sql("GRANT CREATE ON SCHEMA public TO another")
    owner.exec_driver_sql("SET LOCAL ROLE another")
    roles._limit(owner, APPLICATION)
    assert owner.exec_driver_sql("SELECT current_user").scalar() == "another"
    owner.connection.rollback()
    assert set(roles.unlimited(application)) == {
        "idle_in_transaction_session_timeout",
        "lock_timeout",
    }


def test_every_role_reads_which_schema_there_is(owner: Connection) -> None:
    owner.exec_driver_sql(f"CREATE TABLE {roles.VERSION} (version_num text)")
    roles.grant(owner, APPLICATION)
    for role in (APPLICATION, roles.AUDIT, roles.REAPER):
        assert _may(owner, role, roles.VERSION, "SELECT")
        assert not _may(owner, role, roles.VERSION, "UPDATE")
