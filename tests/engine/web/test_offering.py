# SPDX-License-Identifier: Apache-2.0
from importlib.resources import files

from engine.web.offering import ideas, recent, shown_in
from tests.engine.homes import Home
from tests.engine.web.test_checking import visitor


def test_what_is_blocked_is_not_offered(home: Home) -> None:
    anna = home.person("Anna")
    before = {one["id"] for one in ideas(home.rooms, anna)}
    assert "aurora" in before
    home.says("Anna").prefer(None, ["winter"])
    assert "aurora" not in {one["id"] for one in ideas(home.rooms, anna)}


def test_every_idea_has_its_example(home: Home) -> None:
    styles = files("engine.web") / "static" / "styles"
    for one in ideas(home.rooms, home.person("Anna")):
        assert one["picture"] == f"/static/styles/{one['id']}.jpg"
        assert (styles / f"{one['id']}.jpg").is_file()


def test_what_is_left_of_the_day_and_when_there_is_more(home: Home) -> None:
    anna = home.says("Anna")
    anna.grant(anna.notice("avatar_pack"))
    first = shown_in(visitor(home, "Anna"), "")
    assert (first["packs_left"], first["next_pack"]) == (1, None)
    anna.pack(["jazz"], 1)
    then = shown_in(visitor(home, "Anna"), "")
    assert (then["packs_left"], then["next_pack"][11:16]) == (0, "12:00")
    (job,) = recent(visitor(home, "Anna"))
    assert (job["kind"], job["open"]) == ("pack", True)


def test_choices_are_those_of_the_idea(home: Home) -> None:
    assert shown_in(visitor(home, "Anna"), "jazz")["slots"]
    assert shown_in(visitor(home, "Anna"), "nothing")["idea"] == ""
