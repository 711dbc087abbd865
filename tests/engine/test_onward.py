# SPDX-License-Identifier: Apache-2.0
"""What was confirmed with an order happens once, when it is made."""

from dataclasses import replace

import pytest

from consent.words import ObjectId, Purpose, Reason
from engine import cycle, jobs, onward, ordering, wanting
from engine.atelier import Atelier
from engine.ordering import Order
from feed.shares import Audience, Shares
from tests.engine.town import Town

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
