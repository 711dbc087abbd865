# SPDX-License-Identifier: Apache-2.0
import shutil
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from consent import entries, merkle, notes, tiles
from consent.errors import Broken, Closed, Misused
from consent.ledger import Ledger
from consent.tables import basis, entry, log_head, opening
from consent.words import ROOTS, SECOND, Purpose, Reason, Step, public_id
from tests.conftest import Opener
from tests.rooms import ORIGIN, Rooms


def test_entries_are_numbered_without_a_gap(rooms_on_both: Rooms) -> None:
    rooms_on_both.inserted_person()
    numbers = [found["seq"] for found in rooms_on_both.entries()]
    assert numbers == list(range(len(numbers)))
    assert rooms_on_both.consent.ledger.head()[0] == len(numbers)


def test_a_transaction_that_fails_leaves_no_entry_and_no_gap(rooms_on_both: Rooms) -> None:
    ledger = rooms_on_both.consent.ledger
    before = ledger.head()
    with pytest.raises(ZeroDivisionError), ledger.write() as writing:
        writing.append("admin", n=1 // (writing.append("admin") - before[0]))
    assert ledger.head() == before
    with ledger.write() as writing:
        assert writing.append("admin", actor="operator") == before[0]


def test_every_entry_is_in_the_tree_as_an_auditor_recomputes_it(rooms_on_both: Rooms) -> None:
    rooms_on_both.inserted_person()
    ledger = rooms_on_both.consent.ledger
    with ledger.read() as connection:
        rows = connection.execute(select(entry.c.body, entry.c.leaf).order_by(entry.c.seq)).all()
    leaves = [merkle.leaf_hash(bytes(body)) for body, _ in rows]
    assert leaves == [bytes(leaf) for _, leaf in rows]
    assert merkle.root_of(leaves) == ledger.tree().root()


def test_a_checkpoint_is_signed_and_every_later_one_is_consistent(rooms: Rooms) -> None:
    ledger = rooms.consent.ledger
    verifier = ledger.signer.verifier
    first = notes.parse_checkpoint(notes.open_note(ledger.checkpoint(), verifier) or "")
    rooms.person("Ada", Purpose.LIKENESS)
    later = notes.parse_checkpoint(notes.open_note(ledger.checkpoint(), verifier) or "")
    again = notes.parse_checkpoint(notes.open_note(ledger.checkpoint(first.size), verifier) or "")
    assert (first.origin, first.size < later.size, again) == (ORIGIN, True, first)
    assert ledger.tree().root(first.size) == first.root


def test_a_second_process_sees_the_same_tree(rooms: Rooms) -> None:
    ledger = rooms.consent.ledger
    other = Ledger(
        engine=ledger.engine,
        clock=rooms.clock,
        keys=rooms.consent.keys,
        chance=rooms.chance,
        origin=ORIGIN,
    )
    assert other.tree().root() == ledger.tree().root()
    rooms.person("Ada", Purpose.LIKENESS)
    size = ledger.head()[0]
    assert other.checkpoint(size) == ledger.checkpoint(size)


def test_time_never_goes_back_even_when_the_clock_does(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    rooms.person("Ada")
    rooms.clock.advance(60)
    rooms.person("Bob", Purpose.LIKENESS)
    latest = rooms.consent.ledger.now()
    rooms.clock.advance(-3_600)
    rooms.person("Cy", Purpose.LIKENESS)
    assert rooms.consent.ledger.now() == latest
    times = [found["at"] for found in rooms.entries()]
    assert times == sorted(times)


def test_now_is_what_the_next_transaction_will_see(rooms: Rooms) -> None:
    ledger = rooms.consent.ledger
    rooms.clock.advance(1)
    expected = ledger.now()
    with ledger.write() as writing:
        assert writing.now == expected
    assert ledger.head()[1] == expected


def test_a_ledger_without_its_head_is_not_written_to(rooms: Rooms) -> None:
    with rooms.consent.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_head_kept")
        connection.execute(delete(log_head))
    with pytest.raises(Broken, match="onlyou init"), rooms.consent.ledger.write():
        pass


def test_an_entry_that_is_not_there_is_the_callers_fault(rooms: Rooms) -> None:
    with pytest.raises(Misused) as missing:
        rooms.consent.ledger.body(10**6)
    assert missing.value.reason is Reason.UNKNOWN_KEY
    with pytest.raises(Misused, match="has no entry 1000000") as missing:
        rooms.consent.ledger.bodies_of([0, 10**6, 10**7])
    assert missing.value.reason is Reason.UNKNOWN_KEY
    assert rooms.consent.ledger.bodies_of([0, 0]) == {0: rooms.consent.ledger.body(0)}


def test_a_decisions_facts_open_for_whom_they_are_about_and_match_the_commitment(
    rooms: Rooms,
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    permit = rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    ledger = rooms.consent.ledger
    with ledger.read() as connection:
        found = select(opening.c.sealed).where(opening.c.seq == permit.seq)
        sealed = connection.execute(found).scalar_one()
    opened = ledger.open_facts(ada, sealed)
    salted = entries.from_base64url(opened["salt"])
    logged = rooms.consent.entry(permit.seq)["facts"]
    assert entries.commitment(salted, opened["facts"]) == logged
    assert opened["facts"]["kind"] == "explicit"


def test_facts_stay_shut_once_the_persons_secret_is_destroyed(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.ask(Step.ENROL, ada, Purpose.LIKENESS, rooms.object())
    with rooms.consent.ledger.read() as connection:
        sealed = connection.execute(select(opening.c.sealed)).scalars().first()
    rooms.consent.keys.destroy_secret(ada)
    with pytest.raises(Broken):
        rooms.consent.ledger.open_facts(ada, sealed or b"")


def test_folding_the_ledger_gives_exactly_what_holds_now(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person("Ada")
    bob = rooms.person("Bob", Purpose.LIKENESS, Purpose.IMAGINE, Purpose.TELEMETRY)
    rooms.consent.withdrawals.withdraw(bob, Purpose.IMAGINE)
    rooms.grant(bob, Purpose.IMAGINE)
    rooms.grant(bob, Purpose.TELEMETRY)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    with rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(basis.c.subject, basis.c.purpose, basis.c.epoch)).all()
    assert fold(rooms) == {(rooms.tag(s), p, e) for s, p, e in rows}
    assert len(rows) == 3


def fold(rooms: Rooms) -> set[tuple[str, str, int]]:
    """Rebuild what holds from nothing but the entries."""
    held: dict[tuple[str, str], int] = {}
    for found in rooms.entries("grant", "withdraw", "expire"):
        key = (found["tag"], found["purpose"])
        if found["t"] == "grant":
            assert key not in held
            assert found["purpose"] in ROOTS or (found["tag"], "likeness") in held
            held[key] = found["seq"]
        elif "epoch" in found:
            assert held.pop(key) == found["epoch"]
    return {(*key, epoch) for key, epoch in held.items()}


def test_one_persons_entries_are_chained_and_anothers_are_not_in_the_chain(rooms: Rooms) -> None:
    people = [rooms.inserted_person(name) for name in ("Ada", "Bob")]
    rooms.clock.advance(SECOND)
    rooms.portrait(people[0], Purpose.FEED_INSERT)
    found = {one["seq"]: one for one in rooms.entries()}
    for person in people:
        mine = [one for one in found.values() if one.get("tag") == rooms.tag(person)]
        assert [one.get("prev") for one in mine] == [None, *(one["seq"] for one in mine[:-1])]


def test_the_ledger_holds_no_name_no_id_and_no_secret(rooms: Rooms) -> None:
    ada = rooms.inserted_person("Ada Lovelace")
    portrait = rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.insert(ada, portrait)
    rooms.look(ada, portrait)
    with rooms.consent.ledger.read() as connection:
        written = b"".join(connection.execute(select(entry.c.body)).scalars())
    secret = rooms.consent.keys.secret(ada)
    for private in (b"Lovelace", str(ada).encode(), public_id(ada).encode(), secret):
        assert private not in written
    for obj in (portrait,):
        assert str(obj).encode() not in written
        assert public_id(obj).encode() not in written


# --- what was signed is never contradicted


def kept_copy(rooms: Rooms, name: str) -> Path:
    rooms.consent.ledger.engine.dispose()
    return Path(shutil.copy(rooms.home / "onlyou.db", rooms.home / name))


def restore(rooms: Rooms, copy: Path) -> None:
    rooms.consent.ledger.engine.dispose()
    shutil.copy(copy, rooms.home / "onlyou.db")


def test_an_older_database_put_back_is_not_signed(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url)
    rooms.person("Ada", Purpose.LIKENESS)
    older = kept_copy(rooms, "older.db")
    rooms.person("Bob", Purpose.LIKENESS)
    rooms.consent.ledger.checkpoint()
    restore(rooms, older)
    again = open_rooms(sqlite_url)
    for size in (None, 3):
        with pytest.raises(Broken, match="does not continue") as refused:
            again.consent.ledger.checkpoint(size)
        assert refused.value.reason is Reason.UNAVAILABLE


def test_another_history_of_the_same_length_or_longer_is_not_signed(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url)
    rooms.person("Ada", Purpose.LIKENESS)
    older = kept_copy(rooms, "older.db")
    bob = rooms.person("Bob", Purpose.LIKENESS)
    rooms.consent.withdrawals.withdraw(bob, Purpose.LIKENESS)
    size = rooms.consent.ledger.head()[0]
    restore(rooms, older)
    again = open_rooms(sqlite_url)
    eve = again.person("Eve")
    while again.consent.ledger.head()[0] < size + 2:
        with pytest.raises(Broken, match="does not continue"):
            again.consent.ledger.checkpoint()
        assert not again.consent.ledger.holds_signed()
        again.consent.notices.serve(eve, Purpose.LIKENESS)
    with pytest.raises(Broken, match="does not continue"):
        again.consent.withdrawals.withdraw(eve, Purpose.LIKENESS)


def test_the_database_brought_back_is_signed_again(open_rooms: Opener, sqlite_url: str) -> None:
    rooms = open_rooms(sqlite_url)
    older = kept_copy(rooms, "older.db")
    rooms.person("Ada", Purpose.LIKENESS)
    size = rooms.consent.ledger.head()[0]
    note = rooms.consent.ledger.checkpoint(size)
    newer = kept_copy(rooms, "newer.db")
    restore(rooms, older)
    with pytest.raises(Broken):
        open_rooms(sqlite_url).consent.ledger.checkpoint()
    restore(rooms, newer)
    assert open_rooms(sqlite_url).consent.ledger.holds_signed()
    assert open_rooms(sqlite_url).consent.ledger.checkpoint(size) == note


def test_a_log_that_shrinks_under_a_running_process_is_noticed(
    open_rooms: Opener, sqlite_url: str
) -> None:
    rooms = open_rooms(sqlite_url)
    older = kept_copy(rooms, "older.db")
    rooms.person("Ada", Purpose.LIKENESS)
    assert rooms.consent.ledger.tree()
    restore(rooms, older)
    with pytest.raises(Broken, match="lost entries"):
        rooms.consent.ledger.checkpoint()


def test_a_log_of_another_name_is_not_signed_with_this_memory(rooms: Rooms) -> None:
    rooms.consent.ledger.checkpoint()
    rooms.consent.ledger.origin = "onlyou.test/other"
    with pytest.raises(Broken, match="does not continue"):
        rooms.consent.ledger.checkpoint()


def parsed(note: str) -> notes.Checkpoint:
    return notes.parse_checkpoint(note)


def test_two_processes_that_sign_in_turns_agree(open_rooms: Opener, database_url: str) -> None:
    one, two = open_rooms(database_url), open_rooms(database_url)
    for name in ("Ada", "Bob", "Cy"):
        one.person(name, Purpose.LIKENESS)
        heads = [parsed(each.consent.ledger.checkpoint()) for each in (one, two)]
        assert heads[0] == heads[1]
        early = two.consent.ledger.checkpoint(4)
        assert early == one.consent.ledger.checkpoint(4)


def again(rooms: Rooms, term: int | None) -> Ledger:
    """Open the same log once more, in a term."""
    return Ledger(
        engine=rooms.consent.ledger.engine,
        clock=rooms.clock,
        keys=rooms.consent.keys,
        chance=rooms.chance,
        origin=ORIGIN,
        term=term,
    )


def test_a_closed_log_takes_nothing_and_its_time_stays(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    head = rooms.consent.ledger.head()
    with rooms.consent.ledger.engine.begin() as connection:
        connection.execute(update(log_head).values(open=0))
    rooms.clock.advance(60)
    with pytest.raises(Closed):
        rooms.person("Ada")
    assert rooms.consent.ledger.head() == head
    assert len(rooms.consent.ledger.tree()) == head[0]  # it can still be read and proved


def test_whoever_opened_a_log_in_another_term_writes_nothing(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    old, whatever = again(rooms, 0), again(rooms, None)
    with rooms.consent.ledger.engine.begin() as connection:
        connection.execute(update(log_head).values(term=2))
    head = rooms.consent.ledger.head()
    for stale in (old, again(rooms, 1), again(rooms, 3)):
        with pytest.raises(Closed), stale.write() as writing:
            writing.append("checkpoint.witnessed", size=1)
    assert rooms.consent.ledger.head() == head
    for present in (again(rooms, 2), whatever):
        with present.write():
            pass


def test_a_tile_is_there_once_it_is_that_full(rooms_on_both: Rooms) -> None:
    ledger = rooms_on_both.consent.ledger
    rooms_on_both.person("Ada", Purpose.LIKENESS)
    size = len(ledger.tree())
    leaves = ledger.tile(tiles.Tile(level=0, number=0, width=size))
    assert leaves == b"".join(merkle.leaf_hash(ledger.body(seq)) for seq in range(size))
    bodies = ledger.tile(tiles.Tile(level=None, number=0, width=size))
    assert list(tiles.unpack(bodies or b"")) == [ledger.body(seq) for seq in range(size)]
    assert ledger.tile(tiles.Tile(level=0, number=0, width=size + 1)) is None


def test_every_entry_is_read_in_order(rooms: Rooms) -> None:
    rooms.person("Ada", Purpose.LIKENESS)
    read = [{**body, "seq": seq} for seq, body in enumerate(rooms.consent.ledger.bodies())]
    assert read == rooms.entries()
