# SPDX-License-Identifier: Apache-2.0
import pytest

from consent.words import public_id
from tests.engine.homes import Home

ACTS = {"req_id": "r", "events": []}


def enter(home: Home, name: str) -> str:
    home.client.post("/enter", data={"subject": name})
    return str(home.client.cookies["onlyou"])


def test_a_header_wins_over_the_cookie(home: Home) -> None:
    enter(home, "Anna")
    theirs = home.client.get("/v1/portraits", headers=home.as_("Ben")).json()
    assert {one["id"] for one in theirs["items"]} == {one["id"] for one in home.portraits("Ben")}


@pytest.mark.parametrize("value", ["", "Basic abc", "Bearer", "Bearer x", "bearer  "])
def test_a_broken_header_is_not_saved_by_a_cookie(home: Home, value: str) -> None:
    enter(home, "Anna")
    refused = home.client.get("/v1/feed", headers={"Authorization": value})
    assert refused.status_code == 401


@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none"])
def test_a_write_by_cookie_comes_from_our_own_page(home: Home, site: str | None) -> None:
    enter(home, "Anna")
    headers = {"Sec-Fetch-Site": site} if site else {}
    refused = home.client.post("/v1/interactions", json=ACTS, headers=headers)
    assert refused.status_code == 403
    assert home.client.delete("/v1/consents/imagine", headers=headers).status_code == 403


def test_our_own_page_may_write_by_cookie(home: Home) -> None:
    enter(home, "Anna")
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert home.client.post("/v1/interactions", json=ACTS, headers=ours).status_code == 200


def test_a_forms_token_stands_for_the_header_that_old_browsers_do_not_send(home: Home) -> None:
    token = enter(home, "Anna")
    issuer = home.client.app.state.desk.issuer  # type: ignore[attr-defined]
    good = issuer.csrf(token)
    by_form = home.client.post("/likeness/withdraw", data={"purpose": "imagine", "csrf": good})
    assert by_form.status_code == 303
    by_header = home.client.post("/v1/interactions", json=ACTS, headers={"X-CSRF-Token": good})
    assert by_header.status_code == 200
    other = issuer.csrf(home.token("Ben"))
    wrong = home.client.post("/likeness/withdraw", data={"purpose": "imagine", "csrf": other})
    assert wrong.status_code == 403


def test_a_bearer_needs_no_page(home: Home) -> None:
    sent = home.client.post(
        "/v1/interactions", json=ACTS, headers=home.as_("Anna") | {"Sec-Fetch-Site": "cross-site"}
    )
    assert sent.status_code == 200


def test_a_repeated_post_acts_once(home: Home) -> None:
    item = home.insert("Anna")
    headers = home.as_("Anna") | {"Idempotency-Key": "once"}
    acts = {
        "req_id": "r",
        "events": [{"event_id": "e-1", "item_id": item["id"], "kind": "hide"}],
    }
    first = home.client.post("/v1/interactions", json=acts, headers=headers)
    again = home.client.post("/v1/interactions", json=acts, headers=headers)
    assert first.json()["results"] == [{"event_id": "e-1", "status": "done"}]
    assert (again.status_code, again.content) == (first.status_code, first.content)
    other = home.client.post("/v1/interactions", json=ACTS, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"].endswith("/key-reused")


def test_two_people_may_use_the_same_key(home: Home) -> None:
    for name in ("Anna", "Ben"):
        headers = home.as_(name) | {"Idempotency-Key": "same"}
        assert home.client.post("/v1/interactions", json=ACTS, headers=headers).status_code == 200


def test_a_refusal_is_repeated_too(home: Home) -> None:
    headers = home.as_("Anna") | {"Idempotency-Key": "bad"}
    wrong = {"req_id": "r", "events": [{"event_id": "e", "item_id": "x", "kind": "like"}]}
    first = home.client.post("/v1/interactions", json=wrong, headers=headers)
    again = home.client.post("/v1/interactions", json=wrong, headers=headers)
    assert first.status_code == 404
    assert again.content == first.content


def test_a_key_does_not_open_what_a_token_may_not(home: Home) -> None:
    headers = home.as_("Anna") | {"Idempotency-Key": "k"}
    home.client.post("/v1/interactions", json=ACTS, headers=headers)
    expired = dict(headers)
    home.clock.advance(3_601)
    assert home.client.post("/v1/interactions", json=ACTS, headers=expired).status_code == 401
    staff = home.as_(None) | {"Idempotency-Key": "k"}
    assert home.client.post("/v1/interactions", json=ACTS, headers=staff).status_code == 403


def test_the_token_route_honours_the_key(home: Home) -> None:
    headers = {"Idempotency-Key": "t"}
    first = home.client.post("/v1/token", json={"subject": "Anna"}, headers=headers)
    home.clock.advance(5)
    again = home.client.post("/v1/token", json={"subject": "Anna"}, headers=headers)
    assert again.json() == first.json()


def test_an_erased_persons_token_does_not_come_back_with_somebody_named_like_their_id(
    home: Home,
) -> None:
    dora, token = home.person("Dora"), home.as_("Dora")
    home.rooms.consent.erasures.erase(dora)
    gone = home.client.get("/v1/shares", headers=token)
    home.rooms.consent.accounts.add(public_id(dora))
    still = home.client.get("/v1/shares", headers=token)
    assert gone.status_code == still.status_code == 404
    assert still.content == gone.content
