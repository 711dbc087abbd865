# SPDX-License-Identifier: Apache-2.0
"""The draws are the published generator's, and each stands alone."""

import numpy as np
import pytest

from feed.draws import philox, run_key, uniform

# Random123's own test vectors for philox4x32, 10 rounds: counter, key, result.
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "result"), VECTORS)
def test_the_generator_gives_the_published_words(
    counter: tuple[int, ...], key: tuple[int, int], result: tuple[int, ...]
) -> None:
    a, b, c, d = (np.array([word], np.uint64) for word in counter)
    out = philox((a, b, c, d), (np.uint64(key[0]), np.uint64(key[1])))
    assert tuple(int(word[0]) for word in out) == result


def test_a_person_draws_the_same_alone_and_in_a_crowd() -> None:
    people = np.arange(1, 500, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    crowd = uniform(run_key(7), people, 20_000)
    alone = [float(uniform(run_key(7), people[n : n + 1], 20_000)[0]) for n in range(499)]
    assert crowd.tolist() == alone


def test_another_run_day_or_person_draws_another_number() -> None:
    one = np.array([5], np.uint64)
    first = uniform(run_key(7), one, 100)
    assert uniform(run_key(8), one, 100) != first
    assert uniform(run_key(7), one, 101) != first
    assert uniform(run_key(7), np.array([6], np.uint64), 100) != first


def test_numbers_spread_evenly_over_zero_to_one() -> None:
    drawn = uniform(run_key(1), np.arange(20_000, dtype=np.uint64), 3)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts = np.histogram(drawn, bins=10, range=(0, 1))[0]
    assert abs(counts - 2_000).max() < 200
