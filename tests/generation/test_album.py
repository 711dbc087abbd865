# SPDX-License-Identifier: Apache-2.0
from consent.words import Micros, ObjectId, Purpose, Subject
from generation import album
from generation.album import Image, State
from generation.portraits import Portrait
from tests.generation.house import House


def drawn(house: House, person: Subject) -> ObjectId:
    request = house.order(person)
    (made,) = house.studio.make([request])
    assert isinstance(made, Portrait)
    return request.id


def images(house: House, person: Subject, at: Micros | None = None) -> tuple[Image, ...]:
    with house.rooms.consent.ledger.read() as connection:
        return album.images(connection, person, at or house.rooms.clock.now())


def test_images_are_listed_newest_first_and_only_to_whom_they_show(house: House) -> None:
    anna, ben = house.sitter(1), house.sitter(3)
    first = drawn(house, anna)
    house.rooms.clock.advance(60)
    second = drawn(house, anna)
    theirs = drawn(house, ben)
    assert [image.id for image in images(house, anna)] == [second, first]
    assert [image.id for image in images(house, ben)] == [theirs]
    assert {image.scenario for image in images(house, anna)} == {"plain"}


def test_what_could_not_be_drawn_keeps_its_line_and_reason(house: House) -> None:
    anna = house.sitter(1)
    house.studio.make([house.order(anna, "none")])
    (image,) = images(house, anna)
    assert image.state is State.REFUSED
    assert image.reason is not None
    assert image.expires_at is None


def test_what_was_destroyed_keeps_its_line_and_its_idea(house: House) -> None:
    anna = house.sitter(1)
    portrait = drawn(house, anna)
    house.rooms.consent.withdrawals.destroy(anna, portrait)
    (image,) = images(house, anna)
    assert (image.id, image.state, image.scenario) == (portrait, State.DESTROYED, "plain")


def test_a_portrait_whose_time_is_over_counts_as_destroyed_before_anybody_sweeps(
    house: House,
) -> None:
    anna = house.sitter(1)
    drawn(house, anna)
    (image,) = images(house, anna)
    assert image.expires_at is not None
    (later,) = images(house, anna, image.expires_at)
    assert later.state is State.DESTROYED


def test_selfies_name_every_purpose_that_may_read_them(house: House) -> None:
    anna = house.sitter(1)
    with house.rooms.consent.ledger.read() as connection:
        (given,) = album.selfies(connection, anna)
    assert given.purposes == (Purpose.LIKENESS, Purpose.IMAGINE)
    assert given.given_at < given.expires_at


def test_a_portrait_names_what_it_rests_on_to_its_owner_only(house: House) -> None:
    anna, ben = house.sitter(1), house.sitter(3)
    portrait = drawn(house, anna)
    with house.rooms.consent.ledger.read() as connection:
        (given,) = album.selfies(connection, anna)
        origin = album.origin(connection, anna, portrait)
        nobodys = album.origin(connection, ben, portrait)
    assert nobodys is None
    assert origin is not None
    assert origin.selfies == (given.id,)
    assert (origin.scenario, origin.recipe) == ("plain", "head")
    assert origin.recipe_sha256 == house.studio.card.sha256
    assert origin.policy_sha256 == house.rooms.consent.policy.sha256
