# SPDX-License-Identifier: Apache-2.0
"""An experiment among simulated people, day by day: the same stop rule as on the feed.

Each day, for every block of people:
(1) who is in which arm, what each lives under      assigning
(2) the day passes                                  day
(3) for whom arms differed                          exposing
(4) what they did, who left the experiment          counts
and over all blocks: the day's tally, and whether it stops an arm from tomorrow on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np

from consent import policies
from consent.policy import Policy
from consent.words import Micros
from engine.simulation import agreeing, assigning, day, learning, living, people
from engine.simulation.agreeing import Flags
from engine.simulation.assigning import Places, Whole
from engine.simulation.block import ENDLESS, NEVER, Block, settle
from engine.simulation.counts import NO_ARM, Counts, joined
from engine.simulation.exposing import Morning, Surface, surface
from engine.simulation.learning import Lesson
from engine.simulation.living import Columns
from engine.simulation.people import People
from engine.simulation.setup import MINUTES, Setup, Watch
from engine.simulation.streams import Stream
from feed.experiments import approval, records
from feed.experiments.analysis import harm_stops
from feed.experiments.plan import Experiment
from feed.experiments.record import Stop
from feed.experiments.tallies import ArmTally, Tally

TOGETHER: Final = 10_000
"""People lived together at most."""


@dataclass(slots=True, kw_only=True)
class Group:
    """Some people of a trial, and what of them is counted."""

    block: Block
    counts: Counts
    places: Places
    agreed: Flags

    @property
    def held(self) -> Flags:
        """Say who agreed and is held out."""
        return self.agreed & self.places.held_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried, and under which terms."""

    setup: Setup
    experiment: Experiment
    policy: Policy
    surface: Surface

    @classmethod
    def of(cls, setup: Setup, experiment: Experiment, renders: frozenset[str]) -> "Trial":
        """Let people live under an experiment's arms. Errors: Misused(policy-forbids)."""
        policy = policies.load(experiment.policy)
        approval.approve(experiment, policy)
        listed = assigning.regimes(experiment, setup.catalogue, renders)
        return cls(
            setup=replace(setup, listed=listed),
            experiment=experiment,
            policy=policy,
            surface=surface(experiment),
        )

    def group(self, first: int, count: int, *, lean: int = 0) -> Group:
        """Begin with some people, at the first midnight.

        With `lean` only those who are in an arm by that day: nobody's life hangs on another's, so
        arms come to the same without the others.
        """
        drawn = people.draw(self.setup, first, count)
        at = self._placed(drawn)
        agreed = agreeing.agreed(self.setup.know, drawn.inclined)
        if lean:
            inside = assigning.arms_on(at, agreed, lean) != NO_ARM
            drawn, at, agreed = drawn.only(inside), at.only(inside), agreed[inside]
        return Group(
            block=settle(self.setup, drawn, full=lean == 0),
            counts=Counts.begin(drawn.before),
            places=at,
            agreed=agreed,
        )

    def _placed(self, drawn: People) -> Places:
        plan, seed = records.write_plan(self.experiment), self.setup.seed
        permille = self.policy.experiments.holdout_permille
        return _places(plan, permille, seed, drawn.draw_key.tobytes())

    def live(self, group: Group, stopped: Sequence[int]) -> dict[str, ArmTally]:
        """Let a day pass for some people, under arms of which some do nothing; add them up."""
        block, counts = group.block, group.counts
        arm = assigning.arms_on(group.places, group.agreed, block.day + 1)
        self._enter(group, np.where(np.isin(arm, stopped), NO_ARM, arm))
        before = block.regime
        block.regime = assigning.regimes_on(counts.arm, group.held, counts.left, stopped)
        _forget(block, (before >= assigning.ARMS) & (block.regime == assigning.PLAIN))
        regimes = range(assigning.ARMS, assigning.ARMS + len(self.experiment.arms))
        morning, leaves = Morning.of(block, regimes, self.surface), self._leaving(block)
        day.live(block)
        gone = block.standing.withdrew != ENDLESS
        running = ~np.isin(counts.arm, stopped)
        counts.add(block.counted, gone, morning.differs(block, self.surface), running)
        counts.leave(leaves & ~gone & (block.standing.came != NEVER))
        return counts.tally(self.experiment)

    def _enter(self, group: Group, arm: Whole) -> None:
        """Let people into their arms. Where arms ask, who is known is asked anew, in its words."""
        new = (group.counts.arm == NO_ARM) & (arm != NO_ARM)
        group.counts.arm = np.where(new, arm, group.counts.arm)
        if self.surface == "asking":
            group.block.standing.came[new] = NEVER

    def stops(self, days: Sequence[Tally], stopped: Sequence[Stop]) -> tuple[Stop, ...]:
        """Say what the last day stops, as the feed's own look does."""
        at = self.setup.moment(days[-1].day * MINUTES)
        ceiling = self.policy.experiments.withdrawals_permille
        return harm_stops(self.experiment, days, stopped, at=Micros(at), ceiling=ceiling)

    def _leaving(self, block: Block) -> Flags:
        """Say who takes back today that they may be experimented on."""
        _, lot, _, _ = block.lots(Stream.LEAVES, np.arange(len(block)))
        return np.asarray(lot < self.setup.know["agreeing.leaves"])


def _forget(block: Block, who: Flags) -> None:
    """Take from people what their arm had ready for them and they have not seen."""
    block.feed.until[who[:, np.newaxis] & ~block.feed.seen] = NEVER


@lru_cache(maxsize=64)
def _places(plan: bytes, permille: int, seed: int, names: bytes) -> Places:
    """Assign a block of people once, however often they live again."""
    experiment = records.read_plan(plan)
    return assigning.places(experiment, permille, seed, np.frombuffer(names, np.uint64))


@dataclass(slots=True, kw_only=True)
class Course:
    """How a trial went: its people, its days, what was stopped."""

    groups: list[Group]
    days: list[Tally]
    stops: list[Stop]
    told: list[Columns]  #: what each regime came to by the end of each day
    lessons: list[Lesson]  #: of a closed loop


def run(
    trial: Trial,
    numbers: int,
    *,
    days: int | None = None,
    stopping: bool = True,
    lean: bool = False,
    retrain: int = 0,
    watch: Watch = lambda *_: None,
) -> Course:
    """Run a trial among the first `numbers` people of its seed.

    `retrain` closes the loop: every so many days the model learns from all there is; 0: never.
    Errors: Misused(unavailable) where an arm would have fewer people than it needs.
    """
    plan, last = records.plan_sha256(trial.experiment), days or trial.experiment.days
    groups = [
        trial.group(first, min(TOGETHER, numbers - first), lean=last if lean else 0)
        for first in range(0, numbers, TOGETHER)
    ]
    if not lean:
        _enough(trial, groups)
    course = Course(groups=groups, days=[], stops=[], told=[], lessons=[])
    for number in range(1, last + 1):
        off = _off(trial.experiment, course.stops)
        arms = joined(trial.live(group, off) for group in groups)
        course.days.append(Tally(experiment=trial.experiment.id, plan=plan, day=number, arms=arms))
        course.told.append(living.added([living.tell(group.block) for group in groups]))
        if stopping:
            course.stops.extend(trial.stops(course.days, course.stops))
        if retrain and number % retrain == 0 and number < last:
            course.lessons.append(learning.teach([group.block for group in groups]))
        watch("simulated days", number, last)
    return course


def _enough(trial: Trial, groups: Sequence[Group]) -> None:
    """Count who would be in each arm once the ramp is up. Errors: Misused(unavailable)."""
    last = max(step.day for step in trial.experiment.ramp)
    arms = np.concatenate([assigning.arms_on(g.places, g.agreed, last) for g in groups])
    counted = {arm.id: int((arms == at).sum()) for at, arm in enumerate(trial.experiment.arms)}
    approval.enough(trial.experiment, counted)


def _off(experiment: Experiment, stops: Sequence[Stop]) -> tuple[int, ...]:
    """Name the places of the arms that do nothing any more."""
    every = any(stop.arm is None for stop in stops)
    named = {stop.arm for stop in stops}
    return tuple(at for at, arm in enumerate(experiment.arms) if every or arm.id in named)
