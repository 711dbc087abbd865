# SPDX-License-Identifier: Apache-2.0
"""Models say what they would have done, of those who let us learn, by the same eligible sets."""

import numpy as np
import pytest

from consent import policies
from consent.words import DAY, Micros
from feed import model, shadows
from feed.features import Act, History
from feed.model import HEADS
from feed.ranking import NO_INSERT, Candidate, Round, choose
from feed.scenarios import shipped
from feed.shadows import cast, digest, unpacked
from tests.feed.chosen import other

CATALOGUE = shipped()
NOW = Micros(20_700 * DAY)
KNOWN = History(acts=(Act(kind="like", scenario="aurora", at=NOW),), shown=(NOW,), since=NOW)
TERMS = Round(
    seed=7,
    now=NOW,
    policy=policies.load("strict-opt-in"),
    renders=frozenset({"aurora", "jazz", "chef"}),
)
PEOPLE = tuple(
    Candidate(draw_key=n, history=KNOWN if n % 2 else None, without=frozenset({"jazz"}))
    for n in range(40)
)
MADE = choose(model.shipped(), CATALOGUE, PEOPLE, TERMS)
MODELS = (model.shipped(), other())


def test_nobody_is_asked_about_who_is_not_to_be_learned_from() -> None:
    words = cast(MODELS, CATALOGUE, PEOPLE, MADE, TERMS)
    assert [len(one) for one in words] == [0, 2] * 20
    assert cast(MODELS, CATALOGUE, PEOPLE[::2], MADE[::2], TERMS) == ((),) * 20
    assert cast(MODELS, CATALOGUE, (), (), TERMS) == ()


def test_the_model_in_charge_says_what_was_logged() -> None:
    places = {one.id: n + 1 for n, one in enumerate(CATALOGUE.scenarios)}
    words = cast(MODELS, CATALOGUE, PEOPLE, MADE, TERMS)
    for (mine, _), made in zip(words[1::2], MADE[1::2], strict=True):
        action = NO_INSERT if made.scenario is None else places[made.scenario]
        chances = unpacked(mine.chances)
        assert chances[action] == pytest.approx(made.propensity, rel=1e-5)
        assert digest(CATALOGUE, chances > 0) == made.eligible_sha256
        assert (mine.heads is None) == (made.scenario is None)
        assert mine.heads is None or len(mine.heads) == len(HEADS)


def test_an_apprentice_draws_among_the_same_and_otherwise() -> None:
    for mine, theirs in cast(MODELS, CATALOGUE, PEOPLE, MADE, TERMS)[1::2]:
        ours, others = unpacked(mine.chances), unpacked(theirs.chances)
        assert ((ours > 0) == (others > 0)).all()
        assert others.sum() == pytest.approx(1, abs=1e-6)
        assert others[NO_INSERT] < ours[NO_INSERT]
        assert mine.model_sha256 != theirs.model_sha256


def test_a_lottery_is_kept_as_four_bytes_an_action() -> None:
    words = cast(MODELS[:1], CATALOGUE, PEOPLE[1:2], MADE[1:2], TERMS)
    assert len(words[0][0].chances) == 4 * (1 + len(CATALOGUE.scenarios))
    assert unpacked(np.array([0.25, 0.75], "<f4").tobytes()).tolist() == [0.25, 0.75]
    assert shadows._CHANCES == "<f4"
