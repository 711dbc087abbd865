# SPDX-License-Identifier: Apache-2.0
"""Runs made up of plain numbers, for tests of what is read out of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from consent.words import Micros
from feed.experiments.plan import Arm, Experiment, Guardrail
from feed.experiments.record import Record, Stop
from feed.experiments.tallies import ArmTally, Moments, Tally
from tests.feed.statistics import looks

AT = Micros(0)
PLAN = "0" * 64


def experiment(arms: Sequence[str | Arm] = ("as-is", "wider"), **given: object) -> Experiment:
    """Plan 30 days, turning portraits off its first guardrail; the first arm is the control."""
    settings: dict[str, object] = {
        "id": "gap",
        "title": "How far apart",
        "question": "Does a wider gap keep people?",
        "where": "simulation",
        "policy": "strict-opt-in",
        "namespace": "slots",
        "segments": (0, 1_000),
        "days": looks.DAYS,
        "needed": 5_000,
        "primary": "engaged",
        "metrics": ("engaged", "withdrew"),
        "arms": tuple(Arm(id=it, title=it) if isinstance(it, str) else it for it in arms),
        "guardrails": (Guardrail(metric="withdrew", level=0.05),),
    }
    return Experiment(**{**settings, **given})  # type: ignore[arg-type]


def coins(n: int, y: int) -> Moments:
    """Sum n people to y of whom it happened, once each."""
    return Moments(n=n, any=y, y=y, yy=y, d=n, dd=n, yd=y)


def arm(exposed: int, withdrew: int, left: int = 0, engaged: Moments | None = None) -> ArmTally:
    """Sum an arm, engaged once in ten times unless told."""
    metrics = {
        "withdrew": coins(exposed, withdrew),
        "engaged": engaged or coins(exposed, exposed // 10),
    }
    return ArmTally(
        assigned=exposed, exposed=exposed, withdrew=withdrew, left=left, metrics=metrics
    )


def tally(day: int, arms: Mapping[str, ArmTally]) -> Tally:
    """Put arms together to a day."""
    return Tally(experiment="gap", plan=PLAN, day=day, arms=arms)


def days(plan: Experiment, daily: Mapping[str, Sequence[int]], per_day: int = 500) -> list[Tally]:
    """Let so many people into each arm a day, of whom so many turn portraits off that day."""
    sums = {name: np.cumsum(events).tolist() for name, events in daily.items()}
    count = len(sums[plan.control.id])
    return [
        tally(day, {one.id: arm(per_day * day, sums[one.id][day - 1]) for one in plan.arms})
        for day in range(1, count + 1)
    ]


def record(plan: Experiment, tallies: Sequence[Tally], stops: Sequence[Stop] = ()) -> Record:
    """Tell a run of them."""
    return Record(experiment=plan, started_at=AT, days=tuple(tallies), stops=tuple(stops))


def stop(name: str | None, day: int, why: str = "withdrew", lifted: int | None = None) -> Stop:
    """Stop an arm, or all of it."""
    return Stop(arm=name, day=day, at=AT, why=why, value=20.0, lifted_day=lifted)
