# SPDX-License-Identifier: Apache-2.0
import logging
import threading

import pytest

from engine import cycle
from engine.schedule import scheduler, tick
from tests.engine.town import Town


def test_two_ticks_in_one_slot_are_one_plan(small_town: Town) -> None:
    tick(small_town.rooms)
    small_town.clock.advance(60)
    tick(small_town.rooms)
    assert len(small_town.bodies("effect", step="insert")) == 1


def test_a_failed_tick_leaves_the_plan_open_for_the_next(
    small_town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(cycle, "run", broken)
        tick(small_town.rooms)
    assert "the next tick resumes it" in caplog.text
    tick(small_town.rooms)
    assert len(small_town.bodies("effect", step="insert")) == 1


def test_every_tick_ends_what_is_over_though_the_slot_is_planned(small_town: Town) -> None:
    tick(small_town.rooms)
    small_town.rooms.consent.retention.sweep()
    swept = []
    retention = small_town.rooms.consent.retention
    real = type(retention).sweep
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(retention), "sweep", lambda it: swept.append(1) or real(it))
        tick(small_town.rooms)
    assert swept == [1]


def test_the_scheduler_really_ticks(small_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked = threading.Event()
    monkeypatch.setattr("engine.schedule.cycle.run", lambda *_: ticked.set() or {})
    ticking = scheduler(small_town.rooms, seconds=1)
    thread = threading.Thread(target=ticking.start, daemon=True)
    thread.start()
    assert ticked.wait(timeout=20)
    ticking.shutdown(wait=True)
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_a_missed_tick_is_caught_up_once_and_never_dropped(small_town: Town) -> None:
    ticking = scheduler(small_town.rooms)
    (job,) = ticking.get_jobs()
    defaults = ticking._job_defaults
    assert (defaults["coalesce"], defaults["misfire_grace_time"], defaults["max_instances"]) == (
        True,
        None,
        1,
    )
    assert job.id == "plan"
