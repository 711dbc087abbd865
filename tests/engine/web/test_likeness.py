# SPDX-License-Identifier: Apache-2.0
"""The control centre as a plain document: links and forms, no script."""

import re

from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home


def test_likeness_lists_every_purpose_with_its_state(home: Home) -> None:
    enter(home, "Anna")
    text = page(home, "/likeness")
    assert "3 on, 9 off" in text
    assert text.count("On since") == 3
    assert text.count("Off, and no rule accepts it") == 2
    assert "Turning it off destroys 1 portrait and 1 place in your feed." in text
    assert "1 of 10" in text


def test_a_portrait_and_a_selfie_can_be_destroyed(home: Home) -> None:
    enter(home, "Anna")
    text = page(home, "/likeness")
    csrf = form_of(text, "/likeness/withdraw")["csrf"]
    own = home.insert("Anna")["portrait_id"]
    one = {"csrf": csrf, "id": own}
    assert "Destroyed" in page(
        home, send(home, "/likeness/portraits/destroy", one).headers["location"]
    )
    selfie = {"csrf": csrf, "id": home.selfie("Anna")}
    done = send(home, "/likeness/selfies/destroy", selfie)
    assert "You have given none." in page(home, done.headers["location"])


def test_nothing_is_ticked_before_the_person_ticks_it(home: Home) -> None:
    enter(home, "Anna")
    paths = ["/", "/likeness", *(f"/likeness/notices/{one}" for one in ("story", "likeness"))]
    for path in paths:
        boxes = re.findall(r"<input[^>]*type=.(?:checkbox|radio)[^>]*>", page(home, path))
        ticked = [box for box in boxes if re.search(r"\schecked\b", box)]
        assert [box for box in ticked if 'name="per_week"' not in box] == []
    assert re.search(r"type=.checkbox", page(home, "/likeness"))
