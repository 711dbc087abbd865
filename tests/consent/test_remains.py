# SPDX-License-Identifier: Apache-2.0
from sqlalchemy import select

from consent import entries
from consent.remains import Kept, Remains
from consent.tables import block, entry
from consent.words import Purpose, Step
from tests.consent import history
from tests.rooms import Rooms


def folded(rooms: Rooms) -> Remains:
    with rooms.consent.ledger.read() as connection:
        remains = Remains(connection)
        rows = select(entry.c.seq, entry.c.body, block.c.records).select_from(
            entry.outerjoin(block, block.c.seq == entry.c.seq)
        )
        for seq, body, records in connection.execute(rows.order_by(entry.c.seq)):
            remains.take(seq, entries.decode(bytes(body)), bytes(records or b""))
    return remains


def test_what_is_left_of_a_year_is_ended_children_first_and_keys_last(rooms: Rooms) -> None:
    lived = history.live(rooms)
    history.sleep(rooms, lived)
    remains, before = folded(rooms), rooms.consent.ledger.head()[0]
    ada, bob = rooms.tag(lived.ada), next(iter(remains.erased))
    with rooms.consent.ledger.write() as writing:
        last = remains.end(writing, ada, writing.link(lived.ada).prev)
        assert remains.end(writing, bob, 7) == 7, "nothing is left of whom it forgot"
        assert last == writing.size - 1
    ended = [one for one in rooms.entries() if one["seq"] >= before]
    told = [(one["t"], one.get("purpose")) for one in ended]
    kept = len(told) - 4
    assert kept > 2
    assert told == [
        ("expire", "feed_insert"),
        ("expire", "likeness"),
        *[("destroy", None)] * kept,
        ("key.destroy", "feed_insert"),
        ("key.destroy", "likeness"),
    ]


def test_everybodys_end_is_where_their_chain_ends(rooms: Rooms) -> None:
    lived = history.live(rooms)
    history.sleep(rooms, lived)
    remains = folded(rooms)
    with rooms.consent.ledger.write() as writing:
        for person in (lived.ada, lived.cy, lived.dee):
            assert remains.ends[rooms.tag(person)] == writing.link(person).prev


def test_a_picture_that_was_held_back_and_passed_is_kept_once(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.portrait(ada, Purpose.FEED_INSERT)
    remains, tag = folded(rooms), rooms.tag(ada)
    assert sorted(one.step for _, one in remains._things(tag)) == ["enrol", "store"]
    judged = {"t": "effect", "step": "moderate", "tag": tag, "effect_of": 0}
    for thing in ("one", "two"):
        remains.take(90, judged | {"object": thing, "reasons": ["nsfw"]}, b"")
    remains.take(91, judged | {"object": "two"}, b"")
    stored = {"t": "effect", "step": "store", "tag": tag, "object": "two", "effect_of": 0}
    remains.take(92, stored, b"")
    kept = {(thing, one.step) for thing, one in remains._things(tag) if thing in {"one", "two"}}
    assert kept == {("one", "moderate"), ("two", "store")}


def test_a_share_ends_by_the_basis_that_its_decision_names(rooms: Rooms) -> None:
    ada = rooms.inserted_person()
    rooms.grant(ada, Purpose.SHARE)
    epochs = {one["purpose"]: one["seq"] for one in rooms.entries("grant")}
    shown, tag = rooms.portrait(ada, Purpose.FEED_INSERT), rooms.tag(ada)
    asked = rooms.ask(Step.SHARE, ada, Purpose.SHARE, shown, request=shown, confirmed=True)
    (night,) = rooms.consent.gate.decide_all(Step.SELECT, Purpose.FEED_INSERT, [ada]).blocks
    remains = folded(rooms)
    with rooms.consent.ledger.read() as connection:
        remains._connection = connection
        for of, thing in ((asked.seq, "one"), ([night.seq, 0], "two")):
            body = {"t": "effect", "step": "share", "tag": tag, "object": thing, "effect_of": of}
            remains.take(night.seq + 1, body, b"")
    shares = {thing: one for thing, one in remains._things(tag) if one.step is Step.SHARE}
    assert shares == {
        "one": Kept(step=Step.SHARE, purpose="share", epoch=epochs["share"]),
        "two": Kept(step=Step.SHARE, purpose="feed_insert", epoch=epochs["feed_insert"]),
    }
    gone = {"t": "destroy", "tag": tag, "object": "one", "epoch": epochs["share"]}
    remains.take(night.seq + 2, gone, b"")
    remains.take(night.seq + 3, gone, b"")
    left = [thing for thing, one in remains._things(tag) if one.step is Step.SHARE]
    assert left == ["two"]
