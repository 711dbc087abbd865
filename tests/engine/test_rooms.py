# SPDX-License-Identifier: Apache-2.0
import dataclasses

import pytest

from tests.engine.town import Town


def test_all_rooms_stand_on_one_consent_room(small_town: Town) -> None:
    rooms = small_town.rooms
    assert rooms.feed.pages._ledger is rooms.consent.ledger
    assert rooms.studio._gate is rooms.consent.gate


def test_built_rooms_are_not_rebuilt_in_place(small_town: Town) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_town.rooms.studio = None  # type: ignore[misc, assignment]
