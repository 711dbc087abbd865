# SPDX-License-Identifier: Apache-2.0
"""What the simulator tells the ranking is held against what the feed would tell it."""

import numpy as np
import pytest

from consent.words import Micros
from engine.simulation import knowledge
from engine.simulation.block import Block
from engine.simulation.setup import MINUTES
from feed.features import Act, History, person
from tests.engine.simulation import crowd

KINDS = {"engaged": "like", "hidden": "hide", "fewer": "fewer", "reported": "report"}


@pytest.fixture(scope="module")
def lived() -> Block:
    return crowd.block("instagram-2025", people=500, days=12, full=True)


def history(block: Block, who: int) -> History:
    """Read off the log what the feed's own tables would hold of somebody."""
    rows, setup = block.rows.taken(), block.setup
    mine = np.flatnonzero(rows["person"] == who)
    ideas = setup.catalogue.scenarios
    acts = [
        Act(
            kind=kind,
            scenario=ideas[rows["scenario"][at]].id,
            at=setup.moment(int(rows["seen"][at])),
        )
        for at in mine
        for name, kind in KINDS.items()
        if rows[name][at]
    ]
    listed = [int(rows["listed"][at]) for at in mine if rows["listed"][at] >= 0]
    return History(
        acts=tuple(acts),
        shown=tuple(setup.moment(at) for at in listed),
        since=setup.moment(int(block.standing.came[who])),
    )


def test_people_are_described_as_the_feed_describes_them(lived: Block) -> None:
    themes = {one.id: one.themes for one in lived.setup.catalogue.scenarios}
    knew = lived.people.learns & (lived.counted["listed"] > 0)
    who = np.flatnonzero(knew)[:60]
    minute = lived.day * MINUTES + np.arange(len(who)) * 20
    described = knowledge.describe(lived, who, minute)
    for row, one in enumerate(who.tolist()):
        now: Micros = lived.setup.moment(int(minute[row]))
        assert np.array_equal(described[row], person(history(lived, one), themes, now))
    assert (described[:, :20] != 0).any(axis=1).mean() > 0.5


def test_whoever_does_not_let_us_learn_is_the_mean_person(lived: Block) -> None:
    who = np.flatnonzero(~lived.people.learns)[:20]
    described = knowledge.describe(lived, who, np.full(len(who), lived.day * MINUTES))
    assert (described == lived.setup.model.population).all()
    assert not lived.lessons.tastes[who].any()
