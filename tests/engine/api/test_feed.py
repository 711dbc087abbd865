# SPDX-License-Identifier: Apache-2.0
from tests.engine.homes import Home


def entries(home: Home) -> int:
    return home.rooms.consent.ledger.head()[0]


def test_a_feed_is_paged_to_its_end_without_repeats(home: Home) -> None:
    seen: list[str] = []
    page = home.feed("Anna", limit=7)
    while True:
        seen += [item["id"] for item in page["items"]]
        if "cursor" not in page:
            break
        page = home.feed("Anna", limit=7, cursor=page["cursor"])
    assert len(seen) == len(set(seen)) == 31


def test_a_page_without_a_portrait_writes_nothing(home: Home) -> None:
    before = entries(home)
    home.feed("Dora")
    home.feed("Anna", limit=3)
    assert entries(home) == before


def test_a_page_with_a_portrait_logs_its_label_once(home: Home) -> None:
    before = entries(home)
    home.feed("Anna")
    assert entries(home) == before + 1


def test_a_cursor_belongs_to_one_person(home: Home) -> None:
    cursor = home.feed("Anna", limit=5)["cursor"]
    refused = home.client.get("/v1/feed", headers=home.as_("Ben"), params={"cursor": cursor})
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("/invalid")


def test_somebody_without_a_yes_has_a_feed_of_posts(home: Home) -> None:
    assert {item["kind"] for item in home.feed("Dora")["items"]} == {"post"}
