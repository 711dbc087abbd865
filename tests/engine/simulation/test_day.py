# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from engine.simulation import day
from engine.simulation.block import ENDLESS, NEVER, Block, begin
from engine.simulation.setup import MINUTES
from tests.engine.simulation import crowd

DAYS = 21


@pytest.fixture(scope="module")
def strict() -> Block:
    return crowd.block(people=2_500, days=DAYS)


@pytest.fixture(scope="module")
def loose() -> Block:
    return crowd.block("instagram-2025", people=1_500, days=DAYS)


def listings(block: Block) -> np.ndarray:
    """List (person, minute) of every first listing, in order."""
    rows = block.rows.taken()
    there = rows["listed"] >= 0
    pairs = np.stack([rows["person"][there], rows["listed"][there]], axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def nearest(block: Block, back: int) -> int:
    """Say how near any person's listing comes to their one `back` before it. Units: minutes."""
    pairs = listings(block)
    same = pairs[back:, 0] == pairs[:-back, 0]
    return int((pairs[back:, 1] - pairs[:-back, 1])[same].min())


@pytest.mark.parametrize("which", ["strict", "loose"])
def test_no_window_of_a_day_or_week_holds_more_than_its_cap(
    which: str, request: pytest.FixtureRequest
) -> None:
    block = request.getfixturevalue(which)
    rules = block.setup.listed[0].rules
    assert nearest(block, rules.per_day) >= MINUTES
    assert nearest(block, rules.per_week) >= 7 * MINUTES
    assert nearest(block, 1) >= rules.cooldown_hours * 60


def test_no_scenario_comes_again_too_soon(loose: Block) -> None:
    rows, days = loose.rows.taken(), loose.setup.listed[0].rules.scenario_days
    there = rows["listed"] >= 0
    order = np.lexsort((rows["listed"], rows["scenario"], rows["person"]))
    order = order[there[order]]
    same = (np.diff(rows["person"][order]) == 0) & (np.diff(rows["scenario"][order]) == 0)
    assert same.sum() > 50
    assert np.diff(rows["listed"][order])[same].min() >= days * MINUTES


def test_nobody_is_shown_anything_without_a_basis(strict: Block) -> None:
    answers = strict.standing.answers
    without = ~answers.explicit
    assert without.sum() > 500
    for what in ("listed", "shown", "engaged", "hidden"):
        assert not strict.counted[what][without].any()
    assert not strict.holds()[without].any()


def test_nobody_is_shown_anything_after_turning_it_off(loose: Block) -> None:
    rows = loose.rows.taken()
    withdrew = loose.standing.withdrew[rows["person"]]
    assert (withdrew < ENDLESS).sum() > 200
    assert (rows["minute"] <= withdrew).all()
    assert (rows["seen"] <= withdrew).all()


def test_the_log_and_the_counts_tell_the_same(strict: Block) -> None:
    rows, people = strict.rows.taken(), len(strict)
    for what in ("engaged", "hidden", "fewer", "reported", "surprised", "knew_why"):
        counted = np.bincount(rows["person"], rows[what], minlength=people)
        assert np.array_equal(counted, strict.counted[what]), what
    seen = np.bincount(rows["person"], rows["seen"] >= 0, minlength=people)
    assert np.array_equal(seen, strict.counted["shown"])
    assert (rows["place"][rows["seen"] >= 0] < 100).all()


def test_every_choice_that_could_be_drawn_had_its_floor(strict: Block) -> None:
    rows, weights = strict.rows.taken(), strict.setup.listed[0].weights
    floor = weights.exploration / rows["eligible"]
    assert (rows["propensity"] >= floor * (1 - 1e-6)).all()
    assert (rows["scenario"] == -1).any()


def test_who_is_annoyed_comes_less_and_who_leaves_reads_less(loose: Block) -> None:
    quiet = crowd.block("instagram-2025", people=1_500, days=DAYS, made_failed=1.0)
    assert loose.counted["visits"].sum() < quiet.counted["visits"].sum()
    assert quiet.counted["shown"].sum() == 0
    again = crowd.block("instagram-2025", people=300, days=6, depth_leave=1.0)
    usual = crowd.block("instagram-2025", people=300, days=6, depth_leave=0.0)
    assert again.counted["posts"].sum() < usual.counted["posts"].sum()


def test_unasked_use_costs_trust_and_more_people_leave(strict: Block, loose: Block) -> None:
    def rate(block: Block) -> float:
        held = block.standing.exposed < ENDLESS
        return float((block.standing.withdrew[held] < ENDLESS).mean())

    assert rate(loose) > 2 * rate(strict)


def test_a_hazard_of_nothing_makes_nobody_leave_and_a_certain_one_everybody() -> None:
    none = crowd.block("instagram-2025", people=200, days=3, withdraw_rest=-99.0)
    every = crowd.block("instagram-2025", people=200, days=3, withdraw_rest=9.0)
    assert (none.standing.withdrew == ENDLESS).all()
    came = every.standing.answers.implied & (every.standing.came != NEVER)
    assert (every.standing.withdrew[came] < ENDLESS).all()
    assert (every.standing.withdrew[~came] == ENDLESS).all()
    evening = (every.standing.came[came] // MINUTES + 1) * MINUTES - 1
    assert np.array_equal(every.standing.withdrew[came], evening)


def test_what_people_live_under_can_change_from_one_day_to_the_next() -> None:
    loose, block = crowd.setup("instagram-2025"), crowd.block(people=400)
    block.setup = replace(block.setup, listed=(*block.setup.listed, *loose.listed))
    block.regime[:200] = 1
    day.live(block)
    answers = block.standing.answers
    assert answers.implied[:200].sum() > 50
    assert not answers.implied[200:].any()
    block.regime[:] = 0
    assert not block.holds()[:200].any()


class Noted(dict[str, float]):
    """Coefficients that remember which of them were asked for."""

    read: ClassVar[set[str]] = set()

    def __getitem__(self, name: str) -> float:
        self.read.add(name)
        return super().__getitem__(name)


def test_every_coefficient_is_asked_for_by_somebody() -> None:
    setup = replace(crowd.setup("instagram-2025"))
    vars(setup)["know"] = Noted(setup.know)
    block = begin(setup, 0, 300)
    block.day = 4  # a Friday, and then a weekend
    for _ in range(2):
        day.live(block)
    unread = {name for name in setup.know if name not in Noted.read}
    assert {name for name in unread if not name.startswith("agreeing.")} == set()
