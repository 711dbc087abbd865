# SPDX-License-Identifier: Apache-2.0
"""A job's state follows from what became of its parts, whatever that is."""

from dataclasses import replace
from typing import Any

import pytest

from consent.words import ObjectId, Purpose, Reason, public_id
from engine import jobs, ordering, wanting
from engine.atelier import Atelier
from engine.jobs import Job, NoSuchJob, State
from engine.ordering import Order
from generation.fates import End
from generation.portraits import Portrait, Request
from tests.engine.town import Town
from tests.generation.test_moderation import Fixed

PACK = Purpose.AVATAR_PACK


@pytest.fixture
def town(small_town: Town) -> Town:
    small_town.says_yes("Bo", PACK)
    return small_town


def ordered(town: Town, count: int = 2) -> ObjectId:
    bo = town.people["Bo"]
    wishes = wanting.pack(town.rooms, bo, ["jazz"], count)
    return ordering.place(town.rooms, bo, Order(kind="pack", purpose=PACK, wishes=wishes))


def job(town: Town, of: ObjectId) -> Job:
    return jobs.find(town.rooms, town.people["Bo"], of)


def waiting(town: Town, of: ObjectId) -> tuple[Request, ...]:
    return town.rooms.studio.pending(jobs.parts(of))


def test_it_is_queued_then_running_then_done(town: Town) -> None:
    mine = ordered(town)
    assert (job(town, mine).state, job(town, mine).done) == (State.QUEUED, 0)
    (made,) = town.rooms.studio.make(waiting(town, mine)[:1])
    assert isinstance(made, Portrait)
    assert (job(town, mine).state, job(town, mine).done) == (State.RUNNING, 1)
    Atelier(town.rooms).drain()
    found = job(town, mine)
    assert (found.state, found.done, found.total, found.open) == (State.DONE, 2, 2, False)
    assert found.portraits[0].id == made.request.id


def test_it_is_running_as_soon_as_selfies_are_opened(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, seen = ordered(town, 1), []
    real = town.rooms.studio.recipe.render

    def render(rows: Any) -> Any:
        seen.append(job(town, mine).state)
        return real(rows)

    monkeypatch.setattr(town.rooms.studio.recipe, "render", render)
    Atelier(town.rooms).drain()
    assert seen == [State.RUNNING]


def test_stopped_it_keeps_what_is_made_and_refuses_the_rest(town: Town) -> None:
    mine, bo = ordered(town), town.people["Bo"]
    town.rooms.studio.make(waiting(town, mine)[:1])
    for _ in range(2):
        found = jobs.stop(town.rooms, bo, public_id(mine))
        assert (found.state, found.done, len(found.portraits)) == (State.CANCELLED, 2, 1)
        assert found.refusals == (Reason.STOPPED,)
    assert Atelier(town.rooms).drain() == 0


def test_what_is_being_drawn_when_it_is_stopped_is_not_kept(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, bo = ordered(town, 2), town.people["Bo"]
    real = town.rooms.studio.recipe.render

    def render(rows: Any) -> Any:
        jobs.stop(town.rooms, bo, public_id(mine))
        return real(rows)

    monkeypatch.setattr(town.rooms.studio.recipe, "render", render)
    Atelier(town.rooms).drain()
    found = job(town, mine)
    assert (found.state, found.portraits) == (State.CANCELLED, ())
    assert not town.bodies("effect", step="store")


def test_all_that_anybody_waits_for_is_dropped_and_what_is_made_stays(town: Town) -> None:
    mine = ordered(town)
    town.rooms.studio.make(waiting(town, mine)[:1])
    with town.rooms.consent.ledger.write() as writing:
        jobs.drop(writing)
    assert Atelier(town.rooms).drain() == 0
    assert (len(job(town, mine).portraits), job(town, mine).refusals) == (1, (Reason.STOPPED,))
    assert not job(town, mine).open


def test_a_job_that_is_done_is_not_stopped_any_more(town: Town) -> None:
    mine = ordered(town, 1)
    Atelier(town.rooms).drain()
    assert jobs.stop(town.rooms, town.people["Bo"], public_id(mine)).state is State.DONE


def test_a_withdrawal_cancels_what_was_not_made(town: Town) -> None:
    mine = ordered(town)
    town.rooms.studio.make(waiting(town, mine)[:1])
    town.rooms.consent.withdrawals.withdraw(town.people["Bo"], PACK)
    found = job(town, mine)
    assert sorted(part.end for part in found.parts) == [End.GONE, End.VANISHED]
    assert (found.state, found.done, found.total) == (State.CANCELLED, 1, 2)
    assert (found.portraits, found.refusals) == ((), ())


def test_what_is_destroyed_afterwards_stays_done(town: Town) -> None:
    mine = ordered(town, 1)
    Atelier(town.rooms).drain()
    (portrait,) = job(town, mine).portraits
    town.rooms.consent.withdrawals.destroy(town.people["Bo"], portrait.id)
    found = job(town, mine)
    assert (found.state, found.done, found.portraits) == (State.DONE, 1, ())


def test_what_is_past_its_time_is_gone_before_anybody_sweeps(town: Town) -> None:
    mine = ordered(town, 1)
    Atelier(town.rooms).drain()
    town.clock.advance(town.rooms.consent.policy.portraits.retention_seconds)
    assert [part.end for part in job(town, mine).parts] == [End.GONE]


def test_where_every_part_is_refused_it_has_failed_and_says_why(town: Town) -> None:
    mine, studio = ordered(town, 2), town.rooms.studio
    harsh = replace(studio._workshop.inspector, scorer=Fixed(0.9))
    studio.__dict__["_workshop"] = replace(studio._workshop, inspector=harsh)
    Atelier(town.rooms).drain()
    found = job(town, mine)
    assert (found.state, found.done) == (State.FAILED, 2)
    assert found.refusals == (Reason.NSFW, Reason.NSFW)


def test_nobody_finds_what_is_somebody_elses(town: Town) -> None:
    mine = ordered(town)
    assert [one.id for one in jobs.listed(town.rooms, town.people["Bo"])] == [mine]
    assert jobs.listed(town.rooms, town.people["Ada"]) == ()
    for act in (jobs.find, jobs.stop):
        for given in (public_id(mine), public_id(7), "no id"):
            with pytest.raises(NoSuchJob):
                act(town.rooms, town.people["Ada"], given)
    assert job(town, mine).open


def test_an_erasure_takes_jobs_along(town: Town) -> None:
    ordered(town)
    town.rooms.consent.erasures.erase(town.people["Bo"])
    with town.rooms.consent.ledger.read() as connection:
        assert not connection.execute(jobs.parts()).all()
