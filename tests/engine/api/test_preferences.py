# SPDX-License-Identifier: Apache-2.0
"""What a person wants less of, over HTTP."""

from typing import Any

import pytest

from tests.engine.homes import Home


def put(home: Home, name: str, **wanted: Any) -> Any:
    return home.client.put("/v1/preferences", headers=home.as_(name), json=wanted)


def test_whoever_said_nothing_has_the_rules(home: Home) -> None:
    answer = home.client.get("/v1/preferences", headers=home.as_("Anna"))
    assert answer.json() == {"per_week": None, "most": 3, "blocked_themes": []}


def test_what_was_put_is_what_is_read(home: Home) -> None:
    said = put(home, "Anna", per_week=1, blocked_themes=["water", "sky", "sky"])
    assert said.json() == {"per_week": 1, "most": 3, "blocked_themes": ["sky", "water"]}
    read = home.client.get("/v1/preferences", headers=home.as_("Anna"))
    assert read.json() == said.json()
    assert home.client.get("/v1/preferences", headers=home.as_("Ben")).json()["per_week"] is None
    put(home, "Anna", per_week=None, blocked_themes=[])
    read = home.client.get("/v1/preferences", headers=home.as_("Anna"))
    assert read.json() == {"per_week": None, "most": 3, "blocked_themes": []}


@pytest.mark.parametrize(
    "wanted",
    [
        {"per_week": 4, "blocked_themes": []},
        {"per_week": -1, "blocked_themes": []},
        {"per_week": True, "blocked_themes": []},
        {"per_week": 1},
        {"blocked_themes": []},
        {"per_week": 1, "blocked_themes": ["banana"]},
        {"per_week": 1, "blocked_themes": ["sky"] * 11},
        {"per_week": 1, "blocked_themes": [], "more": 1},
    ],
)
def test_what_the_rules_do_not_allow_changes_nothing(home: Home, wanted: dict[str, Any]) -> None:
    put(home, "Anna", per_week=2, blocked_themes=["past"])
    assert put(home, "Anna", **wanted).status_code == 422
    kept = home.client.get("/v1/preferences", headers=home.as_("Anna")).json()
    assert kept == {"per_week": 2, "most": 3, "blocked_themes": ["past"]}


def test_a_week_of_none_empties_the_feed_at_once(home: Home) -> None:
    assert home.insert("Anna")
    put(home, "Anna", per_week=0, blocked_themes=[])
    assert {one["kind"] for one in home.feed("Anna")["items"]} == {"post"}
    put(home, "Anna", per_week=None, blocked_themes=[])
    assert home.insert("Anna")


def test_a_blocked_theme_leaves_the_feed_at_once(home: Home) -> None:
    scenario = home.rooms.feed.catalogue.of(home.insert("Anna")["scenario"]["id"])
    put(home, "Anna", per_week=None, blocked_themes=[scenario.themes[0]])
    assert {one["kind"] for one in home.feed("Anna")["items"]} == {"post"}
    assert home.insert("Ben")["scenario"]["id"] == scenario.id
