# SPDX-License-Identifier: Apache-2.0
"""A draft knows where the next page begins."""

from consent import policies
from consent.words import Micros, ObjectId
from feed.cursors import Cursor
from feed.draft import CARD, Draft
from feed.inserts import Placed
from feed.items import Imagined, Post, Preview
from feed.scenarios import shipped
from feed.slots import Blend, Neighbour, Organic, Ready

POLICY = policies.load("strict-opt-in")
PLACE = Cursor(
    snapshot=Micros(9), post_at=Micros(9), post_id=0, posts_before=4, posts_since=2, listed=(8,)
)
POSTS = {
    n: Post(id=n, author="A", text="t", picture=None, alt=None, created_at=Micros(n))
    for n in range(5)
}
PLACED = Placed(object=ObjectId(77), scenario="jazz", placed_at=Micros(1), expires_at=Micros(99))


def draft(*items: Organic | Ready, more: bool = True) -> Draft:
    return Draft(
        blend=Blend(items=items, held=()),
        posts=POSTS,
        placed={PLACED.object: PLACED},
        asked_at=Micros(3),
        more=more,
    )


def organic(number: int) -> Organic:
    return Organic(id=number, neighbour=Neighbour.ORDINARY)


def test_the_next_page_goes_on_below_the_last_post() -> None:
    onward = draft(organic(4), organic(3)).onward(PLACE)
    assert onward is not None
    assert (onward.post_at, onward.post_id) == (3, 3)
    assert (onward.posts_before, onward.posts_since, onward.listed) == (6, 4, (8,))
    assert onward.snapshot == PLACE.snapshot


def test_an_insert_starts_the_gap_anew_and_is_remembered() -> None:
    ready = Ready(id=77, scenario="jazz")
    onward = draft(organic(4), ready, organic(3), organic(2)).onward(PLACE)
    assert onward is not None
    assert (onward.posts_since, onward.listed) == (2, (8, 77))


def test_before_any_insert_there_is_no_gap_to_count() -> None:
    onward = draft(organic(4)).onward(Cursor.start(Micros(5)))
    assert onward is not None
    assert onward.posts_since is None


def test_the_end_has_no_next_page() -> None:
    assert draft(organic(4), more=False).onward(PLACE) is None
    assert draft().onward(PLACE) is None


def test_items_are_named_in_order() -> None:
    page = draft(organic(4), Ready(id=77, scenario="jazz"), CARD, organic(3))
    first, mine, card, last = page.items(POLICY, shipped())
    assert (first, last) == (POSTS[4], POSTS[3])
    assert isinstance(card, Preview)
    assert card.created_at == 3
    assert isinstance(mine, Imagined)
    assert (mine.object, mine.scenario.id, mine.expires_at) == (77, "jazz", 99)
