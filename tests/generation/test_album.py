# SPDX-License-Identifier: Apache-2.0
"""What a person has here, told without opening anything."""

from consent import tables
from consent.words import DAY, HOUR, SECOND, Micros, ObjectId, Purpose, Reason
from generation import album
from generation.album import State
from tests.generation.house import House


def images(house: House, subject: int, later: int = 0) -> list[tuple[ObjectId, State]]:
    now = Micros(house.rooms.clock.now() + later)
    with house.rooms.consent.ledger.read() as connection:
        return [(one.id, one.state) for one in album.images(connection, subject, now)]


def test_images_come_newest_first_in_whatever_state(house: House) -> None:
    subject = house.sitter(1)
    made, refused = house.order(subject), house.order(subject, "none")
    house.studio.make([made])
    house.rooms.clock.advance(HOUR / SECOND)
    house.studio.make([refused])
    listed = [(refused.id, State.REFUSED), (made.id, State.READY)]
    assert images(house, subject) == listed
    house.rooms.consent.withdrawals.destroy(subject, made.id)
    assert images(house, subject) == [listed[0], (made.id, State.DESTROYED)]


def test_an_image_whose_time_is_over_counts_as_destroyed(house: House) -> None:
    subject = house.sitter(1)
    request = house.order(subject)
    house.studio.make([request])
    days = house.rooms.consent.policy.portraits.retention_days
    assert images(house, subject, days * DAY - 1) == [(request.id, State.READY)]
    assert images(house, subject, days * DAY) == [(request.id, State.DESTROYED)]


def test_what_was_destroyed_keeps_its_line_and_its_scenario(house: House) -> None:
    subject = house.sitter(1)
    request = house.order(subject)
    house.studio.make([request])
    house.rooms.consent.withdrawals.withdraw(subject, Purpose.IMAGINE)
    with house.rooms.consent.ledger.read() as connection:
        (one,) = album.images(connection, subject, house.rooms.clock.now())
    assert (one.state, one.scenario, one.expires_at) == (State.DESTROYED, "plain", None)


def test_a_refused_one_says_why(house: House) -> None:
    subject = house.sitter(1)
    house.studio.make([house.order(subject, "none")])
    with house.rooms.consent.ledger.read() as connection:
        (one,) = album.images(connection, subject, house.rooms.clock.now())
    assert (one.reason, one.scenario) == (Reason.UNAVAILABLE, "none")


def test_selfies_say_what_they_may_be_read_for(house: House) -> None:
    subject = house.sitter(1)
    house.rooms.grant(subject, Purpose.FEED_INSERT)
    with house.rooms.consent.ledger.read() as connection:
        (given,) = album.selfies(connection, subject)
    assert given.purposes == (Purpose.LIKENESS, Purpose.FEED_INSERT, Purpose.IMAGINE)
    days = house.rooms.consent.policy.selfies.retention_days
    assert given.expires_at - given.given_at == days * DAY


def test_an_origin_names_yes_selfies_recipe_and_policy(house: House) -> None:
    subject = house.sitter(1)
    second = house.enrol(subject, 1, "studio_portrait")
    request = house.order(subject)
    house.studio.make([request])
    with house.rooms.consent.ledger.read() as connection:
        found = album.origin(connection, subject, request.id)
        epoch = connection.execute(
            tables.basis.select().where(tables.basis.c.purpose == Purpose.IMAGINE)
        ).one()
    assert found is not None
    assert (found.purpose, found.scenario, found.recipe) == (Purpose.IMAGINE, "plain", "head")
    assert found.epoch == epoch.epoch
    assert len(found.selfies) == 2
    assert found.selfies[1] == second
    assert found.policy_sha256 == house.rooms.consent.policy.sha256


def test_nobody_is_told_about_somebody_elses(house: House) -> None:
    mine, theirs = house.sitter(1), house.sitter(3)
    request = house.order(mine)
    house.studio.make([request])
    assert images(house, theirs) == []
    with house.rooms.consent.ledger.read() as connection:
        assert album.origin(connection, theirs, request.id) is None
        assert len(album.selfies(connection, theirs)) == 1
