# SPDX-License-Identifier: Apache-2.0
"""An idea for everybody who is due, by the feed's own model, values and lottery.

Due is who holds a basis, is not in a quiet time, has no insert that no page has held yet, has
room in the week and has not been chosen for in this plan: as engine/selection and feed/turns have
it. The choice is made just before a visit, which is when a plan that looks ahead would have it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation import knowledge
from engine.simulation.block import NOBODY, Block, Minutes
from engine.simulation.regimes import Whole
from engine.simulation.setup import MINUTES
from engine.simulation.streams import Stream
from feed import choices
from feed.choices import Choices, Lottery, People
from feed.experiments.plan import RANKERS
from feed.exploration import Mask
from feed.features import GRAIN

WEEK: Final = 7 * MINUTES
_VISITS: Final = 24
"""Above the bits of a day stand those of the visit: the first one is drawn as the feed draws."""


def due(block: Block, who: Whole, minute: Minutes) -> NDArray[np.bool_]:
    """Say who of some people, each on a visit at a minute, is to be chosen for."""
    regimes, which, feed = block.setup.regimes, block.regime[who], block.feed
    waits = (feed.scenario[who, 0] != NOBODY) & ~feed.listed[who, 0]
    waits &= feed.until[who, 0] > minute
    lately = (minute[:, np.newaxis] - feed.shown[who] < WEEK).sum(axis=1)
    room = lately < regimes.of("per_week", which)
    plan = minute // regimes.plan_minutes[which]
    return np.asarray(~waits & room & (feed.quiet[who] <= minute) & (feed.planned[who] < plan))


def choose(block: Block, who: Whole, minute: Minutes) -> None:
    """Choose for people, log it, and let what was made wait for a slot."""
    which, name = block.regime[who], block.people.draw_key[who]
    x = knowledge.describe(block, who, minute)
    eligible = choices.pack(_eligible(block, who, minute))
    drawn = _drawn(block, People(x=x, eligible=eligible, draw_keys=name), which)
    fails, *_ = block.lots(Stream.MADE, who)
    made = (drawn.action > 0) & (fails >= block.setup.know["made.failed"])
    scenario = drawn.action.astype(np.int64) - 1
    number = block.rows.add(
        {
            "person": block.people.number[who],
            "regime": which,
            "minute": minute,
            "visit": np.full(len(who), block.visit),
            "scenario": scenario,
            "propensity": drawn.propensity,
            "value": drawn.value,
            "eligible": drawn.among,
            "personalised": knowledge.known(block, who),
            "made": made,
            "features": x * GRAIN,
            "eligible_bits": eligible,
        }
    )
    block.feed.planned[who] = minute // block.setup.regimes.plan_minutes[which]
    lives = block.setup.regimes.insert_minutes[which]
    _wait(block, who[made], scenario[made], number[made], (minute + lives)[made])


def _eligible(block: Block, who: Whole, minute: Minutes) -> Mask:
    """Say what each could be given, "no insert" first. Shapes: (n, 1 + scenarios)."""
    which = block.regime[who]
    days = block.setup.regimes.of("scenario_days", which)[:, np.newaxis] * MINUTES
    fresh = minute[:, np.newaxis] - block.feed.had[who] >= days
    eligible = np.ones((len(who), fresh.shape[1] + 1), np.bool_)
    eligible[:, 1:] = fresh & block.setup.regimes.ideas[which]
    return eligible


def _drawn(block: Block, people: People, which: Whole) -> Choices:
    """Draw for people of all regimes, each by the weights of theirs."""
    setup = block.setup
    moment = setup.first_day + block.day | block.visit << _VISITS
    parts = []
    for number, regime in enumerate(setup.listed):
        some = np.flatnonzero(which == number)
        lottery = Lottery(weights=regime.weights, run_key=setup.key, day=moment)
        mine = _part(people, some, RANKERS.index(regime.ranker))
        made = choices.choose(setup.model, setup.scenes, mine, lottery, own=setup.own)
        parts.append((some, made))
    return _joined(parts)


def _part(people: People, some: Whole, ranker: int) -> People:
    return People(
        x=people.x[some],
        eligible=people.eligible[some],
        draw_keys=people.draw_keys[some],
        rankers=np.full(len(some), ranker, np.uint8),
    )


def _joined(parts: Sequence[tuple[Whole, Choices]]) -> Choices:
    """Put the choices of all regimes back in the order of the people."""
    order = np.argsort(np.concatenate([some for some, _ in parts]), kind="stable")
    every = {
        name: np.concatenate([getattr(drawn, name) for _, drawn in parts])[order]
        for name in Choices.__slots__
    }
    return Choices(**every)


def _wait(block: Block, who: Whole, scenario: Whole, row: Whole, until: Minutes) -> None:
    """Let a portrait wait; the one before it, once listed, stays in the feed behind it."""
    feed = block.feed
    old = who[feed.listed[who, 0]]
    for column in (feed.scenario, feed.row, feed.until, feed.listed, feed.seen):
        column[old, 1] = column[old, 0]
    feed.scenario[who, 0], feed.row[who, 0], feed.until[who, 0] = scenario, row, until
    feed.listed[who, 0] = feed.seen[who, 0] = False
