# SPDX-License-Identifier: Apache-2.0
"""Who may see what somebody shows: every audience against everybody."""

import pytest

from consent.words import ObjectId, Purpose, Subject
from feed.audiences import PURPOSE_OF, Audience, living, seen_by, shown_to
from feed.shares import Shared
from tests.feed.company import Company, gather
from tests.rooms import Rooms


@pytest.fixture
def company(rooms_on_both: Rooms) -> Company:
    return gather(rooms_on_both)


def seen(company: Company, viewer: Subject) -> set[ObjectId]:
    """Ask the two questions that there are; they must agree but for what is one's own."""
    now = company.rooms.consent.ledger.now()
    with company.rooms.consent.ledger.read() as connection:
        others = {one.id for one in living(connection, shown_to(viewer, now), now)}
        found = living(connection, seen_by(viewer, now), now)
    assert {one.id for one in found if one.owner != viewer} == others
    return {one.id for one in found}


def test_every_audience_is_who_it_says(company: Company) -> None:
    obj = company.portrait()
    story, friends = company.show(obj), company.show(obj, Audience.FRIENDS)
    profile = company.show(company.portrait(Purpose.PROFILE_PICTURE), Audience.PROFILE)
    everything = {story.id, friends.id, profile.id}
    assert seen(company, company.ada) == everything
    assert seen(company, company.bob) == everything
    assert seen(company, company.cy) == {profile.id}


def test_being_named_is_not_enough_nor_is_naming(company: Company) -> None:
    company.show(company.portrait())
    for one, other in ((company.cy, company.ada), (company.ada, company.cy)):
        company.friends.befriend(one, other)
        expected = 1 if one == company.ada else 0
        assert len(seen(company, company.cy)) == expected


def test_a_pause_hides_everything_until_its_end(company: Company) -> None:
    shown = company.show(company.portrait(Purpose.PROFILE_PICTURE), Audience.PROFILE)
    rooms = company.rooms
    rooms.consent.pauses.pause(company.ada, rooms.clock.now() + 5_000_000)  # type: ignore[arg-type]
    assert seen(company, company.cy) == set()
    assert seen(company, company.ada) == {shown.id}
    rooms.clock.advance(5)
    assert seen(company, company.cy) == {shown.id}


def test_each_audience_has_a_purpose_of_its_own() -> None:
    assert set(PURPOSE_OF) == set(Audience)
    assert len(set(PURPOSE_OF.values())) == len(Audience)


def test_it_is_told_what_the_audience_needs_and_for_whom(rooms: Rooms) -> None:
    company = gather(rooms)
    obj = company.portrait()
    (shown,) = [company.show(obj)]
    assert isinstance(shown, Shared)
    assert (shown.object, shown.owner, shown.made_for) == (obj, company.ada, Purpose.IMAGINE)
    assert (shown.purpose, shown.audience) == (Purpose.STORY, Audience.STORY)
