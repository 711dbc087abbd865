# SPDX-License-Identifier: Apache-2.0
"""What was confirmed with an order happens once, when it is made."""

from dataclasses import replace

import pytest

from consent.errors import Denied
from consent.words import ObjectId, Purpose, Reason, public_id
from engine import cycle, jobs, onward, ordering, wanting
from engine.atelier import Atelier
from engine.ordering import Order
from feed.shares import Audience, Shares
from generation import album
from tests.engine.town import Town
from tests.generation import samples

PROFILE = Purpose.PROFILE_PICTURE


@pytest.fixture
def town(small_town: Town) -> Town:
    small_town.says_yes("Bo", PROFILE)
    return small_town


def ordered(town: Town) -> ObjectId:
    bo = town.people["Bo"]
    wish = wanting.one(town.rooms, bo, "jazz")
    order = Order(kind="imagine", purpose=PROFILE, wishes=(wish,), onward="profile")
    return ordering.place(town.rooms, bo, order)


def shown(town: Town) -> list[tuple[ObjectId, Audience]]:
    mine = town.rooms.feed.shares.of_owner(town.people["Bo"])
    return [(one.object, one.audience) for one in mine]


def test_what_was_confirmed_before_a_restore_does_not_happen_after_it(town: Town) -> None:
    mine = ordered(town)
    town.rooms.studio.make(town.rooms.studio.pending(jobs.parts(mine)))
    with town.rooms.consent.ledger.write() as writing:
        jobs.drop(writing)
    onward.go_on(town.rooms)
    assert jobs.find(town.rooms, town.people["Bo"], mine).portraits
    assert shown(town) == []


def test_a_profile_picture_is_shown_when_it_is_made_and_not_before(town: Town) -> None:
    mine = ordered(town)
    onward.go_on(town.rooms)
    assert shown(town) == []
    Atelier(town.rooms).drain()
    (portrait,) = jobs.find(town.rooms, town.people["Bo"], mine).portraits
    assert shown(town) == [(portrait.id, Audience.PROFILE)]
    (decision,) = town.bodies("decision", step="share")
    assert (decision["purpose"], decision["verdict"]) == ("profile_picture", "allow")


def test_whoever_makes_it_shows_it(town: Town) -> None:
    ordered(town)
    cycle.finish(town.rooms)
    assert len(shown(town)) == 1


def test_what_is_taken_back_stays_taken_back(town: Town) -> None:
    ordered(town)
    Atelier(town.rooms).drain()
    (share,) = town.rooms.feed.shares.of_owner(town.people["Bo"])
    town.rooms.feed.shares.end(town.people["Bo"], share.id)
    Atelier(town.rooms).drain()
    onward.go_on(town.rooms)
    assert shown(town) == []
    assert jobs.owing(town.rooms) == ()


def test_who_stops_the_job_before_it_is_shown_shows_nothing(town: Town) -> None:
    mine, bo = ordered(town), town.people["Bo"]
    town.rooms.studio.make(town.rooms.studio.pending(jobs.parts(mine)))
    town.rooms.consent.pauses.pause(bo, None)
    onward.go_on(town.rooms)
    stopped = jobs.stop(town.rooms, bo, public_id(mine))
    assert (stopped.state, len(stopped.portraits)) == (jobs.State.DONE, 1)
    town.rooms.consent.pauses.resume(bo)
    onward.go_on(town.rooms)
    assert (shown(town), jobs.owing(town.rooms)) == ([], ())


def test_what_breaks_for_one_keeps_nobody_else_waiting(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(town)
    ordered(town)
    town.rooms.studio.make(town.rooms.studio.pending(jobs.parts()))
    real, broken = Shares.put, [ValueError("of a kind that nobody foresaw")]

    def put(*given: object) -> object:
        if broken:
            raise broken.pop()
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Shares, "put", put)
    onward.go_on(town.rooms)
    assert (len(shown(town)), len(jobs.owing(town.rooms))) == (1, 1)
    onward.go_on(town.rooms)
    assert (len(shown(town)), jobs.owing(town.rooms)) == (2, ())


def test_that_it_is_shown_and_that_it_is_done_stand_together(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = ordered(town)
    town.rooms.studio.make(town.rooms.studio.pending(jobs.parts(mine)))
    real = Shares.put

    def cut_off(*given: object) -> None:
        real(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Shares, "put", cut_off)
        with pytest.raises(KeyboardInterrupt):
            onward.go_on(town.rooms)
    assert (shown(town), len(jobs.owing(town.rooms))) == ([], 1)
    onward.go_on(town.rooms)
    assert (len(shown(town)), jobs.owing(town.rooms)) == (1, ())


def test_a_no_at_the_last_moment_is_the_end_of_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered(town)
    policy = town.rooms.consent.policy
    rules = tuple(
        replace(rule, kinds=frozenset()) if PROFILE in rule.purposes else rule
        for rule in policy.rules
        if "share" in rule.steps
    )
    town.rooms.studio.make(town.rooms.studio.pending())
    monkeypatch.setattr(
        town.rooms.consent.gate, "policy", replace(policy, rules=(*rules, *policy.rules))
    )
    for _ in range(2):
        onward.go_on(town.rooms)
    (denial,) = town.bodies("decision", step="share")
    assert denial["reasons"] == [Reason.POLICY_FORBIDS]
    assert (shown(town), jobs.owing(town.rooms)) == ([], ())


@pytest.fixture
def plus(town: Town) -> Town:
    """Let the policy destroy selfies as soon as what was drawn from them is there."""
    town.says_yes("Bo", Purpose.AVATAR_PACK)
    policy = town.rooms.consent.policy
    selfies = replace(policy.selfies, delete_after_generation=True)
    consent = replace(town.rooms.consent, policy=replace(policy, selfies=selfies))
    return replace(town, rooms=replace(town.rooms, consent=consent))


def given(town: Town, name: str = "Bo") -> int:
    with town.rooms.consent.ledger.read() as connection:
        return len(album.selfies(connection, town.people[name]))


def test_selfies_go_as_soon_as_all_that_was_ordered_is_made(plus: Town) -> None:
    bo, rooms = plus.people["Bo"], plus.rooms
    wishes = wanting.pack(rooms, bo, ["jazz"], 2)
    order = Order(kind="pack", purpose=Purpose.AVATAR_PACK, wishes=wishes)
    mine = ordering.place(rooms, bo, order)
    waiting = rooms.studio.pending(jobs.parts(mine))
    rooms.studio.make(waiting[:1])
    onward.go_on(rooms)
    assert given(plus) == 1
    rooms.studio.make(waiting[1:])  # and here the process dies
    Atelier(rooms).drain()
    assert (given(plus), given(plus, "Ada")) == (0, 1)
    assert len(jobs.find(rooms, bo, mine).portraits) == 2
    assert len(plus.bodies("destroy")) == 1
    with pytest.raises(Denied) as again:
        ordering.place(rooms, bo, replace(order, kind="imagine"))
    assert again.value.reason is Reason.SELFIES_REQUIRED


def test_selfies_that_came_since_stay(plus: Town) -> None:
    bo, rooms = plus.people["Bo"], plus.rooms
    mine = ordered(plus)
    rooms.studio.make(rooms.studio.pending(jobs.parts(mine)))
    rooms.studio.enrol(bo, [samples.file_of(5, "studio_portrait")], samples.TRUE)
    onward.go_on(rooms)
    assert given(plus) == 1


def test_other_policies_keep_selfies_for_their_time(town: Town) -> None:
    ordered(town)
    Atelier(town.rooms).drain()
    assert given(town) == 1


def test_in_a_pause_what_was_confirmed_waits(town: Town) -> None:
    ordered(town)
    town.rooms.studio.make(town.rooms.studio.pending())
    pauses, bo = town.rooms.consent.pauses, town.people["Bo"]
    pauses.pause(bo, None)
    onward.go_on(town.rooms)
    assert (shown(town), len(jobs.owing(town.rooms))) == ([], 1)
    assert town.bodies("decision", step="share") == [], "nothing is asked for them"
    pauses.resume(bo)
    onward.go_on(town.rooms)
    assert len(shown(town)) == 1
