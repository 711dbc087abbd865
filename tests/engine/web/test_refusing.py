# SPDX-License-Identifier: Apache-2.0
from typing import Any

from tests.engine.browsing import HTML, enter, form_of, page, send
from tests.engine.homes import Home


def test_without_a_session_a_page_leads_to_the_door(home: Home) -> None:
    answer = home.client.get("/", headers=HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/enter"


def test_without_the_development_issuer_a_page_says_sign_in_first(open_home: Any) -> None:
    home = open_home(dev_tokens=False)
    answer = home.client.get("/", headers=HTML)
    assert answer.status_code == 401
    assert "Sign in first" in answer.text


def test_a_refused_act_says_so_beside_the_card(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/"), "/act", "Fewer") | {"kind": "hide", "item_id": "x"}
    refused = send(home, "/act", fields, **{"HX-Request": "true"})
    assert refused.status_code == 404
    assert refused.headers["hx-reswap"] == "afterend"
    assert 'role="alert"' in refused.text
    assert send(home, "/act", fields | {"nonce": "x"}).status_code == 422


def test_a_page_that_is_not_there_says_so_as_a_page(home: Home) -> None:
    enter(home, "Ben")
    own = home.insert("Anna")["portrait_id"]
    texts = set()
    for path in (f"/why/{own}", "/why/0000000000000", "/nothing"):
        answer = home.client.get(path, headers=HTML)
        assert answer.status_code == 404
        texts.add(answer.text)
    assert len(texts) == 1
    assert "There is nothing here that you can see." in texts.pop()
