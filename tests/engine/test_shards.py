# SPDX-License-Identifier: Apache-2.0
from collections import Counter

import pytest

from consent.chance import FixedChance, identifier
from consent.words import Subject
from engine.shards import Shard, of_name, of_subject

KEY = b"k" * 32


def test_an_id_belongs_to_one_shard_whatever_its_term() -> None:
    ada = Subject(5_300_000_000_000_001)
    holders = [n for n in range(16) if Shard(number=n, of=16, term=n).holds(ada)]
    assert holders == [of_subject(ada, 16)]


@pytest.mark.parametrize("shards", [2, 4, 16])
def test_ids_spread_evenly(shards: int) -> None:
    chance = FixedChance(7)
    found = Counter(of_subject(Subject(identifier(chance)), shards) for _ in range(8_000))
    assert all(abs(found[n] * shards / 8_000 - 1) < 0.25 for n in range(shards))


def test_a_name_spreads_evenly_and_says_nothing_without_its_key() -> None:
    names = [f"Ada {n}" for n in range(8_000)]
    mine = [of_name(KEY, name, 4) for name in names]
    others = [of_name(b"o" * 32, name, 4) for name in names]
    assert all(abs(count / 2_000 - 1) < 0.1 for count in Counter(mine).values())
    same = sum(one == other for one, other in zip(mine, others, strict=True))
    assert abs(same / 2_000 - 1) < 0.1  # as often as by chance


def test_a_name_is_told_as_an_account_writes_it() -> None:
    assert of_name(KEY, "  Ada   Lovelace ", 16) == of_name(KEY, "Ada Lovelace", 16)


def test_the_shard_of_an_id_never_changes() -> None:
    assert [of_subject(Subject(n), 4_096) for n in (1, 2, (1 << 63) - 1)] == [1809, 3688, 1536]
