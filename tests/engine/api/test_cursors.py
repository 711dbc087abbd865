# SPDX-License-Identifier: Apache-2.0
import pytest

from engine.api.cursors import after, cursor
from engine.api.problems import Problem
from tests.engine.homes import Home

ITEMS = [{"id": name} for name in ("a", "b", "c")]


def test_a_cursor_goes_on_where_a_page_ended(home: Home) -> None:
    anna = home.person("Anna")
    place = cursor(home.rooms, anna, "b")
    assert after(home.rooms, anna, place, ITEMS) == ITEMS[2:]
    assert after(home.rooms, anna, None, ITEMS) == ITEMS


def test_what_the_cursor_named_may_be_gone(home: Home) -> None:
    anna = home.person("Anna")
    assert after(home.rooms, anna, cursor(home.rooms, anna, "z"), ITEMS) == []


def test_a_cursor_of_somebody_else_or_a_changed_one_is_refused(home: Home) -> None:
    place = cursor(home.rooms, home.person("Anna"), "b")
    wrong = (place[:-2] + "AA", "", "é", place + "=", place + "!")
    for text, name in ((place, "Ben"), *((text, "Anna") for text in wrong)):
        with pytest.raises(Problem):
            after(home.rooms, home.person(name), text, ITEMS)
