# SPDX-License-Identifier: Apache-2.0
"""All of a run that a report needs: the plan, its days, its stops, and what else was measured.

A run on the feed is read from the database or from an exported bundle, one on a simulated
population from the folder it was written to; what reads it cannot tell them apart.
"""

from dataclasses import dataclass
from typing import Final

from consent.words import Micros
from feed.experiments.plan import Experiment
from feed.experiments.tallies import Tally

BY_HAND: Final = "by hand"
CEILING: Final = "ceiling"
SPLIT: Final = "split"
RESTORED: Final = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """An arm that was ended, or the whole experiment (`arm` None), and why."""

    arm: str | None
    day: int
    at: Micros
    why: str  #: a guardrail's metric, CEILING, SPLIT, RESTORED or BY_HAND
    value: float  #: the e-value, the permille or the p that did it; 0 by hand or by a restore
    seq: int | None = None  #: its entry in the ledger, where there is one
    by: str | None = None  #: who, where it was by hand
    lifted_day: int | None = None  #: when somebody let it run again, and who
    lifted_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Some who were at the stage before and did not get to this one, and why."""

    why: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the funnel: how many got here, and what became of those who did not.

    With `people`, what was lost on the way adds up to the people of the stage before.
    """

    title: str
    people: int
    lost: tuple[Loss, ...] = ()  #: between the stage before and this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One row of a reliability table: foretold and observed share among `n` predictions."""

    n: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How well one head of one model foretold. `ece` and `brier` as in feed/calibration."""

    head: str
    model_sha256: str
    n: int
    ece: float
    brier: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """The primary effect with one assumption at its low and at its high end."""

    coefficient: str
    arm: str
    low_value: float
    high_value: float
    low_effect: float
    high_effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OffPolicy:
    """What a ranker would have been worth, by logs of another one; None where unsupported."""

    target: str
    estimator: str
    value: float | None
    low: float | None
    high: float | None
    ess: float
    largest_weight: float
    unsupported: float  #: share of the target's mass on what the log could not have chosen
    truth: float | None = None  #: where it was simulated
    outcome: str = "value"  #: what was valued: a head, or the policy's value of all of them
    decisions: int = 0  #: that were drawn by lot and could be weighed
    people: int = 0
    why: str | None = None  #: there is no value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one policy would come to if nothing stopped it, for the same simulated people.

    Units: `people`, `reached` and `withdrew` are people; all from `shown` on are portraits.
    """

    policy: str
    people: int
    days: int
    reached: int  #: were shown one at least
    withdrew: int
    visits: int
    shown: int
    engaged: int
    hidden: int
    fewer: int
    reported: int
    surprised: int
    knew_why: int
    taken_for_ad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run of one experiment."""

    experiment: Experiment
    started_at: Micros
    days: tuple[Tally, ...]
    stops: tuple[Stop, ...] = ()
    funnel: tuple[Stage, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    sensitivity: tuple[Swing, ...] = ()
    off_policy: tuple[OffPolicy, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    people: int = 0  #: in the service, agreed or not
    seed: int | None = None  #: of a simulated run
