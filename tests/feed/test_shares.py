# SPDX-License-Identifier: Apache-2.0
"""Shares: what begins them, what ends them, and what a look at one leaves behind."""

import threading

import pytest

from consent import effects
from consent.errors import Denied, Misused
from consent.gate import Denial
from consent.tables import asset
from consent.words import DAY, HOUR, SECOND, ObjectId, Purpose, Reason, Step
from feed.shares import Audience, Shared
from feed.tables import feed_share, share_view
from tests.feed.company import Company, gather
from tests.rooms import Rooms


@pytest.fixture
def company(rooms: Rooms) -> Company:
    return gather(rooms)


@pytest.fixture
def on_both(rooms_on_both: Rooms) -> Company:
    return gather(rooms_on_both)


def test_a_share_is_one_decision_and_one_effect_and_a_second_is_the_first(
    on_both: Company,
) -> None:
    company = on_both
    rooms, obj = company.rooms, company.portrait()
    before = rooms.consent.ledger.head()[0]
    shown = company.show(obj)
    added = rooms.entries()[before:]
    assert [(one["t"], one["step"]) for one in added] == [
        ("decision", "share"),
        ("effect", "share"),
    ]
    assert shown.seq == added[1]["seq"]
    assert company.show(obj) == shown
    assert company.rows() == (1, 0)
    assert company.shares.of_owner(company.ada) == (shown,)


def test_without_a_confirmation_nothing_is_shared(company: Company) -> None:
    with pytest.raises(Denied) as denied:
        company.rooms.ask(Step.SHARE, company.ada, Purpose.STORY, company.portrait())
    assert denied.value.reason is Reason.NOT_GRANTED


def test_a_permit_of_another_purpose_shares_nothing(company: Company) -> None:
    obj = company.portrait()
    permit = company.rooms.ask(Step.SHARE, company.ada, Purpose.SHARE, obj, confirmed=True)
    with pytest.raises(Misused) as refused:
        company.shares.share(permit, Audience.STORY)
    assert refused.value.reason is Reason.PURPOSE_MISMATCH


def test_a_profile_picture_is_one_that_was_made_to_be_one(company: Company) -> None:
    made = company.show(company.portrait(Purpose.PROFILE_PICTURE), Audience.PROFILE)
    assert company.seen_by(company.cy) == {made.id}
    with pytest.raises(Misused):
        company.show(company.portrait(), Audience.PROFILE)


def test_somebody_of_the_audience_opens_it_and_who_is_not_kept(on_both: Company) -> None:
    company = on_both
    rooms, shown = company.rooms, company.show(company.portrait())
    before = rooms.consent.ledger.head()[0]
    assert company.look(company.bob, shown) == b"portrait"
    assert company.look(company.bob, shown) == b"portrait"
    added = rooms.entries()[before:]
    assert [(one["t"], one["step"], one.get("actor")) for one in added] == [
        ("decision", "view", None),
        ("effect", "view", "friend"),
    ]
    assert {one["tag"] for one in added} == {rooms.tag(company.ada)}
    assert company.rows() == (1, 1)
    rooms.clock.advance(rooms.consent.policy.consent.view_seconds)
    assert company.look(company.bob, shown) == b"portrait"
    assert company.rows() == (1, 2)


def test_whoever_is_not_of_the_audience_leaves_no_trace(company: Company) -> None:
    shown = company.show(company.portrait())
    before = company.rooms.consent.ledger.head()[0]
    assert company.look(company.cy, shown) is None
    assert company.rooms.consent.ledger.head()[0] == before


def test_what_was_found_before_it_ended_is_not_opened_after(company: Company) -> None:
    shown = company.show(company.portrait())
    found = company.shares.find(company.bob, shown.id)
    assert found == shown
    company.shares.end(company.ada, shown.id)
    assert company.shares.look(company.bob, shown) is None
    assert company.rows() == (0, 0)


def test_a_view_in_session_ends_with_its_share(company: Company) -> None:
    shown = company.show(company.portrait())
    assert company.look(company.bob, shown) is not None
    company.friends.unfriend(company.ada, company.bob)
    assert company.shares.look(company.bob, shown) is None


def test_ended_is_one_destroy_and_a_block_of_its_looks_and_the_portrait_stays(
    company: Company,
) -> None:
    rooms, obj = company.rooms, company.portrait()
    shown = company.show(obj)
    company.look(company.bob, shown)
    before = rooms.consent.ledger.head()[0]
    company.shares.end(company.ada, shown.id)
    added = rooms.entries()[before:]
    assert [one["t"] for one in added] == ["destroy", "block"]
    epoch = rooms.consent.grants.show(company.ada)[Purpose.STORY].epoch
    assert (added[0]["purpose"], added[0]["epoch"]) == ("story", epoch)
    assert (added[1]["step"], added[1]["n"]) == ("view", 1)
    assert company.rows() == (0, 0)
    assert rooms.count(asset, company.ada) == 1
    with pytest.raises(Misused):
        company.shares.end(company.ada, shown.id)


def test_what_is_ended_can_be_shared_again_as_another_share(company: Company) -> None:
    obj = company.portrait()
    first = company.show(obj)
    company.shares.end(company.ada, first.id)
    second = company.show(obj)
    assert second.id != first.id
    assert company.seen_by(company.bob) == {second.id}


def test_nobody_ends_what_somebody_else_shares(company: Company) -> None:
    shown = company.show(company.portrait())
    with pytest.raises(Misused):
        company.shares.end(company.bob, shown.id)
    assert company.rows() == (1, 0)


@pytest.mark.parametrize("purpose", [Purpose.STORY, Purpose.IMAGINE, Purpose.LIKENESS])
def test_either_withdrawal_ends_it_and_counts_it(company: Company, purpose: Purpose) -> None:
    rooms, shown = company.rooms, company.show(company.portrait())
    company.look(company.bob, shown)
    assert rooms.consent.withdrawals.would_destroy(company.ada, purpose).shares == 1
    receipt = rooms.consent.withdrawals.withdraw(company.ada, purpose)
    assert receipt["destroyed"]["shares"] == 1
    assert company.look(company.bob, shown) is None
    assert company.rows() == (0, 0)
    kept = rooms.count(asset, company.ada)
    assert kept == (1 if purpose is Purpose.STORY else 0)


def test_another_audience_is_left_alone(company: Company) -> None:
    obj = company.portrait()
    story, friends = company.show(obj), company.show(obj, Audience.FRIENDS)
    company.rooms.consent.withdrawals.withdraw(company.ada, Purpose.STORY)
    assert company.seen_by(company.bob) == {friends.id}
    assert story.id != friends.id


def test_it_goes_with_its_portrait_and_with_its_owner(company: Company) -> None:
    obj, other = company.portrait(), company.portrait()
    for each in (obj, other):
        company.look(company.bob, company.show(each))
    company.rooms.consent.withdrawals.destroy(company.ada, obj)
    assert company.rows() == (1, 1)
    company.rooms.consent.erasures.erase(company.ada)
    assert company.rows() == (0, 0)
    assert company.seen_by(company.bob) == set()


def test_a_story_ends_by_itself_to_the_microsecond_and_the_sweep_says_so(
    on_both: Company,
) -> None:
    company = on_both
    rooms, shown = company.rooms, company.show(company.portrait())
    hours = rooms.consent.policy.sharing.story_hours
    assert shown.ends_at == shown.at + hours * HOUR
    rooms.clock.turn_to(shown.ends_at - 1)  # type: ignore[operator]
    assert company.look(company.bob, shown) is not None
    rooms.clock.turn_to(shown.ends_at)  # type: ignore[arg-type]
    assert company.look(company.bob, shown) is None
    assert company.shares.of_owner(company.ada) == ()
    before = rooms.consent.ledger.head()[0]
    assert rooms.consent.retention.sweep().shares == 1
    assert [one["t"] for one in rooms.entries()[before:]] == ["destroy", "block"]
    assert rooms.consent.retention.sweep().shares == 0


def test_a_story_that_is_over_gives_way_to_a_new_one_before_any_sweep(company: Company) -> None:
    obj = company.portrait()
    first = company.show(obj)
    company.rooms.clock.turn_to(first.ends_at)  # type: ignore[arg-type]
    second = company.show(obj)
    assert second.id != first.id
    assert len(company.rooms.entries("destroy")) == 1
    assert company.rooms.consent.retention.sweep().shares == 0
    assert company.seen_by(company.bob) == {second.id}


def test_what_shows_a_portrait_ends_when_its_time_is_over(company: Company) -> None:
    rooms, obj = company.rooms, company.portrait()
    shown = company.show(obj, Audience.FRIENDS)
    permit = rooms.ask(Step.SHARE, company.ada, Purpose.SHARE, obj, confirmed=True)
    rooms.clock.advance(30 * DAY // SECOND)
    assert company.look(company.bob, shown) is None
    again = rooms.ask(Step.SHARE, company.ada, Purpose.SHARE, obj, confirmed=True)
    late = company.shares.share(again, Audience.FRIENDS)
    assert isinstance(late, Denial)
    assert late.reason is Reason.EXPIRED
    rooms.consent.retention.sweep()
    assert company.rows() == (0, 0)
    assert permit.object == obj


def test_a_yes_that_has_run_out_shows_nothing_even_before_the_sweep(company: Company) -> None:
    shown = company.show(company.portrait(), Audience.FRIENDS)
    company.rooms.clock.advance(20 * DAY // SECOND)
    company.rooms.grant(company.ada, Purpose.LIKENESS)
    for purpose in (Purpose.IMAGINE, Purpose.PROFILE_PICTURE, Purpose.STORY):
        company.rooms.grant(company.ada, purpose)
    found = company.shares.find(company.bob, shown.id)
    assert found == shown
    company.rooms.clock.advance(346 * DAY // SECOND)
    assert company.shares.find(company.bob, shown.id) is None


def test_while_its_owner_rests_nobody_else_sees_it(company: Company) -> None:
    rooms, shown = company.rooms, company.show(company.portrait())
    rooms.consent.pauses.pause(company.ada, None)
    assert company.look(company.bob, shown) is None
    assert company.shares.find(company.ada, shown.id) == shown
    rooms.consent.pauses.resume(company.ada)
    assert company.look(company.bob, shown) is not None


def test_a_permit_from_before_a_withdrawal_shares_nothing_under_the_new_yes(
    company: Company,
) -> None:
    rooms, obj = company.rooms, company.portrait()
    permit = rooms.ask(Step.SHARE, company.ada, Purpose.STORY, obj, confirmed=True)
    rooms.consent.withdrawals.withdraw(company.ada, Purpose.STORY)
    rooms.grant(company.ada, Purpose.STORY)
    late = company.shares.share(permit, Audience.STORY)
    assert isinstance(late, Denial)
    assert company.rows() == (0, 0)


@pytest.mark.parametrize("round_", range(2))
def test_a_withdrawal_that_returned_leaves_no_share_whoever_was_faster(
    rooms_on_both: Rooms, round_: int
) -> None:
    company = gather(rooms_on_both)
    rooms, obj = company.rooms, company.portrait()
    permit = rooms.ask(Step.SHARE, company.ada, Purpose.STORY, obj, confirmed=True)
    start, done = threading.Barrier(2), []

    def share() -> None:
        start.wait()
        done.append(company.shares.share(permit, Audience.STORY))

    sharing = threading.Thread(target=share)
    sharing.start()
    start.wait()
    purpose = Purpose.STORY if round_ % 2 else Purpose.IMAGINE
    try:
        rooms.consent.withdrawals.withdraw(company.ada, purpose)
    finally:
        sharing.join()
    assert company.rows() == (0, 0)
    assert company.seen_by(company.bob) == set()
    destroyed = len(rooms.entries("destroy"))
    assert destroyed == isinstance(done[0], Shared) + (purpose is Purpose.IMAGINE)


def test_a_look_without_a_share_is_refused_by_the_schema(company: Company) -> None:
    obj = company.portrait()
    permit = company.rooms.ask(Step.VIEW, company.ada, Purpose.IMAGINE, obj)
    with pytest.raises(Misused), company.rooms.consent.ledger.write() as writing:
        effects.spend(writing, [permit], share_view, [{"share": ObjectId(7)}])
    assert company.rooms.count(feed_share) == 0
