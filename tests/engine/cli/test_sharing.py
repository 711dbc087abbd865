# SPDX-License-Identifier: Apache-2.0
"""Shares and friends on the command line."""

from dataclasses import replace
from pathlib import Path

import pytest

from consent.words import Purpose, public_id
from engine import settings, sharing
from feed.shares import Audience
from tests.engine.cli.conftest import Onlyou
from tests.engine.town import Town


@pytest.fixture
def shown(small_town: Town) -> tuple[Path, str]:
    """Let Bo show a portrait to friends; return the home and the share."""
    town, bo = small_town, small_town.people["Bo"]
    town.says_yes("Bo", Purpose.SHARE)
    permit, wish = town.selected("Bo")
    (order,) = town.rooms.studio.order([permit], [wish])
    town.rooms.studio.make([order])  # type: ignore[list-item]
    made = sharing.share(town.rooms, bo, permit.object, Audience.FRIENDS)
    town.rooms.consent.ledger.engine.dispose()
    settings.write(replace(town.rooms.settings, simulated_clock=True))  # nothing runs out
    return town.rooms.settings.home, public_id(made.id)


def test_friends_see_it_until_it_is_ended(onlyou: Onlyou, shown: tuple[Path, str]) -> None:
    home, _ = shown

    def seen(name: str) -> list[str]:
        items = onlyou("share", "list", name, "--json", home=home).json["items"]
        return [one["share_id"] for one in items]

    assert (len(seen("Bo")), seen("Ada")) == (1, [])
    assert onlyou("subject", "befriend", "Ada", "Bo", home=home).status == 0
    (share,) = seen("Ada")
    assert "Bo" in onlyou("share", "list", "Ada", home=home).out
    assert onlyou("share", "end", "Ada", share, home=home).status == 2
    ended = onlyou("share", "end", "Bo", share, "--json", home=home)
    assert (ended.status, ended.json) == (0, {"share_id": share, "state": "ended"})
    assert (seen("Bo"), seen("Ada")) == ([], [])
    for gone in (share, "x"):
        assert onlyou("share", "end", "Bo", gone, home=home).status == 2


def test_friends_are_named_by_id_or_name(onlyou: Onlyou, town_home: Path) -> None:
    made = onlyou("subject", "befriend", "Ada", "Cy", "--json", home=town_home)
    assert [one["name"] for one in made.json["items"]] == ["Ada", "Cy"]
    assert onlyou("subject", "befriend", "Ada", "Nobody", home=town_home).status == 2
