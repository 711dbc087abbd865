# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import pytest

from consent.errors import Denied, Misused
from consent.words import Purpose, Reason
from engine.asking import imagine
from generation.portraits import Portrait
from tests.engine.town import SCENARIOS, Town


def test_who_asks_gets_the_scenario_they_named(small_town: Town) -> None:
    made = imagine(small_town.rooms, small_town.people["Bo"], "jazz")
    assert isinstance(made, Portrait)
    assert (made.request.wish.scenario, made.request.purpose) == ("jazz", Purpose.IMAGINE)


def test_who_names_none_gets_one_that_the_recipe_can_draw(small_town: Town) -> None:
    made = imagine(small_town.rooms, small_town.people["Bo"])
    assert isinstance(made, Portrait)
    assert made.request.wish.scenario in SCENARIOS


def test_a_yes_to_inserts_is_no_yes_to_portraits_on_request(small_town: Town) -> None:
    with pytest.raises(Denied) as refused:
        imagine(small_town.rooms, small_town.people["Ada"])
    assert (refused.value.reason, refused.value.purpose) == (Reason.NOT_GRANTED, Purpose.IMAGINE)


def test_asking_implies_inserts_under_the_2025_policy_and_nothing_under_the_strict_one(
    make_town: Callable[..., Town],
) -> None:
    for policy, implied in (("strict-opt-in", 0), ("instagram-2025", 1)):
        town = make_town(policy)
        imagine(town.rooms, town.people["Bo"])
        assert len(town.bodies("grant", kind="implied")) == implied


def test_after_a_no_to_inserts_asking_again_implies_nothing(
    make_town: Callable[..., Town],
) -> None:
    town = make_town("instagram-2025")
    imagine(town.rooms, town.people["Bo"])
    town.rooms.consent.withdrawals.withdraw(town.people["Bo"], Purpose.FEED_INSERT)
    imagine(town.rooms, town.people["Bo"])
    assert len(town.bodies("grant", kind="implied")) == 1


def test_an_unknown_scenario_is_refused_before_anything_is_asked(small_town: Town) -> None:
    size, _ = small_town.rooms.consent.ledger.head()
    with pytest.raises(Misused, match="flying-carpet"):
        imagine(small_town.rooms, small_town.people["Bo"], "flying-carpet")
    assert small_town.rooms.consent.ledger.head()[0] == size
