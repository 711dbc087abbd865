# SPDX-License-Identifier: Apache-2.0
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from consent import entries, merkle
from consent.errors import Broken, Misused
from consent.tables import account, chain, entry, opening, tombstone
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


# --- parts of a transaction


def stone(person: Subject) -> dict[str, object]:
    words = {"purpose": Purpose.LIKENESS, "kind": "selfie", "about": ""}
    return {"subject": person, "object": 1, "made_at": 0, "destroyed_at": 1, "seq": 1} | words


def test_a_part_that_is_taken_back_leaves_nothing_and_the_rest_stands(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    before, opened = rooms.consent.ledger.head()[0], rooms.count(opening)
    with rooms.consent.ledger.write() as writing:
        kept = writing.append("pause", subject=ada)
        writing.begin_part()
        writing.append("decision", subject=ada, facts={"used_day": 1})
        writing.insert(tombstone, [stone(ada)])
        writing.take_back()
        writing.begin_part()
        later = writing.append("resume", subject=ada, facts={"used_day": 2})
        writing.keep_part()
    assert (kept, later) == (before, before + 1)
    assert rooms.consent.entry(later)["prev"] == kept
    assert [one["t"] for one in rooms.entries()][before:] == ["pause", "resume"]
    assert rooms.count(opening) == opened + 1
    assert rooms.count(tombstone) == 0


def test_entries_alone_are_taken_back_without_the_database(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with rooms.consent.ledger.write() as writing:
        first = writing.append("pause", subject=ada)
        writing.begin_part()
        writing.append("resume", subject=ada)
        writing.take_back()
        assert writing.append("resume", subject=ada) == first + 1
    assert rooms.consent.entry(Seq(first + 1))["prev"] == first


def test_what_the_database_refuses_in_a_part_does_not_end_the_others(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with rooms.consent.ledger.write() as writing:
        writing.begin_part()
        first = writing.append("pause", subject=ada)
        writing.keep_part()
        writing.begin_part()
        writing.append("resume", subject=ada)
        with pytest.raises(IntegrityError):
            writing.insert(account, [{"subject": 5, "name": "Eve", "place": 9, "created_at": 0}])
        writing.take_back()
        writing.begin_part()
        assert writing.append("resume", subject=ada) == first + 1
        assert writing.connection.execute(select(chain.c.tag)).scalars().all()
        writing.keep_part()
    assert rooms.consent.entry(Seq(first + 1))["prev"] == first


def test_a_chain_that_was_ended_in_a_part_taken_back_goes_on(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with rooms.consent.ledger.write() as writing:
        writing.begin_part()
        _, last = writing.end_chain(ada)
        writing.take_back()
        seq = writing.append("pause", subject=ada)
    assert rooms.consent.entry(seq)["prev"] == last


def test_an_entry_that_cannot_be_written_moves_no_chain(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    opened = rooms.count(opening)
    with rooms.consent.ledger.write() as writing:
        first = writing.append("pause", subject=ada)
        with pytest.raises(ValueError, match="canonical form"):
            writing.append("resume", subject=ada, facts={"n": 1}, n=[1.5])
        seq = writing.append("resume", subject=ada)
    assert rooms.consent.entry(seq)["prev"] == first
    assert rooms.count(opening) == opened


def test_after_a_slot_of_a_block_the_next_entry_names_both(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS)
    with rooms.consent.ledger.write() as writing:
        block = writing.append("block", n=1, denied=0, inner="00" * 32)
        writing.follow(ada, block, 3)
    with rooms.consent.ledger.write() as writing:
        assert writing.link(ada).prev == [block, 3]
        seq = writing.append("pause", subject=ada)
        last = writing.append("resume", subject=ada)
    assert rooms.consent.entry(seq)["prev"] == [block, 3]
    assert rooms.consent.entry(last)["prev"] == seq
    with rooms.consent.ledger.read() as connection:
        end = select(chain.c.last, chain.c.slot).where(chain.c.subject == ada)
        assert connection.execute(end).one() == (last, None)


def test_people_who_are_only_known_keep_their_chains(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    statements: list[str] = []
    event.listen(
        rooms.consent.ledger.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )
    with rooms.consent.ledger.write() as writing:
        writing.know([ada])
    assert not [one for one in statements if one.startswith("UPDATE chain")]


def test_what_is_asked_beside_an_act_writes_nothing_first(rooms: Rooms) -> None:
    """`reading` sees the database as it stood; `connection` writes what was appended first."""
    ada = rooms.person("Ada")
    with rooms.consent.ledger.write() as writing:
        seq = writing.append("label.shown", subject=ada)
        mine = select(entry.c.seq).where(entry.c.seq == seq)
        assert writing.reading.execute(mine).first() is None
        assert writing.connection.execute(mine).scalar() == seq
