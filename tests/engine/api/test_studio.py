# SPDX-License-Identifier: Apache-2.0
"""Asking for portraits over HTTP: what it takes, what it answers, what comes of it."""

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from consent.words import Purpose, public_id
from generation.tables import asset
from tests.engine.doors import Door
from tests.engine.town import SCENARIOS, Town


def test_one_portrait_is_asked_for_and_made(small_town: Town) -> None:
    door = Door(small_town)
    asked = door.post("/v1/imagine", scenario="jazz")
    job = asked.json()
    assert asked.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["kind"], job["state"], job["done"], job["total"]) == ("imagine", "queued", 0, 1)
    after = door.job(asked)
    assert (after["state"], after["done"]) == ("done", 1)
    (portrait,) = after["portraits"]
    assert door.client.get(f"/v1/portraits/{portrait}/image").status_code == 200
    assert door.get(f"/v1/portraits/{portrait}")["purpose"] == "imagine"


def test_who_names_no_idea_gets_one(small_town: Town) -> None:
    door = Door(small_town)
    (portrait,) = door.job(door.post("/v1/imagine"))["portraits"]
    assert door.get(f"/v1/portraits/{portrait}")["scenario"]["id"] in SCENARIOS


def test_a_pack_has_its_styles_in_turn(small_town: Town) -> None:
    small_town.says_yes("Bo", Purpose.AVATAR_PACK)
    door = Door(small_town)
    after = door.job(door.pack(3, "jazz", "knight"))
    assert (after["kind"], after["done"], after["total"]) == ("pack", 3, 3)
    made = [door.get(f"/v1/portraits/{one}") for one in after["portraits"]]
    assert [one["scenario"]["id"] for one in made] == ["jazz", "knight", "jazz"]
    assert {one["purpose"] for one in made} == {"avatar_pack"}
    assert (after["quota_left"], after["expires_at"]) == (0, made[0]["expires_at"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"styles": ["jazz"], "count": 0}, "count"),
        ({"styles": [], "count": 1}, "styles"),
        ({"styles": ["jazz", "jazz"], "count": 2}, "styles"),
        ({"styles": ["jazz", "knight"], "count": 1}, "count"),
        ({"styles": ["flying-carpet"], "count": 1}, "styles"),
        ({"styles": ["jazz"], "count": 10**30}, "count"),
        ({"styles": ["jazz"], "count": 1, "more": 1}, None),
    ],
)
def test_a_pack_that_cannot_be_is_refused_and_nothing_is_begun(
    small_town: Town, body: dict[str, object], field: str | None
) -> None:
    small_town.says_yes("Bo", Purpose.AVATAR_PACK)
    size, _ = small_town.rooms.consent.ledger.head()
    door = Door(small_town)
    answer = door.post("/v1/packs", **body)
    assert answer.status_code == 422
    assert field is None or field in answer.json()["field"]
    assert small_town.rooms.consent.ledger.head()[0] == size
    assert door.get("/v1/jobs")["items"] == []


def test_who_has_not_said_yes_is_told_so(small_town: Town) -> None:
    answer = Door(small_town).pack(3)
    said = answer.json()
    assert (answer.status_code, said["reason"]) == (403, "not-granted")
    assert said["purpose"] == "avatar_pack"
    (denial,) = small_town.bodies("decision", verdict="deny")
    assert (denial["purpose"], denial["step"]) == ("avatar_pack", "select")


def test_a_repeated_key_orders_once(small_town: Town) -> None:
    door = Door(small_town)
    same = {"Idempotency-Key": "one"}
    first = door.client.post("/v1/imagine", json={"scenario": "jazz"}, headers=same)
    again = door.client.post("/v1/imagine", json={"scenario": "jazz"}, headers=same)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert again.headers["location"] == first.headers["location"]
    assert len(door.get("/v1/jobs")["items"]) == 1


def test_a_profile_picture_is_the_same_picture_under_its_own_yes(small_town: Town) -> None:
    small_town.says_yes("Bo", Purpose.PROFILE_PICTURE)
    door = Door(small_town)
    (first,) = door.job(door.post("/v1/imagine", scenario="jazz"))["portraits"]
    after = door.job(door.post(f"/v1/portraits/{first}/profile-picture", confirm=True))
    (second,) = after["portraits"]
    assert (after["purpose"], after["kind"]) == ("profile_picture", "imagine")
    assert first != second
    made = door.get(f"/v1/portraits/{second}")
    assert (made["purpose"], made["scenario"]["id"]) == ("profile_picture", "jazz")
    (share,) = door.get("/v1/shares")["items"]
    assert (share["portrait_id"], share["audience"]) == (second, "profile")
    seen = Door(small_town, "Cy").client.get(share["url"])
    assert seen.status_code == 200
    small_town.rooms.consent.withdrawals.withdraw(small_town.people["Bo"], Purpose.IMAGINE)
    assert door.get(f"/v1/portraits/{first}")["state"] == "destroyed"
    assert door.get(f"/v1/portraits/{second}")["state"] == "ready"


def test_a_profile_picture_is_not_taken_without_saying_so(small_town: Town) -> None:
    door = Door(small_town)
    (first,) = door.job(door.post("/v1/imagine", scenario="jazz"))["portraits"]
    for said in ({}, {"confirm": False}):
        answer = door.post(f"/v1/portraits/{first}/profile-picture", **said)
        assert answer.status_code == 422
    refused = door.post(f"/v1/portraits/{first}/profile-picture", confirm=True)
    assert refused.json()["purpose"] == "profile_picture"
    assert refused.status_code == 403


def test_nobody_is_shown_by_anothers_portrait(small_town: Town) -> None:
    small_town.says_yes("Ada", Purpose.PROFILE_PICTURE)
    door = Door(small_town)
    (bos,) = door.job(door.post("/v1/imagine", scenario="jazz"))["portraits"]
    for portrait in (bos, public_id(7)):
        answer = Door(small_town, "Ada").post(
            f"/v1/portraits/{portrait}/profile-picture", confirm=True
        )
        assert answer.status_code == 404


def test_while_the_server_runs_what_is_asked_for_is_made(small_town: Town) -> None:
    door = Door(small_town)
    with door.client:
        place = door.post("/v1/imagine", scenario="jazz").headers["location"]
        until = time.monotonic() + 30
        while (job := door.get(place))["state"] != "done" and time.monotonic() < until:
            time.sleep(0.1)
        assert len(job["portraits"]) == 1
    assert not [one for one in threading.enumerate() if one.name == "atelier"]


def test_five_minutes_are_kept_to_by_the_server_itself(small_town: Town) -> None:
    small_town.says_yes("Bo", Purpose.AVATAR_PACK)
    consent = small_town.rooms.consent
    five = {"retention_seconds": 300}
    policy = replace(consent.policy, portraits=replace(consent.policy.portraits, **five))
    rooms = replace(small_town.rooms, consent=replace(consent, policy=policy))
    rooms.studio._gate.policy = policy
    town = replace(small_town, rooms=rooms)
    door = Door(town)
    job = door.job(door.pack(1))
    paths = [f"/v1/portraits/{one}/image" for one in job["portraits"]]
    copied = {blob.name: consent.blobs.get(blob.name) for blob in consent.blobs.list()}
    town.clock.advance(299)
    assert [door.client.get(path).status_code for path in paths] == [200]
    town.clock.advance(2)
    assert [door.client.get(path).status_code for path in paths] == [404]
    door.atelier.sweep()
    left = {blob.name for blob in consent.blobs.list()}
    with consent.ledger.read() as connection:
        keys = connection.execute(select(asset.c.blob, asset.c.wrapped_dek)).all()
    assert (len(copied.keys() - left), keys) == (1, [])
    assert door.get(f"/v1/jobs/{job['id']}")["state"] == "done"
