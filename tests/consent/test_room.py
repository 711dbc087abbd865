# SPDX-License-Identifier: Apache-2.0
from consent.words import Purpose
from tests.rooms import Rooms


def test_one_portrait_goes_from_a_yes_to_its_owners_eyes(rooms_on_both: Rooms) -> None:
    ada = rooms_on_both.inserted_person()
    portrait = rooms_on_both.portrait(ada, Purpose.FEED_INSERT, b"ada as an astronaut")
    rooms_on_both.insert(ada, portrait)
    assert rooms_on_both.look(ada, portrait) == b"ada as an astronaut"
