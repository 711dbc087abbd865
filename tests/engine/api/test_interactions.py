# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from sqlalchemy import select

from feed.tables import feed_act, post_act
from tests.engine.homes import Home


def act(home: Home, name: str, item: str, kind: str, event: str = "e-1") -> Any:
    return home.client.post(
        "/v1/interactions",
        headers=home.as_(name),
        json={"req_id": "r", "events": [{"event_id": event, "item_id": item, "kind": kind}]},
    )


def imagined(home: Home, name: str) -> list[dict[str, Any]]:
    return [item for item in home.feed(name)["items"] if item["kind"] == "imagined"]


@pytest.mark.parametrize("kind", ["hide", "fewer", "report"])
def test_what_was_put_away_is_not_on_the_next_page(home: Home, kind: str) -> None:
    item = home.insert("Anna")["id"]
    assert act(home, "Anna", item, kind).json()["results"] == [
        {"event_id": "e-1", "status": "done"}
    ]
    assert imagined(home, "Anna") == []


@pytest.mark.parametrize("kind", ["hide", "fewer"])
def test_undo_brings_it_back(home: Home, kind: str) -> None:
    item = home.insert("Anna")["id"]
    act(home, "Anna", item, kind)
    act(home, "Anna", item, "undo", "e-2")
    assert [one["id"] for one in imagined(home, "Anna")] == [item]


def test_an_act_is_taken_once(home: Home) -> None:
    item = home.insert("Anna")["id"]
    act(home, "Anna", item, "hide")
    again = act(home, "Anna", item, "hide")
    assert again.json()["results"] == [{"event_id": "e-1", "status": "duplicate"}]


def test_stop_withdraws_and_destroys_at_once(home: Home) -> None:
    item = home.insert("Anna")
    assert act(home, "Anna", item["id"], "stop").status_code == 200
    headers = home.as_("Anna")
    assert home.client.get(item["image_url"], headers=headers).status_code == 404
    standing = home.client.get("/v1/consents", headers=headers).json()["items"]
    states = {one["purpose"]: one["state"] for one in standing}
    assert states["feed_insert"] == "not_granted"
    assert states["imagine"] == "granted"


def test_the_card_that_asks_takes_all_three_answers(home: Home) -> None:
    card = home.insert("Cleo")["id"]
    assert act(home, "Cleo", card, "hide").status_code == 200
    assert imagined(home, "Cleo") == []
    assert act(home, "Cleo", card, "accept", "e-2").status_code == 200
    assert act(home, "Cleo", card, "stop", "e-3").status_code == 200
    held = home.rooms.consent.grants.show(home.person("Cleo"))
    assert sorted(held) == ["likeness"]


def test_nobody_acts_on_somebody_elses_card(home: Home) -> None:
    theirs = home.insert("Anna")["id"]
    refused = act(home, "Ben", theirs, "hide")
    unknown = act(home, "Ben", "0" * 13, "hide")
    assert refused.status_code == unknown.status_code == 404
    assert refused.content == unknown.content
    assert len(imagined(home, "Anna")) == 1


@pytest.mark.parametrize("kind", ["explode", "", "seen"])
def test_an_unknown_act_is_refused(home: Home, kind: str) -> None:
    refused = act(home, "Anna", home.insert("Anna")["id"], kind)
    assert refused.status_code == 422
    assert refused.json()["field"] == "events.0.kind"


def test_what_cannot_be_said_of_an_item_is_refused_as_such(home: Home) -> None:
    post = next(item for item in home.feed("Anna")["items"] if item["kind"] == "post")
    refused = act(home, "Anna", post["id"], "accept")
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/invalid")


def test_an_act_comes_with_its_context_and_the_record_keeps_its_page(home: Home) -> None:
    page = home.feed("Anna")
    headers = home.as_("Anna")
    for number, item in enumerate(page["items"][:4]):
        event = {"event_id": f"e-{number}", "item_id": item["id"], "kind": "like"}
        body = {"req_id": page["req_id"], "events": [event | {"context": item["context"]}]}
        assert home.client.post("/v1/interactions", headers=headers, json=body).is_success
    number = home.rooms.feed.contexts.page(home.person("Anna"), page["req_id"])
    with home.rooms.consent.ledger.read() as connection:
        for table, count in ((feed_act, 1), (post_act, 3)):
            pages = connection.execute(select(table.c.page)).scalars().all()
            assert pages == [number] * count


def test_a_forged_context_is_refused_but_a_no_needs_to_prove_nothing(home: Home) -> None:
    mine, theirs = home.insert("Anna"), home.insert("Ben")
    headers = home.as_("Anna")
    event = {"event_id": "e-1", "item_id": mine["id"], "kind": "like"}
    for forged in (theirs["context"], mine["context"][:-1], "", "x"):
        body = {"req_id": "r", "events": [event | {"context": forged}]}
        refused = home.client.post("/v1/interactions", headers=headers, json=body)
        assert (refused.status_code, refused.json()["field"]) == (422, "context")
    body = {"req_id": "r", "events": [event | {"kind": "stop", "context": "x"}]}
    assert home.client.post("/v1/interactions", headers=headers, json=body).is_success
    assert imagined(home, "Anna") == []
