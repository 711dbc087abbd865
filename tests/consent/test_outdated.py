# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from consent.outdated import Outdated
from consent.words import Purpose
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


@pytest.mark.parametrize("learnt", ["before", "between", "never"])
def test_servings_of_words_that_changed_are_told_whenever_they_were_learnt(
    rooms_on_both: Rooms, learnt: str
) -> None:
    rooms = rooms_on_both
    ada, bob = rooms.person("Ada"), rooms.person("Bob")
    current = rooms.consent.notices.current[FEED]
    now, never = Outdated(FEED, current), Outdated(FEED, frozenset({"0" * 64}))

    def learn() -> None:
        with rooms.consent.ledger.read() as connection:
            now.learn(connection)
            never.learn(connection)

    if learnt == "before":
        learn()
    first = rooms.consent.notices.serve(ada, FEED).seq
    if learnt == "between":
        learn()
    second = rooms.consent.notices.serve(bob, FEED).seq
    other = rooms.consent.notices.serve(bob, Purpose.LIKENESS).seq
    asked = np.array([first, -1, second, other, first])
    with rooms.consent.ledger.read() as connection:
        assert now.among(connection, asked).tolist() == [False] * 5
        told = never.among(connection, asked).tolist()
    assert told == [True, False, True, False, True]
