# SPDX-License-Identifier: Apache-2.0
"""The logged map against the entries themselves, while people come, act and are erased."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from consent import entries, merkle
from consent.errors import Misused
from consent.lasts import Lasts
from consent.tables import aggregate
from consent.tables import block as blocks
from consent.tag_map import TagMap, leaf, says
from consent.words import Purpose, Reason, Seq, Step, Subject
from tests.rooms import Rooms


def folded(found: list[dict[str, Any]], size: int) -> dict[bytes, tuple[int, None]]:
    """Say what the map over the first entries is, from nothing but them."""
    lasts: dict[bytes, tuple[int, None]] = {}
    gone = {one["tag"] for one in found[:size] if one["t"] == "erase.request"}
    for one in found[:size]:
        if "tag" in one and one["tag"] not in gone:
            lasts[entries.from_base64url(one["tag"])] = (one["seq"], None)
    return lasts


def root_of(lasts: dict[bytes, tuple[int, None]]) -> str:
    return merkle.root_of([leaf(tag, lasts[tag]) for tag in sorted(lasts)]).hex()


def check(rooms: Rooms, seq: Seq | None) -> None:
    """Recompute a logged map from the entries before it."""
    assert seq is not None
    found = rooms.entries()
    told, expected = found[seq], folded(found, seq)
    assert (told["t"], told["n"], told["map"]) == ("aggregate", len(expected), root_of(expected))
    with rooms.consent.ledger.read() as connection:
        row = select(aggregate.c.sha256, aggregate.c.content).where(aggregate.c.seq == seq)
        sha256, content = connection.execute(row).one()
    assert hashlib.sha256(content.encode()).hexdigest() == sha256 == told["object"]
    assert (
        entries.canonical({"kind": "tag-map", "map": told["map"], "n": told["n"], "size": seq})
        == content.encode()
    )


def test_the_map_is_everybodys_last_entry_before_it(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    rooms.inserted_person("Ada")
    rooms.person("Bob", Purpose.LIKENESS)
    rooms.person("Cy")
    check(rooms, rooms.consent.lasts.log())
    rooms.consent.withdrawals.withdraw(rooms.person("Dee", Purpose.LIKENESS), Purpose.LIKENESS)
    check(rooms, rooms.consent.lasts.log())


def test_nothing_is_logged_when_nothing_was_said(rooms: Rooms) -> None:
    rooms.person("Ada", Purpose.LIKENESS)
    assert rooms.consent.lasts.log() is not None
    assert rooms.consent.lasts.log() is None
    with rooms.consent.ledger.write() as writing:
        writing.append("checkpoint.witnessed", size=3, witness="witness.test/w1")
    assert rooms.consent.lasts.log() is None
    rooms.person("Bob", Purpose.LIKENESS)
    assert rooms.consent.lasts.log() is not None


def test_who_asked_to_be_erased_is_in_no_later_map(rooms: Rooms) -> None:
    ada, bob = (rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob"))
    rooms.consent.lasts.log()
    tag = rooms.tag(ada)
    rooms.consent.erasures.erase(ada)
    seq = rooms.consent.lasts.log()
    check(rooms, seq)
    shown = rooms.consent.lasts.shown(tag)
    assert shown is not None
    told = rooms.consent.entry(seq or Seq(0))
    assert (
        says(entries.from_base64url(tag), shown.leaves, told["n"], bytes.fromhex(told["map"]))
        is None
    )
    check_shown(rooms, bob)


def check_shown(rooms: Rooms, person: Subject) -> None:
    """Expect what an instance that did not write the map shows of a person to hold."""
    tag = rooms.tag(person)
    shown = Lasts(rooms.consent.ledger).shown(tag)
    assert shown is not None
    told = rooms.consent.entry(shown.seq)
    raw = entries.from_base64url(tag)
    last = says(raw, shown.leaves, told["n"], bytes.fromhex(told["map"]))
    assert last == folded(rooms.entries(), shown.seq).get(raw)


def test_an_older_map_is_told_from_what_holds_now(rooms_on_both: Rooms) -> None:
    rooms = rooms_on_both
    ada, bob, dee = (rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob", "Dee"))
    rooms.consent.erasures.erase(rooms.person("Old", Purpose.LIKENESS))
    begun = rooms.person("Half", Purpose.LIKENESS)
    rooms.consent.lasts.log()
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    eve = rooms.person("Eve", Purpose.LIKENESS)
    rooms.consent.erasures.erase(dee)
    rooms.consent.erasures.erase(begun)
    for person in (ada, bob, eve):
        check_shown(rooms, person)


def test_an_erasure_done_after_the_map_does_not_bring_its_tag_into_it(rooms: Rooms) -> None:
    """As where a crash came between request and done, and the map was logged in between."""
    bob = rooms.person("Bob", Purpose.LIKENESS)
    gone = rooms.person("Ada", Purpose.LIKENESS)
    tag = rooms.tag(gone)
    with rooms.consent.ledger.write() as writing:
        request = writing.append("erase.request", subject=gone, actor="self")
        writing.end_chain(gone)
    check(rooms, rooms.consent.lasts.log())
    with rooms.consent.ledger.write() as writing:
        writing.append("erase.done", tag=tag, prev=request, actor="system")
    check_shown(rooms, bob)


def test_what_comes_while_the_map_is_made_is_in_it(
    rooms_on_both: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = rooms_on_both
    ada, bob = (rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Bob"))
    acts: list[Callable[[], object]] = [
        lambda: rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS),
        lambda: rooms.consent.erasures.erase(bob),
        lambda: rooms.person("Cy", Purpose.LIKENESS),
    ]
    made = TagMap.move

    def busy(self: TagMap, changes: Any) -> None:
        made(self, changes)
        if acts:
            acts.pop(0)()

    monkeypatch.setattr(TagMap, "move", busy)
    seq = rooms.consent.lasts.log()
    assert not acts
    check(rooms, seq)


def test_an_erasure_that_ends_while_the_map_is_made_does_not_come_back_into_it(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms.person("Ada", Purpose.LIKENESS)
    gone = rooms.person("Bob", Purpose.LIKENESS)
    tag = rooms.tag(gone)
    with rooms.consent.ledger.write() as writing:
        request = writing.append("erase.request", subject=gone, actor="self")
        writing.end_chain(gone)
    made = TagMap.move

    def busy(self: TagMap, changes: Any) -> None:
        made(self, changes)
        monkeypatch.setattr(TagMap, "move", made)
        with rooms.consent.ledger.write() as writing:
            writing.append("erase.done", tag=tag, prev=request, actor="system")

    monkeypatch.setattr(TagMap, "move", busy)
    check(rooms, rooms.consent.lasts.log())


def test_an_end_inside_a_block_is_named_with_its_slot(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS)
    tag = entries.from_base64url(rooms.tag(ada))
    with rooms.consent.ledger.write() as writing:
        last = writing.size - 1
        record = tag + bytes(40) + last.to_bytes(8, "big") + b"\xff" * 4 + bytes(2)
        inner = merkle.root_of([merkle.leaf_hash(record)]).hex()
        policy = rooms.consent.policy.sha256
        seq = writing.append("block", policy=policy, n=1, denied=0, inner=inner)
        writing.insert(blocks, [{"seq": seq, "records": record}])
        writing.follow(ada, seq, 0)
    logged = rooms.consent.lasts.log()
    told = rooms.consent.entry(logged or Seq(0))
    assert told["map"] == merkle.root_of([leaf(tag, (seq, 0))]).hex()
    shown = Lasts(rooms.consent.ledger).shown(rooms.tag(ada))
    assert shown is not None
    assert shown.leaves[0].last == (seq, 0)


def test_before_the_first_map_nothing_is_shown(rooms: Rooms) -> None:
    assert rooms.consent.lasts.shown(rooms.tag(rooms.person("Ada", Purpose.LIKENESS))) is None


def test_nobody_is_shown_the_end_of_a_stranger(rooms: Rooms) -> None:
    with pytest.raises(Misused) as refused:
        rooms.consent.lasts.shown_to(Subject(1))
    assert refused.value.reason is Reason.UNKNOWN_SUBJECT


def test_a_map_made_anew_after_a_block_is_the_map_that_was_logged(rooms: Rooms) -> None:
    """As a process does that did not log it: from the entries and the records of blocks."""
    ada, ben = (rooms.person(name, Purpose.LIKENESS) for name in ("Ada", "Ben"))
    rooms.consent.gate.decide_all(Step.SELECT, Purpose.FEED_INSERT, [ada, ben])
    seq = rooms.consent.lasts.log()
    assert seq is not None
    rooms.consent.gate.decide_all(Step.SELECT, Purpose.FEED_INSERT, [ada, ben])
    rooms.grant(ada, Purpose.IMAGINE)
    fresh, told = Lasts(rooms.consent.ledger), rooms.consent.entry(seq)
    for person in (ada, ben):
        shown = fresh.shown_to(person)
        assert shown is not None
        tag = entries.from_base64url(rooms.tag(person))
        last = says(tag, shown.leaves, told["n"], bytes.fromhex(told["map"]))
        assert last is not None
        assert last[0] < seq
        assert last[1] is not None
