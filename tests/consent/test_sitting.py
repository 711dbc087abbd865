# SPDX-License-Identifier: Apache-2.0
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from consent import blocks, bundle, effects, entries, merkle, verify
from consent.errors import Broken, Misused
from consent.gate import Decided, Gate, Permit, Select
from consent.keys import UnsafeFileKeys
from consent.ledger import Ledger
from consent.sitting import Sitting
from consent.tables import block, chain, permit, request
from consent.words import DAY, SECOND, Purpose, Reason, Step, Subject
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT
SELECT: Select = Step.SELECT


def decide(rooms: Rooms, people: Sequence[Subject], run: str | None = None) -> Decided[Select]:
    return rooms.consent.gate.decide_all(SELECT, FEED, people, run=run)


def town(rooms: Rooms) -> list[Subject]:
    """Make people of every standing."""
    people = [rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy")]
    rooms.consent.withdrawals.withdraw(people[1], FEED)
    return [*people, rooms.person("Dee", Purpose.LIKENESS), rooms.person("Eve")]


def record(rooms: Rooms, seq: int, slot: int) -> blocks.Recorded:
    with rooms.consent.ledger.read() as connection:
        rows = connection.execute(select(block.c.records).where(block.c.seq == seq)).scalar_one()
    return blocks.read(bytes(rows)[70 * slot : 70 * slot + 70])


def test_many_decisions_are_one_entry_with_a_record_each(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = town(rooms)
    before, had = rooms.consent.ledger.head()[0], rooms.count(permit)
    decided = decide(rooms, people, run="a plan")
    (held,) = decided.blocks
    (body,) = rooms.entries("block")
    assert (held.seq, rooms.consent.ledger.head()[0]) == (before, before + 1)
    assert (body["n"], body["denied"], body["run"]) == (5, 3, "a plan")
    assert (body["step"], body["purpose"]) == ("select", "feed_insert")
    assert body["policy"] == rooms.consent.policy.sha256
    until = rooms.clock.now() + rooms.consent.policy.consent.permit_seconds * SECOND
    assert body["not_after"] == held.not_after == until
    reasons = decided.reasons()
    assert [reasons[who] for who in people] == [
        None,
        Reason.WITHDRAWN,
        None,
        Reason.NOT_GRANTED,
        Reason.NOT_GRANTED,
    ]
    assert decided.denied == 3
    assert rooms.count(permit) == had, "nobody has a permit row before they go on"


def test_each_record_says_whose_it_is_what_it_rests_on_and_what_came_before(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    people = town(rooms)
    (held,) = decide(rooms, people).blocks
    entry_of = {one["seq"]: one for one in rooms.entries()}
    assert held.people.tolist() == sorted(people)
    for slot, who in enumerate(held.people.tolist()):
        said = record(rooms, held.seq, slot)
        assert said.tag == rooms.tag(Subject(who))
        mine = [s for s, one in entry_of.items() if one.get("tag") == said.tag]
        assert (said.prev, said.prev_slot) == (max(mine, default=None), None)
        standing = rooms.consent.grants.show(Subject(who)).get(FEED)
        assert said.epoch == (standing.epoch if standing else None)
        assert (said.kind is None) == (standing is None)


def test_the_entry_names_the_inner_root_of_the_records(rooms: Rooms) -> None:
    decide(rooms, town(rooms))
    (body,) = rooms.entries("block")
    with rooms.consent.ledger.read() as connection:
        row = connection.execute(select(block)).one()
    hashed = [
        merkle.leaf_hash(row.records[70 * n : 70 * n + 70]) for n in range(len(row.records) // 70)
    ]
    assert body["inner"] == merkle.root_of(hashed).hex()
    assert entries.from_base64url(body["nonce"]) == row.nonce
    assert len(row.sealed) == 16 * body["n"]


def test_a_persons_next_entry_names_their_slot_and_the_next_block_names_that_entry(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    (first,) = decide(rooms, [ada, bob]).blocks
    slot = sorted([ada, bob]).index(ada)
    rooms.clock.advance(60)
    (second,) = decide(rooms, [ada]).blocks
    said = record(rooms, second.seq, 0)
    assert (said.prev, said.prev_slot) == (first.seq, slot)
    seq = rooms.grant(ada, Purpose.IMAGINE)
    mine = [one for one in rooms.entries() if one.get("tag") == rooms.tag(ada)]
    assert mine[-2]["prev"] == [second.seq, 0]
    with rooms.consent.ledger.read() as connection:
        ends = {who: (last, slot) for who, _, last, slot in connection.execute(select(chain))}
    assert ends[ada] == (seq, None)
    assert ends[bob] == (first.seq, 1 - slot)


def test_more_people_than_a_block_holds_are_several_blocks(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "MOST", 2)
    people = [rooms.person(f"Person {n}") for n in range(5)]
    decided = decide(rooms, people * 2)
    assert [len(held.people) for held in decided.blocks] == [2, 2, 1]
    assert [one["n"] for one in rooms.entries("block")] == [2, 2, 1]
    assert sorted(decided.reasons()) == sorted(people)
    assert len({one["nonce"] for one in rooms.entries("block")}) == 3


def test_where_all_are_denied_no_permit_could_last(rooms: Rooms) -> None:
    decide(rooms, [rooms.person("Ada")])
    (body,) = rooms.entries("block")
    assert "not_after" not in body


def test_deciding_for_nobody_writes_nothing(rooms: Rooms) -> None:
    before = rooms.consent.ledger.head()
    assert decide(rooms, []).blocks == ()
    assert decide(rooms, [Subject(404)]).blocks == ()
    assert rooms.consent.ledger.head()[0] == before[0]


def test_whoever_was_erased_has_no_slot_and_the_others_go_on(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    people = sorted(rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy"))
    rooms.consent.erasures.erase(people[1])
    decided = decide(rooms, people)
    assert decided.reasons() == {people[0]: None, people[2]: None}


def test_whoever_is_erased_between_the_keys_and_the_lock_has_no_slot(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = sorted(rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy"))
    honest = Ledger.write
    erased = iter([people[0]])

    def late(ledger: Ledger) -> object:
        monkeypatch.setattr(Ledger, "write", honest)
        rooms.consent.erasures.erase(next(erased))
        return honest(ledger)

    monkeypatch.setattr(Ledger, "write", late)
    (held,) = decide(rooms, people).blocks
    assert held.people.tolist() == people[1:]
    openings = hidden(rooms, held.seq, people[1:])
    assert openings == [record(rooms, held.seq, slot).facts for slot in (0, 1)]


def hidden(rooms: Rooms, seq: int, people: Sequence[Subject]) -> list[str]:
    """Compute the commitments of a block anew from what is sealed."""
    with rooms.consent.ledger.read() as connection:
        row = connection.execute(select(block).where(block.c.seq == seq)).one()
    masks = blocks.masks([rooms.consent.keys.secret(who) for who in people], bytes(row.nonce))
    packed = blocks.sealed(bytes(row.sealed), masks)
    opened = [blocks.opened(packed[16 * n : 16 * n + 16]) for n in range(len(people))]
    salts = [masks.salts[16 * n : 16 * n + 16] for n in range(len(people))]
    return [
        entries.base64url(hashlib.sha256(salt + facts).digest())
        for salt, facts in zip(salts, opened, strict=True)
    ]


def test_without_somebodys_secret_nothing_is_decided(rooms: Rooms) -> None:
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    before = rooms.consent.ledger.head()
    rooms.consent.keys.destroy_secret(ada)
    with pytest.raises(Broken):
        decide(rooms, [ada, bob])
    assert rooms.consent.ledger.head() == before


def test_without_a_ledger_or_a_clock_nothing_is_decided(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.inserted_person()

    def stopped() -> int:
        raise OSError("the clock is unreachable")

    monkeypatch.setattr(rooms.clock, "now", stopped)
    with pytest.raises(OSError, match="unreachable"):
        decide(rooms, [ada])


def test_caps_count_permit_rows_and_a_block_alone_writes_none(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    for _ in range(9):
        assert decide(rooms, [ada]).denied == 0
    rooms.requested(ada, FEED)
    assert decide(rooms, [ada]).reasons() == {ada: Reason.CAP}
    rooms.clock.advance(DAY / SECOND)
    assert decide(rooms, [ada]).denied == 0


def test_the_same_chance_gives_the_same_block(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    keys = rooms.consent.keys
    assert isinstance(keys, UnsafeFileKeys)

    class Same:
        def token(self, size: int) -> bytes:
            return bytes(size)

    sitting = Sitting(rooms.consent.ledger, keys, Same())
    rooms.consent.gate._sitting = sitting
    decide(rooms, [ada])
    decide(rooms, [ada])
    one, other = rooms.entries("block")
    assert one["nonce"] == other["nonce"] == entries.base64url(bytes(16))
    records = [record(rooms, seq, 0) for seq in (one["seq"], other["seq"])]
    assert records[0].facts == records[1].facts


def test_columns_know_who_was_allowed(rooms: Rooms) -> None:
    people = town(rooms)
    (held,) = decide(rooms, people).blocks
    allowed = {subject: epoch for _, subject, epoch in held.allowed()}
    assert sorted(allowed) == sorted([people[0], people[2]])
    assert held.denied == 3
    assert all(epoch in np.asarray(held.epochs) for epoch in allowed.values())


def test_a_person_is_still_unknown_to_the_single_question(rooms: Rooms) -> None:
    with pytest.raises(Misused):
        rooms.ask(Step.SELECT, Subject(404), FEED, rooms.object())


def test_a_gate_that_is_closed_decides_no_block(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    before = rooms.consent.ledger.head()

    def closed(*_: object) -> None:
        raise Broken(Reason.UNAVAILABLE, "nobody witnesses this log")

    gate = Gate(
        rooms.consent.ledger,
        rooms.consent.policy,
        rooms.consent.notices.current,
        keys=rooms.consent.keys,
        chance=rooms.chance,
        guard=closed,
    )
    with pytest.raises(Broken, match="nobody witnesses"):
        gate.decide_all(SELECT, FEED, [ada])
    assert rooms.consent.ledger.head() == before


def night(rooms: Rooms, people: Sequence[Subject], chosen: Sequence[Subject]) -> None:
    """Decide on everybody, and order a portrait for some of those who may have one."""
    permits = decide(rooms, people).permits({who: rooms.object() for who in chosen})
    order(rooms, permits)


def order(rooms: Rooms, permits: Sequence[Permit[Select]]) -> None:
    with rooms.consent.ledger.write() as writing:
        going = rooms.consent.gate.go_on(writing, permits)
        effects.spend(writing, [one for one in going if isinstance(one, Permit)], request)


def test_nights_of_every_kind_give_the_verifier_no_cause(rooms: Rooms, tmp_path: Path) -> None:
    """Capped, crossed by another plan, withdrawn, renewed, run out, erased."""
    ada, bob, cy = (rooms.inserted_person(name) for name in ("Ada", "Bob", "Cy"))
    everybody = [ada, bob, cy, rooms.person("Dee")]
    night(rooms, everybody, [ada, bob])
    night(rooms, everybody, [ada, cy])
    rooms.clock.advance(DAY / SECOND)
    crossed = [decide(rooms, everybody).permits({ada: rooms.object()}) for _ in range(2)]
    for permits in crossed[::-1]:
        order(rooms, permits)
    before = decide(rooms, everybody).permits({bob: rooms.object()})
    rooms.consent.withdrawals.withdraw(bob, FEED)
    order(rooms, before)
    rooms.grant(bob, FEED)
    night(rooms, everybody, [bob])
    rooms.clock.advance(400 * DAY / SECOND)
    rooms.consent.retention.sweep()
    rooms.consent.erasures.erase(cy)
    night(rooms, everybody, everybody)
    bundle.export(rooms.consent, tmp_path / "bundle")
    report = verify.verify(tmp_path / "bundle")
    assert report["findings"] == []
    assert report["checked"]["blocks"] == len(rooms.entries("block")) == 7


def test_a_crowd_that_is_read_as_a_range_is_decided_like_a_few(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = town(rooms)
    few = decide(rooms, people).reasons()
    monkeypatch.setattr("consent.crowds.FEW", 1)
    assert decide(rooms, people).reasons() == few
    assert len(few) == len(people) > 1
