# SPDX-License-Identifier: Apache-2.0
"""Somebody comes to an insert: how they take it, what they do, and what it does to them.

    engage, hide, fewer, report    logistic in taste, fatigue and trust, moved by how it was taken
    hazard of turning it all off   cloglog, at the end of the day (engine/simulation/day)

Who engages does none of the others; of these one can do several. An insert met again later is no
news: it tires, and nothing is made of it.
Source: response model as in KuaiSim (NeurIPS'23 Datasets and Benchmarks); coefficients assumed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.simulation import handling, knowledge, reception
from engine.simulation.agreeing import Flags
from engine.simulation.block import Block
from engine.simulation.placing import Whole
from engine.simulation.reading import Sighted
from engine.simulation.reception import Lots, Reception, Sight
from engine.simulation.setup import MINUTES
from engine.simulation.streams import Numbers, Stream

_ALONE: Final = 6
"""Posts between two inserts above which neither crowds the other."""
_HOUR: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What people did with an insert. Shapes: each (n,)."""

    engaged: Flags
    hidden: Flags
    fewer: Flags
    reported: Flags

    @property
    def refused(self) -> Flags:
        """Say who wanted it away."""
        return self.hidden | self.fewer | self.reported


def meet(block: Block, sighted: Sighted) -> Flags:
    """Let people meet inserts; say whose visit ends there. Shapes: (n,)."""
    ends = np.zeros(len(sighted.who), np.bool_)
    again = block.feed.seen[sighted.who, sighted.slot]
    _tire(block, sighted.who)
    new = np.flatnonzero(~again)
    if len(new) == 0:
        return ends
    some = Sighted(**{name: getattr(sighted, name)[new] for name in Sighted.__slots__})
    sight = _sight(block, some)
    lot = block.lots(Stream.TAKES, some.who, parts=3)
    lots = Lots(knew=lot[0], surprised=lot[1], advert=lot[2], sooner=lot[3])
    taken = reception.receive(block.setup.know, sight, lots)
    doing = _do(block, some, sight, taken, lot[4:])
    seconds = reception.seconds(block.setup.know, taken, lots)
    _log(block, some, taken, doing, seconds)
    _feel(block, some, sight, taken, doing)
    _answer(block, some, doing)
    ends[new] = (doing.hidden | doing.reported) & (lot[8] < block.setup.know["depth.leave"])
    return ends


def _sight(block: Block, some: Sighted) -> Sight:
    """Say what is known of each insert when it is seen."""
    answers, arms = block.standing.answers, block.setup.regimes.handlings
    return Sight(
        arms=handling.of_people(arms, block.regime[some.who]),
        implied=(~answers.explicit[some.who]).astype(np.float64),
        unwilling=(~answers.would[some.who]).astype(np.float64),
        seen=block.counted["shown"][some.who].astype(np.float64),
        crowd=np.maximum(_ALONE - some.since, 0).astype(np.float64),
    )


def _do(block: Block, some: Sighted, sight: Sight, taken: Reception, lot: Numbers) -> Doing:
    know, mood, who = block.setup.know, block.mood, some.who
    themes = block.setup.themes[block.feed.scenario[who, some.slot]]
    felt = {
        "affinity": (block.people.tastes[who] * themes).sum(axis=1),
        "fatigue": mood.fatigue[who],
        "trust": mood.trust[who],
    }
    engage = reception.engage(know, sight, taken)
    refuse = reception.refuse(know, sight, taken)
    engaged = lot[0] < _chance(know, "engage", felt, engage)
    return Doing(
        engaged=engaged,
        hidden=~engaged & (lot[1] < _chance(know, "hide", felt, refuse)),
        fewer=~engaged & (lot[2] < _chance(know, "fewer", felt, refuse)),
        reported=~engaged & (lot[3] < _chance(know, "report", felt, refuse)),
    )


def _chance(know: dict[str, float], act: str, felt: dict[str, Numbers], more: Numbers) -> Numbers:
    """Say how likely an act is."""
    logit = know[f"{act}.rest"] + more
    for name, how_much in felt.items():
        logit = logit + know[f"{act}.{name}"] * how_much
    return reception.sigmoid(logit)


def _tire(block: Block, who: Whole) -> None:
    block.mood.fatigue[who] += block.setup.know["fatigue.insert"]


def _feel(block: Block, some: Sighted, sight: Sight, taken: Reception, doing: Doing) -> None:
    """Let it change what people feel."""
    know, mood, who = block.setup.know, block.mood, some.who
    mood.trust[who] += reception.trust(know, taken)
    mood.annoyance[who] += know["annoyance.refused"] * doing.refused
    mood.annoyance[who] += know["annoyance.surprised"] * taken.surprised
    mood.alarm[who] = np.maximum(mood.alarm[who], reception.withdraw(know, sight, taken))


def _answer(block: Block, some: Sighted, doing: Doing) -> None:
    """Do what the acts ask for: quiet, no second look, and a lesson."""
    feed, who = block.feed, some.who
    feed.seen[who, some.slot] = True
    feed.liked[who] |= doing.engaged
    away = doing.hidden | doing.reported
    feed.until[who[away], some.slot[away]] = some.minute[away]
    _quieten(block, some, doing)
    themes = block.setup.themes[feed.scenario[who, some.slot]]
    for act in Doing.__slots__:
        did = getattr(doing, act)
        knowledge.learn(block, who[did], themes[did], act)


def _quieten(block: Block, some: Sighted, doing: Doing) -> None:
    """Keep the feed quiet as long as feed/quiet does."""
    feed, who, regimes = block.feed, some.who, block.setup.regimes
    which = block.regime[who]
    brief = some.minute + regimes.of("hide_hours", which) * _HOUR
    earlier = block.counted["fewer"][who] - doing.fewer
    days = regimes.of("fewer_days", which) * regimes.of("fewer_factor", which) ** earlier
    long = some.minute + days * MINUTES
    away = doing.hidden | doing.reported
    feed.quiet[who] = np.maximum(feed.quiet[who], np.where(away, brief, feed.quiet[who]))
    feed.quiet[who] = np.maximum(feed.quiet[who], np.where(doing.fewer, long, feed.quiet[who]))


def _log(block: Block, some: Sighted, taken: Reception, doing: Doing, seconds: Numbers) -> None:
    """Write it into the log and count it."""
    rows, who, row = block.rows, some.who, block.feed.row[some.who, some.slot]
    said = {name: getattr(doing, name) for name in Doing.__slots__}
    said |= {"surprised": taken.surprised, "knew_why": taken.knew, "taken_for_ad": taken.advert}
    for name, did in said.items():
        rows.set(name, row, did)
        block.counted[name][who] += did
    rows.set("seen", row, some.minute)
    rows.set("seconds", row, np.where(doing.hidden, seconds, 0.0))
    block.counted["shown"][who] += 1
    block.counted["kept"][who] += ~(doing.hidden | doing.reported)
    block.counted["seconds"][who] += np.where(doing.hidden, np.rint(seconds), 0.0).astype(np.int64)
