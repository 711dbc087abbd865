# SPDX-License-Identifier: Apache-2.0
"""The room is put together from the consent room alone."""

from feed import model, scenarios
from feed.room import FeedRoom, build
from tests.rooms import Rooms


def test_the_room_is_built_on_the_consent_room(rooms: Rooms) -> None:
    room = build(rooms.consent)
    assert isinstance(room, FeedRoom)
    assert room.catalogue is scenarios.shipped()
    assert room.model is model.shipped()
    assert room.pages.of(rooms.person("Pat")).items == ()
