# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from consent import certificates
from consent.words import public_id
from engine.api.erasure import Certificate
from engine.api.problems import answer, not_found
from engine.api.tokens import PERSONAL
from tests.engine.api.test_matrix import API, statuses
from tests.engine.homes import Home


def erase(home: Home, headers: dict[str, str], word: str = "erase") -> Any:
    return home.client.post("/v1/erasure", headers=headers, json={"confirm": word})


def test_erasing_answers_a_certificate_that_verifies(home: Home) -> None:
    answer = erase(home, home.as_("Anna"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    Certificate.model_validate(answer.json())
    verifier = home.rooms.consent.ledger.signer.verifier
    assert certificates.flaws(answer.json(), verifier) == ()
    assert answer.json()["bytes_destroyed"] > 10_000


@pytest.mark.parametrize("word", ["", "Erase", "yes"])
def test_without_the_word_nothing_happens(home: Home, word: str) -> None:
    headers, before = home.as_("Anna"), home.portraits("Anna")
    assert erase(home, headers, word).status_code == 422
    assert home.client.post("/v1/erasure", headers=headers).status_code == 422
    assert home.portraits("Anna") == before


def test_afterwards_every_route_answers_as_if_the_person_had_never_been(home: Home) -> None:
    headers = home.as_("Anna")
    portrait = home.insert("Anna")["portrait_id"]
    issuer = home.client.app.state.desk.issuer  # type: ignore[attr-defined]
    never = {"Authorization": f"Bearer {issuer.issue(123_456_789, PERSONAL)}"}
    erase(home, headers)
    routes = API - {("POST", "/v1/erasure")}
    assert statuses(home, routes, headers) == statuses(home, routes, never)
    for path in (f"/v1/portraits/{portrait}", f"/v1/portraits/{portrait}/image", "/v1/feed"):
        gone = home.client.get(path, headers=headers)
        assert (gone.status_code, gone.content) == (404, bytes(answer(not_found()).body))


def test_a_lost_answer_can_be_asked_for_again_while_the_token_lasts(home: Home) -> None:
    headers = home.as_("Ben")
    first = erase(home, headers)
    assert erase(home, headers).content == first.content
    again = {**headers, "Idempotency-Key": "once"}
    assert erase(home, again).content == erase(home, again).content == first.content
    home.clock.advance(3_601)
    assert erase(home, headers).status_code == 401


def test_whom_nobody_knows_is_told_nothing(home: Home) -> None:
    issuer = home.client.app.state.desk.issuer  # type: ignore[attr-defined]
    never = {"Authorization": f"Bearer {issuer.issue(123_456_789, PERSONAL)}"}
    refused = erase(home, never)
    assert (refused.status_code, refused.content) == (404, bytes(answer(not_found()).body))


def test_an_erased_person_cannot_be_signed_in_again(home: Home) -> None:
    number = public_id(home.rooms.consent.accounts.find("Ben").subject)
    erase(home, home.as_("Ben"))
    for name in ("Ben", number):
        refused = home.client.post("/v1/token", json={"subject": name})
        assert refused.status_code == 422


def test_others_keep_what_is_theirs(home: Home) -> None:
    before, feed = home.portraits("Ben"), home.insert("Ben")
    erase(home, home.as_("Anna"))
    assert home.portraits("Ben") == before
    assert home.insert("Ben") == feed
    image = home.client.get(feed["image_url"], headers=home.as_("Ben"))
    assert image.status_code == 200
