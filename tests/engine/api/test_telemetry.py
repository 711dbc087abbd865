# SPDX-License-Identifier: Apache-2.0
"""Telemetry is apart: its own yes, its own route, and nothing ever asks for it."""

from typing import Any

from feed.tables import learned
from tests.engine.homes import Home


def allow(home: Home, name: str) -> None:
    served = home.serve(name, "telemetry")["served_id"]
    said = {"served_id": served, "affirmative": True}
    headers = home.as_(name)
    assert home.client.put("/v1/consents/telemetry", headers=headers, json=said).is_success


def tell(home: Home, name: str, *events: dict[str, Any]) -> Any:
    body = {"req_id": "r", "events": list(events)}
    return home.client.post("/v1/telemetry", headers=home.as_(name), json=body)


def dwell(item: str, event: str = "e-1", **more: Any) -> dict[str, Any]:
    return {"event_id": event, "item_id": item, "kind": "dwell", "ms": 900} | more


def test_without_a_yes_it_is_refused_and_leaves_nothing(home: Home) -> None:
    item = home.insert("Anna")["id"]
    size, _ = home.rooms.consent.ledger.head()
    refused = tell(home, "Anna", dwell(item))
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (
        403,
        "consent-required",
    )
    assert (refused.json()["reason"], refused.json()["purpose"]) == ("not-granted", "telemetry")
    assert home.rooms.consent.ledger.head()[0] == size


def test_each_event_is_taken_once_also_beside_its_portraits_own_look(home: Home) -> None:
    allow(home, "Anna")
    item = home.insert("Anna")
    seen = {"event_id": "e-2", "item_id": item["id"], "kind": "seen"}
    context = {"context": item["context"]}
    first = tell(home, "Anna", dwell(item["id"], **context), seen).json()["results"]
    assert [one["status"] for one in first] == ["done", "done"]
    again = tell(home, "Anna", dwell(item["id"]), seen).json()["results"]
    assert [one["status"] for one in again] == ["duplicate", "duplicate"]
    home.client.get(item["image_url"], headers=home.as_("Anna"))
    with home.rooms.consent.ledger.read() as connection:
        assert len(connection.execute(learned.select()).all()) == 2


def test_what_is_not_theirs_or_forged_takes_nothing(home: Home) -> None:
    allow(home, "Ben")
    mine, hers = home.insert("Ben")["id"], home.insert("Anna")
    unknown = tell(home, "Ben", dwell(mine), dwell("0" * 13, "e-2"))
    refused = tell(home, "Ben", dwell(mine), dwell(hers["id"], "e-2"))
    assert refused.status_code == 404
    assert refused.content == unknown.content
    forged = tell(home, "Ben", dwell(mine, context=hers["context"]))
    assert (forged.status_code, forged.json()["field"]) == (422, "context")
    assert tell(home, "Ben", dwell(mine)).json()["results"][0]["status"] == "done"


def test_a_measurement_has_a_kind_and_a_length_that_can_be(home: Home) -> None:
    allow(home, "Anna")
    item = home.insert("Anna")["id"]
    for wrong in ({"kind": "like"}, {"ms": -1}, {"ms": 10**12}, {"ms": 1.5}):
        assert tell(home, "Anna", dwell(item) | wrong).status_code == 422
