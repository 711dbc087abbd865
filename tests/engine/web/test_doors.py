# SPDX-License-Identifier: Apache-2.0
from tests.engine.browsing import HTML, enter, page
from tests.engine.homes import Home


def test_the_door_names_people_and_nothing_they_said(home: Home) -> None:
    text = page(home, "/enter")
    assert all(name in text for name in ("Anna", "Ben", "Cleo", "Dora"))
    assert "Portraits" not in text


def test_no_other_site_can_sign_anybody_out(home: Home) -> None:
    enter(home, "Anna")
    refused = home.client.post("/leave", headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


def test_leaving_forgets_the_cookie(home: Home) -> None:
    enter(home, "Anna")
    left = home.client.post("/leave")
    assert left.headers["location"] == "/enter"
    assert home.client.get("/", headers=HTML).status_code == 303
