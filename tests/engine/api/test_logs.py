# SPDX-License-Identifier: Apache-2.0
import logging

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engine.api.logs import Quietly


def client() -> TestClient:
    app = FastAPI()

    @app.get("/portraits/{name}")
    def portrait(name: str) -> str:
        if name == "broken":
            raise RuntimeError("canary-in-a-message")
        return name

    app.add_middleware(Quietly)
    return TestClient(app)


def test_a_line_names_the_route_and_nothing_that_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        client().get(
            "/portraits/canary-id?token=canary-query",
            headers={"Authorization": "Bearer canary-token"},
        )
    (line,) = [record.getMessage() for record in caplog.records if record.name == "onlyou.api"]
    assert line.startswith("GET /portraits/{name} 200 ")
    assert "canary" not in line


def test_a_failure_is_a_plain_500_and_its_message_stays_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        answer = client().get("/portraits/broken")
    assert answer.status_code == 500
    assert answer.json()["title"] == "Something went wrong"
    assert "RuntimeError in portrait" in caplog.text
    assert "canary" not in caplog.text + answer.text


def test_a_path_that_no_route_has_is_a_dash(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        client().get("/canary")
    assert "GET - 404" in caplog.text
    assert "/canary" not in caplog.text.replace("testserver/canary", "")
