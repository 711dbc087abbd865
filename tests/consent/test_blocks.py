# SPDX-License-Identifier: Apache-2.0
import hashlib
import hmac
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import blocks, entries, factspace, merkle, policies
from consent.arrays import KINDS, FactArrays
from consent.words import Kind, Purpose, Reason, Step
from tests.consent.facts import widths

NONCE = bytes(range(16))


def secrets_of(count: int) -> list[bytes]:
    return [hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(count)]


def written(count: int) -> bytes:
    rows = np.arange(count)
    return blocks.records(
        tags=np.frombuffer(bytes(16 * count), np.uint8).reshape(count, 16),
        committed=b"".join(secrets_of(count)),
        epochs=rows - 1,
        prevs=rows - 2,
        prev_slots=rows - 3,
        kinds=rows % len(KINDS),
        verdicts=(rows % 4).astype(np.uint8),
    )


def every_fact() -> FactArrays:
    known = [policies.load(name) for name in policies.names()]
    space = factspace.facts(known, Step.SELECT, Purpose.FEED_INSERT)
    rng = np.random.default_rng(7)
    return space.where(rng.random(len(space)) < 2_000 / len(space))


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_masks_are_one_hmac_a_slot(count: int) -> None:
    hidden = blocks.masks(secrets_of(count), NONCE)
    expected = [
        hmac.digest(secret, b"onlyou block 1" + NONCE + slot.to_bytes(4, "big"), "sha256")
        for slot, secret in enumerate(secrets_of(count))
    ]
    assert hidden.salts == b"".join(one[:16] for one in expected)
    assert hidden.pads == b"".join(one[16:] for one in expected)


def test_all_facts_that_policies_tell_apart_come_back_from_sixteen_bytes() -> None:
    facts = every_fact()
    packed = blocks.pack(facts)
    assert len(packed) == 16 * len(facts)
    back = blocks.unpack(packed)
    assert widths(back) == set()
    assert [back.one(n) for n in range(len(facts))] == [facts.one(n) for n in range(len(facts))]


def test_a_region_that_does_not_fit_is_refused_not_cut() -> None:
    facts = every_fact()
    for name in ("US-IL-COOK", "ÖÖ"):
        odd = FactArrays(
            **{n: getattr(facts, n) for n in facts.__slots__ if n != "regions"},
            regions=(None, name),
        )
        with pytest.raises(ValueError, match="expected regions of at most 8 letters, got"):
            blocks.pack(odd)


def test_sealing_is_undone_by_sealing_again_and_hides_equal_facts_differently() -> None:
    facts = every_fact()
    same = facts.where(np.arange(len(facts)) == 0)
    packed = blocks.pack(same) * 100
    hidden = blocks.masks(secrets_of(100), NONCE)
    sealed = blocks.sealed(packed, hidden)
    assert blocks.sealed(sealed, hidden) == packed
    assert len({sealed[n : n + 16] for n in range(0, len(sealed), 16)}) == 100


def test_a_commitment_is_opened_by_salt_and_canonical_facts() -> None:
    facts = every_fact()
    packed, hidden = blocks.pack(facts), blocks.masks(secrets_of(len(facts)), NONCE)
    committed = blocks.commitments(packed, hidden)
    for slot in range(0, len(facts), 97):
        salt = hidden.salts[16 * slot : 16 * slot + 16]
        named = entries.commitment(salt, facts.one(slot).opening())
        assert entries.base64url(committed[32 * slot : 32 * slot + 32]) == named
        opened = blocks.opened(packed[16 * slot : 16 * slot + 16])
        assert json.loads(opened) == facts.one(slot).opening()


def test_a_record_is_seventy_bytes_in_the_agreed_places() -> None:
    record = blocks.records(
        tags=np.frombuffer(b"t" * 16, np.uint8).reshape(1, 16),
        committed=b"c" * 32,
        epochs=np.array([258]),
        prevs=np.array([772]),
        prev_slots=np.array([5]),
        kinds=np.array([KINDS.index(Kind.PARENTAL)]),
        verdicts=np.array([1 + list(Reason).index(Reason.CAP)], np.uint8),
    )
    reason = bytes([1 + list(Reason).index(Reason.CAP)])
    places = (258).to_bytes(8, "big") + (772).to_bytes(8, "big") + (5).to_bytes(4, "big")
    assert record == b"t" * 16 + b"c" * 32 + places + b"\x02" + reason
    none = written(1)
    assert none[48:68] == b"\xff" * 20
    assert none[68:70] == b"\x00\x00"


@pytest.mark.parametrize(
    ("kind", "number"), [(Kind.EXPLICIT, 1), (Kind.PARENTAL, 2), (Kind.IMPLIED, 3), (None, 0)]
)
def test_kinds_have_their_agreed_numbers(kind: Kind | None, number: int) -> None:
    record = blocks.records(
        tags=np.zeros((1, 16), np.uint8),
        committed=bytes(32),
        epochs=np.array([1]),
        prevs=np.array([-1]),
        prev_slots=np.array([-1]),
        kinds=np.array([KINDS.index(kind)]),
        verdicts=np.array([0], np.uint8),
    )
    assert record[68] == number
    assert blocks.read(record).kind is kind


def test_reading_a_record_gives_what_was_written() -> None:
    records = written(8)
    read = [blocks.read(records[70 * n : 70 * n + 70]) for n in range(8)]
    assert [one.epoch for one in read] == [None, *range(7)]
    assert [one.prev for one in read] == [None, None, *range(6)]
    assert [one.prev_slot for one in read] == [None, None, None, *range(5)]
    assert [one.reason for one in read[:3]] == [None, *list(Reason)[:2]]
    assert read[0].kind is None
    assert read[1].kind is KINDS[1]
    assert [entries.from_base64url(one.facts) for one in read] == secrets_of(8)
    assert blocks.verdicts(records).tolist() == [0, 1, 2, 3] * 2


@pytest.mark.parametrize("count", [*range(20), 255, 256, 257, 1_000])
def test_the_inner_root_is_that_of_rfc_6962_and_every_slot_is_proved(count: int) -> None:
    records = written(count)
    hashed = [merkle.leaf_hash(records[70 * n : 70 * n + 70]) for n in range(count)]
    root = blocks.root(records)
    assert root == merkle.root_of(hashed)
    for slot in range(0, count, 1 + count // 5):
        proof = blocks.proof(records, slot)
        assert merkle.verify_inclusion(hashed[slot], slot, count, proof, root)


@given(raw=st.lists(st.binary(min_size=16, max_size=16), max_size=20))
def test_many_tags_are_read_as_one_is(raw: list[bytes]) -> None:
    assert blocks.tags([entries.base64url(one) for one in raw]).tobytes() == b"".join(raw)


@pytest.mark.parametrize("place", ["kind", "verdict", "length"])
def test_bytes_that_are_no_record_are_refused_in_a_sentence(place: str) -> None:
    row = np.zeros(1, blocks.RECORD)
    if place != "length":
        row[place] = 255
    with pytest.raises(ValueError, match=r"record|size"):
        blocks.read(row.tobytes()[: -1 if place == "length" else None])
