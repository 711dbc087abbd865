# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from engine.api.problems import Slug
from tests.engine.homes import Home

TEXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", "/v1/interactions", {"content": b"{}", "headers": TEXT}),
        ("PUT", "/v1/consents/story", {"data": {"served_id": "x"}}),
        ("POST", "/v1/selfies", {"json": {"file": "x"}}),
        ("POST", "/v1/token", {"content": b"subject=Anna", "headers": TEXT}),
    ],
)
def test_a_body_of_another_kind_is_refused_before_it_is_read(
    home: Home, method: str, path: str, sent: dict[str, Any]
) -> None:
    headers = home.as_("Anna") | sent.pop("headers", {})
    refused = home.client.request(method, path, headers=headers, **sent)
    assert refused.status_code == 415
    assert refused.json()["type"].endswith(f"/{Slug.MEDIA_TYPE}")
    assert refused.headers["cache-control"] == "private, no-store"


def test_a_parameter_or_another_case_is_the_same_kind(home: Home) -> None:
    headers = home.as_("Anna") | {"Content-Type": "Application/JSON; charset=utf-8"}
    body = b'{"req_id": "r", "events": []}'
    assert home.client.post("/v1/interactions", headers=headers, content=body).status_code == 200


def test_saying_no_minds_no_kind_of_body(home: Home) -> None:
    headers = home.as_("Anna") | TEXT
    withdrawn = home.client.request(
        "DELETE", "/v1/consents/imagine", headers=headers, content=b"please"
    )
    assert withdrawn.status_code == 200


def test_a_form_of_the_pages_is_free(home: Home) -> None:
    assert home.client.post("/enter", data={"subject": "Anna"}).status_code == 303


def test_an_undeclared_excess_is_too_large_on_every_route(home: Home) -> None:
    headers = home.as_("Anna") | {"Content-Type": "application/json"}
    body = (b" " * 10_000 for _ in range(30))
    refused = home.client.post("/v1/interactions", headers=headers, content=body)
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (413, "too-large")
