# SPDX-License-Identifier: Apache-2.0
import logging
import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engine.api.logs import Quietly
from engine.journal import TextLines


def client() -> TestClient:
    app = FastAPI()

    @app.get("/portraits/{name}")
    def portrait(name: str) -> str:
        if name == "broken":
            raise RuntimeError("canary-in-a-message")
        return name

    app.add_middleware(Quietly)
    return TestClient(app)


@pytest.fixture(autouse=True)
def _as_the_operator_reads_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(TextLines())


def written(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.text.splitlines() if " onlyou.api " in line]


def test_a_line_names_the_route_and_nothing_that_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        client().get(
            "/portraits/canary-id?token=canary-query",
            headers={"Authorization": "Bearer canary-token"},
        )
    (line,) = written(caplog)
    assert "answered" in line
    assert "method=GET route=/portraits/{name} status=200 ms=" in line
    assert "canary" not in line


def test_a_failure_is_a_plain_500_and_its_message_stays_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        answer = client().get("/portraits/broken")
    assert answer.status_code == 500
    assert answer.json()["title"] == "Something went wrong"
    failed, answered = written(caplog)
    assert "RuntimeError in portrait" in failed
    assert "status=500" in answered
    number = re.compile(" request=([0-9a-f]{16}) ")
    assert number.findall(failed) == number.findall(answered) != []
    assert "canary" not in failed + answered + answer.text


def test_a_path_that_no_route_has_is_a_dash_and_so_is_a_method_that_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        client().get("/canary")
        client().request("CANARY", "/portraits/anna")
    gone, odd = written(caplog)
    assert "method=GET route=- status=404" in gone
    assert "method=- route=" in odd
    assert "canary" not in (gone + odd).lower()


def test_two_requests_have_two_numbers(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "onlyou.api"):
        client().get("/portraits/anna")
        client().get("/portraits/anna")
    numbers = {re.search("request=([0-9a-f]+)", line)[1] for line in written(caplog)}  # type: ignore[index]
    assert len(numbers) == 2
