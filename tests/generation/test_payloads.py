# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from generation import payloads

REFERENCES = some.integers(0, (1 << 32) - 1)


def scores_of(reference: int, certain: float = 5.0) -> np.ndarray:
    return np.where(payloads.written(reference), certain, -certain).astype(np.float32)


@given(REFERENCES)
def test_what_is_written_is_read(reference: int) -> None:
    assert payloads.read(payloads.written(reference)) == reference
    assert reference in payloads.readings(scores_of(reference))


def test_a_payload_is_the_reference_and_its_crc() -> None:
    bits = payloads.written(0x31323334)
    assert np.packbits(bits).tobytes() == b"1234" + bytes.fromhex("5349")


@pytest.mark.parametrize("number", [-1, 1 << 32])
def test_a_reference_has_32_bits(number: int) -> None:
    with pytest.raises(ValueError, match="32 bits"):
        payloads.written(number)


@given(REFERENCES, some.sets(some.integers(0, 47), min_size=1, max_size=3))
def test_up_to_three_wrong_bits_are_never_taken_for_a_reading(
    reference: int, wrong: set[int]
) -> None:
    bits = payloads.written(reference)
    bits[list(wrong)] ^= True
    assert payloads.read(bits) is None


@given(REFERENCES, some.sets(some.integers(0, 47), max_size=payloads.UNSURE))
def test_wrong_bits_are_mended_where_they_are_the_least_certain(
    reference: int, wrong: set[int]
) -> None:
    scores = scores_of(reference)
    scores[list(wrong)] *= -0.1
    assert reference in payloads.readings(scores)


@given(REFERENCES, some.integers(0, 47))
def test_a_wrong_bit_that_is_certain_is_not_mended(reference: int, wrong: int) -> None:
    scores = scores_of(reference)
    scores[wrong] *= -2
    assert reference not in payloads.readings(scores)


def test_noise_is_read_about_as_often_as_the_crc_lets_it() -> None:
    chance = np.random.default_rng(1)
    noise = chance.normal(size=(20_000, payloads.BITS)).astype(np.float32)
    found = sum(len(payloads.readings(one)) for one in noise)
    assert found / 20_000 < 3 * 16 / 65_536
