# SPDX-License-Identifier: Apache-2.0
"""What is logged before it goes: each thing once, views together, and whose share it was."""

from pathlib import Path

from consent import bundle, burials, doomed, verify
from consent.tables import block, tombstone
from consent.words import Purpose, Step
from feed.shares import Audience
from tests.feed.company import gather
from tests.rooms import Rooms


def test_of_everything_that_goes_with_a_portrait_the_trail_is_whole(rooms: Rooms) -> None:
    company = gather(rooms)
    obj = company.portrait()
    story = company.show(obj)
    company.show(obj, Audience.FRIENDS)
    company.look(company.bob, story)
    company.save(obj)
    before = rooms.consent.ledger.head()[0]
    rooms.consent.withdrawals.destroy(company.ada, obj)
    added = rooms.entries()[before:]
    assert [one["t"] for one in added] == ["destroy", "destroy", "destroy", "block"]
    assert {one.get("purpose") for one in added[:2]} == {"story", "share"}
    assert "purpose" not in added[2]
    assert len({one["object"] for one in added[:3]}) == 1
    assert added[3]["n"] == 2  # a friend's look, and the file that left
    assert rooms.count(tombstone) == 1
    assert rooms.count(block) == 1


def test_only_what_stays_has_an_entry_of_its_own(rooms: Rooms) -> None:
    company = gather(rooms)
    obj = company.portrait()
    company.look(company.bob, company.show(obj))
    with rooms.consent.ledger.read() as connection:
        rows = doomed.of_object(connection, company.ada, obj)
    lasting = {row.step for row in rows if burials.lasts(row)}
    assert lasting == {Step.SHARE, Step.STORE}


def test_sharing_ending_and_sharing_again_leaves_an_auditor_nothing_to_find(
    rooms: Rooms,
) -> None:
    """Two audiences of one portrait, of which each may end first; then their yeses end."""
    company = gather(rooms)
    obj, other = company.portrait(), company.portrait()
    for first, second in ((Audience.STORY, Audience.FRIENDS), (Audience.FRIENDS, Audience.STORY)):
        shown = [company.show(obj, first), company.show(obj, second)]
        company.look(company.bob, shown[0])
        company.shares.end(company.ada, shown[0].id)
        again = company.show(obj, first)
        company.look(company.bob, again)
        company.shares.end(company.ada, shown[1].id)
        company.shares.end(company.ada, again.id)
    company.show(other)
    company.show(obj, Audience.FRIENDS)
    for purpose in (Purpose.STORY, Purpose.IMAGINE, Purpose.SHARE):
        rooms.consent.withdrawals.withdraw(company.ada, purpose)
    report = verify.verify(bundle_of(rooms))
    assert report["findings"] == []
    assert report["checked"]["shares"] == 8


def test_ending_one_share_leaves_the_other_to_be_ended(rooms: Rooms) -> None:
    """By name alone an auditor would take the wrong one for gone."""
    company = gather(rooms)
    obj = company.portrait()
    company.show(obj, Audience.FRIENDS)
    story = company.show(obj, Audience.STORY)
    company.shares.end(company.ada, story.id)
    rooms.consent.withdrawals.withdraw(company.ada, Purpose.STORY)
    assert verify.verify(bundle_of(rooms))["findings"] == []


def bundle_of(rooms: Rooms) -> Path:
    rooms.consent.publish()
    folder = rooms.home / "bundle"
    bundle.export(rooms.consent, folder)
    return folder
