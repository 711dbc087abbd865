# SPDX-License-Identifier: Apache-2.0
"""Who may have somebody else drawn, and who sees what comes of it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consent import database
from consent.errors import Denied
from consent.words import Purpose, Reason, Subject
from engine import friends, jobs, wiring
from tests.engine.doors import Door
from tests.engine.town import Town
from tests.test_architecture import imports, sources


@pytest.fixture
def town(small_town: Town) -> Iterator[Town]:
    """Let snapchat-2024 hold where Bo and Ada live."""
    chosen = replace(small_town.rooms.settings, policy="snapchat-2024")
    connected = database.connect(chosen.database)
    rooms = wiring.build(chosen, connected, small_town.clock)
    rooms.consent.publish()
    yield replace(small_town, rooms=rooms)
    connected.dispose()


def befriended(town: Town, one: str, other: str) -> None:
    for who, friend in ((one, other), (other, one)):
        town.rooms.feed.friends.befriend(town.people[who], town.people[friend])


def refused(town: Town, by: Subject) -> Reason:
    with pytest.raises(Denied) as found:
        friends.dream(town.rooms, town.people["Bo"], by, "knight")
    return found.value.reason


def test_a_friends_pack_is_the_owners_alone(town: Town) -> None:
    befriended(town, "Bo", "Ada")
    bo, ada = town.people["Bo"], town.people["Ada"]
    made = friends.dream(town.rooms, bo, ada, "knight")
    town.rooms.studio.make(town.rooms.studio.pending(jobs.parts(made))[:1])
    found = jobs.find(town.rooms, bo, made)
    assert found.total == town.rooms.consent.policy.packs.outputs == 8
    assert found.purpose is Purpose.IMAGINE
    assert {part.scenario for part in found.parts} == {"knight"}
    door = Door(town, "Ada")
    assert (door.get("/v1/portraits")["items"], door.get("/v1/jobs")["items"]) == ([], [])
    assert len(Door(town).get("/v1/portraits")["items"]) == 1


def test_only_me_is_to_name_nobody(town: Town) -> None:
    ada = town.people["Ada"]
    assert refused(town, ada) is Reason.NOT_GRANTED
    town.rooms.feed.friends.befriend(ada, town.people["Bo"])
    assert refused(town, ada) is Reason.NOT_GRANTED
    befriended(town, "Bo", "Ada")
    town.rooms.feed.friends.unfriend(town.people["Bo"], ada)
    assert refused(town, ada) is Reason.NOT_GRANTED


def test_the_owners_own_no_holds_against_friends(town: Town) -> None:
    befriended(town, "Bo", "Ada")
    town.rooms.consent.withdrawals.withdraw(town.people["Bo"], Purpose.IMAGINE)
    assert refused(town, town.people["Ada"]) is Reason.NOT_GRANTED


def test_under_strict_opt_in_nobody_has_anybody_else_drawn(small_town: Town) -> None:
    befriended(small_town, "Bo", "Ada")
    assert refused(small_town, small_town.people["Ada"]) is Reason.POLICY_FORBIDS


def test_no_route_and_no_command_leads_there() -> None:
    doors = [path for path in sources("engine") if path.parts[1] in {"api", "web", "cli"}]
    assert doors
    assert not [path for path in doors if "engine.friends" in set(imports(path))]
