# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import select

from consent import entries, merkle
from consent.errors import Broken, Misused
from consent.tables import chain, entry, tombstone
from consent.words import Purpose, Reason, Seq, Subject, public_id
from tests.rooms import Rooms


def test_an_unknown_type_of_entry_is_never_written(rooms: Rooms) -> None:
    with pytest.raises(ValueError, match="no entry type"), rooms.consent.ledger.write() as writing:
        writing.append("rumour")


def test_an_unknown_person_has_no_chain_to_append_to(rooms: Rooms) -> None:
    with pytest.raises(Misused) as unknown, rooms.consent.ledger.write() as writing:
        writing.append("pause", subject=Subject(5))
    assert unknown.value.reason is Reason.UNKNOWN_SUBJECT


def test_what_is_not_applicable_is_left_out(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        seq = writing.append("admin", actor="operator", purpose=None)
    assert rooms.consent.entry(seq) == {
        "v": 1,
        "t": "admin",
        "at": rooms.clock.now(),
        "actor": "operator",
    }


def test_entries_appended_so_far_can_be_referred_to_within_the_transaction(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        seq = writing.append("admin", actor="operator")
        found = select(entry.c.t).where(entry.c.seq == seq)
        assert writing.connection.execute(found).scalar_one() == "admin"


def test_two_entries_of_one_person_in_one_transaction_are_chained(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    with rooms.consent.ledger.write() as writing:
        first = writing.append("pause", subject=ada)
        second = writing.append("resume", subject=ada)
    assert "prev" not in rooms.consent.entry(first)
    assert rooms.consent.entry(second)["prev"] == first
    with rooms.consent.ledger.read() as connection:
        last = connection.execute(select(chain.c.last).where(chain.c.subject == ada)).scalar_one()
    assert last == second


def test_many_people_are_known_by_one_query_and_chained_apart(rooms: Rooms) -> None:
    people = [rooms.person(name) for name in ("Ada", "Bob", "Cy")]
    with rooms.consent.ledger.write() as writing:
        writing.know(people)
        seqs = [writing.append("pause", subject=person) for person in people]
    assert len({rooms.consent.entry(seq)["tag"] for seq in seqs}) == 3


def test_objects_and_requests_are_named_by_commitments_only(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    obj = rooms.object()
    with rooms.consent.ledger.write() as writing:
        named = writing.commit_object(ada, obj)
        seq = writing.append("destroy", subject=ada, object=obj, request=obj)
    body = rooms.consent.entry(seq)
    secret = rooms.consent.keys.secret(ada)
    assert body["object"] == entries.base64url(named)
    assert body["object"] == entries.object_commitment(secret, public_id(obj))
    assert body["request"] == entries.request_name(secret, public_id(obj))


def test_an_erased_person_cannot_be_written_about(rooms: Rooms) -> None:
    ada = rooms.person("Ada")
    rooms.consent.keys.destroy_secret(ada)
    with pytest.raises(Broken), rooms.consent.ledger.write() as writing:
        writing.append("pause", subject=ada)


def test_the_leaf_written_beside_a_body_is_its_hash(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        seq = writing.append("admin", actor="operator")
    with rooms.consent.ledger.read() as connection:
        found = select(entry.c.body, entry.c.leaf).where(entry.c.seq == seq)
        body, leaf = connection.execute(found).one()
    assert merkle.leaf_hash(bytes(body)) == bytes(leaf)


def test_inserting_nothing_does_nothing(rooms: Rooms) -> None:
    with rooms.consent.ledger.write() as writing:
        writing.insert(tombstone, [])
        assert writing.size == Seq(len(rooms.entries()))


def test_a_chain_that_was_ended_takes_no_entry_more(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    bob = rooms.person("Bob", Purpose.LIKENESS)
    with rooms.consent.ledger.write() as writing:
        last = writing.append("label.shown", subject=ada)
        assert writing.end_chain(ada) == (rooms.tag(ada), last)
        with pytest.raises(Misused):
            writing.append("label.shown", subject=ada)
        writing.append("label.shown", subject=bob)
    with rooms.consent.ledger.write() as writing, pytest.raises(Misused):
        writing.append("label.shown", subject=ada)


def test_of_whom_nothing_was_said_there_is_no_chain_to_end(rooms: Rooms) -> None:
    dee = rooms.person("Dee")
    with rooms.consent.ledger.write() as writing, pytest.raises(Misused):
        writing.end_chain(dee)
