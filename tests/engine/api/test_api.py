# SPDX-License-Identifier: Apache-2.0
"""The whole API: what every answer has in common, and when the development issuer exists."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from engine.web import site
from tests.engine.homes import Home

PERSONAL = [
    "/v1/feed",
    "/v1/portraits",
    "/v1/selfies",
    "/v1/consents",
    "/v1/consents/likeness/receipt",
    "/v1/notices/likeness",
    "/",
    "/likeness",
    "/likeness/notices/imagine",
    "/likeness/receipts/likeness",
]


def every_personal_path(home: Home) -> list[str]:
    own = home.insert("Anna")["portrait_id"]
    mine = [f"/v1/portraits/{own}{what}" for what in ("", "/image", "/why")]
    return [*PERSONAL, *mine, f"/why/{own}"]


def test_everything_personal_is_private_and_framed_by_nobody(home: Home) -> None:
    headers = home.as_("Anna")
    for path in every_personal_path(home):
        answer = home.client.get(path, headers=headers)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "private, no-store", path
        assert answer.headers["vary"] == "Authorization, Cookie", path
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["content-security-policy"].startswith("default-src 'self';"), path


def test_a_refusal_is_as_private_as_an_answer(home: Home) -> None:
    for path in every_personal_path(home):
        answer = home.client.get(path)
        assert answer.status_code == 401
        assert answer.headers["cache-control"] == "private, no-store", path


def test_an_image_cannot_be_had_by_its_address_alone(home: Home) -> None:
    address = home.insert("Anna")["image_url"]
    assert home.client.get(address).status_code == 401
    assert home.client.get(address + "?token=" + home.token("Anna")).status_code == 401


def test_health_and_checkpoint_need_no_token(home: Home) -> None:
    assert home.client.get("/healthz").json() == {"status": "ok"}
    note = home.client.get("/v1/ledger/checkpoint").text
    origin, size, *_ = note.splitlines()
    assert origin == home.rooms.settings.origin
    assert int(size) == home.rooms.consent.ledger.head()[0]


OPEN = {
    *("/enter", "/healthz", "/metrics", "/v1/token"),
    *("/v1/ledger/checkpoint", "/v1/ledger/tile/{path}", "/v1/verify/anchor"),
}


def test_the_contract_is_openapi_3_1(home: Home) -> None:
    contract = home.client.get("/openapi.json").json()
    assert contract["openapi"].startswith("3.1")
    assert "/v1/portraits/{id}/image" in contract["paths"]
    outside = [path for path in contract["paths"] if not path.startswith("/v1/")]
    skeleton = "/xrpc/app.bsky.feed.getFeedSkeleton"
    assert sorted(outside) == ["/enter", "/healthz", "/metrics", skeleton]
    for path, verbs in contract["paths"].items():
        for verb, route in verbs.items():
            assert bool(route.get("security")) != (path in OPEN), f"{verb} {path}"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/token"), ("POST", "/enter"), ("GET", "/enter")]
)
def test_without_the_development_issuer_its_routes_do_not_exist(
    open_home: Callable[..., Home], method: str, path: str
) -> None:
    home = open_home(dev_tokens=False)
    assert home.client.request(method, path).status_code == 404


def test_an_unknown_path_is_a_problem(home: Home) -> None:
    answer = home.client.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused(home: Home) -> None:
    answer = home.client.post("/v1/interactions", headers=home.as_("Anna"), content=b"x" * 300_000)
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("/too-large")


def test_a_database_that_cannot_be_read_is_unavailable_and_nothing_more_is_told(
    home: Home,
) -> None:
    headers = home.as_("Anna")
    with home.rooms.consent.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE post")
    answer = home.client.get("/v1/feed", headers=headers)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("/unavailable")
    assert "post" not in answer.json()["detail"]


def test_two_engines_over_one_home_read_each_others_tokens(home: Home) -> None:
    other = TestClient(site(home.rooms, home.rooms.settings))
    assert other.get("/v1/feed", headers=home.as_("Anna")).status_code == 200
