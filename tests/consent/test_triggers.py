# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from consent import database, triggers
from consent.tables import effect_tables, metadata

NAMES = {
    dialect: re.findall(r"CREATE TRIGGER (\S+)", "\n".join(triggers.statements(dialect)))
    for dialect in ("sqlite", "postgresql")
}


@pytest.mark.parametrize("dialect", NAMES)
def test_no_two_triggers_have_one_name(dialect: str) -> None:
    assert len(set(NAMES[dialect])) == len(NAMES[dialect])


@pytest.mark.parametrize("dialect", NAMES)
def test_every_effect_of_every_room_has_an_honest_time_and_is_never_changed(dialect: str) -> None:
    for table in effect_tables():
        assert {f"{table.name}_clock", f"{table.name}_fixed"} <= set(NAMES[dialect])


def test_sqlite_says_every_foreign_key_once_more() -> None:
    keys = [key for table in metadata.sorted_tables for key in table.foreign_key_constraints]
    assert {f"{key.name}_orphan" for key in keys} <= set(NAMES["sqlite"])
    cascades = {f"{key.name}_cascade" for key in keys if key.ondelete == "CASCADE"}
    assert cascades <= set(NAMES["sqlite"])
    assert len(cascades) > 20


def test_postgresql_needs_no_such_backstop() -> None:
    assert not [name for name in NAMES["postgresql"] if name.endswith(("_orphan", "_cascade"))]


def test_names_fit_into_postgresql_whole() -> None:
    assert max(map(len, NAMES["postgresql"])) <= 63


def test_tables_are_named_after_those_they_depend_on() -> None:
    names = triggers.tables_of()
    assert names.index("entry") < names.index("permit") < names.index("asset")
    assert set(names) == set(metadata.tables)


def test_the_triggers_are_there(database_url: str) -> None:
    engine = database.connect(database_url)
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[engine.dialect.name]
    with database.reading(engine) as connection:
        found = set(connection.exec_driver_sql(catalogue).scalars())
    engine.dispose()
    assert found == set(NAMES[engine.dialect.name])


@pytest.mark.parametrize("dialect", NAMES)
def test_a_tables_triggers_come_with_it_and_with_those_that_they_look_at(dialect: str) -> None:
    late = {"shard", "quarantined", "pause", "block"}
    before = set(metadata.tables) - late
    early = triggers.statements(dialect, before)
    named = set(re.findall(r"CREATE TRIGGER (\S+)", "\n".join(early)))
    assert not {"log_head_term", "moderated_apart", "permit_recorded"} & named
    assert not [name for name in named if name.endswith("_paused")]
    more = triggers.added(dialect, before, late)
    assert not set(early) & set(more)
    assert {*early, *more} == set(triggers.statements(dialect))
