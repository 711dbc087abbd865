# SPDX-License-Identifier: Apache-2.0
"""A page is one person's own, stable while they read it, and empty of what they ended."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import policies
from consent.errors import Misused
from consent.words import SECOND, Micros, Purpose, public_id, rfc3339
from feed import inserts
from feed.draft import Asked, Draft
from feed.items import Imagined, Post
from feed.page import Pages
from tests.conftest import Opener
from tests.feed.conftest import Home, cards, furnished, imagined, posts
from tests.rooms import Rooms


def test_a_person_finds_their_portrait_at_the_fourth_place(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    page = home.page(ada)
    assert imagined(page) == [mine]
    assert isinstance(page.items[3], Imagined)
    assert len(page.items) == 20


def test_nobody_else_ever_finds_it(home: Home) -> None:
    ada = home.rooms.inserted_person("Ada")
    grace = home.rooms.inserted_person("Grace")
    alone = home.rooms.inserted_person("Alone")
    passer = home.rooms.person("Pat")
    hers = home.insert(grace)
    home.later(hours=1)
    mine = home.insert(ada)
    assert imagined(home.page(grace)) == [hers]
    assert imagined(home.page(ada)) == [mine]
    assert imagined(home.page(alone)) == imagined(home.page(passer)) == []
    assert posts(home.page(passer))[:3] == posts(home.page(ada))[:3]


def test_a_page_holds_the_exact_shapes(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = public_id(home.insert(ada))
    body = home.page(ada).json()
    assert set(body) == {"items", "cursor", "req_id"}
    assert dict(body["items"][3]) == {
        "id": mine,
        "kind": "imagined",
        "portrait_id": mine,
        "label": "Only you can see this",
        "ai_label": "AI, made for you",
        "visible_to": "only_you",
        "is_ad": False,
        "preview": False,
        "image_url": f"/v1/portraits/{mine}/image",
        "alt": "AI image of you as a winter walker under northern lights",
        "scenario": {"id": "aurora", "title": "You, under the northern lights"},
        "why": f"/v1/portraits/{mine}/why",
        "created_at": "2026-05-28T20:26:40Z",
        "expires_at": "2026-05-31T20:26:40Z",
        "context": home.feed.contexts.of(ada, mine),
    }
    post = dict(body["items"][0])
    fields = {"id", "kind", "author", "text", "image_url", "alt", "created_at", "context"}
    assert set(post) == fields
    assert post["kind"] == "post"
    assert json.loads(json.dumps(body)) == body


def test_posts_come_newest_first_and_pages_go_on_to_the_end(home: Home) -> None:
    pat = home.rooms.person("Pat")
    seen: list[Post] = []
    cursor, pages = None, 0
    while pages == 0 or cursor:
        page = home.page(pat, cursor, 20)
        seen += [item for item in page.items if isinstance(item, Post)]
        cursor, pages = page.cursor, pages + 1
    assert pages == 4
    assert len({post.id for post in seen}) == len(seen) == 72
    assert seen == sorted(seen, key=lambda post: (post.created_at, post.id), reverse=True)


def test_reading_on_neither_repeats_nor_loses_a_post_around_an_insert(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.insert(ada)
    first = home.page(ada, limit=10)
    second = home.page(ada, first.cursor, limit=10)
    plain = home.page(home.rooms.person("Pat"), limit=19)
    assert posts(first) + posts(second) == posts(plain)
    assert imagined(second) == []


def test_listing_writes_nothing_without_an_imagined_item(home: Home) -> None:
    ada, pat = home.rooms.inserted_person(), home.rooms.person("Pat")
    before = home.rooms.consent.ledger.head()
    home.later(hours=1)
    home.page(ada)
    home.page(pat)
    assert home.rooms.consent.ledger.head() == before


def test_listing_an_imagined_item_logs_one_label_shown(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.insert(ada)
    before = len(home.written())
    home.page(ada)
    entries = home.written()[before:]
    assert [entry["t"] for entry in entries] == ["label.shown"]
    assert entries[0]["purpose"] == "feed_insert"
    assert entries[0]["n"] == 1
    assert {"tag", "object", "request", "policy"} <= set(entries[0])
    home.page(ada)
    assert len(home.written()) == before + 2


def test_the_same_cursor_gives_the_same_page(home: Home) -> None:
    ada = home.rooms.inserted_person()
    first = home.page(ada, limit=5)
    home.later(hours=1)
    home.insert(ada)
    second = home.page(ada, first.cursor, limit=10)
    home.later(hours=1)
    assert home.page(ada, first.cursor, limit=10).items == second.items
    assert imagined(second) == []


def test_a_page_with_an_insert_stays_when_a_newer_one_arrives(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    start = home.page(ada, limit=2).cursor
    page = home.page(ada, start, limit=12)
    home.later(days=1.1)
    newer = home.insert(ada, "jazz")
    assert imagined(page) == [mine]
    assert home.page(ada, start, limit=12).items == page.items
    assert imagined(home.page(ada)) == [newer]


def test_a_withdrawal_empties_the_next_page_and_every_old_cursor(home: Home) -> None:
    ada = home.rooms.inserted_person()
    first = home.page(ada, limit=2)
    home.insert(ada)
    start = home.page(ada, limit=2).cursor
    assert imagined(home.page(ada, start, limit=12))
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    for cursor in (None, first.cursor, start):
        page = home.page(ada, cursor, limit=12)
        assert imagined(page) == []
        assert cards(page) == []


def test_a_pause_empties_every_page_while_it_lasts_and_takes_nothing(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    start = home.page(ada, limit=2).cursor
    home.rooms.consent.pauses.pause(ada, Micros(home.now() + 60 * SECOND))
    shown = len(home.written("label.shown"))
    for cursor in (None, start):
        page = home.page(ada, cursor, limit=12)
        assert imagined(page) == cards(page) == []
    assert len(home.written("label.shown")) == shown
    home.rooms.clock.advance(60)
    assert (
        imagined(home.page(ada, limit=12)) == imagined(home.page(ada, start, limit=12)) == [mine]
    )


def test_removing_the_insert_leaves_the_posts_where_they_were(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.insert(ada)
    with_it = posts(home.page(ada))
    home.rooms.consent.withdrawals.withdraw(ada, Purpose.FEED_INSERT)
    assert posts(home.page(ada))[: len(with_it)] == with_it


def test_an_insert_expires_to_the_microsecond(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    home.later(hours=72)
    home.rooms.clock.advance(-0.000001)
    assert imagined(home.page(ada)) == [mine]
    home.rooms.clock.advance(0.000001)
    assert imagined(home.page(ada)) == []


def test_the_same_insert_may_be_listed_again_but_only_one_a_day_is_new(home: Home) -> None:
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    assert imagined(home.page(ada)) == [mine] == imagined(home.page(ada))
    with home.rooms.consent.ledger.read() as connection:
        assert [shown.id for shown in inserts.listed(connection, ada)] == [mine]


def test_a_cursor_of_somebody_else_is_unknown(home: Home) -> None:
    ada, pat = home.rooms.inserted_person(), home.rooms.person("Pat")
    cursor = home.page(ada).cursor
    assert cursor is not None
    for broken in (cursor, "x", "", cursor[:-2] + "AA", "é"):
        with pytest.raises(Misused, match="not one of yours"):
            home.page(pat, broken)


def test_a_page_is_at_most_a_hundred_items_and_at_least_one(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.insert(ada)
    assert len(home.page(ada, limit=0).items) == 1
    assert len(home.page(ada, limit=1_000).items) == 73
    assert home.page(ada, limit=1_000).cursor is None


@pytest.mark.parametrize("limit", range(1, 9))
def test_no_limit_puts_an_insert_first_or_last(home: Home, limit: int) -> None:
    ada = home.rooms.inserted_person()
    home.insert(ada)
    cursor: str | None = None
    while True:
        page = home.page(ada, cursor, limit)
        assert len(page.items) <= limit
        places = [n for n, item in enumerate(page.items) if isinstance(item, Imagined)]
        assert all(0 < place < len(page.items) - 1 for place in places)
        cursor = page.cursor
        if cursor is None:
            return


# --- the card that asks


def test_the_card_asks_before_the_first_insert(home: Home) -> None:
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    before = len(home.written())
    page = home.page(bob)
    assert [dict(card.json()) for card in cards(page)] == [
        {
            "id": "preview",
            "kind": "imagined",
            "label": "Only you can see this",
            "ai_label": "AI, not made yet",
            "visible_to": "only_you",
            "is_ad": False,
            "preview": True,
            "alt": "No image yet: a question whether you want portraits of yourself here",
            "created_at": rfc3339(
                home.rooms.consent.grants.show(bob)[Purpose.FEED_INSERT].granted_at
            ),
        }
    ]
    assert cards(page)[0] is page.items[3]
    assert [entry["t"] for entry in home.written()[before:]] == ["label.shown"]
    home.say(bob, "accept", "preview")
    assert cards(home.page(bob)) == []


def test_not_now_is_not_asked_again_for_thirty_days(home: Home) -> None:
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    home.say(bob, "hide", "preview")
    assert cards(home.page(bob)) == []
    home.later(days=29.9)
    assert cards(home.page(bob)) == []
    home.later(days=0.1)
    assert len(cards(home.page(bob))) == 1


def test_the_card_stands_once_in_a_reading(home: Home) -> None:
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    first = home.page(bob, limit=12)
    second = home.page(bob, first.cursor, limit=12)
    assert (len(cards(first)), len(cards(second))) == (1, 0)


def test_a_policy_without_a_preview_shows_no_card(open_rooms: Opener, sqlite_url: str) -> None:
    home = furnished(open_rooms(sqlite_url, policy="instagram-2025"))
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    assert cards(home.page(bob)) == []
    home.insert(bob)
    assert home.page(bob).json()["items"][1]["ai_label"] == "Imagined for you"


def test_a_newcomer_sees_fewer_a_week_until_they_like_one(
    open_rooms: Opener, sqlite_url: str
) -> None:
    loose = policies.load("instagram-2025")
    careful = replace(loose, slots=replace(loose.slots, newcomer_per_week=1))
    home = furnished(open_rooms(sqlite_url, policy=careful))
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    home.insert(bob, "jazz")
    home.insert(bob, "chef")
    (first,) = imagined(home.page(bob))
    home.say(bob, "like", first)
    assert len(imagined(home.page(bob))) == 2


@pytest.mark.parametrize("asking", [True, False])
@pytest.mark.parametrize("pausing", [True, False])
def test_a_withdrawal_or_a_pause_between_reading_and_listing_wins(
    home: Home, monkeypatch: pytest.MonkeyPatch, asking: bool, pausing: bool
) -> None:
    bob = home.rooms.person("Bob", Purpose.LIKENESS)
    served = home.rooms.consent.notices.serve(bob, Purpose.FEED_INSERT)
    home.rooms.consent.grants.grant(bob, Purpose.FEED_INSERT, served.served_id)
    if not asking:
        home.rooms.consent.grants.answer_preview(bob, accepted=True)
        home.insert(bob)
    show = Pages._show

    def withdrawn_first(pages: Pages, page: Asked) -> Draft:
        if pausing:
            home.rooms.consent.pauses.pause(page.viewer, None)
        else:
            home.rooms.consent.withdrawals.withdraw(page.viewer, Purpose.FEED_INSERT)
        return show(pages, page)

    monkeypatch.setattr(Pages, "_show", withdrawn_first)
    page = home.page(bob)
    assert imagined(page) == cards(page) == []
    assert home.written("label.shown") == []


def test_it_works_on_both_databases(rooms_on_both: Rooms) -> None:
    home = furnished(rooms_on_both)
    ada = home.rooms.inserted_person()
    mine = home.insert(ada)
    page = home.page(ada, limit=10)
    assert imagined(page) == [mine]
    assert home.say(ada, "like", mine) == "done"
    assert home.say(ada, "hide", mine) == "done"
    assert imagined(home.page(ada)) == []
    assert home.say(ada, "stop", mine) == "done"
    assert imagined(home.page(ada, page.cursor)) == []


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(limits=st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_pages_of_any_size_hold_every_post_once(home: Home, limits: list[int]) -> None:
    pat = home.rooms.consent.accounts.list()
    viewer = pat[0].subject if pat else home.rooms.inserted_person()
    seen: list[int] = []
    cursor: str | None = None
    for turn in range(80):
        page = home.page(viewer, cursor, limits[turn % len(limits)])
        seen += posts(page)
        cursor = page.cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 72
