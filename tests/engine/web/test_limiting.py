# SPDX-License-Identifier: Apache-2.0
"""Less of it, from the page: a pause, fewer a week, themes that are never drawn."""

import re

from consent.words import DAY, SECOND
from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home


def pressed(home: Home, action: str, **fields: str) -> str:
    text = page(home, "/likeness")
    answered = send(home, action, form_of(text, action) | fields)
    assert answered.status_code == 303, answered.text
    return page(home, answered.headers["location"])


def checked(text: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="(\w+)" checked', text)


def test_a_pause_is_one_press_and_so_is_going_on(home: Home) -> None:
    enter(home, "Anna")
    text = pressed(home, "/likeness/pause", until="month")
    assert "Everything is paused" in text
    assert "Until 28 Jun 2026, 12:00, or until you let it go on" in text
    assert text.count("Paused, on since") == 3
    assert {one["kind"] for one in home.feed("Anna")["items"]} == {"post"}
    text = pressed(home, "/likeness/pause", until="now")
    assert "Nothing is paused" in text
    assert "It goes on." in text
    assert home.insert("Anna")


def test_a_pause_without_an_end_says_none(home: Home) -> None:
    enter(home, "Anna")
    text = pressed(home, "/likeness/pause", until="open")
    assert "Until you let it go on." in text
    home.clock.advance(400 * DAY // SECOND)
    enter(home, "Anna")
    assert "Everything is paused" in page(home, "/likeness")
    wrong = send(home, "/likeness/pause", form_of(page(home, "/likeness"), "/likeness/pause"))
    assert wrong.status_code == 422


def test_the_week_and_the_themes_are_kept_shown_and_act(home: Home) -> None:
    enter(home, "Anna")
    text = page(home, "/likeness")
    assert (checked(text, "per_week"), checked(text, "blocked")) == (["3"], [])
    fields = form_of(text, "/likeness/preferences") | {"per_week": "0"}
    done = home.client.post(
        "/likeness/preferences",
        data=fields | {"blocked": ["water", "sky"]},
        headers={"Accept": "text/html"},
    )
    text = page(home, done.headers["location"])
    assert "Saved. It counts from now on" in text
    assert (checked(text, "per_week"), checked(text, "blocked")) == (["0"], ["water", "sky"])
    assert {one["kind"] for one in home.feed("Anna")["items"]} == {"post"}
    text = pressed(home, "/likeness/preferences", per_week="3")
    assert (checked(text, "per_week"), checked(text, "blocked")) == (["3"], [])
    assert home.rooms.feed.preferences.of(home.person("Anna")).per_week is None
    for wrong in ({"per_week": "4"}, {"per_week": "many"}, {"per_week": "1", "blocked": "x"}):
        assert send(home, "/likeness/preferences", fields | wrong).status_code == 422
