# SPDX-License-Identifier: Apache-2.0
from fastapi import FastAPI, Response
from starlette.testclient import TestClient

from engine.api.headers import PrivateByDefault


def client() -> TestClient:
    app = FastAPI()
    app.add_api_route("/mine", lambda: {"picture": "of me"})
    app.add_api_route(
        "/style", lambda: Response("a{}", headers={"Cache-Control": "public, max-age=60"})
    )
    app.add_middleware(PrivateByDefault)
    return TestClient(app)


def test_an_answer_is_private_unless_its_route_says_otherwise() -> None:
    head = client().get("/mine").headers
    assert head["cache-control"] == "private, no-store"
    assert head["vary"] == "Authorization, Cookie"
    assert head["cross-origin-resource-policy"] == "same-origin"
    assert head["x-content-type-options"] == "nosniff"
    assert head["referrer-policy"] == "no-referrer"


def test_a_page_may_load_from_here_only_and_run_nothing_inline() -> None:
    policy = client().get("/mine").headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_public_file_keeps_its_own_lifetime() -> None:
    head = client().get("/style").headers
    assert head["cache-control"] == "public, max-age=60"
    assert "vary" not in head


def test_what_does_not_exist_is_private_too() -> None:
    assert client().get("/nothing").headers["cache-control"] == "private, no-store"
