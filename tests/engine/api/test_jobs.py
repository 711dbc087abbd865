# SPDX-License-Identifier: Apache-2.0
"""Jobs over HTTP: how far they are, stopping them, and taking away what was made."""

import io
import zipfile

from consent.words import Purpose
from tests.engine.doors import Door
from tests.engine.town import Town


def test_jobs_are_listed_newest_first_a_page_at_a_time(small_town: Town) -> None:
    door = Door(small_town)
    ids = []
    for _ in range(3):
        ids.append(door.post("/v1/imagine", scenario="jazz").json()["id"])
        small_town.clock.advance(60)
    first = door.get("/v1/jobs?limit=2")
    assert [one["id"] for one in first["items"]] == [ids[2], ids[1]]
    rest = door.get(f"/v1/jobs?limit=2&cursor={first['cursor']}")
    assert [one["id"] for one in rest["items"]] == [ids[0]]
    assert "cursor" not in rest
    assert Door(small_town, "Ada").get("/v1/jobs") == {"items": []}


def test_a_job_is_stopped_and_says_so(small_town: Town) -> None:
    door = Door(small_town)
    job = door.post("/v1/imagine", scenario="jazz").json()
    for _ in range(2):
        stopped = door.client.delete(f"/v1/jobs/{job['id']}")
        assert (stopped.status_code, stopped.json()["state"]) == (200, "cancelled")
        assert stopped.json()["refusals"] == [{"reason": "stopped"}]
    door.atelier.drain()
    assert door.get(f"/v1/jobs/{job['id']}")["portraits"] == []
    (listed,) = door.get("/v1/portraits")["items"]
    assert (listed["state"], listed["reason"]) == ("refused", "stopped")


def test_all_portraits_of_a_job_are_taken_away_at_once(small_town: Town) -> None:
    small_town.says_yes("Bo", Purpose.AVATAR_PACK)
    door = Door(small_town)
    job = door.job(door.pack(3, "jazz", "knight"))
    answer = door.client.get(f"/v1/jobs/{job['id']}/download")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith("attachment;")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        assert whole.testzip() is None
        names = whole.namelist()
        files = [whole.read(name) for name in names]
    assert names == ["onlyou-jazz-01.jpg", "onlyou-knight-02.jpg", "onlyou-jazz-03.jpg"]
    for file in files:
        said = door.client.post("/v1/verify", files={"file": ("a", file, "image/jpeg")}).json()
        assert (said["c2pa"], said["watermark"]) == ("trusted", "found")
        assert said["answer"]["yours"][0]["portrait_id"] in job["portraits"]
    assert len(small_town.bodies("decision", step="view")) == 3


def test_there_is_nothing_to_take_away_where_nothing_stands(small_town: Town) -> None:
    door = Door(small_town)
    job = door.post("/v1/imagine", scenario="jazz").json()
    path = f"/v1/jobs/{job['id']}/download"
    assert door.client.get(path).status_code == 404
    door.atelier.drain()
    assert door.client.get(path).status_code == 200
    small_town.rooms.consent.withdrawals.withdraw(small_town.people["Bo"], Purpose.IMAGINE)
    assert door.client.get(path).status_code == 404


def test_what_is_past_its_time_is_not_taken_away(small_town: Town) -> None:
    door = Door(small_town)
    job = door.job(door.post("/v1/imagine", scenario="jazz"))
    small_town.clock.advance(small_town.rooms.consent.policy.portraits.retention_seconds)
    door = Door(small_town)
    after = door.get(f"/v1/jobs/{job['id']}")
    assert (after["state"], after["done"], after["portraits"]) == ("done", 1, [])
    assert door.client.get(f"/v1/jobs/{job['id']}/download").status_code == 404
