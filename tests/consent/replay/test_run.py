# SPDX-License-Identifier: Apache-2.0
"""The whole replay against one done by hand, and what must hold of any replay."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent import policies
from consent.policy import Policy
from consent.replay import loading
from consent.replay.run import CAVEAT, Mode, replay
from consent.verify import Changed
from tests.consent.conftest import Year
from tests.consent.replay.brute import replayed
from tests.consent.replay.histories import NOON, Event, blocked, columns, drawn, of_bundle, shipped

MODES: tuple[Mode, ...] = ("pointwise", "closed-loop")
CELLS = ("allow_allow", "allow_deny", "deny_allow", "deny_deny")


def held(found: dict[str, Any], events: list[Event], policy: Policy, mode: Mode) -> None:
    """Hold a replay against the same done by hand."""
    by_hand = replayed(events, policy, closed=mode == "closed-loop")
    assert found["table"] == {cell: by_hand.table[cell] for cell in CELLS}
    flips = {
        (one["step"], one["purpose"], one["from"], one["reason"], one["asked"]): one["count"]
        for one in found["flips"]
    }
    assert flips == dict(by_hand.flips)
    assert found["people_affected"] == len(by_hand.people)
    assert found["first_seq"] == min(by_hand.seqs, default=None)
    assert found["last_seq"] == max(by_hand.seqs, default=None)
    gone = found["effects_gone"]
    steps = ("read", "store", "insert", "view", "share")
    assert list(gone.values()) == [by_hand.gone[step] for step in steps]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(6))
def test_a_replay_is_the_one_done_by_hand(seed: int, mode: Mode) -> None:
    names = policies.names()
    events = drawn(seed, 400, names[seed % len(names)])
    recorded = columns(events, *names)
    for name in (names * 2)[seed : seed + 4]:
        target = shipped(name)
        held(replay(recorded, target, mode), events, target, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(6))
def test_a_replay_of_blocks_is_the_one_done_by_hand(seed: int, mode: Mode) -> None:
    names = policies.names()
    events = blocked(drawn(seed, 300, names[seed % len(names)]))
    recorded = columns(events, *names)
    for name in (names * 2)[seed : seed + 3]:
        target = shipped(name)
        held(replay(recorded, target, mode), events, target, mode)


@pytest.mark.parametrize("mode", MODES)
def test_an_honest_year_replays_as_by_hand(year: Year, mode: Mode) -> None:
    recorded = loading.load(year.bundle).recorded
    assert recorded is not None
    events = of_bundle(year.bundle)
    for name in policies.names():
        target = shipped(name)
        held(replay(recorded, target, mode), events, target, mode)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", policies.names())
def test_under_its_own_policy_nothing_flips(name: str, mode: Mode) -> None:
    found = replay(columns(drawn(3, 300, name), name), shipped(name), mode)
    assert found["flips"] == []
    assert found["bounds"] == {"low": 0, "high": 0}
    assert found["policy"]["recorded"] == found["policy"]["target"] == name
    assert found["not_recomputable"] > 0


@pytest.mark.parametrize("mode", MODES)
def test_two_runs_give_identical_bytes(year: Year, mode: Mode) -> None:
    target = shipped("lensa-2022")
    runs = set()
    for _ in range(2):
        recorded = loading.load(year.bundle).recorded
        assert recorded is not None
        runs.add(json.dumps(replay(recorded, target, mode)))
    assert len(runs) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_policy_that_denies_everything_leaves_no_allow(mode: Mode) -> None:
    text = shipped("strict-opt-in").text
    nothing = policies.parse(text.replace('kinds = ["explicit"', 'kinds = [] #"'))
    assert all(not rule.kinds for rule in nothing.rules)
    found = replay(columns(drawn(5, 300, "snapchat-2024"), "snapchat-2024"), nothing, mode)
    assert found["table"]["allow_allow"] == found["table"]["deny_allow"] == 0
    assert found["denial_rate"]["target"]["denied"] == found["recomputed"]


@pytest.mark.parametrize("mode", MODES)
def test_figures_add_up_and_carry_the_caveat(mode: Mode) -> None:
    found = replay(
        columns(drawn(8, 500, "instagram-2025"), "instagram-2025"),
        shipped("strict-opt-in"),
        mode,
    )
    cells = found["table"]
    assert sum(cells.values()) == found["recomputed"]
    assert found["recomputed"] + found["not_recomputable"] == found["decisions"]
    flips = cells["allow_deny"] + cells["deny_allow"]
    assert sum(one["count"] for one in found["flips"]) == flips > 0
    assert sum(one["count"] for one in found["reasons"]) == found["recomputed"]
    for by in found["flips_by"].values():
        assert sum(one["count"] for one in by) == flips
    assert found["bounds"]["low"] <= flips <= found["bounds"]["high"]
    assert found["caveat"] == CAVEAT


def test_several_recorded_policies_are_all_named() -> None:
    first = drawn(1, 50, "strict-opt-in")
    second = [
        event._replace(seq=event.seq + 1_000, **_moved(event))  # type: ignore[arg-type]
        for event in drawn(2, 50, "instagram-2025")
    ]
    events = [*first, *second]
    recorded = columns(events, "strict-opt-in", "instagram-2025")
    found = replay(recorded, shipped("strict-opt-in"))
    assert found["policy"]["recorded"] == "strict-opt-in, instagram-2025"
    assert found["policy"]["recorded_under"] == [
        {"id": name, "sha256": shipped(name).sha256, "decisions": 50}
        for name in ("strict-opt-in", "instagram-2025")
    ]
    held(found, events, shipped("strict-opt-in"), "pointwise")


def _moved(event: Event) -> dict[str, Any]:
    of = getattr(event, "of", None)
    return {} if of is None else {"of": (of[0] + 1_000, of[1])}


def test_a_policy_that_this_version_cannot_read_is_named_by_its_hash() -> None:
    events = drawn(1, 80, "strict-opt-in")
    found = replay(columns(events), shipped("lensa-2022"))
    assert found["policy"]["recorded"] == shipped("strict-opt-in").sha256
    assert found["bounds"]["low"] <= found["bounds"]["high"]


def test_replaying_writes_nothing(copied: Path) -> None:
    before = {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    recorded = loading.load(copied).recorded
    assert recorded is not None
    replay(recorded, shipped("lensa-2022"), "closed-loop")
    assert {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("mode", MODES)
def test_where_nothing_was_decided_every_figure_is_nothing(mode: Mode) -> None:
    found = replay(columns([]), shipped("lensa-2022"), mode)
    assert set(found["table"].values()) == {0}
    assert (found["decisions"], found["people"], found["first_seq"]) == (0, 0, None)
    assert found["bounds"] == {"low": 0, "high": 0}


def test_a_yes_that_nobody_gave_is_counted_apart() -> None:
    kinds = ("explicit", "implied", "parental", "implied", "implied", None)
    events = [
        Changed(seq, NOON + seq, "grant" if kind else "withdraw", "t" * 22, "imagine", kind, None)
        for seq, kind in enumerate(kinds)
    ]
    found = replay(columns(events), shipped("instagram-2025"))["grants"]
    assert found == {"all": 5, "quoting_a_notice": 2, "implied": 3, "notices_served": 0}


def test_yeses_are_counted_by_how_they_came_to_be(year: Year) -> None:
    found = replay(loading.load(year.bundle).recorded, shipped("strict-opt-in"), "pointwise")
    given = year.rooms.entries("grant", "renew")
    implied = [one for one in given if one["kind"] == "implied"]
    assert found["grants"] == {
        "all": len(given),
        "quoting_a_notice": len([one for one in given if "notice" in one]),
        "implied": len(implied),
        "notices_served": len(year.rooms.entries("notice.served")),
    }
