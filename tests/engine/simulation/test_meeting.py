# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

from engine.simulation import choosing
from engine.simulation.block import Block
from engine.simulation.meeting import meet
from engine.simulation.placing import FAR
from engine.simulation.reading import Sighted
from engine.simulation.setup import MINUTES
from tests.engine.simulation import crowd

NOON = 720
MANY = 4_000


def met(
    policy: str = "strict-opt-in",
    *,
    people: int = MANY,
    more: Mapping[str, float] = MappingProxyType({}),
    **known: float,
) -> tuple[Block, np.ndarray, np.ndarray]:
    """Let everybody come to one insert; returns the block, who they are and whose visit ended."""
    block = crowd.block(policy, people=people, made_failed=0.0, **known)
    block.standing.answers.explicit[:] = policy == "strict-opt-in"
    block.standing.answers.would[:] = True
    for feeling, much in more.items():
        getattr(block.mood, feeling)[:] += much
    choosing.choose(block, np.arange(people), np.full(people, NOON))
    who = np.flatnonzero(block.feed.scenario[:, 0] >= 0)
    return block, who, meet(block, sighted(who))


def sighted(who: np.ndarray, minute: int = NOON) -> Sighted:
    zero = np.zeros(len(who), np.int64)
    return Sighted(who=who, minute=zero + minute, slot=zero, since=zero + FAR)


def share(block: Block, act: str) -> float:
    return float(block.counted[act].sum() / block.counted["shown"].sum())


def test_what_was_done_stands_in_the_log_and_in_everybodys_counts() -> None:
    block, who, _ = met()
    rows = block.rows
    assert (rows.of("seen")[who] == NOON).all()
    for act in ("engaged", "hidden", "fewer", "reported", "surprised", "knew_why", "taken_for_ad"):
        assert np.array_equal(rows.of(act)[who], block.counted[act][who]), act
        assert rows.of(act).sum() > 0, act
    assert block.counted["shown"].sum() == len(who)
    away = rows.of("hidden")[who] | rows.of("reported")[who]
    assert np.array_equal(block.counted["kept"][who], ~away)


def test_whoever_engages_does_not_refuse_and_seconds_are_of_what_was_hidden() -> None:
    block, _, _ = met()
    rows = block.rows
    refused = rows.of("hidden") | rows.of("fewer") | rows.of("reported")
    assert not (rows.of("engaged") & refused).any()
    assert ((rows.of("seconds") > 0) == rows.of("hidden")).all()


@pytest.mark.parametrize(
    ("act", "feeling", "sign"),
    [
        ("engaged", "trust", 1),
        ("engaged", "fatigue", -1),
        ("hidden", "fatigue", 1),
        ("fewer", "fatigue", 1),
        ("reported", "fatigue", 1),
        ("fewer", "trust", -1),
    ],
)
def test_trust_and_fatigue_move_acts_the_way_they_say(act: str, feeling: str, sign: int) -> None:
    topic = {"engaged": "engage", "hidden": "hide", "reported": "report"}.get(act, act)
    known = {f"{topic}_{feeling}": 1.5 * sign}
    usual, _, _ = met(**known)
    moved, _, _ = met(**known, more={feeling: 2.0})
    assert (share(moved, act) - share(usual, act)) * sign > 0.01


def test_whoever_has_a_taste_for_it_engages_more() -> None:
    block, who, _ = met(engage_affinity=1.5)
    themes = block.setup.themes[block.rows.of("scenario")[who]]
    liking = (block.people.tastes[who] * themes).sum(axis=1)
    engaged = block.rows.of("engaged")[who]
    assert engaged[liking > 0.3].mean() > 2 * engaged[liking < -0.3].mean()


def test_it_tires_every_time_and_is_taken_once() -> None:
    block, who, _ = met(people=500)
    once, tired = block.counted["shown"].copy(), block.mood.fatigue[who].copy()
    ends = meet(block, sighted(who, NOON + 60))
    assert not ends.any()
    assert np.array_equal(block.counted["shown"], once)
    assert block.mood.fatigue[who] == pytest.approx(tired + block.setup.know["fatigue.insert"])


def test_some_visits_end_at_what_was_hidden_and_none_at_anything_else() -> None:
    block, who, ends = met()
    away = block.rows.of("hidden")[who] | block.rows.of("reported")[who]
    assert not ends[~away].any()
    assert ends[away].mean() == pytest.approx(block.setup.know["depth.leave"], abs=0.1)


def test_the_feed_is_quiet_as_long_as_the_policy_says() -> None:
    block, who, _ = met()
    quiet, slots = block.feed.quiet[who], block.setup.listed[0].rules
    hid, fewer = block.rows.of("hidden")[who], block.rows.of("fewer")[who]
    assert (quiet[hid & ~fewer] == NOON + slots.hide_hours * 60).all()
    assert (quiet[fewer] == NOON + slots.fewer_days * MINUTES).all()
    assert (quiet[~hid & ~fewer & ~block.rows.of("reported")[who]] < 0).all()
    assert (block.feed.until[who[hid], 0] == NOON).all()


def test_asking_again_for_fewer_keeps_it_quiet_for_longer() -> None:
    block = crowd.block(people=200, made_failed=0.0, fewer_rest=50.0, engage_rest=-50.0)
    choosing.choose(block, np.arange(200), np.full(200, NOON))
    block.counted["fewer"][:] = 1
    who = np.flatnonzero(block.feed.scenario[:, 0] >= 0)
    meet(block, sighted(who))
    assert (block.feed.quiet[who] == NOON + 60 * MINUTES).all()


def test_acts_teach_only_about_those_who_let_us_learn() -> None:
    block, who, _ = met()
    taught = block.lessons.tastes[who].any(axis=1)
    did = sum(block.counted[act][who] for act in ("engaged", "hidden", "fewer", "reported"))
    assert np.array_equal(taught, (did > 0) & block.people.learns[who])


def test_whoever_was_surprised_trusts_less_and_is_alarmed_more() -> None:
    block, who, _ = met("instagram-2025")
    surprised = block.rows.of("surprised")[who]
    lost = block.mood.trust[who] - block.people.trusts[who]
    assert lost[surprised].mean() < lost[~surprised].mean()
    assert block.mood.alarm[who][surprised].mean() > block.mood.alarm[who][~surprised].mean()
    assert block.mood.annoyance[who][surprised].min() > 0
