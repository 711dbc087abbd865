# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest

from consent import entries, merkle, recorded
from consent.errors import Denied, Misused
from consent.gate import Decided, Select
from consent.words import Purpose, Reason, Step, Subject
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
SELECT: Select = Step.SELECT


@pytest.fixture
def people(rooms: Rooms) -> list[Subject]:
    some = [rooms.inserted_person(name) for name in ("Ada", "Bob")]
    rooms.consent.withdrawals.withdraw(some[1], FEED)
    return sorted([*some, rooms.person("Cy")])


def decide(rooms: Rooms, people: list[Subject]) -> Decided[Select]:
    return rooms.consent.gate.decide_all(SELECT, FEED, people, run="a plan")


def test_a_slot_reads_as_the_decision_it_is(rooms: Rooms, people: list[Subject]) -> None:
    decided = decide(rooms, people)
    (body,) = rooms.entries("block")
    seq = body.pop("seq")
    for slot, who in enumerate(people):
        with rooms.consent.ledger.read() as connection:
            one = recorded.slot_of(connection, seq, slot)
            proof = recorded.proof_of(connection, one)
        said = recorded.decision(body, one)
        reason = decided.reasons()[who]
        assert said["tag"] == rooms.tag(who)
        assert (said["t"], said["slot"], said["step"]) == ("block", slot, "select")
        assert said["verdict"] == ("deny" if reason else "allow")
        assert said.get("reasons") == ([reason] if reason else None)
        assert ("epoch" in said) == ("not_after" in said) == (reason is None)
        root = bytes.fromhex(body["inner"])
        leaf = merkle.leaf_hash(one.record)
        assert merkle.verify_inclusion(leaf, slot, body["n"], proof, root)


@pytest.mark.parametrize(("seq", "slot"), [(0, 0), (None, 3), (None, 10_000)])
def test_a_slot_that_is_not_there_is_refused(
    rooms: Rooms, people: list[Subject], seq: int | None, slot: int
) -> None:
    (held,) = decide(rooms, people).blocks
    with rooms.consent.ledger.read() as connection, pytest.raises(Misused):
        recorded.slot_of(connection, held.seq if seq is None else seq, slot)


def test_denials_are_counted_by_reason_over_all_blocks(
    rooms: Rooms, people: list[Subject]
) -> None:
    decide(rooms, people)
    decide(rooms, people[:1])
    with rooms.consent.ledger.read() as connection:
        counted = recorded.denials(connection)
    again = decide(rooms, people[:1]).reasons()[people[0]]
    assert counted[Reason.WITHDRAWN] == 1 + (again is Reason.WITHDRAWN)
    assert counted[Reason.NOT_GRANTED] == 1 + (again is Reason.NOT_GRANTED)


def test_denials_are_counted_by_step_from_entry_to_entry(
    rooms: Rooms, people: list[Subject]
) -> None:
    before, _ = rooms.consent.ledger.head()
    decide(rooms, people)
    middle, _ = rooms.consent.ledger.head()
    with pytest.raises(Denied):
        rooms.ask(Step.READ, people[-1], Purpose.IMAGINE, rooms.object())
    end, _ = rooms.consent.ledger.head()
    with rooms.consent.ledger.read() as connection:
        told = [
            recorded.denied(connection, *span)
            for span in ((before, middle), (middle, end), (before, end), (end, end))
        ]
    assert told[0] == {("select", "withdrawn"): 1, ("select", "not-granted"): 1}
    assert set(told[1]) == {("read", "not-granted")}
    assert told[2] == told[0] + told[1]
    assert not told[3]


def test_openings_open_every_commitment_and_leave_the_erased_out(
    rooms: Rooms, people: list[Subject]
) -> None:
    (held,) = decide(rooms, people).blocks
    rooms.consent.erasures.erase(people[1])
    size = rooms.consent.ledger.head()[0]
    with rooms.consent.ledger.read() as connection:
        ((seq, opened),) = recorded.openings(connection, rooms.consent.keys, size)
        assert list(recorded.openings(connection, rooms.consent.keys, held.seq)) == []
        assert seq == opened["seq"] == held.seq
        assert [slot for slot, _, _ in opened["slots"]] == [0, 2]
        for slot, salt, place in opened["slots"]:
            said = recorded.decision({}, recorded.slot_of(connection, seq, slot))
            facts = entries.canonical(opened["facts"][place])
            digest = hashlib.sha256(entries.from_base64url(salt) + facts).digest()
            assert entries.base64url(digest) == said["facts"]


def test_records_that_are_not_those_of_their_entry_are_named(
    rooms: Rooms, people: list[Subject]
) -> None:
    (held,) = decide(rooms, people).blocks
    with rooms.consent.ledger.engine.begin() as connection:
        assert recorded.damaged(connection) == ()
        connection.exec_driver_sql("DROP TRIGGER block_fixed")
        connection.exec_driver_sql("UPDATE block SET records = substr(records, 1, 140)")
        assert recorded.damaged(connection) == (held.seq,)


def test_effects_are_read_in_order_and_on_from_where_one_stopped(rooms: Rooms) -> None:
    ada = rooms.inserted_person("Eve")
    rooms.requested(ada, FEED)
    with rooms.consent.ledger.read() as connection:
        found = list(recorded.effects(connection, 0))
        *_, (last, _) = found
        assert [body["step"] for _, body in found] == ["enrol", "select"]
        assert list(recorded.effects(connection, last)) == found[-1:]
        assert list(recorded.effects(connection, last + 1)) == []
