# SPDX-License-Identifier: Apache-2.0
"""Who would see it, asked once more; and taking it back."""

import pytest

from consent.words import public_id
from engine.web import sharing
from tests.engine.browsing import HTML, enter, form_of, page, send
from tests.engine.homes import Home


@pytest.fixture
def own(home: Home) -> str:
    """Let Anna and Ben be friends, and give Anna's portrait; she has said yes to showing."""
    for one, other in (("Anna", "Ben"), ("Ben", "Anna")):
        home.says(one).befriend(home.rooms.consent.accounts.find(other).id)
    anna = home.says("Anna")
    anna.grant(anna.notice("share"))
    enter(home, "Anna")
    return str(home.insert("Anna")["portrait_id"])


def test_the_people_are_named_before_the_question(home: Home, own: str) -> None:
    text = page(home, f"/share/{own}")
    assert text.index("<b>Ben</b> would see it") < text.index("Share it")
    assert "Keep it mine" in text
    assert "Everybody signed in here" in page(home, f"/share/{own}?to=profile")
    assert "for 24 hours" in page(home, f"/share/{own}?to=story")


def test_where_there_was_no_yes_the_words_come_first_and_lead_back(home: Home, own: str) -> None:
    text = page(home, f"/share/{own}?to=story")
    assert 'action="/share' not in text
    then = f"/share/{own}?to=story"
    notice = page(home, f"/likeness/notices/story?then={then.replace('?', '%3F')}")
    form = form_of(notice, "/likeness/answer")
    assert form["then"] == then
    assert send(home, "/likeness/answer", form | {"answer": "yes"}).headers["location"] == then


@pytest.mark.parametrize("then", ["https://else.where/", "//else.where", "/share/../enter", "/x"])
def test_an_answer_leads_to_no_other_place(home: Home, own: str, then: str) -> None:
    del own
    form = form_of(page(home, "/likeness/notices/story"), "/likeness/answer")
    done = send(home, "/likeness/answer", form | {"answer": "no", "then": then})
    assert done.headers["location"] == "/likeness?said=refused"


def test_a_yes_shows_it_and_one_press_takes_it_back(home: Home, own: str) -> None:
    form = form_of(page(home, f"/share/{own}"), f"/share/{own}")
    done = send(home, f"/share/{own}", form | {"confirm": "true"})
    text = page(home, done.headers["location"])
    assert "Shared." in text
    assert "Your friends see it" in text
    feed = page(home, "/")
    assert "You show this to others" in feed
    assert "Only you can see this" not in feed
    assert "<dd>nobody</dd>" not in feed
    enter(home, "Ben")
    assert "Shared with you" in page(home, "/")
    assert own not in page(home, "/")
    enter(home, "Anna")
    ending = form_of(text, f"/share/{own}/end")
    (share,) = home.says("Anna").shares()
    done = send(home, f"/share/{own}/end", ending | {"share_id": share["share_id"]})
    assert "yours alone again" in page(home, done.headers["location"])
    enter(home, "Ben")
    assert "Shared with you" not in page(home, "/")


def test_a_no_shows_it_to_nobody(home: Home, own: str) -> None:
    form = form_of(page(home, f"/share/{own}"), f"/share/{own}")
    assert send(home, f"/share/{own}", form | {"confirm": "false"}).headers["location"] == "/"
    assert home.rooms.feed.shares.of_owner(home.person("Anna")) == ()


def test_what_somebody_shows_can_be_reported(home: Home, own: str) -> None:
    home.says("Anna").share(own, "friends")
    enter(home, "Ben")
    (share,) = home.rooms.feed.shares.visible_to(home.person("Ben"))
    form = form_of(page(home, "/"), "/shown/report")
    done = send(home, "/shown/report", form | {"share_id": public_id(share.id)})
    assert "Reported." in page(home, done.headers["location"])
    assert len(home.rooms.feed.reports.of(home.person("Ben"))) == 1


def test_a_profile_picture_is_another_portrait(home: Home, own: str) -> None:
    anna = home.says("Anna")
    anna.grant(anna.notice("profile_picture"))
    form = form_of(page(home, f"/share/{own}?to=profile"), f"/share/{own}")
    done = send(home, f"/share/{own}", form | {"confirm": "true"})
    assert done.headers["location"].startswith("/studio/jobs/")


@pytest.mark.parametrize("path", ["/share/{}", "/share/{}?to=story"])
def test_somebody_elses_portrait_is_not_there(home: Home, own: str, path: str) -> None:
    enter(home, "Ben")
    for one in (own, "0000000000001"):
        answer = home.client.get(path.format(one), headers=HTML)
        assert answer.status_code == 404
    assert send(home, f"/share/{own}", {"to": "friends", "confirm": "true"}).status_code in {
        403,
        404,
    }


def test_a_page_has_room_for_the_newest_that_others_show(
    home: Home, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in home.portraits("Anna"):
        home.says("Anna").share(one["id"], "friends")
    monkeypatch.setattr(sharing, "_ROOM", 1)
    enter(home, "Ben")
    assert page(home, "/").count("that Anna shares:") == 1
    assert len(home.says("Ben").shares()) == 2
    assert own not in page(home, "/")
