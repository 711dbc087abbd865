# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.chance import Chance, FixedChance, SystemChance, identifier


def test_the_same_seed_draws_the_same_stream() -> None:
    one, other = FixedChance(7), FixedChance(7)
    assert [one.token(n) for n in (1, 32, 33, 100)] == [other.token(n) for n in (1, 32, 33, 100)]


@pytest.mark.parametrize("other", [FixedChance(8), FixedChance(7, start=1)])
def test_another_seed_or_another_start_draws_another_stream(other: FixedChance) -> None:
    assert FixedChance(7).token(32) != other.token(32)


def test_nothing_is_drawn_twice() -> None:
    chance = FixedChance(7)
    drawn = [chance.token(12) for _ in range(1_000)]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("chance", [SystemChance(), FixedChance(7)])
def test_as_many_bytes_are_drawn_as_asked_for(chance: Chance) -> None:
    assert [len(chance.token(n)) for n in (0, 1, 31, 32, 33, 1_000)] == [0, 1, 31, 32, 33, 1_000]


@pytest.mark.parametrize("chance", [SystemChance(), FixedChance(7)])
def test_an_id_has_63_bits_and_is_never_zero(chance: Chance) -> None:
    ids = [identifier(chance) for _ in range(500)]
    assert all(0 < number < 1 << 63 for number in ids)
    assert max(ids) > 1 << 60
    assert len(set(ids)) == len(ids)


def test_bytes_that_would_be_zero_become_one() -> None:
    class Zeros:
        def token(self, size: int) -> bytes:
            return bytes(size)

    assert identifier(Zeros()) == 1
