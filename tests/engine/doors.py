# SPDX-License-Identifier: Apache-2.0
"""The API over a town, asked as one of its people."""

from typing import Any

from starlette.testclient import TestClient

from engine.api.tokens import scopes_of
from engine.atelier import Atelier
from engine.web import site
from tests import portals
from tests.engine.town import Town


class Door:
    """One person's way in; the atelier works when `draws` is called."""

    def __init__(self, town: Town, name: str = "Bo") -> None:
        app = site(town.rooms, town.rooms.settings)
        self.atelier: Atelier = app.state.atelier
        self.client = portals.shared(
            TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        )
        person = town.people[name]
        token = app.state.desk.issuer.issue(person, scopes_of(None, person))
        self.client.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(path, json=body)

    def get(self, path: str) -> Any:
        return self.client.get(path).json()

    def job(self, answer: Any) -> Any:
        """Have a job made, and read what became of it."""
        assert answer.status_code == 202, answer.text
        self.atelier.drain()
        return self.get(answer.headers["location"])

    def pack(self, count: int, *styles: str) -> Any:
        return self.post("/v1/packs", styles=list(styles or ("jazz",)), count=count)
