# SPDX-License-Identifier: Apache-2.0
"""The sentence under a picture says what the picture is."""

from sqlalchemy import update

from consent.words import public_id
from engine.web import noting
from generation.tables import portrait
from tests.engine.town import Town


def test_a_drawing_has_the_policy_s_words_and_a_filtered_photograph_its_own(
    small_town: Town,
) -> None:
    small_town.plan()
    rooms = small_town.rooms
    with rooms.consent.ledger.read() as connection:
        (obj,) = connection.execute(portrait.select().with_only_columns(portrait.c.object)).one()
    own = public_id(obj)
    assert noting.notes(rooms, [own]) == {own: rooms.consent.policy.labels.note}
    with rooms.consent.ledger.engine.begin() as connection:
        connection.execute(update(portrait).values(recipe="filter"))
    assert "nothing in it was generated" in noting.notes(rooms, [own])[own]


def test_what_is_not_there_has_the_policy_s_words(small_town: Town) -> None:
    own = public_id(12)
    assert (
        noting.notes(small_town.rooms, [own])[own] == small_town.rooms.consent.policy.labels.note
    )
