# SPDX-License-Identifier: Apache-2.0
"""Reports over HTTP: made, listed, due, and nobody else's."""

from typing import Any

import pytest

from consent.words import HOUR, SECOND
from engine.api.problems import answer, not_found
from tests.engine.homes import Home, public

NOT_FOUND = bytes(answer(not_found()).body)


def report(home: Home, name: str, **said: Any) -> Any:
    return home.client.post("/v1/reports", headers=home.as_(name), json=said)


def reports(home: Home, name: str) -> list[dict[str, Any]]:
    items = home.client.get("/v1/reports", headers=home.as_(name)).json()["items"]
    assert isinstance(items, list)
    return items


def test_a_reported_insert_leaves_the_feed_and_has_a_deadline(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    made = report(home, "Anna", item_id=own, why="too-real")
    assert made.status_code == 201
    body = made.json()
    assert (body["about"], body["item_id"], body["why"]) == ("portrait", own, "too-real")
    assert (body["outcome"], body["answered_at"]) == (None, None)
    assert body["due_at"] > body["at"]
    assert {one["kind"] for one in home.feed("Anna")["items"]} == {"post"}
    assert reports(home, "Anna") == [body]
    assert reports(home, "Ben") == []


def test_a_report_sent_twice_is_one_report_and_may_get_its_reason_later(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    first = report(home, "Anna", item_id=own).json()
    assert first["why"] is None
    second = report(home, "Anna", item_id=own, why="not-me").json()
    assert second == first | {"why": "not-me"}
    assert report(home, "Anna", item_id=own, why="other").json() == second
    assert reports(home, "Anna") == [second]


def test_the_interaction_writes_the_same_report(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    event = {"event_id": "e1", "item_id": own, "kind": "report"}
    act = {"req_id": home.feed("Anna")["req_id"], "events": [event]}
    home.client.post("/v1/interactions", headers=home.as_("Anna"), json=act)
    (one,) = reports(home, "Anna")
    assert (one["item_id"], one["why"]) == (own, None)
    assert report(home, "Anna", item_id=own).json() == one


def test_a_portrait_that_never_stood_in_the_feed_can_be_reported(home: Home) -> None:
    inserted = home.insert("Anna")["portrait_id"]
    (other,) = (one["id"] for one in home.portraits("Anna") if one["id"] != inserted)
    assert report(home, "Anna", item_id=other).json()["about"] == "portrait"
    assert home.insert("Anna")["portrait_id"] == inserted


def test_a_post_can_be_reported(home: Home) -> None:
    post = next(one for one in home.feed("Dora")["items"] if one["kind"] == "post")
    assert report(home, "Dora", item_id=post["id"]).json()["about"] == "post"
    assert post["id"] not in {one["id"] for one in home.feed("Dora")["items"]}


def test_what_is_not_theirs_cannot_be_reported(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    for said in ({"item_id": own}, {"item_id": "x"}, {"share_id": own}, {"share_id": "x"}):
        assert report(home, "Ben", **said).content == NOT_FOUND
    assert reports(home, "Ben") == []


@pytest.mark.parametrize(
    "said", [{}, {"item_id": "a", "share_id": "b"}, {"item_id": "a", "why": "because"}]
)
def test_a_report_names_one_thing_and_a_reason_of_the_list(home: Home, said: Any) -> None:
    assert report(home, "Anna", **said).status_code == 422


def test_without_an_answer_in_time_the_person_is_right(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    made = report(home, "Anna", item_id=own).json()
    hours = home.rooms.consent.policy.reports.answer_hours
    home.clock.advance(hours * HOUR // SECOND - 1)
    assert reports(home, "Anna")[0]["outcome"] is None
    home.clock.advance(1)
    (over,) = reports(home, "Anna")
    assert (over["outcome"], over["answered_at"]) == ("upheld", made["due_at"])
    assert home.rooms.feed.reports.sweep() == 1
    assert reports(home, "Anna") == [over]
    states = {one["id"]: one["state"] for one in home.portraits("Anna")}
    assert states[own] == "destroyed"


def test_a_share_that_somebody_reports_ends_when_it_is_upheld_and_its_portrait_stays(
    home: Home,
) -> None:
    anna, ben = home.as_("Anna"), home.as_("Ben")
    home.client.put(f"/v1/friends/{public(home.person('Ben'))}", headers=anna)
    home.client.put(f"/v1/friends/{public(home.person('Anna'))}", headers=ben)
    yes = {"served_id": home.serve("Anna", "share")["served_id"], "affirmative": True}
    home.client.put("/v1/consents/share", headers=anna, json=yes)
    own = home.insert("Anna")["portrait_id"]
    path = f"/v1/portraits/{own}/share"
    share = home.client.post(path, headers=anna, json={"confirm": True}).json()["share_id"]
    assert report(home, "Dora", share_id=share).content == NOT_FOUND
    made = report(home, "Ben", share_id=share, why="demeaning").json()
    assert (made["about"], made["item_id"]) == ("share", share)
    home.clock.advance(home.rooms.consent.policy.reports.answer_hours * HOUR // SECOND)
    assert home.rooms.feed.reports.sweep() == 1
    assert reports(home, "Ben")[0]["outcome"] == "upheld"
    anna, ben = home.as_("Anna"), home.as_("Ben")
    assert home.client.get(f"/v1/shares/{share}", headers=ben).content == NOT_FOUND
    assert home.client.get("/v1/shares", headers=anna).json()["items"] == []
    assert {one["state"] for one in home.portraits("Anna")} == {"ready"}
