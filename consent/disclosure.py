# SPDX-License-Identifier: Apache-2.0
"""A person's check of what they were shown about themselves: `GET /v1/ledger/me`, offline.

Rules, each of which a server that hides an entry breaks:
1. the checkpoint is signed by the log, and everything shown is in the tree that it names
2. the entries are one chain: the first names none before it, each other the one before
3. the newest entry before the logged map is the one that the map says, under its signed root
4. what is newer than the map is told as such; nobody vouches for it but the log itself, and
   `unseen` finds what was left out of it
5. the answer is about whom the person's own receipts are about: `untold` compares
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from consent import entries, merkle, notes
from consent.tag_map import (
    RECORD_BYTES,
    TAG_BYTES,
    Last,
    Placed,
    Tag,
    described,
    named,
    previous,
    records,
    says,
)

Answer = Mapping[str, Any]
"""One page of the answer, or all pages with their items joined."""
Logged = tuple[int, bytes, bytes]
"""One entry of the log: its sequence number, its body, and its records if it is a block."""
_SHAPE: Final = "it has not the shape of an answer"


def joined(pages: Sequence[Answer]) -> Answer:
    """Join the pages of one answer; the proofs are those of the last page's checkpoint."""
    return {**pages[-1], "items": [item for page in pages for item in page["items"]]}


def flaws(answer: Answer, *verifiers: str) -> tuple[str, ...]:
    """Say what is wrong with an answer, offline: nothing when it shows all up to its map.

    `verifiers` are the log's verifier key lines, as bundles carry them.
    """
    try:
        return tuple(_flaws(answer, verifiers))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return (_SHAPE,)


def untold(answer: Answer, receipt: Mapping[str, Any]) -> tuple[str, ...]:
    """Hold an answer against a receipt that the person kept: about the same one, and in it."""
    try:
        told, seq = _told(receipt), receipt["seq"]
        if told["tag"] != answer["tag"]:
            return ("the receipt is about somebody else than the answer",)
        if seq not in {item["seq"] for item in answer["items"]}:
            return (f"entry {seq}, of which there is a receipt, is not shown",)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ("the receipt has not the shape of one",)
    return ()


def unseen(answer: Answer, log: Iterable[Logged]) -> tuple[int, ...]:
    """Search the log itself for entries about this person that the answer leaves out."""
    tag = entries.from_base64url(answer["tag"])
    shown = {_place(item) for item in answer["items"]}
    return tuple(
        seq
        for seq, body, joined_records in log
        for told, place in _mentioned(seq, entries.decode(body), joined_records)
        if told == tag and place not in shown
    )


def searched(answer: Answer, log: Iterable[Logged]) -> tuple[str, ...]:
    """Say what a search of the log itself finds wrong: entries left out, or another log."""
    tree = merkle.Tree()

    def read() -> Iterator[Logged]:
        for seq, body, raw in log:
            tree.extend([merkle.leaf_hash(body)])
            yield seq, body, raw

    left_out = [
        f"entry {seq} is about this person and is not shown" for seq in unseen(answer, read())
    ]
    head = notes.parse_checkpoint(answer["checkpoint"])
    if len(tree) < head.size or tree.root(head.size) != head.root:
        return ("the log that was searched is not the one of the checkpoint",)
    return tuple(left_out)


def _mentioned(seq: int, told: Mapping[str, Any], raw: bytes) -> Iterator[tuple[Tag, Last]]:
    if "tag" in told:
        yield entries.from_base64url(told["tag"]), (seq, None)
    elif told["t"] == "block" and "policy" in told:
        for slot, record in enumerate(records(raw)):
            yield record[:TAG_BYTES], (seq, slot)


def _place(item: Answer) -> Last:
    return item["seq"], item.get("slot")


def _flaws(answer: Answer, verifiers: Sequence[str]) -> Iterator[str]:
    signed = notes.open_note(answer["checkpoint"], *verifiers)
    if signed is None:
        yield "its checkpoint is not signed by the log"
        return
    head = notes.parse_checkpoint(signed)
    if answer.get("cursor") is not None:
        yield "there are more pages: join them all"
    yield from _unproved(answer, head)
    yield from _broken(answer)
    yield from _unmapped(answer, head)


# --- rule 1


def _unproved(answer: Answer, head: notes.Checkpoint) -> Iterator[str]:
    for item in answer["items"]:
        if not _included(item, head):
            yield f"entry {item['seq']} is not in the tree of the checkpoint"
        if item.get("slot") is not None and not _in_block(item):
            yield f"slot {item['slot']} is not in the block of entry {item['seq']}"


def _included(item: Answer, head: notes.Checkpoint) -> bool:
    leaf = merkle.leaf_hash(entries.from_base64url(item["entry"]))
    proof = _hashes(item["proof"])
    return merkle.verify_inclusion(leaf, item["seq"], head.size, proof, head.root)


def _in_block(item: Answer) -> bool:
    told, record = _told(item), entries.from_base64url(item["record"])
    leaf, proof = merkle.leaf_hash(record), _hashes(item["slot_proof"])
    inner = bytes.fromhex(told["inner"])
    found = merkle.verify_inclusion(leaf, item["slot"], told["n"], proof, inner)
    return found and len(record) == RECORD_BYTES


def _hashes(proof: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(node) for node in proof]


def _told(item: Answer) -> dict[str, Any]:
    return entries.decode(entries.from_base64url(item["entry"]))


# --- rule 2


def _broken(answer: Answer) -> Iterator[str]:
    tag = entries.from_base64url(answer["tag"])
    before: Last | None = None
    for item in answer["items"]:
        owner, prev = _link(item)
        if owner != tag:
            yield f"entry {item['seq']} is about somebody else"
        if prev != before:
            yield f"entry {item['seq']} names {_said(prev)} before it, shown is {_said(before)}"
        before = _place(item)


def _link(item: Answer) -> tuple[Tag, Last | None]:
    """Return whom an item is about, and the entry before it."""
    if item.get("slot") is not None:
        record = entries.from_base64url(item["record"])
        return record[:TAG_BYTES], previous(record)
    told = _told(item)
    return entries.from_base64url(told["tag"]), named(told.get("prev"))


def _said(place: Last | None) -> str:
    if place is None:
        return "none"
    seq, slot = place
    return f"entry {seq}" if slot is None else f"slot {slot} of entry {seq}"


# --- rules 3 and 4


def _unmapped(answer: Answer, head: notes.Checkpoint) -> Iterator[str]:
    shown = answer.get("map")
    if shown is None:
        yield "no map of last entries is shown: entries may be missing at the end"
        return
    told, size = _told(shown), shown["seq"]
    if not _included(shown, head):
        yield f"the map's entry {size} is not in the tree of the checkpoint"
    sha256 = hashlib.sha256(described(told["map"], told["n"], size)).hexdigest()
    if told["t"] != "aggregate" or told["object"] != sha256:
        yield f"entry {size} is no map of last entries"
        return
    yield from _mismatched(answer, told, size)


def _mismatched(answer: Answer, told: Mapping[str, Any], size: int) -> Iterator[str]:
    tag = entries.from_base64url(answer["tag"])
    leaves = [_leaf(one) for one in answer["map"]["leaves"]]
    try:
        last = says(tag, leaves, told["n"], bytes.fromhex(told["map"]))
    except ValueError as error:
        yield f"the map proves nothing about this person: {error}"
        return
    places = [_place(item) for item in answer["items"]]
    covered = [place for place in places if place[0] < size]
    found = covered[-1] if covered else None
    if last != found:
        yield f"the map ends at {_said(last)}, shown before it is {_said(found)}"
    if answer["newer"] != len(places) - len(covered):
        yield "it counts other entries after the map than it shows"


def _leaf(shown: Mapping[str, Any]) -> Placed:
    return Placed(
        tag=entries.from_base64url(shown["tag"]),
        last=(shown["seq"], shown.get("slot")),
        place=shown["place"],
        proof=tuple(_hashes(shown["proof"])),
    )
