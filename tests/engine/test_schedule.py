# SPDX-License-Identifier: Apache-2.0
import logging
import os
import threading
from collections import Counter

import pytest

from consent.clocks import SystemClock
from consent.reaping import GRACE
from consent.words import DAY, HOUR, SECOND, Micros, Subject
from engine import cycle, leading
from engine.plans import PASSED, Plans, slot_of
from engine.schedule import reap, scheduler, tick
from generation.holders import unnamed
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


def test_a_plan_that_fails_all_its_slot_long_is_closed_in_the_next(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = small_town.rooms
    plans = Plans(rooms.consent.ledger, rooms.consent.policy.id)
    slot = slot_of(rooms.consent.ledger.now(), rooms.settings.plan_hours)

    def broken(*_: object) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(cycle, "_plan", broken)
        tick(rooms)
        assert plans.open(slot).outcome is None
        small_town.clock.advance(DAY / SECOND)
        patch.setattr(cycle, "_plan", lambda *_: Counter())
        tick(rooms)
    assert plans.open(slot).outcome == PASSED


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
    plan, reaping = ticking.get_jobs()
    defaults = ticking._job_defaults
    assert (defaults["coalesce"], defaults["misfire_grace_time"], defaults["max_instances"]) == (
        True,
        None,
        1,
    )
    assert (plan.id, reaping.id) == ("plan", "reap")
    assert reaping.trigger.interval.total_seconds() == GRACE / SECOND


def test_what_a_crash_left_behind_is_reaped_by_the_machines_own_clock(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent = small_town.rooms.consent
    passed = [Micros(0)]
    monkeypatch.setattr(consent.retention._reaper, "_elapsed", lambda: passed[0])
    consent.blobs.put_new("00/stray", b"sealed and lost")
    consent.keys.new_secret(Subject(404))
    small_town.clock.advance(40 * DAY / SECOND)
    reap(small_town.rooms)
    assert consent.retention.strays() == 1, "younger than an hour: its row may still land"
    assert Subject(404) not in consent.keys.people()
    old = SystemClock().now() // SECOND - 2 * HOUR // SECOND
    (stray,) = (small_town.rooms.settings.home / "blobs").rglob("stray")
    os.utime(stray, (old, old))
    reap(small_town.rooms)
    assert consent.retention.strays() == 1, "a clock may have been set: who looked an hour ago?"
    passed[0] = Micros(HOUR)
    reap(small_town.rooms)
    assert consent.retention.strays() == 0


def test_a_reaping_that_fails_is_said_and_the_next_one_comes(
    small_town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> int:
        raise OSError("disk")

    monkeypatch.setattr(type(small_town.rooms.consent.retention), "reap", broken)
    with caplog.at_level(logging.ERROR):
        reap(small_town.rooms)
    assert "waits for the next hour" in caplog.text


def test_while_another_process_plans_a_tick_waits_its_turn(
    small_town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = small_town.rooms.consent.ledger
    with caplog.at_level(logging.INFO), leading.led(ledger, unnamed()):
        tick(small_town.rooms)
    assert "another process plans here now" in caplog.text
    assert small_town.bodies("effect", step="insert") == []
    tick(small_town.rooms)
    assert len(small_town.bodies("effect", step="insert")) == 1
