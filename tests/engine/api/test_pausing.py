# SPDX-License-Identifier: Apache-2.0
"""A pause over HTTP: no header, no receipt, nothing to prove; all that is one's own stays."""

from typing import Any

import pytest

from consent.words import DAY, HOUR, SECOND, Micros, rfc3339
from engine.api.pausing import Pause
from tests.engine.homes import Home
from tests.generation import samples


def posted(home: Home, name: str, until: str | None) -> Any:
    return home.client.post("/v1/pause", headers=home.as_(name), json={"until": until})


def soon(home: Home, micros: int = HOUR) -> str:
    return rfc3339(home.clock.now() + micros)


def states(home: Home, name: str) -> dict[str, str]:
    items = home.client.get("/v1/consents", headers=home.as_(name)).json()["items"]
    return {item["purpose"]: item["state"] for item in items}


def test_a_time_pauses_until_then_and_null_lets_it_go_on(home: Home) -> None:
    until = soon(home)
    answer = posted(home, "Anna", until)
    assert (answer.status_code, answer.json()) == (200, {"paused": True, "until": until})
    Pause.model_validate(answer.json())
    told = home.client.get("/v1/pause", headers=home.as_("Anna")).json()
    assert told == {"paused": True, "until": until}
    assert home.client.get("/v1/pause", headers=home.as_("Ben")).json()["paused"] is False
    for _ in range(2):
        assert posted(home, "Anna", None).json() == {"paused": False, "until": None}


@pytest.mark.parametrize(
    "until", ["yesterday", "2026-13-01T00:00:00Z", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]
)
def test_what_is_no_time_to_come_within_ten_years_is_refused(home: Home, until: str) -> None:
    answer = posted(home, "Anna", until)
    assert (answer.status_code, answer.json()["field"]) == (422, "until")
    assert home.client.get("/v1/pause", headers=home.as_("Anna")).json()["paused"] is False


def test_a_body_without_the_word_is_refused(home: Home) -> None:
    answer = home.client.post("/v1/pause", headers=home.as_("Anna"), json={})
    assert (answer.status_code, answer.json()["field"]) == (422, "until")


def test_every_held_purpose_is_paused_and_no_other(home: Home) -> None:
    before = states(home, "Anna")
    posted(home, "Anna", soon(home))
    paused = states(home, "Anna")
    assert {purpose for purpose, said in paused.items() if said == "paused"} == {
        purpose for purpose, said in before.items() if said == "granted"
    }
    home.clock.advance(HOUR / SECOND)
    assert states(home, "Anna") == before, "it ends by itself"


def test_no_page_of_the_feed_holds_an_insert_and_nothing_is_written_for_one(home: Home) -> None:
    mine = home.insert("Anna")
    posted(home, "Anna", soon(home))
    size = home.rooms.consent.ledger.head()[0]
    assert {item["kind"] for item in home.feed("Anna")["items"]} == {"post"}
    assert home.rooms.consent.ledger.head()[0] == size
    assert home.client.get(mine["image_url"], headers=home.as_("Anna")).status_code == 200
    posted(home, "Anna", None)
    assert home.insert("Anna")["portrait_id"] == mine["portrait_id"]


def test_nothing_new_is_made_of_whoever_has_paused(home: Home) -> None:
    posted(home, "Anna", soon(home))
    file = ("me.jpg", samples.small_file_of(1, "studio_portrait"), "image/jpeg")
    given = home.client.post(
        "/v1/selfies",
        headers=home.as_("Anna"),
        files={"file": file},
        data={"attest_self": "true", "attest_adult": "true"},
    )
    asked = home.client.post("/v1/imagine", headers=home.as_("Anna"), json={"scenario": "jazz"})
    for answer in (given, asked):
        assert (answer.status_code, answer.json()["reason"]) == (403, "paused")


def test_a_no_needs_no_end_of_the_pause(home: Home) -> None:
    posted(home, "Anna", soon(home))
    gone = home.client.delete("/v1/consents/likeness", headers=home.as_("Anna"))
    assert gone.json()["destroyed"]["portraits"] == 2
    assert set(states(home, "Anna").values()) == {"not_granted"}


def test_what_one_says_about_ones_feed_is_kept_and_not_learned_from(home: Home) -> None:
    page = home.feed("Anna")
    mine = home.insert("Anna")
    posted(home, "Anna", soon(home))
    size = home.rooms.consent.ledger.head()[0]
    event = {"event_id": "a" * 36, "item_id": mine["id"], "kind": "hide"}
    body = {"req_id": page["req_id"], "events": [event]}
    answer = home.client.post("/v1/interactions", headers=home.as_("Anna"), json=body)
    assert answer.json()["results"][0]["status"] == "done"
    posted(home, "Anna", None)
    assert {item["kind"] for item in home.feed("Anna")["items"]} == {"post"}
    told = [home.rooms.consent.entry(seq) for seq in range(size, _size(home))]  # type: ignore[arg-type]
    assert not [one for one in told if one["t"] == "effect"]


def _size(home: Home) -> int:
    return home.rooms.consent.ledger.head()[0]


def test_until_i_say_so_is_ten_years_ahead(home: Home) -> None:
    ahead = Micros(home.clock.now() + 3_653 * DAY)
    assert posted(home, "Anna", rfc3339(ahead)).json()["paused"] is True
