# SPDX-License-Identifier: Apache-2.0
"""Count what simulated people did since they were exposed, and add it up an arm.

Rules:
1. a person is counted from the day on which their arm and another one first differ for them
2. whoever leaves the experiment stays in the sums up to that day, and does not add to them
3. an arm that was stopped is counted up to its stop
4. everything is a whole number, so that blocks may be added up in any order
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.simulation.agreeing import Flags
from feed.experiments.metrics import METRICS, WITHDREW
from feed.experiments.plan import Experiment
from feed.experiments.tallies import ArmTally, Moments

Whole = NDArray[np.int64]
NO_ARM: Final = -1
_COUNTED_AS: Final[Mapping[str, str]] = {
    "engaged": "engaged",
    "kept": "kept",
    "shown": "shown",
    "visits": "visits",
    "hidden": "hidden",
    "fewer": "fewer",
    "reported": "reported",
    "surprised": "surprised",
    "knew-why": "knew_why",
    "taken-for-ad": "taken_for_ad",
    "seconds-to-hide": "seconds",
}
"""Which count of a simulated person each metric is (engine/simulation/block)."""


@dataclass(slots=True, kw_only=True)
class Counts:
    """The sums of some people so far. Shapes: each (n,)."""

    arm: NDArray[np.int64]  #: place among the experiment's arms, NO_ARM for none (yet)
    before: Whole  #: visits in the days before the run
    exposed: Flags
    left: Flags
    done: dict[str, Whole]  #: by metric, since they were exposed
    _known: dict[str, Whole]

    @classmethod
    def begin(cls, before: Whole) -> "Counts":
        """Begin with nobody in any arm."""
        n = len(before)
        names = (*_COUNTED_AS, WITHDREW)
        return cls(
            arm=np.full(n, NO_ARM, np.int64),
            before=before,
            exposed=np.zeros(n, np.bool_),
            left=np.zeros(n, np.bool_),
            done={name: np.zeros(n, np.int64) for name in names},
            _known={name: np.zeros(n, np.int64) for name in names},
        )

    def add(
        self, counted: Mapping[str, Whole], withdrew: Flags, differs: Flags, running: Flags
    ) -> None:
        """Count one day. `counted` and `withdrew` are as of its end, since the run's begin.

        `running`: their arm has not been stopped.
        """
        self.exposed |= differs & (self.arm != NO_ARM) & ~self.left & running
        mine = self.exposed & ~self.left & running
        now = {name: counted[of] for name, of in _COUNTED_AS.items()}
        now[WITHDREW] = withdrew.astype(np.int64)
        for name, known in self._known.items():
            self.done[name] += (now[name] - known) * mine
            known[:] = now[name]

    def leave(self, who: Flags) -> None:
        """Let people leave the experiment: what they did so far stays counted."""
        self.left |= who & (self.arm != NO_ARM)

    def tally(self, experiment: Experiment) -> dict[str, ArmTally]:
        """Add everybody up, an arm each."""
        return {arm.id: self._arm(experiment, at) for at, arm in enumerate(experiment.arms)}

    def _arm(self, experiment: Experiment, place: int) -> ArmTally:
        mine = self.arm == place
        exposed = np.flatnonzero(mine & self.exposed)
        done = {name: did[exposed] for name, did in self.done.items()}
        before = self.before[exposed]
        return ArmTally(
            assigned=int(mine.sum()),
            exposed=len(exposed),
            withdrew=int(done[WITHDREW].sum()),
            left=int(self.left[exposed].sum()),
            metrics={name: _moments(name, done, before) for name in experiment.metrics},
        )


def joined(parts: Iterable[Mapping[str, ArmTally]]) -> dict[str, ArmTally]:
    """Add up the tallies of different people."""
    whole: dict[str, ArmTally] = {}
    for part in parts:
        for name, one in part.items():
            whole[name] = _sum(whole[name], one) if name in whole else one
    return whole


def _sum(one: ArmTally, other: ArmTally) -> ArmTally:
    return ArmTally(
        assigned=one.assigned + other.assigned,
        exposed=one.exposed + other.exposed,
        withdrew=one.withdrew + other.withdrew,
        left=one.left + other.left,
        metrics={name: sums + other.metrics[name] for name, sums in one.metrics.items()},
    )


def _moments(name: str, done: Mapping[str, Whole], before: Whole) -> Moments:
    per = METRICS[name].per
    y = done[name]
    d = np.ones_like(y) if per == "person" else done["shown" if per == "shown" else "hidden"]
    x = before if name == "visits" else np.zeros_like(y)
    return Moments(
        n=len(y),
        any=int((y > 0).sum()),
        y=int(y.sum()), yy=int(y @ y),
        d=int(d.sum()), dd=int(d @ d), yd=int(y @ d),
        x=int(x.sum()), xx=int(x @ x), xy=int(x @ y),
    )  # fmt: skip
