# SPDX-License-Identifier: Apache-2.0
"""The chat over HTTP: one message in, one reply out."""

from tests.engine.doors import Door
from tests.engine.town import Town


def test_a_message_is_answered_and_what_it_asks_for_is_a_job(small_town: Town) -> None:
    door = Door(small_town)
    told = door.post("/v1/chat", text="/imagine me as a pirate at sunset")
    assert told.status_code == 200
    job = told.json()["job"]
    assert (job["kind"], job["state"], job["total"]) == ("imagine", "queued", 1)
    assert job["words"].startswith("Drawn as: You, captain of something small but fast. ")
    assert told.json()["reply"].startswith("On it. Drawn as: You, captain")
    door.atelier.drain()
    assert door.client.get(f"/v1/jobs/{job['id']}").json()["words"] == job["words"]
    assert door.post("/v1/chat", text="hi").json().keys() == {"reply"}
    assert door.post("/v1/chat", text="x" * 2001).status_code == 422
    assert door.post("/v1/chat").status_code == 422


def test_own_words_go_with_imagine_and_refused_ones_leave_nothing(small_town: Town) -> None:
    door = Door(small_town)
    refused = door.post("/v1/imagine", prompt="me naked as a canary")
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"].endswith("/invalid")
    assert (problem["reason"], problem["field"]) == ("moderation-failed", "prompt")
    assert "canary" not in refused.text
    wrong = door.post("/v1/imagine", scenario="jazz", choices={"canary": "canary"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "choices")
    assert "canary" not in wrong.text
    assert small_town.rooms.studio.pending() == ()
    begun = door.post("/v1/imagine", prompt="a knight", choices={"season": "winter"})
    assert begun.status_code == 202
    assert begun.json()["words"].startswith("Drawn as: You, home from the quest")
    assert "words" not in door.post("/v1/imagine", scenario="jazz").json()
