# SPDX-License-Identifier: Apache-2.0
"""What a person names becomes wishes."""

import pytest

from consent.errors import Misused
from engine import wanting
from feed.preferences import Unwanted, Wishes
from tests.engine.town import SCENARIOS, Town


def test_somebody_who_asks_always_gets_an_idea(small_town: Town) -> None:
    bo = small_town.people["Bo"]
    assert wanting.one(small_town.rooms, bo).scenario in SCENARIOS
    assert wanting.one(small_town.rooms, bo, "jazz").scenario == "jazz"


def test_a_pack_takes_its_styles_in_turn_and_no_picture_twice(small_town: Town) -> None:
    wished = wanting.pack(small_town.rooms, small_town.people["Bo"], ["jazz", "knight"], 5)
    assert [one.scenario for one in wished] == ["jazz", "knight", "jazz", "knight", "jazz"]
    assert len({one.seed for one in wished}) == 5


def test_what_nobody_here_can_draw_is_not_offered(small_town: Town) -> None:
    known = {one.id for one in small_town.rooms.feed.catalogue.scenarios}
    for scenario in ("flying-carpet", min(known - SCENARIOS)):
        with pytest.raises(Misused, match=scenario):
            wanting.pack(small_town.rooms, small_town.people["Bo"], ["jazz", scenario], 4)


def test_what_is_blocked_is_not_drawn_by_name_either(small_town: Town) -> None:
    bo, catalogue = small_town.people["Bo"], small_town.rooms.feed.catalogue
    blocked = frozenset(catalogue.of("jazz").themes)
    small_town.rooms.feed.preferences.put(bo, Wishes(blocked=blocked))
    with pytest.raises(Unwanted):
        wanting.one(small_town.rooms, bo, "jazz")


def test_what_was_blocked_since_is_not_drawn_once_more(small_town: Town) -> None:
    bo, catalogue = small_town.people["Bo"], small_town.rooms.feed.catalogue
    permit, wish = small_town.selected("Bo")
    small_town.rooms.studio.order([permit], [wish])
    blocked = frozenset(catalogue.of(wish.scenario).themes)
    small_town.rooms.feed.preferences.put(bo, Wishes(blocked=blocked))
    with pytest.raises(Unwanted):
        wanting.again(small_town.rooms, bo, permit.object)


def test_the_same_picture_is_wished_for_again_by_its_owner_alone(small_town: Town) -> None:
    permit, wish = small_town.selected("Bo")
    small_town.rooms.studio.order([permit], [wish])
    assert wanting.again(small_town.rooms, small_town.people["Bo"], permit.object) == wish
    with pytest.raises(Misused):
        wanting.again(small_town.rooms, small_town.people["Ada"], permit.object)
