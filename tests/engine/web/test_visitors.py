# SPDX-License-Identifier: Apache-2.0
from tests.engine.browsing import enter, form_of, page, send
from tests.engine.homes import Home


def test_a_second_press_of_the_same_button_is_the_same_act(home: Home) -> None:
    enter(home, "Anna")
    fields = form_of(page(home, "/"), "/act", "Like") | {"kind": "like"}
    before = home.rooms.consent.ledger.head()
    for _ in range(2):
        assert send(home, "/act", fields).status_code == 303
    with home.rooms.consent.ledger.read() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM post_act").scalar_one()
    assert count == 1
    assert home.rooms.consent.ledger.head()[0] == before[0]


def test_what_a_url_says_is_never_repeated(home: Home) -> None:
    enter(home, "Anna")
    for path in (
        "/?said=canary",
        "/likeness?said=canary",
        "/likeness?said=not-kept&reasons=canary",
    ):
        assert "canary" not in page(home, path)
