# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from sqlalchemy import update

from consent import carrying, database, handover, notes
from consent.errors import Broken, Closed
from consent.handover import Standing
from consent.tables import account, metadata, subject_key
from consent.words import Purpose
from tests import rooms as homes
from tests.conftest import Opener
from tests.rooms import ORIGIN, Rooms


def test_a_log_is_closed_and_opened_in_terms_that_only_grow(rooms_on_both: Rooms) -> None:
    engine = rooms_on_both.consent.ledger.engine
    size = rooms_on_both.consent.ledger.head()[0]
    assert handover.standing(engine) == Standing(size=size, term=0, open=True)
    for _ in range(2):  # as often as one likes
        handover.close(engine, 3)
        assert handover.standing(engine) == Standing(size=size, term=3, open=False)
    with pytest.raises(Closed):
        rooms_on_both.person("Ada")
    for late in (handover.close, handover.reopen):
        with pytest.raises(Broken, match="later term than 2"):
            late(engine, 2)
    handover.reopen(engine, 3)
    rooms_on_both.person("Ada")


def test_a_database_without_a_log_has_no_standing(tmp_path: Path) -> None:
    engine = database.connect(f"sqlite:///{tmp_path / 'nothing.db'}")
    assert handover.standing(engine) is None
    engine.dispose()


def test_only_a_closed_log_gives_its_keys_away_and_the_bytes_are_overwritten(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    engine = rooms.consent.ledger.engine
    with database.reading(engine) as connection:
        wrapped = connection.execute(subject_key.select()).mappings().all()
    with pytest.raises(Broken, match="only a log that is closed"):
        handover.shred(engine, 1)
    assert rooms.count(subject_key) == 2
    handover.close(engine, 1)
    assert handover.shred(engine, 1) == 2
    assert handover.shred(engine, 1) == 0
    for file in rooms.home.glob("onlyou.db*"):
        assert not any(row["wrapped_key"] in file.read_bytes() for row in wrapped)


def test_who_was_held_up_takes_nothing_from_a_log_of_a_later_term(rooms_on_both: Rooms) -> None:
    """Its own term is over: what it means to shred or clear is somebody else's copy by now."""
    rooms_on_both.person("Ada", Purpose.LIKENESS)
    engine = rooms_on_both.consent.ledger.engine
    handover.close(engine, 2)
    for late in (handover.shred, handover.clear):
        with pytest.raises(Broken, match="later term than 1"):
            late(engine, 1)
    assert rooms_on_both.count(subject_key) == 1
    assert handover.shred(engine, 2) == 1


def test_a_copy_is_told_from_what_it_was_made_of_by_a_single_row(
    open_rooms: Opener, database_url: str, tmp_path: Path
) -> None:
    rooms = open_rooms(database_url)
    rooms.inserted_person("Ada")
    here = rooms.consent.ledger.engine
    (tmp_path / "copy").mkdir()
    there = database.connect(homes.empty(tmp_path / "copy"))
    carrying.carry(here, there)
    assert handover.summary(there) == handover.summary(here)
    size = rooms.consent.ledger.head()[0]
    assert handover.summary(there)["entry"].split()[0] == str(size)
    signed = notes.parse_checkpoint(rooms.consent.ledger.checkpoint(size))
    assert handover.recomputed(there, ORIGIN) == handover.recomputed(here, ORIGIN) == signed
    with there.begin() as connection:
        connection.execute(update(account).values(name="Ida"))
    old, new = handover.summary(here), handover.summary(there)
    assert {name for name in old if old[name] != new[name]} == {"account"}
    there.dispose()


def test_only_what_is_written_beside_the_log_is_left_out_of_the_comparison(rooms: Rooms) -> None:
    compared = set(handover.summary(rooms.consent.ledger.engine))
    assert metadata.tables.keys() - compared == {"log_head", "answered", "lease"}


def test_what_is_open_and_holds_something_is_never_cleared(sqlite_url: str) -> None:
    engine = database.connect(sqlite_url)
    handover.clear(engine, 1)  # open, but nobody ever wrote to it
    assert handover.standing(engine) is None
    handover.clear(engine, 1)
    engine.dispose()


def test_a_closed_log_is_cleared_to_the_last_table(rooms: Rooms) -> None:
    rooms.inserted_person("Ada")
    engine = rooms.consent.ledger.engine
    with pytest.raises(Broken, match="open, or of a later term than 1, is not cleared"):
        handover.clear(engine, 1)
    handover.close(engine, 1)
    handover.clear(engine, 1)
    with database.reading(engine) as connection:
        left = connection.exec_driver_sql("SELECT name FROM sqlite_schema").scalars().all()
    assert left == []
    assert b"Ada" not in (rooms.home / "onlyou.db").read_bytes()
    database.create(engine)  # and can be filled again
    database.self_test(engine)


def test_a_closed_log_is_cleared_by_whoever_owns_its_tables(
    open_rooms: Opener, database_url: str, owner_url: str
) -> None:
    open_rooms(database_url).inserted_person("Ada")
    owner = database.connect(owner_url)
    handover.close(owner, 1)
    handover.clear(owner, 1)
    assert handover.standing(owner) is None
    owner.dispose()
