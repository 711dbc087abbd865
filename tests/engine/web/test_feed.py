# SPDX-License-Identifier: Apache-2.0
"""The feed as a plain document: links and forms, no script."""

import re

import pytest

from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home


def test_the_feed_shows_the_portrait_with_its_labels(home: Home) -> None:
    item = home.insert("Anna")
    enter(home, "Anna")
    text = page(home, "/")
    assert "Only you can see this" in text
    assert "AI, made for you" in text
    assert f'src="{item["image_url"]}"' in text
    assert f'alt="{item["alt"]}"' in text
    assert "Signed in as <b>Anna</b>" in text


def test_another_persons_feed_does_not_name_it(home: Home) -> None:
    item = home.insert("Anna")
    enter(home, "Ben")
    assert item["portrait_id"] not in page(home, "/")
    enter(home, "Dora")
    text = page(home, "/")
    assert "Only you can see this" not in text
    assert "Portraits off" in text


def test_older_posts_are_a_plain_link(home: Home) -> None:
    enter(home, "Anna")
    first = page(home, "/")
    (link,) = set(re.findall(r'<a class="btn" href="(/\?cursor=[^"]+)"', first))
    second = page(home, link)
    assert 'aria-posinset="13"' in second
    assert 'aria-posinset="1"' not in second
    assert "Back to the newest" in second


def test_htmx_gets_only_what_follows(home: Home) -> None:
    enter(home, "Anna")
    (link,) = set(re.findall(r'<a class="btn" href="(/\?cursor=[^"]+)"', page(home, "/")))
    piece = page(home, link, **{"HX-Request": "true"})
    assert "<html" not in piece
    assert piece.count("<article") == 12
    assert 'hx-swap-oob="outerHTML"' in piece


@pytest.mark.parametrize(
    ("kind", "said"),
    [("hide", "Hidden."), ("fewer", "You will see fewer"), ("report", "Reported")],
)
def test_an_act_without_script_says_at_the_top_what_was_done(
    home: Home, kind: str, said: str
) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/"), "/act", "Fewer") | {"kind": kind}
    done = send(home, "/act", fields)
    assert done.status_code == 303
    text = page(home, done.headers["location"])
    assert said in text
    assert "made for you" not in text
    assert ("Undo" in text) == (kind != "report")


def test_undo_without_script_brings_it_back(home: Home) -> None:
    enter(home, "Anna")
    done = send(home, "/act", form_of(page(home, "/"), "/act", "Fewer") | {"kind": "hide"})
    text = page(home, done.headers["location"])
    back = send(home, "/act", form_of(text, "/act", "Undo") | {"kind": "undo"})
    assert "made for you" in page(home, back.headers["location"])


def test_turning_off_on_the_card_shows_what_went(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/"), "/act", "Fewer") | {"kind": "stop"}
    text = page(home, send(home, "/act", fields).headers["location"])
    assert "Done. No more portraits in your feed" in text
    assert "<dt>Portraits destroyed</dt><dd>1</dd>" in text
    assert "Portraits off" in text


def test_with_htmx_the_answer_takes_the_cards_place(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/"), "/act", "Fewer") | {"kind": "hide"}
    piece = send(home, "/act", fields, **{"HX-Request": "true"})
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert "Hidden." in piece.text
    assert 'role="status"' in piece.text


def test_the_card_that_asks_shows_nothing_and_takes_three_answers(home: Home) -> None:
    enter(home, "Cleo")
    text = page(home, "/")
    assert "Nothing has<br>been made" in text
    assert "AI, not made yet" in text
    fields = form_of(text, "/act", "Not now")
    answers = re.findall(r'<button class="btn" name="kind" value="(\w+)">([^<]+)', text)
    assert answers == [("accept", "Yes"), ("hide", "Not now"), ("stop", "Never")]
    done = send(home, "/act", fields | {"kind": "hide"})
    assert "Not now, then." in page(home, done.headers["location"])


def test_why_is_a_page_and_a_piece(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    enter(home, "Anna")
    whole = page(home, f"/why/{own}")
    assert "<html" in whole
    assert "Made from exactly these" in whole
    assert "strict-opt-in" in whole
    piece = page(home, f"/why/{own}", **{"HX-Request": "true"})
    assert "<html" not in piece
    assert "Why you see this" in piece
