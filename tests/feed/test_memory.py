# SPDX-License-Identifier: Apache-2.0
"""A lesson takes a permit, once, and goes when it is undone."""

from consent.words import Purpose
from feed.memory import forget
from feed.tables import learned
from tests.feed.conftest import Home


def test_a_lesson_without_a_basis_is_denied_and_leaves_nothing(home: Home) -> None:
    ada = home.rooms.inserted_person()
    lesson = home.rooms.object()
    assert not home.feed.memory.learn(ada, lesson, kind="like", scenario="aurora")
    assert home.rooms.count(learned) == 0


def test_a_lesson_is_kept_with_decision_and_effect(home: Home) -> None:
    ada = home.rooms.inserted_person()
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    before = len(home.written())
    assert home.feed.memory.learn(ada, home.rooms.object(), kind="like", scenario="aurora")
    assert [entry["t"] for entry in home.written()[before:]] == ["decision", "effect"]


def test_only_ones_own_lesson_is_forgotten(home: Home) -> None:
    ada, bob = home.rooms.inserted_person(), home.rooms.inserted_person("Bob")
    home.rooms.grant(ada, Purpose.PERSONALISATION)
    lesson = home.rooms.object()
    home.feed.memory.learn(ada, lesson, kind="like", scenario="aurora")
    for person, left in ((bob, 1), (ada, 0)):
        with home.rooms.consent.ledger.write() as writing:
            forget(writing.connection, person, lesson)
        assert home.rooms.count(learned) == left
