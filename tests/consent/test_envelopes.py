# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import envelopes
from consent.chance import FixedChance
from consent.errors import Broken
from consent.words import ObjectId, Purpose, Subject

KEY, OTHER = b"k" * 32, b"o" * 32
ADA, BOB = Subject(1), Subject(2)


@given(st.binary(max_size=2_000), st.binary(max_size=40))
def test_what_is_sealed_opens_under_its_key_and_context(content: bytes, context: bytes) -> None:
    sealed = envelopes.seal(KEY, content, context, FixedChance(7))
    assert envelopes.unseal(KEY, sealed, context) == content
    assert len(sealed) == 12 + len(content) + 16


@pytest.mark.parametrize(("key", "context"), [(OTHER, b"here"), (KEY, b"there")])
def test_another_key_or_another_context_opens_nothing(key: bytes, context: bytes) -> None:
    sealed = envelopes.seal(KEY, b"a face", b"here", FixedChance(7))
    with pytest.raises(Broken, match="do not open"):
        envelopes.unseal(key, sealed, context)


@given(st.integers(0, 12 + 6 + 16 - 1), st.integers(0, 7))
def test_sealed_bytes_with_any_bit_changed_do_not_open(place: int, bit: int) -> None:
    sealed = bytearray(envelopes.seal(KEY, b"a face", b"here", FixedChance(7)))
    sealed[place] ^= 1 << bit
    with pytest.raises(Broken, match="do not open"):
        envelopes.unseal(KEY, bytes(sealed), b"here")


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_torn_blob_does_not_open(length: int) -> None:
    sealed = envelopes.seal(KEY, b"a face", b"here", FixedChance(7))
    with pytest.raises(Broken, match="do not open"):
        envelopes.unseal(KEY, sealed[:length], b"here")


def test_the_same_content_never_looks_the_same_twice() -> None:
    chance = FixedChance(7)
    one, other = (envelopes.seal(KEY, b"a face", b"here", chance) for _ in range(2))
    assert one != other
    assert b"a face" not in one + other


def test_contexts_of_different_people_objects_purposes_and_grants_differ() -> None:
    contexts = [
        envelopes.content_context(ADA, ObjectId(1)),
        envelopes.content_context(BOB, ObjectId(1)),
        envelopes.content_context(ADA, ObjectId(2)),
        envelopes.content_context(Subject(11), ObjectId(2)),
        envelopes.wrap_context(ADA, ObjectId(1), Purpose.IMAGINE),
        envelopes.wrap_context(ADA, ObjectId(1), Purpose.FEED_INSERT),
        envelopes.key_context(ADA, Purpose.IMAGINE, 1),
        envelopes.key_context(ADA, Purpose.IMAGINE, 2),
        envelopes.key_context(ADA, Purpose.FEED_INSERT, 1),
    ]
    assert len(set(contexts)) == len(contexts)
