# SPDX-License-Identifier: Apache-2.0
"""Posts are published once and read newest first."""

from consent.words import DAY, Micros
from feed import population, posts
from feed.tables import post
from tests.feed.conftest import Home


def test_publishing_again_adds_nothing(home: Home) -> None:
    today = home.now() // DAY
    written = population.day(today - 1, seed=7)
    assert home.feed.posts.publish(written) == 0
    assert home.feed.posts.publish(population.day(today, seed=7)) == 36
    assert home.rooms.count(post) == 108


def test_posts_below_a_place_come_newest_first(home: Home) -> None:
    pat = home.rooms.person("Pat")
    with home.rooms.consent.ledger.read() as connection:
        top = (Micros(home.now()), 0)
        found = posts.published(connection, pat, before=top, count=10)
        last = found[4].post
        rest = posts.published(connection, pat, before=(last.created_at, last.id), count=5)
    assert [one.post.id for one in rest] == [one.post.id for one in found[5:]]
    assert all(one.post.id == one.organic.id for one in found)


def test_publishing_writes_no_entry(home: Home) -> None:
    before = len(home.written())
    home.feed.posts.publish(population.day(home.now() // DAY, seed=7))
    assert len(home.written()) == before
