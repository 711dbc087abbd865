# SPDX-License-Identifier: Apache-2.0
"""The closed loop: who is learned from, what is learned, and when the old model goes on."""

from functools import cache

import pandas as pd

from engine.simulation import learning, living
from engine.simulation.block import Block, begin
from engine.simulation.day import live
from engine.simulation.living import Columns
from feed.features import PERSON, SCENE
from feed.model import HEADS
from tests.engine.simulation import crowd


def lived(people: int, days: int) -> Block:
    block = begin(crowd.setup("instagram-2025"), 0, people, full=True)
    for _ in range(days):
        live(block)
    return block


@cache
def logged() -> tuple[Columns, pd.DataFrame]:
    """Return what was seen by those who let us learn, and the log made of it."""
    block = lived(600, 3)
    part = living.finished(block)
    kept = (part["seen"] >= 0) & block.people.learns[part["person"]]
    assert 0 < kept.sum() < (part["seen"] >= 0).sum()
    seen = {name: column[kept] for name, column in part.items()}
    return seen, learning.frame(block.setup, [block])


def test_learned_from_is_what_was_seen_by_those_who_let_acts_choose_ideas() -> None:
    seen, log = logged()
    assert len(log) == len(seen["person"])
    assert set(log["person"]) == set(seen["person"].tolist())
    assert not seen["personalised"].all()


def test_a_log_has_the_features_that_were_known_then_and_what_came_of_it() -> None:
    seen, log = logged()
    more = ("day", "person", "propensity", "scenario")
    assert [*log.columns] == [*PERSON, *SCENE, *HEADS, *more]
    assert (log[[*PERSON]].to_numpy() == seen["features"] / 64).all()
    assert (log["engage"].to_numpy() == seen["engaged"]).all()
    assert (log["fewer"].to_numpy() == (seen["fewer"] | seen["hidden"])).all()


def test_what_is_learned_chooses_from_the_next_day_on_and_foretells_better() -> None:
    block = lived(2_500, 3)
    shipped = block.setup.model
    before = learning.held_up(block.setup, [block])
    lesson = learning.teach([block])
    assert lesson.refused == ()
    assert block.setup.model.sha256 == lesson.model_sha256 != shipped.sha256
    told = {one.head: one for one in lesson.reliability}
    for one in before:
        if one.head in ("engage", "fewer"):
            assert told[one.head].ece < one.ece
    live(block)


def test_too_little_to_learn_from_leaves_the_model_in_charge() -> None:
    block = lived(60, 2)
    shipped = block.setup.model.sha256
    lesson = learning.teach([block])
    assert lesson.refused
    assert block.setup.model.sha256 == lesson.model_sha256 == shipped


def test_nobody_has_seen_anything_and_nothing_was_foretold() -> None:
    block = begin(crowd.setup(), 0, 30, full=True)
    assert learning.held_up(block.setup, [block]) == ()
