# SPDX-License-Identifier: Apache-2.0
"""Every way to hide an entry from the person it is about is found, by that person, offline."""

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consent import bundle, disclosure, entries, merkle, notes
from consent.chains import own_entries
from consent.disclosure import flaws, searched, unseen, untold
from consent.receipts import last_receipt
from consent.tables import block as blocks
from consent.tag_map import TagMap, described
from consent.words import Purpose, Seq, Subject
from tests.consent.findings import unnamed
from tests.rooms import Rooms

Answer = dict[str, Any]


def answered(rooms: Rooms, person: Subject) -> Answer:
    """Answer as the API does, without the API."""
    ledger = rooms.consent.ledger
    shown = rooms.consent.lasts.shown_to(person)
    assert shown is not None
    tag, own = own_entries(ledger, person)
    note = ledger.checkpoint()
    size = notes.parse_checkpoint(note).size
    return {
        "tag": tag,
        "checkpoint": note,
        "items": [proved(rooms, one.seq, size) for one in own],
        "newer": sum(one.seq >= shown.seq for one in own),
        "map": proved(rooms, shown.seq, size)
        | {
            "leaves": [
                {
                    "tag": entries.base64url(one.tag),
                    "seq": one.last[0],
                    "place": one.place,
                    "proof": [node.hex() for node in one.proof],
                }
                for one in shown.leaves
            ]
        },
    }


def proved(rooms: Rooms, seq: Seq, size: int) -> Answer:
    ledger = rooms.consent.ledger
    return {
        "seq": seq,
        "entry": entries.base64url(ledger.body(seq)),
        "proof": [node.hex() for node in ledger.inclusion(seq, size)],
    }


def log_of(rooms: Rooms) -> list[disclosure.Logged]:
    ledger = rooms.consent.ledger
    return [(seq, ledger.body(Seq(seq)), b"") for seq in range(ledger.head()[0])]


@pytest.fixture
def lived(rooms: Rooms) -> tuple[Rooms, Subject]:
    """Live a while, log the map, live on."""
    for name in ("Bob", "Cy", "Dee"):
        rooms.person(name, Purpose.LIKENESS)
    ada = rooms.inserted_person("Ada")
    rooms.portrait(ada, Purpose.FEED_INSERT)
    rooms.consent.lasts.log()
    rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    return rooms, ada


def check(rooms: Rooms, answer: Answer) -> tuple[str, ...]:
    return flaws(json.loads(json.dumps(answer)), *rooms.consent.ledger.verifiers)


def test_an_honest_answer_has_no_flaw(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    answer = answered(rooms, ada)
    assert answer["newer"] > 0
    assert check(rooms, answer) == ()
    rooms.consent.lasts.log()
    assert answered(rooms, ada)["newer"] == 0
    assert check(rooms, answered(rooms, ada)) == ()


def test_hiding_any_entry_up_to_the_map_is_found(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    answer = answered(rooms, ada)
    covered = len(answer["items"]) - answer["newer"]
    for hidden in range(covered):
        less = copy.deepcopy(answer)
        del less["items"][hidden]
        assert check(rooms, less), hidden


def test_hiding_the_newest_entries_is_found_however_many(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    rooms.consent.lasts.log()
    answer = answered(rooms, ada)
    for kept in range(len(answer["items"])):
        less = answer | {"items": answer["items"][:kept]}
        assert any("the map ends at" in flaw for flaw in check(rooms, less)), kept


def test_what_is_hidden_after_the_map_is_found_in_the_log(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    answer = answered(rooms, ada)
    log = [
        (seq, rooms.consent.ledger.body(one["seq"]), b"")
        for seq, one in enumerate(rooms.entries())
    ]
    assert unseen(answer, log) == ()
    newer = answer["newer"]
    less = answer | {"items": answer["items"][:-newer], "newer": 0}
    assert check(rooms, less) == ()
    assert unseen(less, log) == tuple(item["seq"] for item in answer["items"][-newer:])


def test_an_older_map_hides_only_what_the_log_shows(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    older = answered(rooms, ada)
    rooms.consent.lasts.log()
    less = older | {"items": older["items"][: -older["newer"]], "newer": 0}
    log = [
        (seq, rooms.consent.ledger.body(one["seq"]), b"")
        for seq, one in enumerate(rooms.entries())
    ]
    assert len(unseen(less, log)) == older["newer"]


SAID = json.loads((Path(__file__).parent / "golden" / "disclosures.json").read_text("utf-8"))
"""What is said of each, read once by us; numbers and names as #."""
Spoil = Callable[[Answer], object]
SPOILT: dict[str, Spoil] = {
    "no map": lambda a: a.pop("map"),
    "null map": lambda a: a.update(map=None),
    "absence": lambda a: a["map"].update(leaves=[]),
    "an earlier end": lambda a: a["map"]["leaves"][0].update(seq=a["items"][2]["seq"]),
    "another place": lambda a: a["map"]["leaves"][0].update(
        place=0 if a["map"]["leaves"][0]["place"] else 1
    ),
    "another tag": lambda a: a["map"]["leaves"][0].update(tag="A" * 22),
    "no entry of the map": lambda a: a["map"].update(a["items"][0]),
    "a later map": lambda a: a["map"].update(seq=a["map"]["seq"] + 1),
    "order": lambda a: a["items"].reverse(),
    "twice": lambda a: a["items"].append(a["items"][-1]),
    "no proof": lambda a: a["items"][3].update(proof=[]),
    "another entry": lambda a: a["items"][3].update(entry=a["items"][4]["entry"]),
    "somebody else": lambda a: a.update(tag="A" * 22),
    "more pages": lambda a: a.update(cursor="x"),
    "newer": lambda a: a.update(newer=0),
    "checkpoint": lambda a: a.update(checkpoint=a["checkpoint"].replace("\n", "\nx", 1)),
    "no items": lambda a: a.update(items=None),
    "nothing": lambda a: a.clear(),
    "a slot where there is none": lambda a: a["items"][1].update(slot=0),
    "a map of words": lambda a: a.update(map="map"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_answer_is_found(lived: tuple[Rooms, Subject], how: str) -> None:
    rooms, ada = lived
    answer = answered(rooms, ada)
    SPOILT[how](answer)
    found = check(rooms, answer)
    assert found
    assert unnamed(found) == SAID[how]


def test_an_answer_signed_by_another_log_is_not_believed(
    lived: tuple[Rooms, Subject],
) -> None:
    rooms, ada = lived
    other = notes.QuantumSafeSigner("onlyou.test/log", b"o" * 32)
    assert flaws(answered(rooms, ada), other.verifier) == (
        "its checkpoint is not signed by the log",
    )


def test_pages_are_joined_before_they_are_checked(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    answer = answered(rooms, ada)
    half = len(answer["items"]) // 2
    first = answer | {"items": answer["items"][:half], "cursor": "next"}
    rest = answer | {"items": answer["items"][half:]}
    assert check(rooms, first)
    assert check(rooms, dict(disclosure.joined([first, rest]))) == ()


def test_somebody_new_is_shown_that_the_map_has_nothing_of_them(rooms: Rooms) -> None:
    rooms.person("Bob", Purpose.LIKENESS)
    rooms.consent.lasts.log()
    eve = rooms.person("Eve", Purpose.LIKENESS)
    answer = answered(rooms, eve)
    assert answer["newer"] == len(answer["items"]) > 0
    assert check(rooms, answer) == ()


def test_an_answer_about_somebody_else_is_found_by_a_receipt(lived: tuple[Rooms, Subject]) -> None:
    """Whole and honest, but about another: only what the person kept can tell."""
    rooms, ada = lived
    kept = last_receipt(rooms.consent.ledger, ada, Purpose.LIKENESS)
    assert kept is not None
    assert untold(answered(rooms, ada), kept) == ()
    other = answered(rooms, rooms.person("Eve", Purpose.LIKENESS))
    assert check(rooms, other) == ()
    assert untold(other, kept) == ("the receipt is about somebody else than the answer",)
    less = answered(rooms, ada)
    less["items"] = [item for item in less["items"] if item["seq"] != kept["seq"]]
    assert "of which there is a receipt" in untold(less, kept)[0]
    assert untold(less, {}) == untold({}, kept) == ("the receipt has not the shape of one",)


def test_an_entry_of_somebody_else_is_not_taken_for_ones_own(rooms: Rooms) -> None:
    rooms.person("Bob", Purpose.LIKENESS)
    rooms.consent.lasts.log()
    eve, dee = rooms.consent.accounts.add("Eve").subject, rooms.consent.accounts.add("Dee").subject
    with rooms.consent.ledger.write() as writing:
        first = writing.append("pause", subject=dee)
    answer = answered(rooms, eve)
    size = notes.parse_checkpoint(answer["checkpoint"]).size
    answer |= {"items": [proved(rooms, first, size)], "newer": 1}
    assert check(rooms, answer) == (f"entry {first} is about somebody else",)


def older_map(rooms: Rooms, person: Subject) -> tuple[Answer, TagMap, int]:
    """Hide a person's last entry, and make a map that ends before it."""
    answer = answered(rooms, person)
    tag = entries.from_base64url(answer["tag"])
    *shown, _ = answer["items"]
    made = TagMap([(tag, (shown[-1]["seq"], None))])
    (one,) = made.prove(tag)
    leaf = {"tag": answer["tag"], "seq": one.last[0], "place": 0, "proof": []}
    answer |= {"items": shown, "newer": 0}
    answer["map"] |= {"leaves": [leaf]}
    return answer, made, answer["map"]["seq"]


def test_a_map_that_the_log_does_not_hold_proves_nothing(lived: tuple[Rooms, Subject]) -> None:
    rooms, ada = lived
    rooms.consent.lasts.log()
    answer, made, seq = older_map(rooms, ada)
    root = made.root().hex()
    sha256 = hashlib.sha256(described(root, 1, seq)).hexdigest()
    body: Answer = {"v": 1, "t": "aggregate", "at": 1, "object": sha256, "map": root, "n": 1}
    answer["map"]["entry"] = entries.base64url(entries.canonical(body))
    assert check(rooms, answer) == (f"the map's entry {seq} is not in the tree of the checkpoint",)


def test_a_logged_aggregate_that_is_no_map_of_its_place_proves_nothing(
    lived: tuple[Rooms, Subject],
) -> None:
    """As where statistics of another kind, or a map of another size, are passed off as one."""
    rooms, ada = lived
    answer, made, seq = older_map(rooms, ada)
    with rooms.consent.ledger.write() as writing:
        sha256 = hashlib.sha256(described(made.root().hex(), 1, seq)).hexdigest()
        other = writing.append("aggregate", content=sha256, map=made.root().hex(), n=1)
    fresh = answered(rooms, ada)
    size = notes.parse_checkpoint(fresh["checkpoint"]).size
    items = fresh["items"][:-1]
    passed_off = proved(rooms, other, size) | {"leaves": answer["map"]["leaves"]}
    shown = fresh | {"items": items, "newer": 0, "map": passed_off}
    assert check(rooms, shown) == (f"entry {other} is no map of last entries",)


# --- decisions in blocks


@pytest.fixture
def in_block(rooms: Rooms) -> tuple[Rooms, Answer]:
    """Let the middle one of a person's three entries be a slot of a block, and log the map."""
    ada = rooms.consent.accounts.add("Ada").subject
    tag, ledger = entries.from_base64url(rooms.tag(ada)), rooms.consent.ledger
    with ledger.write() as writing:
        first = writing.append("pause", subject=ada)
        mine = tag + bytes(40) + first.to_bytes(8, "big") + b"\xff" * 4 + bytes(2)
        other = b"o" * 16 + bytes(40) + b"\xff" * 12 + bytes(2)
        tree = merkle.Tree(map(merkle.leaf_hash, (other, mine)))
        policy, inner = rooms.consent.policy.sha256, tree.root().hex()
        block = writing.append("block", policy=policy, n=2, denied=2, inner=inner)
        writing.insert(blocks, [{"seq": block, "records": other + mine}])
        last = writing.append("resume", tag=entries.base64url(tag), prev=[block, 1])
        writing.follow(ada, last)
    rooms.consent.lasts.log()
    shown = rooms.consent.lasts.shown(entries.base64url(tag))
    assert shown is not None
    note = ledger.checkpoint()
    size = notes.parse_checkpoint(note).size
    slot = {
        "slot": 1,
        "record": entries.base64url(mine),
        "slot_proof": [node.hex() for node in tree.inclusion(1, 2)],
    }
    (own,) = shown.leaves
    leaf = {"tag": entries.base64url(tag), "seq": own.last[0], "place": own.place}
    leaf |= {"proof": [node.hex() for node in own.proof]}
    items = [
        proved(rooms, first, size),
        proved(rooms, block, size) | slot,
        proved(rooms, last, size),
    ]
    return rooms, {
        "tag": entries.base64url(tag),
        "checkpoint": note,
        "items": items,
        "newer": 0,
        "map": proved(rooms, shown.seq, size) | {"leaves": [leaf]},
    }


def test_a_decision_in_a_block_is_a_link_of_the_chain(in_block: tuple[Rooms, Answer]) -> None:
    rooms, answer = in_block
    assert check(rooms, answer) == ()


def test_hiding_a_decision_in_a_block_is_found(in_block: tuple[Rooms, Answer]) -> None:
    rooms, answer = in_block
    for hidden in range(3):
        items = [item for place, item in enumerate(answer["items"]) if place != hidden]
        assert check(rooms, answer | {"items": items})


@pytest.mark.parametrize(
    "change", [{"slot": 0}, {"record": "A" * 94}, {"slot_proof": []}, {"slot_proof": ["00" * 32]}]
)
def test_a_decision_that_is_not_in_its_block_is_found(
    in_block: tuple[Rooms, Answer], change: Answer
) -> None:
    rooms, answer = in_block
    answer["items"][1] |= change
    assert check(rooms, answer)


def test_the_log_itself_shows_decisions_in_blocks(in_block: tuple[Rooms, Answer]) -> None:
    rooms, answer = in_block
    with rooms.consent.ledger.read() as connection:
        raw = {row.seq: bytes(row.records) for row in connection.execute(blocks.select())}
    log = [
        (one["seq"], rooms.consent.ledger.body(one["seq"]), raw.get(one["seq"], b""))
        for one in rooms.entries()
    ]
    assert unseen(answer, log) == ()
    (block,) = raw
    items = [item for item in answer["items"] if item["seq"] != block]
    assert unseen(answer | {"items": items}, log) == (block,)


def logged_of(rooms: Rooms, folder: Path) -> list[tuple[int, bytes, bytes]]:
    """Export the log, and read it as somebody does who searches it."""
    bundle.export(rooms.consent, folder)
    return list(bundle.logged(folder))


def test_a_search_of_the_log_finds_what_an_answer_leaves_out(
    in_block: tuple[Rooms, Answer], tmp_path: Path
) -> None:
    rooms, answer = in_block
    log = logged_of(rooms, tmp_path / "bundle")
    assert searched(answer, log) == ()
    hidden = answer["items"][0]
    rest = [item for item in answer["items"] if item is not hidden]
    (found,) = searched(answer | {"items": rest}, log)
    assert f"entry {hidden['seq']} is about this person" in found


def test_another_log_than_the_checkpoints_is_said_to_be_one(
    in_block: tuple[Rooms, Answer], tmp_path: Path
) -> None:
    rooms, answer = in_block
    log = logged_of(rooms, tmp_path / "bundle")
    for other in (log[:-1], [(seq, body + b" ", raw) for seq, body, raw in log]):
        assert searched(answer, other) == (
            "the log that was searched is not the one of the checkpoint",
        )
