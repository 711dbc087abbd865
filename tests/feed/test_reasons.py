# SPDX-License-Identifier: Apache-2.0
"""A reason is said in words, largest first, and sums to the value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent import policies
from feed import model
from feed.features import GRAIN, PERSON, SCENE
from feed.ranking import values
from feed.reasons import COST, OWN, PEOPLE, REST, Part, explain, sentence, top

WEIGHTS = policies.load("strict-opt-in").ranking
MODEL = model.shipped()

people = st.lists(st.integers(0, GRAIN), min_size=len(PERSON), max_size=len(PERSON)).map(
    lambda row: np.array(row, np.float64) / GRAIN
)
places = st.lists(st.sampled_from([0.0, 1.0]), min_size=len(SCENE), max_size=len(SCENE)).map(
    np.array
)


@given(people, places, st.booleans())
def test_the_parts_sum_to_the_value_exactly(x: np.ndarray, z: np.ndarray, personal: bool) -> None:
    own = np.array([0.5, -0.25, 0.0, 0.0])
    parts = explain(MODEL, x, z, WEIGHTS, personal=personal, own=own)
    worth = values(MODEL, x[np.newaxis], z[np.newaxis], WEIGHTS, own[:, np.newaxis])[0, 0]
    assert OWN in {part.feature for part in parts}
    assert sum(part.effect for part in parts) == pytest.approx(worth, abs=1e-9)


@given(people, places)
def test_the_largest_part_comes_first(x: np.ndarray, z: np.ndarray) -> None:
    sizes = [abs(part.effect) for part in explain(MODEL, x, z, WEIGHTS, personal=True)]
    assert sizes == sorted(sizes, reverse=True)


def test_a_pair_at_rest_is_only_rest_and_cost() -> None:
    parts = explain(MODEL, np.zeros(len(PERSON)), np.zeros(len(SCENE)), WEIGHTS, personal=True)
    assert {part.feature for part in parts} == {REST, COST}
    assert top(parts) == ()


def test_the_top_leaves_out_what_every_insert_has() -> None:
    parts = tuple(
        Part(feature=f, effect=e, personal=False)
        for f, e in ((REST, 9.0), ("theme:sky", 2.0), (COST, -1.0), (PEOPLE, 0.5), ("rest", 0.1))
    )
    assert [part.feature for part in top(parts, 2)] == ["theme:sky", PEOPLE]


def test_every_feature_has_a_sentence() -> None:
    said = {sentence(feature) for feature in (*PERSON, *SCENE, REST, COST, PEOPLE, OWN)}
    assert all(words[0].isupper() and not words.endswith(".") for words in said)
    assert sentence("liked:outdoors") == "You liked portraits about the outdoors"
    assert sentence("theme:past") == "It is about times past"
