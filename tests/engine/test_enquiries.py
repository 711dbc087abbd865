# SPDX-License-Identifier: Apache-2.0
"""Who asked for a face, in lines that are read from the ledger alone."""

from consent.words import DAY, SECOND, Purpose, Reason
from engine import enquiries
from engine.enquiries import Asked, Enquiry
from generation import album
from tests.engine.homes import Home
from tests.engine.town import Town


def lines(home: Home | Town, name: str) -> tuple[Enquiry, ...]:
    return asked(home, name).lines


def asked(home: Home | Town, name: str) -> Asked:
    subject = home.person(name) if isinstance(home, Home) else home.people[name]
    ledger = home.rooms.consent.ledger
    with ledger.read() as connection:
        images = album.images(connection, subject, ledger.now())
    return enquiries.asked(home.rooms, subject, images)


def test_a_portraits_life_is_four_lines_with_all_their_entries(small_town: Town) -> None:
    small_town.plan()
    feed, drew, planner, selfie = lines(small_town, "Ada")
    assert (planner.who, planner.refused) == ("The nightly planner", None)
    assert (drew.who, drew.what, drew.count) == ("The studio", "drew", 8)
    assert (feed.who, feed.what, feed.idea) == ("Your feed", "took in", drew.idea)
    assert drew.idea is not None
    assert (selfie.who, selfie.what, selfie.idea) == ("You", "gave a selfie", None)
    assert planner.first < drew.first < drew.last < feed.first < feed.last


def test_whom_the_planner_may_not_draw_reads_that_it_asked_and_why_not(small_town: Town) -> None:
    small_town.plan()
    (one,) = lines(small_town, "Cy")
    assert (one.who, one.what) == ("The nightly planner", "asked whether to draw you")
    assert (one.refused, one.count) == (Reason.NOT_GRANTED, 1)
    now = small_town.rooms.consent.ledger.now()
    week = enquiries.week(asked(small_town, "Cy"), now)
    assert (week.allowed, week.refused, week.whole) == (0, 1, True)
    small_town.clock.advance(7 * DAY // SECOND)
    later = enquiries.week(asked(small_town, "Cy"), small_town.rooms.consent.ledger.now())
    assert (later.allowed, later.refused) == (0, 0)


def test_a_look_is_told_as_whose_it_was_as_far_as_anybody_knows(home: Home) -> None:
    own = home.insert("Anna")["portrait_id"]
    home.client.get(f"/v1/portraits/{own}/image", headers=home.as_("Anna"))
    assert (lines(home, "Anna")[0].who, lines(home, "Anna")[0].what) == ("You", "opened")
    share = _shown_as_profile(home, own)
    home.client.get(f"/v1/shares/{share}/image", headers=home.as_("Ben"))
    assert lines(home, "Anna")[0].who == "Somebody you show it to"
    home.client.delete(f"/v1/portraits/{own}", headers=home.as_("Anna"))
    assert lines(home, "Anna")[0].who == "You, or somebody you showed it to,"


def _shown_as_profile(home: Home, portrait: str) -> str:
    rooms, anna, ben = home.rooms, home.person("Anna"), home.person("Ben")
    served = rooms.consent.notices.serve(anna, Purpose.SHARE)
    rooms.consent.grants.grant(anna, Purpose.SHARE, served.served_id)
    rooms.feed.friends.befriend(anna, ben)
    rooms.feed.friends.befriend(ben, anna)
    path = f"/v1/portraits/{portrait}/share"
    made = home.client.post(path, headers=home.as_("Anna"), json={"confirm": True})
    return str(made.json()["share_id"])
