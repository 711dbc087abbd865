# SPDX-License-Identifier: Apache-2.0
"""The atelier makes what waits: in turn, once, and whatever happens to the process."""

import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from consent.errors import Denied
from consent.words import ObjectId, Purpose, Reason
from engine import atelier, cycle, jobs, ordering, wanting, wording
from engine.atelier import Atelier, in_turn, tick
from engine.jobs import State
from engine.ordering import Order
from feed.reports import About, Outcome
from generation.portraits import Request
from generation.tables import asset, portrait_order, selfie
from tests.engine.forking import Forks
from tests.engine.town import Town, open_at

PACK = Purpose.AVATAR_PACK


def ordered(town: Town, name: str, count: int) -> ObjectId:
    person = town.people[name]
    wishes = wanting.pack(town.rooms, person, ["jazz"], count)
    return ordering.place(town.rooms, person, Order(kind="pack", purpose=PACK, wishes=wishes))


@pytest.fixture
def town(small_town: Town) -> Town:
    small_town.says_yes("Ada", PACK)
    small_town.says_yes("Bo", PACK)
    return small_town


def assets(town: Town) -> int:
    with town.rooms.consent.ledger.read() as connection:
        return connection.execute(select(func.count()).select_from(asset)).scalar_one()


def drawn(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep, from now on, whose portraits are begun, in order."""
    seen: list[int] = []
    real = town.rooms.studio.making

    def making(requests: Any, *more: Any) -> Any:
        seen.extend(one.subject for one in requests)
        return real(requests, *more)

    monkeypatch.setattr(town.rooms.studio, "making", making)
    return seen


def test_everybody_has_their_turn(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ordered(town, "Bo", 3)
    ordered(town, "Ada", 1)
    seen = drawn(town, monkeypatch)
    assert Atelier(town.rooms).drain() == 4
    ada, bo = town.people["Ada"], town.people["Bo"]
    assert seen == [bo, ada, bo, bo]


def test_who_comes_later_waits_for_a_round_and_no_longer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atelier, "ROUND", 2)
    ordered(town, "Bo", 4)
    seen = drawn(town, monkeypatch)
    real = town.rooms.studio.recipe.render
    came: list[ObjectId] = []

    def render(rows: Any) -> Any:
        if not came:
            came.append(ordered(town, "Ada", 1))
        return real(rows)

    monkeypatch.setattr(town.rooms.studio.recipe, "render", render)
    Atelier(town.rooms).drain()
    ada, bo = town.people["Ada"], town.people["Bo"]
    assert seen == [bo, bo, bo, ada, bo]


def test_turns_are_taken_by_people_and_not_by_requests() -> None:
    def of(person: int, at: int) -> Request:
        return Request(id=at, subject=person, purpose=PACK, wish=None)  # type: ignore[arg-type]

    waiting = [of(1, 0), of(1, 1), of(1, 2), of(2, 3), of(3, 4), of(3, 5)]
    assert [one.id for one in in_turn(waiting)] == [0, 3, 4, 1, 5, 2]
    assert list(in_turn([])) == []


def test_the_nightly_plan_of_another_process_finishes_jobs_too(town: Town) -> None:
    mine = ordered(town, "Bo", 2)
    cycle.finish(town.rooms)
    assert jobs.find(town.rooms, town.people["Bo"], mine).state is State.DONE
    assert Atelier(town.rooms).drain() == 0


def test_what_nobody_ordered_as_a_job_is_left_to_the_plan(town: Town) -> None:
    permit, wish = town.selected("Bo")
    town.rooms.studio.order([permit], [wish])
    assert Atelier(town.rooms).drain() == 0
    assert len(town.rooms.studio.pending()) == 1


def test_who_is_denied_on_the_way_is_refused_once_with_the_reason(town: Town) -> None:
    mine, bo = ordered(town, "Bo", 1), town.people["Bo"]
    term = town.rooms.consent.policy.consent.term_days
    town.clock.advance(term * 86_400 + 1)
    worker = Atelier(town.rooms)
    assert worker.drain() == 1
    found = jobs.find(town.rooms, bo, mine)
    assert (found.state, found.refusals) == (State.FAILED, (Reason.EXPIRED,))
    size, _ = town.rooms.consent.ledger.head()
    assert worker.drain() == 0
    assert town.rooms.consent.ledger.head()[0] == size


def test_who_has_paused_waits_and_nothing_is_asked_for_them(town: Town) -> None:
    mine, bo = ordered(town, "Bo", 1), town.people["Bo"]
    town.rooms.consent.pauses.pause(bo, None)
    size, _ = town.rooms.consent.ledger.head()
    worker = Atelier(town.rooms)
    assert worker.drain() == 0
    assert town.rooms.consent.ledger.head()[0] == size
    assert jobs.find(town.rooms, bo, mine).state is State.QUEUED
    town.rooms.consent.pauses.resume(bo)
    assert worker.drain() == 1
    assert jobs.find(town.rooms, bo, mine).state is State.DONE


def test_who_pauses_while_they_are_drawn_gets_it_afterwards(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, bo = ordered(town, "Bo", 2), town.people["Bo"]
    real = town.rooms.studio.recipe.render

    def render(rows: Any) -> Any:
        town.rooms.consent.pauses.pause(bo, None)
        return real(rows)

    with monkeypatch.context() as patch:
        patch.setattr(town.rooms.studio.recipe, "render", render)
        Atelier(town.rooms).drain()
    found = jobs.find(town.rooms, bo, mine)
    assert (found.state, found.done) == (State.RUNNING, 0)
    town.rooms.consent.pauses.resume(bo)
    Atelier(town.rooms).drain()
    assert jobs.find(town.rooms, bo, mine).state is State.DONE


def test_two_processes_never_make_a_portrait_twice(town: Town) -> None:
    mine, bo = ordered(town, "Bo", 2), town.people["Bo"]
    other = open_at(town.rooms.settings.home, town.clock)
    start = threading.Barrier(2)
    failed: list[BaseException] = []

    def work(rooms: Any) -> None:
        waiting = rooms.studio.pending(jobs.parts())
        start.wait()
        try:
            rooms.studio.make(waiting)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    workers = [threading.Thread(target=work, args=(one.rooms,)) for one in (town, other)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    other.rooms.consent.ledger.engine.dispose()
    assert failed == []
    found = jobs.find(town.rooms, bo, mine)
    assert (found.state, len(found.portraits), assets(town)) == (State.DONE, 2, 2)
    assert len(town.bodies("effect", step="store", tag=town.tag("Bo"))) == 2


DIES = """
import os, signal
from pathlib import Path
from consent.clocks import VirtualClock
from engine import wiring
from engine.atelier import Atelier
from generation import delivery, sitting
from tests.engine.town import NINE, Quick, open_at

wiring.recipe = lambda _chosen: Quick()
town = open_at(Path({home!r}), VirtualClock(NINE))
real, sat = delivery.settle, []

def settle(*given, **named):
    if sat:  # the first batch of two stands, the second is drawn and sealed
        os.kill(os.getpid(), signal.SIGKILL)
    sat.append(real(*given, **named))

sitting.delivery.settle = settle
town.rooms.studio._size = 2
Atelier(town.rooms).drain()
"""


@pytest.mark.xdist_group("demo")  # where processes of the engine are forked already
def test_a_killed_process_leaves_rows_and_the_next_one_makes_the_rest_once(
    town: Town, forks: Forks, tmp_path: Path
) -> None:
    mine, bo, before = ordered(town, "Bo", 3), town.people["Bo"], 2
    died = forks.run(tmp_path, ["--help"], DIES.format(home=str(town.rooms.settings.home)))
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert assets(town) == before
    assert jobs.find(town.rooms, bo, mine).state is State.RUNNING
    Atelier(town.rooms).drain()
    found = jobs.find(town.rooms, bo, mine)
    assert (found.state, len(found.portraits), assets(town)) == (State.DONE, 3, 3)
    assert len(town.bodies("effect", step="store")) == 3


def test_its_thread_makes_what_waited_before_it_came_and_what_is_called_for(town: Town) -> None:
    first = ordered(town, "Bo", 1)
    worker = Atelier(town.rooms)
    made = threading.Event()
    real = worker.drain

    def drain() -> int:
        done = real()
        made.set()
        return done

    worker.drain = drain  # type: ignore[method-assign]
    worker.open()
    assert made.wait(30)
    assert jobs.find(town.rooms, town.people["Bo"], first).state is State.DONE
    made.clear()
    second = ordered(town, "Ada", 1)
    worker.call()
    assert made.wait(30)
    worker.close()
    assert jobs.find(town.rooms, town.people["Ada"], second).state is State.DONE
    assert not [one for one in threading.enumerate() if one.name == "atelier"]


def test_closing_does_not_wait_for_all_that_waits(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, bo = ordered(town, "Bo", 3), town.people["Bo"]
    worker, real = Atelier(town.rooms), town.rooms.studio.recipe.render
    town.rooms.studio._size = 2

    def render(rows: Any) -> Any:
        worker.close()
        return real(rows)

    monkeypatch.setattr(town.rooms.studio.recipe, "render", render)
    worker.drain()
    assert jobs.find(town.rooms, bo, mine).done == 2
    Atelier(town.rooms).drain()
    assert jobs.find(town.rooms, bo, mine).done == 3


def test_its_thread_ends_what_is_over_and_survives_what_fails(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    swept, tried = threading.Event(), threading.Event()
    worker = Atelier(town.rooms)

    def sweep() -> None:
        swept.set()
        raise Denied(Reason.UNAVAILABLE, "not now")

    def drain() -> int:
        tried.set()
        return 0

    worker.sweep = sweep  # type: ignore[method-assign]
    worker.drain = drain  # type: ignore[method-assign]
    worker.open()
    assert swept.wait(30)
    assert tried.wait(30)
    worker.close()
    assert "tried again" in caplog.text


def test_what_breaks_by_itself_keeps_nobody_else_waiting(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = ordered(town, "Bo", 1), ordered(town, "Ada", 2)
    bo, real, tries = town.people["Bo"], town.rooms.studio.making, []

    def making(requests: Any, *more: Any) -> Any:
        if any(one.subject == bo for one in requests):
            tries.append(len(requests))
            raise ValueError("of a kind that nobody foresaw")
        return real(requests, *more)

    monkeypatch.setattr(town.rooms.studio, "making", making)
    worker = Atelier(town.rooms)
    worker.drain()
    assert jobs.find(town.rooms, town.people["Ada"], good).state is State.DONE
    assert jobs.find(town.rooms, bo, bad).state is State.QUEUED
    worker.drain()
    assert tries == [3, 1]  # it waits a while before it is tried again
    town.clock.advance(61)
    monkeypatch.undo()
    worker.drain()
    assert jobs.find(town.rooms, bo, bad).state is State.DONE


def test_what_breaks_for_everybody_is_nobodys_fault(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = [("Bo", ordered(town, "Bo", 1)), ("Ada", ordered(town, "Ada", 1))]
    worker = Atelier(town.rooms)

    def making(*_: Any) -> Any:
        raise ValueError("the device is gone")

    with monkeypatch.context() as patch:
        patch.setattr(town.rooms.studio, "making", making)
        with pytest.raises(ValueError, match="gone"):
            worker.drain()
    assert worker.drain() == 2
    states = [jobs.find(town.rooms, town.people[name], job).state for name, job in mine]
    assert states == [State.DONE, State.DONE]


def test_bytes_that_are_missing_or_changed_keep_nobody_else_waiting(town: Town) -> None:
    bad, good = ordered(town, "Bo", 1), ordered(town, "Ada", 1)
    bo, ada = town.people["Bo"], town.people["Ada"]
    wish = wording.asked(town.rooms, bo, prompt="me as a jazz singer")
    order = Order(kind="imagine", purpose=Purpose.IMAGINE, wishes=(wish,))
    changed = ordering.place(town.rooms, bo, order)
    with town.rooms.consent.ledger.write() as writing:
        blob = writing.connection.execute(
            select(selfie.c.blob).where(selfie.c.subject == bo)
        ).scalar_one()
        said = portrait_order.c.words.is_not(None)
        writing.connection.execute(update(portrait_order).where(said).values(words=b"x" * 60))
    town.rooms.consent.blobs.delete(blob)
    Atelier(town.rooms).drain()
    assert jobs.find(town.rooms, ada, good).state is State.DONE
    assert jobs.find(town.rooms, bo, bad).refusals == (Reason.SELFIES_REQUIRED,)
    assert jobs.find(town.rooms, bo, changed).state is State.QUEUED


def test_what_is_over_ends_while_a_picture_never_comes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, swept, ends = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setattr(atelier, "tick", lambda _: 0.01)
    worker = Atelier(town.rooms)

    def drain() -> int:
        drawing.set()
        ends.wait(30)
        return 0

    def sweep() -> None:
        if drawing.is_set():
            swept.set()

    worker.drain = drain  # type: ignore[method-assign]
    worker.sweep = sweep  # type: ignore[method-assign]
    worker.open()
    assert swept.wait(10)
    ends.set()
    worker.close()


def test_a_report_that_nobody_answered_counts_without_the_nightly_plan(town: Town) -> None:
    mine, bo = ordered(town, "Bo", 1), town.people["Bo"]
    worker = Atelier(town.rooms)
    worker.drain()
    (made,) = jobs.find(town.rooms, bo, mine).portraits
    filed = town.rooms.feed.reports.file(bo, About.PORTRAIT, made.id)
    town.clock.advance((filed.due_at - filed.at) / 1_000_000)
    worker.sweep()
    assert jobs.find(town.rooms, bo, mine).portraits == ()
    assert town.rooms.feed.reports.of(bo)[0].outcome is Outcome.UPHELD


def test_it_looks_a_sixtieth_of_the_shortest_time_and_once_a_minute_at_least(town: Town) -> None:
    policy = town.rooms.consent.policy
    for seconds, expected in ((300, 5.0), (7, 7 / 60), (86_400, 60.0)):
        portraits = replace(policy.portraits, retention_seconds=seconds)
        consent = replace(town.rooms.consent, policy=replace(policy, portraits=portraits))
        assert tick(replace(town.rooms, consent=consent)) == expected
