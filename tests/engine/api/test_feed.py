# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import local
from typing import Any

import pytest

from consent.ledger import Ledger
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


def test_eight_readers_of_one_feed_all_get_it(home: Home) -> None:
    anna = home.person("Anna")

    def read(_: int) -> int:
        return len(home.rooms.feed.pages.of(anna, None, 12).items)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(64))) == {12}


def watched(name: str, inside: local) -> Any:
    """Wrap `read` or `write` of a ledger so that one inside the other is an error."""
    plain = getattr(Ledger, name)

    @contextmanager
    def alone(self: Ledger) -> Iterator[Any]:
        assert not getattr(inside, "open", False), f"{name} inside another transaction"
        inside.open = True
        try:
            with plain(self) as opened:
                yield opened
        finally:
            inside.open = False

    return alone


def test_no_route_opens_a_transaction_inside_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that waits for a second view can never let a writer commit, who waits for it."""
    inside = local()
    for name in ("read", "write"):
        monkeypatch.setattr(Ledger, name, watched(name, inside))
    headers = home.as_("Anna")
    own = home.insert("Anna")["portrait_id"]
    paths = ["", "/image", "/why"]
    for path in [
        "/v1/feed", "/v1/portraits", "/v1/selfies", "/v1/consents", "/v1/notices/story",
        "/v1/consents/likeness/receipt", "/", "/likeness", f"/why/{own}", "/v1/ledger/checkpoint",
        "/v1/ledger/tile/entries/000.p/9", "/v1/ledger/tile/0/000.p/9", "/v1/ledger/me",
        *(f"/v1/portraits/{own}{what}" for what in paths),
    ]:  # fmt: skip
        assert home.client.get(path, headers=headers).status_code == 200, path
    for kind in ("like", "hide", "undo", "stop"):
        event = {"event_id": kind, "item_id": own, "kind": kind}
        acts = {"req_id": "r", "events": [event]}
        done = home.client.post("/v1/interactions", headers=headers, json=acts)
        assert done.status_code == 200, kind
    home.rooms.consent.retention.sweep()
    erased = home.client.post("/v1/erasure", headers=headers, json={"confirm": "erase"})
    assert erased.status_code == 200
    home.rooms.consent.retention.sweep()
