# SPDX-License-Identifier: Apache-2.0
import hashlib

import pytest
from sqlalchemy import select

from consent import cards, effects, policies
from consent.errors import Misused
from consent.notices import publish
from consent.tables import asset, card, chain, erasure, published, rendered, subject_key
from consent.words import DAY, SECOND, Purpose, Step, Subject
from tests.consent import history
from tests.consent.copies import Copying, held
from tests.consent.history import ONE_DAY, History
from tests.rooms import Rooms

FEED = Purpose.FEED_INSERT


def test_a_copy_goes_on_where_the_log_was_and_nothing_that_ended_comes_back(
    copying_on_both: Copying,
) -> None:
    copying = copying_on_both
    rooms = copying.live
    lived = history.live(rooms)
    copying.carry()
    eve = later(rooms, lived)
    root, size = rooms.consent.ledger.tree().root(), rooms.consent.ledger.head()[0]
    done = copying.resume()
    after = copying.after()
    assert after.consent.ledger.tree().root(size) == root
    assert (done.erased, done.ended) == (1, 1)
    assert held(after, lived.ada) == {"likeness"}, "withdrawn since: it stays so"
    assert held(after, lived.cy) == set(), "granted since: lost, and asked again"
    assert held(after, lived.bob) == held(after, eve) == set(), "erased, and joined since"
    with pytest.raises(Misused):
        after.consent.erasures.erase(eve)
    after.grant(lived.ada, FEED)
    history.refused(after, lived.ada, FEED)  # what was used in the nights counts
    after.clock.advance(8 * ONE_DAY)
    history.insert(after, lived.ada)
    after.consent.erasures.erase(lived.ada)
    copying.check(after)


def later(rooms: Rooms, lived: History) -> Subject:
    """Let two nights pass: a yes is taken back, one is given, one joins, one is forgotten."""
    history.sleep(rooms, lived)
    rooms.consent.withdrawals.withdraw(lived.ada, FEED)
    rooms.clock.advance(ONE_DAY)
    for purpose in (Purpose.LIKENESS, FEED):
        rooms.grant(lived.cy, purpose)
    history.insert(rooms, lived.cy)
    eve = rooms.inserted_person("Eve Curie")
    history.insert(rooms, eve)
    return eve


def test_whose_secret_is_gone_does_not_return(copying: Copying) -> None:
    """The end of a log may be lost with its database; the key store knows who was erased."""
    rooms = copying.live
    ada, bob = rooms.inserted_person("Ada"), rooms.inserted_person("Bob")
    rooms.portrait(ada, FEED)
    copying.carry()
    rooms.consent.keys.destroy_secret(ada)
    done = copying.resume(taken=False)
    assert (done.erased, done.entries) == (1, 0)
    after = copying.after()
    assert held(after, ada) == set()
    assert held(after, bob) == {"likeness", "feed_insert"}
    with after.consent.ledger.read() as connection:
        assert connection.execute(select(chain.c.subject)).scalars().all() == [bob]
    copying.check(after)
    ended = [one for one in after.entries() if one["t"].startswith("erase.")]
    assert [(one["t"], one["actor"]) for one in ended] == [
        ("erase.request", "system"),
        ("erase.done", "system"),
    ]


def test_a_copy_whose_wrapping_keys_are_gone_opens_nothing_and_says_so(copying: Copying) -> None:
    rooms = copying.live
    ada = rooms.inserted_person("Ada")
    rooms.portrait(ada, FEED)
    copying.carry()
    rooms.clock.advance(15 * DAY / SECOND)
    rooms.consent.retention.sweep()
    done = copying.resume()
    after = copying.after()
    assert after.consent.ledger.head()[1] >= rooms.clock.now(), "and time goes on from there"
    assert (done.ended, held(after, ada)) == (2, set())
    assert after.count(subject_key, ada) == after.count(asset, ada) == 0
    copying.check(after)


def test_an_erasure_that_ended_since_is_not_ended_twice(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = copying.live
    ada = rooms.inserted_person("Ada")
    with monkeypatch.context() as patch:
        patch.setattr(type(rooms.consent.erasures), "_finish", lambda *_: None)  # a crash
        rooms.consent.erasures.erase(ada)
    copying.carry()
    rooms.consent.erasures.finish()
    copying.resume()
    after = copying.after()
    assert after.consent.erasures.finish() == 0
    assert after.count(erasure, ada) == 1
    assert len(after.entries("erase.done")) == 1
    copying.check(after)


def test_an_erasure_that_was_only_asked_for_since_is_asked_for_once_and_done(
    copying: Copying, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = copying.live
    ada = rooms.inserted_person("Ada")
    copying.carry()
    eve = rooms.inserted_person("Eve")
    tags = {rooms.tag(ada), rooms.tag(eve)}
    with monkeypatch.context() as patch:
        patch.setattr(type(rooms.consent.erasures), "_finish", lambda *_: None)  # a crash
        for person in (ada, eve):
            rooms.consent.erasures.erase(person)
    assert copying.resume().erased == 1
    after = copying.after()
    for t in ("erase.request", "erase.done"):
        told = [one["tag"] for one in after.entries(t)]
        assert (set(told), len(told)) == (tags, 2)
    assert {one["actor"] for one in after.entries("erase.done")} == {"system"}
    copying.check(after)


def test_what_was_published_since_is_kept_by_its_name_and_once(copying: Copying) -> None:
    rooms = copying.live
    ada, words = rooms.inserted_person("Ada"), "Yes?"
    named, one = hashlib.sha256(words.encode()).hexdigest(), cards.Card.of("schema = 'x'\n")
    other = policies.load("instagram-2025")
    copying.carry()
    with rooms.consent.ledger.write() as writing:
        publish(writing, "notice.publish", named, words)
        publish(writing, "policy.publish", other.sha256, other.text)
        cards.keep(writing, one)
    for _ in range(2):
        rooms.clock.advance(ONE_DAY)
        obj = rooms.requested(ada, FEED)
        permit = rooms.ask(Step.GENERATE, ada, FEED, obj, request=obj)
        with rooms.consent.ledger.write() as writing:
            effects.spend(writing, [permit], rendered, recipe=one.sha256)
    copying.resume()
    after = copying.after()
    with after.consent.ledger.read() as connection:
        those = published.c.sha256.in_([named, other.sha256])
        found = select(published.c.content).where(those).order_by(published.c.seq)
        assert connection.execute(found).scalars().all() == [words, other.text]
        assert connection.execute(select(card.c.content)).scalars().all() == [one.text]
    copying.check(after)
