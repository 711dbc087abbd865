# SPDX-License-Identifier: Apache-2.0
"""The doctor's lines about who plans and draws."""

from dataclasses import replace
from pathlib import Path

import pytest

from consent.clocks import VirtualClock
from engine import leading
from engine.checks import Check
from engine.rooms import Rooms
from engine.workers import health, tokens
from generation.leases import SECONDS
from tests.engine import stubbed
from tests.rooms import NOON


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return stubbed.home(tmp_path / "home", 2, clock=VirtualClock(NOON))[0]


def said(rooms: Rooms) -> dict[str, Check]:
    return {one.name: one for one in health.checks(rooms)}


def test_local_workers_are_well_and_nobody_has_planned(rooms: Rooms) -> None:
    found = said(rooms)
    assert [one.ok for one in found.values()] == [True, True, True]
    assert found["lead"].detail == "nobody has planned yet"
    assert found["leases"].detail == "0 wait, 0 in a worker's hands, 0 let drop"


def test_who_leads_and_what_is_held_is_said(rooms: Rooms) -> None:
    requests = stubbed.plan_of(rooms)
    with leading.led(rooms.consent.ledger, rooms.studio.leases.holder):
        rooms.studio.claim(1)
        found = said(rooms)
    assert found["lead"].detail == "term 1: held for 60 s unless renewed"
    assert found["leases"].detail.startswith(f"{len(requests)} wait, 1 in")
    rooms.consent.clock.advance(SECONDS + 1)  # type: ignore[attr-defined]
    found = said(rooms)
    assert found["lead"].detail == "term 1: nobody plans now"
    assert (found["leases"].ok, found["leases"].detail[-10:]) == (None, "1 let drop")


def test_workers_of_ray_need_a_database_of_many_and_a_token_of_ours(
    rooms: Rooms, tmp_path: Path
) -> None:
    chosen = replace(rooms.settings, workers="ray", home=tmp_path)
    assert said(replace(rooms, settings=chosen))["workers"].ok is False
    chosen = replace(chosen, database_url="postgresql+psycopg://here/x")
    assert said(replace(rooms, settings=chosen))["workers"].ok is True
    tokens.place(chosen).write_text("x" * 64)
    tokens.place(chosen).chmod(0o644)
    assert "0600" in said(replace(rooms, settings=chosen))["workers"].detail
    tokens.place(chosen).chmod(0o600)
    joining = replace(chosen, ray_address="head:6379")
    assert said(replace(rooms, settings=joining))["workers"].detail == (
        "ray, joins head:6379; its token is ours alone"
    )
