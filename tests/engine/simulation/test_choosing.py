# SPDX-License-Identifier: Apache-2.0
"""The simulator's choices are held against those the feed would make for the same people."""

from dataclasses import replace

import numpy as np
import pytest

from consent import policies
from engine.simulation import choosing
from engine.simulation.block import NEVER, NOBODY, Block
from engine.simulation.setup import MINUTES
from feed import model, ranking
from feed.ranking import Candidate, Round
from tests.engine.simulation import crowd
from tests.engine.simulation.test_knowledge import history


def terms(block: Block, minute: int) -> Round:
    setup = block.setup
    return Round(
        seed=setup.seed,
        now=setup.moment(minute),
        policy=policies.load("strict-opt-in"),
        renders=frozenset(setup.catalogue.by_id),
    )


def with_own(block: Block) -> str:
    """Write a model that also weighs some ideas by themselves."""
    known = block.setup.model
    ideas = [scenario.id for scenario in block.setup.catalogue.scenarios]
    own = {one: np.array([n / 8, -n / 16, 0.25, -0.125]) for n, one in enumerate(ideas[:30])}
    return model.write(known.heads, known.population, known.trained_on, own)


def candidate(block: Block, who: int, minute: int) -> Candidate:
    ideas, lately = block.setup.catalogue.scenarios, minute - 30 * MINUTES
    had = np.flatnonzero(block.feed.had[who] > lately)
    return Candidate(
        draw_key=int(block.people.draw_key[who]),
        history=history(block, who) if block.people.learns[who] else None,
        without=frozenset(ideas[at].id for at in had),
    )


@pytest.mark.parametrize("taught", [False, True], ids=["shipped", "with weights of ideas alone"])
def test_an_idea_is_chosen_as_the_feed_chooses_it(*, taught: bool) -> None:
    block = crowd.block(people=400, days=9, full=True)
    if taught:
        block.setup = replace(block.setup, model_text=with_own(block))
    who = np.flatnonzero(block.holds())[:50]
    minute = block.day * MINUTES + 12 * 60
    before = block.rows.count
    expected = ranking.choose(
        block.setup.model,
        block.setup.catalogue,
        [candidate(block, one, minute) for one in who.tolist()],
        terms(block, minute),
    )
    choosing.choose(block, who, np.full(len(who), minute))
    ideas = block.setup.catalogue.scenarios
    for at, one in enumerate(expected, start=before):
        number = int(block.rows.of("scenario")[at])
        assert (None if number < 0 else ideas[number].id) == one.scenario
        assert block.rows.of("propensity")[at] == np.float32(one.propensity)
        assert block.rows.of("value")[at] == np.float32(one.value)
        assert block.rows.of("eligible")[at] == one.eligible
        assert block.rows.of("personalised")[at] == one.personalised


def test_a_later_visit_of_the_day_draws_another_number() -> None:
    one, other = (crowd.block(people=300) for _ in range(2))
    other.visit = 1
    for block in (one, other):
        choosing.choose(block, np.arange(300), np.full(300, 720))
    same = one.rows.of("scenario") == other.rows.of("scenario")
    assert same.mean() < 0.1
    assert np.array_equal(one.rows.of("value")[same], other.rows.of("value")[same])


@pytest.mark.parametrize("ranker", ["best", "uniform"])
def test_a_ranker_of_an_arm_chooses_its_own_way(ranker: str) -> None:
    block = crowd.block(people=200)
    regime = replace(block.setup.listed[0], ranker=ranker)
    block.setup = replace(block.setup, listed=(regime,))
    choosing.choose(block, np.arange(200), np.full(200, 720))
    expected = 1.0 if ranker == "best" else 1.0 / block.rows.of("eligible")
    assert block.rows.of("propensity") == pytest.approx(expected)


def due(block: Block, minute: int = 10 * MINUTES) -> list[bool]:
    who = np.arange(len(block))
    return choosing.due(block, who, np.full(len(who), minute)).tolist()


def test_whoever_has_an_insert_that_no_page_held_is_not_due() -> None:
    block = crowd.block(people=4)
    block.feed.scenario[:, 0] = [NOBODY, 3, 3, 3]
    block.feed.until[:, 0] = [NEVER, 10 * MINUTES + 1, 10 * MINUTES + 1, 10 * MINUTES]
    block.feed.listed[2, 0] = True
    assert due(block) == [True, False, True, True]


def test_nobody_is_due_in_a_quiet_time_a_full_week_or_twice_in_a_plan() -> None:
    block = crowd.block(people=4)
    block.feed.quiet[0] = 10 * MINUTES + 1
    block.feed.shown[1, :3] = 3 * MINUTES + 1
    block.feed.planned[2] = 10
    assert due(block) == [False, False, False, True]
    assert due(block, 10 * MINUTES + 1) == [True, True, False, True]
    assert due(block, 11 * MINUTES)[2]


def test_a_portrait_waits_and_the_one_before_it_stays_behind_it() -> None:
    block = crowd.block(people=300)
    who = np.arange(300)
    choosing.choose(block, who, np.full(300, 720))
    first = block.feed.scenario[:, 0].copy()
    made = block.rows.of("made")
    assert ((first == NOBODY) == ~made).all()
    block.feed.listed[:, 0] = made
    block.day = 1
    choosing.choose(block, who, np.full(300, MINUTES + 720))
    both = made & block.rows.of("made")[300:]
    assert np.array_equal(block.feed.scenario[both, 1], first[both])
    assert not block.feed.listed[both, 0].any()
    assert block.feed.until[both, 0].tolist() == [MINUTES + 720 + 72 * 60] * int(both.sum())


def test_a_portrait_that_a_gate_refuses_is_in_the_log_and_waits_for_nobody() -> None:
    block = crowd.block(people=300, made_failed=1.0)
    choosing.choose(block, np.arange(300), np.full(300, 720))
    assert block.rows.count == 300
    assert not block.rows.of("made").any()
    assert (block.feed.scenario == NOBODY).all()
