# SPDX-License-Identifier: Apache-2.0
import pytest

from engine.api.shapes import Token
from tests.engine.homes import Home, public


def test_a_token_is_issued_for_an_id_or_a_name(home: Home) -> None:
    for who in ("Anna", public(home.person("Anna"))):
        made = home.client.post("/v1/token", json={"subject": who})
        assert made.status_code == 200
        token = Token.model_validate(made.json())
        assert token.expires_in == 3_600
        headers = {"Authorization": f"Bearer {token.access_token}"}
        assert home.client.get("/v1/consents", headers=headers).status_code == 200


def test_nobody_gets_a_token_for_somebody_unknown(home: Home) -> None:
    refused = home.client.post("/v1/token", json={"subject": "Zed"})
    assert refused.status_code == 422
    assert refused.json()["field"] == "subject"
    assert refused.json()["reason"] == "unknown-subject"


def test_scopes_are_what_was_asked_for(home: Home) -> None:
    headers = home.as_("Anna", "feed:read")
    assert home.client.get("/v1/feed", headers=headers).status_code == 200
    assert home.client.get("/v1/consents", headers=headers).status_code == 403


def test_a_token_for_nobody_has_staff_scopes_only(home: Home) -> None:
    refused = home.client.post("/v1/token", json={"scopes": ["feed:read"]})
    assert refused.status_code == 422


@pytest.mark.parametrize("how", [{"data": {"subject": "Anna"}}, {"json": {"subject": "Anna"}}])
def test_entering_sets_a_cookie_that_no_script_and_no_other_site_gets(
    home: Home, how: dict[str, object]
) -> None:
    entered = home.client.post("/enter", **how)  # type: ignore[arg-type]
    assert entered.status_code == 303
    assert entered.headers["location"] == "/"
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("onlyou=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert home.client.get("/v1/feed").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_can_sign_anybody_in(home: Home, site: str) -> None:
    refused = home.client.post(
        "/enter", data={"subject": "Anna"}, headers={"Sec-Fetch-Site": site}
    )
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"subject":{}}'])
def test_what_names_nobody_enters_as_nobody(home: Home, body: bytes) -> None:
    refused = home.client.post(
        "/enter", content=body, headers={"Content-Type": "application/json"}
    )
    assert refused.status_code == 422
