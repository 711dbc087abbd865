# SPDX-License-Identifier: Apache-2.0
"""Items carry the words of the policy and the shapes of the contract."""

from consent import policies
from consent.words import Micros, ObjectId
from feed.items import PREVIEW_ID, FeedPage, Imagined, Post, Preview
from feed.scenarios import shipped

LABELS = policies.load("strict-opt-in").labels
MINE = Imagined(
    object=ObjectId(1),
    scenario=shipped().of("jazz"),
    labels=LABELS,
    created_at=Micros(0),
    expires_at=Micros(1_000_000),
)


def test_the_label_says_in_so_many_words_who_can_see_it_and_who_made_it() -> None:
    body = MINE.json()
    assert body["label"] == "Only you can see this"
    assert body["ai_label"] == "AI, made for you"
    assert body["visible_to"] == "only_you"
    assert body["is_ad"] is False
    assert body["kind"] == "imagined"


def test_an_imagined_item_names_no_person() -> None:
    assert not {"subject", "owner", "viewer", "author"} & set(MINE.json())


def test_the_card_that_asks_has_made_nothing() -> None:
    body = Preview(labels=LABELS, created_at=Micros(0)).json()
    assert body["id"] == PREVIEW_ID
    assert body["preview"] is True
    gone = {"portrait_id", "scenario", "why", "image_url", "expires_at"}
    assert not gone & set(body)
    assert body["ai_label"] == "AI, not made yet"
    assert body["alt"].startswith("No image yet")
    assert body["created_at"] == "1970-01-01T00:00:00Z"


def test_a_post_may_carry_a_drawing() -> None:
    plain = Post(id=1, author="A", text="b", picture=None, alt=None, created_at=Micros(0))
    drawn = Post(id=1, author="A", text="b", picture="moon-1", alt="A moon", created_at=Micros(0))
    assert (plain.json()["image_url"], plain.json()["alt"]) == (None, "")
    assert (drawn.json()["image_url"], drawn.json()["alt"]) == ("/pictures/moon-1.svg", "A moon")


def test_the_last_page_has_no_cursor() -> None:
    assert "cursor" not in FeedPage(items=(), cursor=None, req_id="r").json()
    assert FeedPage(items=(), cursor="c", req_id="r").json()["cursor"] == "c"
