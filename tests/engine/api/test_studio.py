# SPDX-License-Identifier: Apache-2.0
"""Asking for portraits over HTTP: what it takes, what it answers, what comes of it."""

from typing import Any

from starlette.testclient import TestClient

from engine.api.tokens import scopes_of
from engine.atelier import Atelier
from engine.web import site
from tests.engine.town import Town


class Door:
    """The API over a town, asked as one of its people."""

    def __init__(self, town: Town, name: str = "Bo") -> None:
        app = site(town.rooms, town.rooms.settings)
        self.atelier: Atelier = app.state.atelier
        self.client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        person = town.people[name]
        token = app.state.desk.issuer.issue(person, scopes_of(None, person))
        self.client.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(path, json=body)


def test_one_portrait_is_asked_for_and_made(small_town: Town) -> None:
    door = Door(small_town)
    asked = door.post("/v1/imagine", scenario="jazz")
    assert asked.status_code == 202, asked.text
    job = asked.json()
    assert (job["kind"], job["state"], job["done"], job["total"]) == ("imagine", "queued", 0, 1)
    door.atelier.drain()
    after = door.client.get(asked.headers["location"]).json()
    assert (after["state"], after["done"]) == ("done", 1)
    (portrait,) = after["portraits"]
    assert door.client.get(f"/v1/portraits/{portrait}/image").status_code == 200
