# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from sqlalchemy import select, update

from consent import envelopes, rotation
from consent.errors import Broken
from consent.keys import WEEK, UnsafeFileKeys, Week, week_of
from consent.rotation import PROMISE
from consent.tables import subject_key
from consent.words import DAY, SECOND, Micros, Purpose, Subject
from tests.consent.test_erasure import copied, opened
from tests.rooms import NOON, Rooms

FIRST = week_of(NOON)


def weeks(rooms: Rooms) -> set[int]:
    with rooms.consent.ledger.read() as connection:
        return set(connection.execute(select(subject_key.c.week)).scalars())


def turn_to_week(rooms: Rooms, later: int) -> None:
    rooms.clock.turn_to(Micros((FIRST + later) * WEEK))


def test_a_new_week_wraps_every_living_key_anew(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, obj)
    assert weeks(rooms) == {FIRST}
    assert rooms.consent.retention.sweep().wrapped == 0
    turn_to_week(rooms, 1)
    assert rooms.consent.retention.sweep().wrapped == 2
    assert weeks(rooms) == {FIRST + 1}
    assert rooms.look(ada, obj) == b"portrait"


def test_an_old_wrapping_key_goes_two_weeks_after_its_week_began(rooms: Rooms) -> None:
    rooms.person("Ada", Purpose.LIKENESS)
    turn_to_week(rooms, 1)
    rooms.consent.retention.sweep()
    rooms.clock.turn_to(Micros(FIRST * WEEK + PROMISE - 1))
    rooms.consent.retention.sweep()
    assert rooms.consent.keys.weeks() == (FIRST, FIRST + 1)
    rooms.clock.turn_to(Micros(FIRST * WEEK + PROMISE))
    rooms.consent.retention.sweep()
    assert rooms.consent.keys.weeks() == (FIRST + 1, FIRST + 2)


def test_no_wrapping_key_goes_while_a_row_needs_it(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    turn_to_week(rooms, 9)
    made = rooms.consent.retention._rotation
    made._destroy_old()
    assert rooms.consent.keys.weeks() == (FIRST,)
    rooms.selfie(ada)
    assert made.rotate() == 1
    assert opened(rooms)[1] == 1
    assert rooms.consent.keys.weeks() == (FIRST + 9,)


@pytest.mark.parametrize("day_of_the_week", [0, 3, 6])
def test_two_weeks_after_a_withdrawal_no_backup_opens_what_it_took(
    rooms: Rooms, tmp_path: Path, day_of_the_week: int
) -> None:
    turn_to_week(rooms, 1)
    rooms.clock.advance(day_of_the_week * DAY / SECOND)
    ada = rooms.inserted_person()
    rooms.portrait(ada, Purpose.FEED_INSERT)
    home = copied(rooms, tmp_path / "backup")
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    for _ in range(14):
        assert len(rooms.consent.keys.weeks()) <= 3
        rooms.clock.advance(DAY / SECOND)
        rooms.consent.retention.sweep()
    old = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    assert opened(old)[1] == 0
    old.close()


def test_the_same_backup_opens_the_day_after_which_is_why_it_must_die(
    rooms: Rooms, tmp_path: Path
) -> None:
    ada = rooms.inserted_person()
    home = copied(rooms, tmp_path / "backup")
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    rooms.clock.advance(DAY / SECOND)
    rooms.consent.retention.sweep()
    old = Rooms.open(f"sqlite:///{home / 'onlyou.db'}", home)
    assert opened(old)[1] == 1
    old.close()


def test_many_keys_are_wrapped_in_batches(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "_BATCH", 2)
    for name in "ABCDE":
        rooms.person(name, Purpose.LIKENESS)
    turn_to_week(rooms, 1)
    assert rooms.consent.retention.sweep().wrapped == 5
    assert weeks(rooms) == {FIRST + 1}


def test_one_lost_secret_keeps_nobody_elses_keys_under_an_old_week(
    rooms: Rooms, caplog: pytest.LogCaptureFixture
) -> None:
    people = [rooms.person(name, Purpose.LIKENESS) for name in "ABC"]
    turn_to_week(rooms, 1)
    lost = rooms.consent.keys.secret(people[1])
    rooms.consent.keys.destroy_secret(people[1])
    rotation_of = rooms.consent.retention._rotation
    assert rotation_of.rotate() == 2
    assert "has no secret" in caplog.text
    assert weeks(rooms) == {FIRST, FIRST + 1}
    rooms.clock.turn_to(Micros(FIRST * WEEK + PROMISE))
    rotation_of.rotate()
    assert FIRST in rooms.consent.keys.weeks(), "the ring may be found again"
    assert isinstance(rooms.consent.keys, UnsafeFileKeys)
    rooms.consent.keys._ring.add({people[1]: lost})
    assert rotation_of.rotate() == 1
    assert weeks(rooms) == {FIRST + 2}


def test_a_ring_that_has_lost_many_is_said_aloud(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "_BATCH", 1)
    for name in "ABC":
        rooms.consent.keys.destroy_secret(rooms.person(name, Purpose.LIKENESS))
    turn_to_week(rooms, 1)
    with pytest.raises(Broken, match="many people"):
        rooms.consent.retention._rotation.rotate()


def test_keys_from_before_there_were_weeks_are_wrapped_at_the_next_sweep(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.selfie(ada)
    _as_before(rooms, ada)
    assert opened(rooms)[1] == 1
    assert rooms.consent.retention.sweep().wrapped == 1
    assert weeks(rooms) == {FIRST}
    assert opened(rooms)[1] == 1


def _as_before(rooms: Rooms, person: Subject) -> None:
    """Wrap a person's key under the root key, as schema 0001 had it."""
    store = rooms.consent.keys
    assert isinstance(store, UnsafeFileKeys)
    epoch = rooms.consent.grants.show(person)[Purpose.LIKENESS].epoch
    context = envelopes.key_context(person, Purpose.LIKENESS, epoch)
    with rooms.consent.ledger.write() as writing:
        column = select(subject_key.c.wrapped_key)
        wrapped = bytes(writing.connection.execute(column).scalar_one())
        key = store.unwrap(person, Week(FIRST), wrapped, context)
        old = envelopes.seal(store._root, key, context, rooms.chance)
        writing.connection.execute(update(subject_key).values(week=0, wrapped_key=old))
