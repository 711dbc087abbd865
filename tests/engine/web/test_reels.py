# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import pytest

from engine import wiring
from engine.web.reels import reels
from tests.engine.homes import Home
from tests.engine.town import Quick
from tests.engine.web.test_checking import visitor


@pytest.fixture
def home(open_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch) -> Home:
    """Open the home with a recipe that draws at once."""
    monkeypatch.setattr(wiring, "recipe", lambda _name: Quick())
    monkeypatch.setattr(Quick, "scenarios", Quick.scenarios | {"animation"})
    return open_home()


def test_a_portrait_stands_alone_until_there_is_a_newer_one_of_its_idea(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    anna, drain = home.says("Anna"), home.client.app.state.atelier.drain  # type: ignore[attr-defined]
    assert [one["id"] for one in reels(visitor(home, "Anna"), [own])[own]] == [own]
    idea = anna.portrait(own)["scenario"]["id"]
    home.clock.advance(1)
    anna.imagine(scenario="jazz" if idea != "jazz" else "aurora")
    job = anna.imagine(scenario=idea)
    drain()
    (newer,) = anna.job(job["id"])["portraits"]
    assert [one["id"] for one in reels(visitor(home, "Anna"), [own])[own]] == [own, newer]


def test_a_page_without_portraits_asks_for_none(home: Home) -> None:
    assert reels(visitor(home, "Dora"), []) == {}
    assert reels(visitor(home, "Ben"), [home.insert("Anna")["portrait_id"]]) == {}
