# SPDX-License-Identifier: Apache-2.0
"""The four screens as plain documents: what is asked, and what an answer does."""

import re
from collections.abc import Callable

import pytest

from consent.words import Purpose, Reason
from engine import wiring
from tests.engine.browsing import HTML, enter, form_of, page, send
from tests.engine.homes import Home
from tests.engine.town import Quick


@pytest.fixture
def home(open_home: Callable[..., Home], monkeypatch: pytest.MonkeyPatch) -> Home:
    """Open the home with a recipe that draws at once."""
    monkeypatch.setattr(wiring, "recipe", lambda _name: Quick())
    return open_home()


def join(home: Home, name: str) -> str:
    answer = home.client.post("/welcome/join", data={"name": name}, headers=HTML)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_somebody_new_begins_with_an_account_and_no_consent(home: Home) -> None:
    assert join(home, "Zoe") == "/welcome"
    assert "Use my selfies to draw me?" in page(home, "/welcome")
    assert home.rooms.consent.grants.show(home.person("Zoe")) == {}


def test_a_taken_name_and_no_name_are_refused_in_words(home: Home) -> None:
    for name, said in (("Anna", "has this name already"), (" ", "1 to 80 letters")):
        answer = home.client.post("/welcome/join", data={"name": name}, headers=HTML)
        assert answer.status_code == 422
        assert said in answer.text


def test_no_other_site_can_make_somebody_join(home: Home) -> None:
    headers = HTML | {"Sec-Fetch-Site": "cross-site"}
    answer = home.client.post("/welcome/join", data={"name": "Zoe"}, headers=headers)
    assert answer.status_code == 403


def test_nobody_joins_where_the_development_issuer_is_off(open_home: Callable[..., Home]) -> None:
    closed = open_home(dev_tokens=False)
    assert closed.client.post("/welcome/join", data={"name": "Zoe"}).status_code == 404


def test_a_yes_quotes_the_words_that_were_served(home: Home) -> None:
    join(home, "Zoe")
    form = form_of(page(home, "/welcome"), "/welcome")
    forged = send(home, "/welcome", form | {"served_id": "x", "answer": "yes"})
    assert forged.status_code == 409
    assert home.rooms.consent.grants.show(home.person("Zoe")) == {}
    done = send(home, "/welcome", form | {"answer": "yes"})
    assert done.headers["location"] == "/welcome/selfies"
    held = home.rooms.consent.grants.show(home.person("Zoe"))
    assert set(held) == {Purpose.LIKENESS}


def test_a_no_leads_to_the_feed_and_nothing_is_kept(home: Home) -> None:
    join(home, "Zoe")
    form = form_of(page(home, "/welcome"), "/welcome")
    assert send(home, "/welcome", form | {"answer": "no"}).headers["location"] == "/"
    assert home.rooms.consent.grants.show(home.person("Zoe")) == {}
    assert "Post number" in page(home, "/")


def test_nothing_is_chosen_beforehand_and_what_is_left_open_is_no(home: Home) -> None:
    enter(home, "Cleo")
    text = page(home, "/welcome/uses")
    assert re.findall(r'type="radio" name="(\w+)" value="(\w+)"', text) == [
        ("imagine", "yes"),
        ("imagine", "no"),
        ("personalisation", "yes"),
        ("personalisation", "no"),
    ]
    assert "checked" not in text
    form = form_of(text, "/welcome/uses")
    before = set(home.rooms.consent.grants.show(home.person("Cleo")))
    assert send(home, "/welcome/uses", form).headers["location"] == "/"
    assert set(home.rooms.consent.grants.show(home.person("Cleo"))) == before


def test_a_yes_to_portraits_on_request_draws_the_first_one(home: Home) -> None:
    enter(home, "Cleo")
    text = page(home, "/welcome/uses")
    served = re.findall(r'name="(served-\w+)" value="(\w+)"', text)
    form = form_of(text, "/welcome/uses") | dict(served) | {"imagine": "yes"}
    assert send(home, "/welcome/uses", form).headers["location"] == "/welcome/first"
    waiting = page(home, "/welcome/first")
    assert 'hx-trigger="every 2s"' in waiting
    assert "Look again" in waiting
    home.client.app.state.atelier.drain()  # type: ignore[attr-defined]
    piece = page(home, "/welcome/first", **{"HX-Request": "true"})
    assert "<html" not in piece
    assert "Only you can see this" in piece
    assert "every 2s" not in piece


def test_with_no_selfies_a_yes_leads_to_the_feed(home: Home) -> None:
    join(home, "Zoe")
    form = form_of(page(home, "/welcome"), "/welcome")
    send(home, "/welcome", form | {"answer": "yes"})
    text = page(home, "/welcome/uses")
    served = dict(re.findall(r'name="(served-\w+)" value="(\w+)"', text))
    done = send(
        home, "/welcome/uses", form_of(text, "/welcome/uses") | served | {"imagine": "yes"}
    )
    assert done.headers["location"] == "/"


def test_whoever_was_here_goes_on_where_they_left_off(home: Home) -> None:
    enter(home, "Cleo")
    assert home.client.get("/welcome", headers=HTML).headers["location"] == "/welcome/selfies"
    enter(home, "Dora")
    assert home.client.get("/welcome/first", headers=HTML).headers["location"] == "/"


def test_photos_that_are_not_kept_are_told_one_by_one(home: Home) -> None:
    enter(home, "Cleo")
    text = page(home, "/welcome/selfies")
    form = form_of(text, "/welcome/selfies") | {"attest_self": "true", "attest_adult": "true"}
    sent = home.client.post(
        "/welcome/selfies", data=form, files=[("file", ("a.jpg", b"no"))], headers=HTML
    )
    assert sent.headers["location"] == f"/welcome/selfies?reasons={Reason.UNREADABLE}"
    assert "None of these was kept" in page(home, sent.headers["location"])
