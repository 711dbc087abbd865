# SPDX-License-Identifier: Apache-2.0
import hashlib
from collections import Counter
from itertools import pairwise

import pytest
from sqlalchemy import select

from consent import entries, merkle, withdrawal
from consent.errors import Denied, Misused
from consent.tables import asset, asset_view, basis, block, effect_tables, selfie, subject_key
from consent.tables import tombstone as stones
from consent.words import Purpose, Reason, Subject, parent_of, public_id
from feed.tables import feed_insert, feed_view
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


@pytest.fixture
def ada(rooms_on_both: Rooms) -> Subject:
    """Two portraits in the making of a feed, one asked for, one selfie, one view."""
    rooms = rooms_on_both
    ada = rooms.person("Ada", Purpose.LIKENESS, FEED, Purpose.IMAGINE)
    rooms.selfie(ada)
    portrait = rooms.portrait(ada, FEED)
    rooms.insert(ada, portrait)
    rooms.look(ada, portrait)
    rooms.portrait(ada, Purpose.IMAGINE)
    return ada


def test_when_it_returns_nothing_made_under_the_purpose_is_left(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    receipt = rooms.consent.withdrawals.withdraw(ada, FEED)
    assert receipt["destroyed"] == {"portraits": 1, "inserts": 1, "shares": 0, "keys": 1}
    left = {t.name: rooms.count(t, ada) for t in (asset, feed_insert, feed_view, selfie)}
    assert left == {"asset": 1, "feed_insert": 0, "feed_view": 0, "selfie": 1}
    assert set(rooms.consent.grants.show(ada)) == {Purpose.LIKENESS, Purpose.IMAGINE}
    assert len(rooms.consent.blobs.list()) == 2


def test_withdrawing_the_likeness_takes_everything_and_every_key(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert {t.name: rooms.count(t, ada) for t in effect_tables()} == dict.fromkeys(
        (t.name for t in effect_tables()), 0
    )
    assert rooms.count(basis, ada) == rooms.count(subject_key, ada) == 0
    assert rooms.consent.blobs.list() == ()


def test_every_end_is_an_entry_children_first(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    ends = rooms.entries("withdraw")
    assert [end["purpose"] for end in ends] == ["feed_insert", "imagine", "likeness"]
    assert all("epoch" in end for end in ends)
    counts = Counter(found["t"] for found in rooms.entries())
    assert (counts["destroy"], counts["key.destroy"], counts["block"]) == (3, 3, 1)


def test_the_trail_is_one_chain_without_a_gap(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    mine = [found for found in rooms.entries() if found.get("tag") == rooms.tag(ada)]
    assert all(after["prev"] == before["seq"] for before, after in pairwise(mine))


def test_views_go_in_one_block_whose_records_can_be_recomputed(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    with rooms.consent.ledger.read() as connection:
        (viewed,) = connection.execute(select(feed_view.c.object)).scalars()
    rooms.consent.withdrawals.withdraw(ada, FEED)
    (entry,) = rooms.entries("block")
    with rooms.consent.ledger.read() as connection:
        records = bytes(connection.execute(select(block.c.records)).scalar_one())
    secret = rooms.consent.keys.secret(ada)
    expected = entries.object_commitment(secret, public_id(viewed))
    assert entries.base64url(records) == expected
    assert entry["n"] == 1
    inner = hashlib.sha256(b"\0" + records).digest()
    assert entry["inner"] == inner.hex() == merkle.root_of([inner]).hex()


def test_a_stone_is_left_for_every_portrait_and_selfie(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    rooms.clock.advance(60)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    with rooms.consent.ledger.read() as connection:
        found = connection.execute(
            select(stones.c.kind, stones.c.purpose, stones.c.made_at, stones.c.destroyed_at)
        ).all()
    assert sorted((kind, purpose) for kind, purpose, *_ in found) == [
        ("portrait", "feed_insert"),
        ("portrait", "imagine"),
        ("selfie", "likeness"),
    ]
    assert all(gone == rooms.clock.now() > made for *_, made, gone in found)


def test_saying_no_again_succeeds_and_gives_the_same_receipt(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    first = rooms.consent.withdrawals.withdraw(ada, FEED)
    rooms.person("Bob", Purpose.LIKENESS)
    size = rooms.consent.ledger.head()[0]
    again = rooms.consent.withdrawals.withdraw(ada, FEED)
    assert [again[k] for k in ("seq", "epoch", "destroyed")] == [
        first[k] for k in ("seq", "epoch", "destroyed")
    ]
    assert rooms.consent.ledger.head()[0] == size
    assert again["checkpoint"] != first["checkpoint"]


def test_saying_no_to_what_was_never_granted_is_one_entry_without_an_epoch(
    rooms_on_both: Rooms,
) -> None:
    rooms = rooms_on_both
    bob = rooms.person("Bob")
    receipt = rooms.consent.withdrawals.withdraw(bob, FEED)
    assert "epoch" not in rooms.consent.entry(receipt["seq"])
    assert receipt["destroyed"] == {"portraits": 0, "inserts": 0, "shares": 0, "keys": 0}
    assert rooms.consent.withdrawals.withdraw(bob, FEED)["seq"] == receipt["seq"]
    assert len(rooms.entries("withdraw")) == 1


def test_what_was_never_granted_cannot_run_out(rooms: Rooms) -> None:
    bob = rooms.person("Bob", Purpose.LIKENESS)
    before = rooms.entries()
    with rooms.consent.ledger.write() as writing:
        assert withdrawal.lapse(writing, bob, FEED) == 0
    assert rooms.entries() == before
    with rooms.consent.ledger.write() as writing:
        assert withdrawal.lapse(writing, bob, Purpose.LIKENESS) == 1
    (ended,) = rooms.entries("expire")
    assert ended["purpose"] == "likeness"


def test_a_stranger_cannot_withdraw(rooms: Rooms) -> None:
    with pytest.raises(Misused) as stranger:
        rooms.consent.withdrawals.withdraw(Subject(404), FEED)
    assert stranger.value.reason is Reason.UNKNOWN_SUBJECT


def test_what_is_foretold_is_what_is_destroyed(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    for purpose in (Purpose.STORY, FEED, Purpose.LIKENESS):
        foretold = rooms.consent.withdrawals.would_destroy(ada, purpose)
        receipt = rooms.consent.withdrawals.withdraw(ada, purpose)
        assert receipt["destroyed"] == foretold.counts()


def test_foretelling_writes_nothing(rooms_on_both: Rooms, ada: Subject) -> None:
    before = rooms_on_both.consent.ledger.head()
    rooms_on_both.consent.withdrawals.would_destroy(ada, Purpose.LIKENESS)
    assert rooms_on_both.consent.ledger.head() == before


def test_one_persons_no_touches_nobody_else(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    bob = rooms.inserted_person("Bob")
    his = rooms.portrait(bob, FEED, b"bob")
    rooms.insert(bob, his)
    rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    assert rooms.look(bob, his) == b"bob"
    assert set(rooms.consent.grants.show(bob)) == {Purpose.LIKENESS, FEED}


def test_every_purpose_can_be_withdrawn_by_itself(rooms: Rooms) -> None:
    everything = [p for p in Purpose if p not in {Purpose.ADS, Purpose.TRAINING}]
    for purpose in everything:
        person = rooms.person(str(purpose), *everything)
        rooms.consent.withdrawals.withdraw(person, purpose)
        gone = {p for p in everything if p is purpose or parent_of(p) is purpose}
        assert set(rooms.consent.grants.show(person)) == set(everything) - gone


def test_a_new_yes_brings_nothing_back(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    with rooms.consent.ledger.read() as connection:
        (portrait,) = connection.execute(select(feed_insert.c.object)).scalars()
    rooms.consent.withdrawals.withdraw(ada, FEED)
    rooms.grant(ada, FEED)
    with pytest.raises((Denied, Misused)):
        rooms.look(ada, portrait)
    assert rooms.count(feed_insert, ada) == 0


# --- one thing


def test_one_portrait_is_destroyed_and_the_others_stay(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    one, other = (rooms.portrait(ada, Purpose.IMAGINE, b"%d" % n) for n in range(2))
    blobs = len(rooms.consent.blobs.list())
    rooms.consent.withdrawals.destroy(ada, one)
    assert len(rooms.consent.blobs.list()) == blobs - 1
    assert rooms.look(ada, other, Purpose.IMAGINE, asset_view) == b"1"
    with pytest.raises((Denied, Misused)):
        rooms.look(ada, one, Purpose.IMAGINE, asset_view)
    assert rooms.entries("destroy")[-1]["object"] == entries.object_commitment(
        rooms.consent.keys.secret(ada), public_id(one)
    )


def test_a_destroyed_selfie_leaves_the_portraits_made_from_it(
    rooms_on_both: Rooms, ada: Subject
) -> None:
    rooms = rooms_on_both
    with rooms.consent.ledger.read() as connection:
        (mine,) = connection.execute(select(selfie.c.object)).scalars()
    rooms.consent.withdrawals.destroy(ada, mine)
    assert rooms.count(selfie, ada) == 0
    assert rooms.count(asset, ada) == 2


def test_another_persons_portrait_cannot_be_destroyed(rooms_on_both: Rooms, ada: Subject) -> None:
    rooms = rooms_on_both
    bob = rooms.person("Bob")
    with rooms.consent.ledger.read() as connection:
        hers = connection.execute(select(asset.c.object)).scalars().all()
    for obj in hers:
        with pytest.raises(Misused) as refused:
            rooms.consent.withdrawals.destroy(bob, obj)
        assert refused.value.reason is Reason.UNKNOWN_KEY
    assert rooms.count(asset, ada) == 2


def test_destroying_twice_is_said_to_be_impossible(rooms: Rooms) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    obj = rooms.portrait(ada, Purpose.IMAGINE)
    rooms.consent.withdrawals.destroy(ada, obj)
    with pytest.raises(Misused):
        rooms.consent.withdrawals.destroy(ada, obj)


def test_a_failing_store_does_not_undo_a_withdrawal(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = rooms.person("Ada", Purpose.LIKENESS, Purpose.IMAGINE)
    rooms.portrait(ada, Purpose.IMAGINE)

    def fails(_name: str) -> None:
        raise OSError("the store is unreachable")

    monkeypatch.setattr(rooms.consent.blobs, "delete", fails)
    with pytest.raises(OSError, match="unreachable"):
        rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    assert Purpose.IMAGINE not in rooms.consent.grants.show(ada)
    assert rooms.count(asset, ada) == 0
    monkeypatch.undo()
    receipt = rooms.consent.withdrawals.withdraw(ada, Purpose.IMAGINE)
    assert receipt["destroyed"]["portraits"] == 1


def test_each_purpose_that_ends_with_its_parent_has_a_receipt_of_its_own_losses(
    rooms: Rooms,
) -> None:
    ada = rooms.inserted_person()
    rooms.portrait(ada, Purpose.FEED_INSERT)
    whole = rooms.consent.withdrawals.withdraw(ada, Purpose.LIKENESS)
    child = rooms.consent.last_receipt(ada, Purpose.FEED_INSERT)
    assert child is not None
    assert (whole["destroyed"]["portraits"], whole["destroyed"]["keys"]) == (1, 2)
    assert (child["destroyed"]["portraits"], child["destroyed"]["keys"]) == (1, 1)


def test_a_share_that_is_none_is_not_ended(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    obj = rooms.portrait(ada, Purpose.FEED_INSERT)
    with pytest.raises(Misused) as refused, rooms.consent.ledger.write() as writing:
        withdrawal.end_share(writing, ada, obj, Purpose.SHARE)
    assert refused.value.reason is Reason.UNKNOWN_KEY
    assert rooms.entries("destroy") == []
