# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import update

from consent import blocks, entries
from consent.chains import newest, own_entries
from consent.errors import Broken, Misused
from consent.gate import Select
from consent.tables import chain
from consent.words import Purpose, Reason, Step, Subject
from tests.rooms import Rooms


def test_a_person_is_shown_every_entry_about_them_oldest_first(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.inserted_person()
    rooms.inserted_person("Bob")
    rooms.portrait(ada, Purpose.FEED_INSERT)
    tag, chain_of_ada = own_entries(rooms.consent.ledger, ada)
    assert tag == rooms.tag(ada)
    expected = [one["seq"] for one in rooms.entries() if one.get("tag") == tag]
    assert [one.seq for one in chain_of_ada] == expected
    assert all(rooms.consent.ledger.body(one.seq) == one.body for one in chain_of_ada)


def test_a_person_of_whom_nothing_was_said_has_no_entry(rooms: Rooms) -> None:
    assert own_entries(rooms.consent.ledger, rooms.person("Dee"))[1] == ()


def test_whom_nobody_knows_has_no_chain(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    rooms.consent.erasures.erase(ada)
    for person in (ada, Subject(123_456)):
        with pytest.raises(Misused) as refused:
            own_entries(rooms.consent.ledger, person)
        assert refused.value.reason is Reason.UNKNOWN_SUBJECT


def test_a_chain_that_ends_in_somebody_elses_entry_is_no_chain(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    bob = rooms.person("Bob", Purpose.LIKENESS)
    last = own_entries(rooms.consent.ledger, bob)[1][-1]
    assert entries.decode(last.body)["tag"] == rooms.tag(bob)
    with rooms.consent.ledger.write() as writing:
        moved = update(chain).where(chain.c.subject == ada).values(last=last.seq)
        writing.connection.execute(moved)
    with pytest.raises(Broken, match="breaks the chain"):
        own_entries(rooms.consent.ledger, ada)


def test_a_chain_goes_through_blocks_by_the_persons_own_slots(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    select: Select = Step.SELECT
    for _ in range(2):
        rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, [ada, bob])
        rooms.consent.withdrawals.withdraw(bob, Purpose.FEED_INSERT)
    seqs = [one["seq"] for one in rooms.entries("block") if "policy" in one]
    for person in (ada, bob):
        tag, own = own_entries(rooms.consent.ledger, person)
        mine = [one["seq"] for one in rooms.entries() if one.get("tag") == tag]
        assert [one.seq for one in own] == sorted([*mine, *seqs])
        slots = [one for one in own if one.slot is not None]
        assert [one.seq for one in slots] == seqs
        assert {one.seq: one.body for one in slots} == rooms.consent.ledger.bodies_of(seqs)
        assert {blocks.read(one.record).tag for one in slots} == {tag}
        assert {one.slot for one in slots} == {sorted([ada, bob]).index(person)}


def test_a_chain_that_ends_in_somebody_elses_slot_is_no_chain(rooms: Rooms) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    select: Select = Step.SELECT
    rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, [ada, bob])
    with rooms.consent.ledger.write() as writing:
        moved = update(chain).where(chain.c.subject == ada).values(slot=1 - chain.c.slot)
        writing.connection.execute(moved)
    with pytest.raises(Broken, match="breaks the chain"):
        own_entries(rooms.consent.ledger, ada)


def test_the_newest_entries_are_the_end_of_the_chain_and_go_on_from_any_of_its_places(
    rooms: Rooms,
) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    select: Select = Step.SELECT
    rooms.consent.gate.decide_all(select, Purpose.FEED_INSERT, [ada, bob])
    ledger = rooms.consent.ledger
    whole = own_entries(ledger, ada)[1][::-1]
    assert whole[0].slot is not None
    assert newest(ledger, ada, 3) == whole[:3]
    assert newest(ledger, ada, 99) == whole
    for place in range(4):
        one = whole[place]
        assert newest(ledger, ada, 2, (one.seq, one.slot)) == whole[place + 1 : place + 3]
    theirs = own_entries(ledger, bob)[1]
    places = [(theirs[-1].seq, theirs[-1].slot), (theirs[0].seq, None), (0, None), (-1, None)]
    for wrong in (*places, (whole[0].seq, 7), (whole[0].seq, None), (10**9, None)):
        with pytest.raises(Misused) as refused:
            newest(ledger, ada, 2, wrong)
        assert refused.value.reason is Reason.UNKNOWN_KEY
        assert refused.value.sentence == "there is no such entry of yours"
    with pytest.raises(Misused, match="this person is not known here"):
        newest(ledger, Subject(123_456), 2)
