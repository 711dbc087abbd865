# SPDX-License-Identifier: Apache-2.0
"""A run to look at: people drawn with a seed and counted up, so that its figures add up."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from consent.words import DAY, Micros
from engine.experiments.records import FILE, FOLDER
from feed.experiments import records
from feed.experiments.analysis import harm_stops
from feed.experiments.plan import Arm, Experiment, Guardrail, Ramp
from feed.experiments.record import (
    Bin,
    Loss,
    OffPolicy,
    Record,
    Reliability,
    Stage,
    Stop,
    Swing,
)
from feed.experiments.tallies import ArmTally, Moments, Tally

Ints = NDArray[np.int64]
DAYS = 30
START = Micros(20_390 * DAY)
PLAN = "5e" * 32
RATES: Mapping[str, Mapping[str, float]] = {
    "control": {"withdrew": 0.0020, "engaged": 0.22, "hidden": 0.048, "fewer": 0.021},
    "wider": {"withdrew": 0.0012, "engaged": 0.235, "hidden": 0.038, "fewer": 0.014},
    "closer": {"withdrew": 0.0042, "engaged": 0.205, "hidden": 0.071, "fewer": 0.023},
}
MORE = {"reported": 0.0008, "surprised": 0.09, "knew-why": 0.61, "taken-for-ad": 0.03}
SHOWN = {"control": 0.20, "wider": 0.16, "closer": 0.26}
COMES = 0.4


def plan(**changed: Any) -> Experiment:
    """Write the experiment of the page that was drawn first: three gaps."""
    metrics = ("kept", "engaged", "shown", "withdrew", "hidden", "fewer", "reported")
    made = Experiment(
        id="gap",
        title="How far apart should portraits be?",
        question="Does a wider gap keep more of them, and does a smaller one drive people away?",
        where="simulation",
        policy="strict-opt-in",
        namespace="page",
        segments=(0, 300),
        days=DAYS,
        needed=500,
        primary="kept",
        metrics=(*metrics, "surprised", "knew-why", "taken-for-ad", "seconds-to-hide"),
        arms=(
            Arm(id="control", title="Gap of 6"),
            Arm(id="wider", title="Gap of 10", levers={"gap": 10}),
            Arm(id="closer", title="Gap of 4", levers={"gap": 4}),
        ),
        guardrails=(
            Guardrail(metric="withdrew", level=0.05),
            Guardrail(metric="fewer", level=0.05),
        ),
        ramp=(Ramp(day=1, percent=50), Ramp(day=4, percent=100)),
    )
    return replace(made, **changed)


def _moments(y: Ints, d: Ints) -> Moments:
    return Moments(
        n=len(y),
        any=int((y > 0).sum()),
        y=int(y.sum()),
        yy=int((y * y).sum()),
        d=int(d.sum()),
        dd=int((d * d).sum()),
        yd=int((y * d).sum()),
    )


def _arm(arm: str, people: int, seed: int) -> list[ArmTally]:
    """Draw an arm's people day by day; who turned portraits off sees none any more."""
    rng, rates = np.random.default_rng(seed), RATES[arm]
    came = rng.integers(0, DAYS // 2, people)
    per_shown = {**{k: v for k, v in rates.items() if k != "withdrew"}, **MORE}
    sums = {
        name: np.zeros(people, np.int64)
        for name in (*per_shown, "kept", "shown", "seconds", "before")
    }
    gone, inside = np.zeros(people, bool), np.zeros(people, bool)
    days = []
    for day in range(DAYS):
        here = (came <= day) & (rng.random(people) < COMES)
        inside |= here
        shown = here & ~gone & (rng.random(people) < SHOWN[arm] / COMES)
        sums["shown"] += shown
        for name, rate in per_shown.items():
            sums[name] += shown & (rng.random(people) < rate)
        sums["kept"] = sums["shown"] - sums["hidden"] - sums["reported"]
        gone |= inside & (rng.random(people) < rates["withdrew"])
        metrics = {
            name: _moments(sums[name][inside], sums["shown"][inside])
            for name in (*per_shown, "kept")
        }
        one = np.ones(int(inside.sum()), np.int64)
        metrics["shown"] = _moments(sums["shown"][inside], one)
        metrics["withdrew"] = _moments((gone & inside)[inside].astype(np.int64), one)
        took = rng.integers(4, 15, people)
        sums["seconds"] += (sums["hidden"] - sums["before"]) * took
        sums["before"] = sums["hidden"].copy()
        metrics["seconds-to-hide"] = _moments(sums["seconds"][inside], sums["hidden"][inside])
        days.append(
            ArmTally(
                assigned=int((came <= day).sum()),
                exposed=int(inside.sum()),
                withdrew=int((gone & inside).sum()),
                left=int(inside.sum()) // 60,
                metrics=metrics,
            )
        )
    return days


def funnel(exposed: int) -> tuple[Stage, ...]:
    """Lay a funnel out that ends in who was shown one."""
    return (
        Stage(title="In the service", people=40_000),
        Stage(
            title="Agreed to experiments",
            people=24_960,
            lost=(Loss(why="never asked", people=9_012), Loss(why="said no", people=6_028)),
        ),
        Stage(
            title="Agreed to portraits in the feed",
            people=exposed + 1_103,
            lost=(
                Loss(why="not asked yet", people=24_960 - exposed - 1_103 - 612 - 351),
                Loss(why="not now", people=612),
                Loss(why="never", people=351),
            ),
        ),
        Stage(
            title="Shown at least one",
            people=exposed,
            lost=(Loss(why="did not come by", people=1_103),),
        ),
    )


def reliability() -> tuple[Reliability, ...]:
    """Foretell a little too high at the upper end."""
    heads = (("engage", 0.2), ("fewer", 0.02), ("report", 0.001), ("withdraw", 0.004))
    made = []
    for head, mean in heads:
        at = [mean * (0.3 + 0.2 * place) for place in range(8)]
        bins = tuple(
            Bin(n=4_000, predicted=p, observed=p * (1.05 - 0.02 * k)) for k, p in enumerate(at)
        )
        made.append(
            Reliability(
                head=head, model_sha256="ab" * 32, n=32_000, ece=0.004, brier=0.031, bins=bins
            )
        )
    return tuple(made)


def sensitivity() -> tuple[Swing, ...]:
    """Move the primary effect by some assumptions."""
    named = ("fatigue_decay", "fatigue_per_insert", "engage_base", "depth_mean", "trust_gain")
    named += ("hide_base", "surprise_implicit", "return_annoyance")
    return tuple(
        Swing(
            coefficient=name,
            arm="wider",
            low_value=0.5 + place / 10,
            high_value=1.5 + place / 10,
            low_effect=1.2 - (0.9 - 0.1 * place),
            high_effect=1.2 + (0.7 - 0.08 * place) * (-1 if place % 3 == 2 else 1),
        )
        for place, name in enumerate(named)
    )


def off_policy() -> tuple[OffPolicy, ...]:
    """Estimate one ranker, refuse another."""
    told = {"target": "best", "ess": 5_210.4, "largest_weight": 3.5, "unsupported": 0.0}
    known: dict[str, Any] = {**told, "truth": 0.2405}
    return (
        OffPolicy(estimator="IPS", value=0.241, low=0.228, high=0.254, **known),
        OffPolicy(estimator="DR", value=0.2402, low=0.231, high=0.2494, **known),
        OffPolicy(
            target="instagram-2025",
            estimator="DR",
            value=None,
            low=None,
            high=None,
            ess=411.0,
            largest_weight=88.2,
            unsupported=0.42,
            why="too much of what it would choose was never chosen",
        ),
    )


@cache
def record(people: int = 4_000) -> Record:
    """Draw the whole run."""
    arms = {one.id: _arm(one.id, people, seed) for seed, one in enumerate(plan().arms, 11)}
    days = tuple(
        Tally(experiment="gap", plan=PLAN, day=day + 1, arms={k: v[day] for k, v in arms.items()})
        for day in range(DAYS)
    )
    exposed = sum(one.exposed for one in days[-1].arms.values())
    return Record(
        experiment=plan(),
        started_at=START,
        days=days,
        funnel=funnel(exposed),
        reliability=reliability(),
        sensitivity=sensitivity(),
        off_policy=off_policy(),
        people=40_000,
        seed=7,
    )


@cache
def guarded() -> Record:
    """Look every day as the feed does, and end what the guardrails end."""
    run = record()
    for number in range(1, len(run.days) + 1):
        days = run.days[:number]
        found = harm_stops(run.experiment, days, run.stops, at=Micros(START + number * DAY))
        for stop in found:
            run = ended(run, stop)
    return run


def ended(run: Record, stop: Stop) -> Record:
    """End an arm on a day, or all of them: from then on its sums stand still."""
    day = stop.day
    whole = run.days[day - 1].arms
    held = dict(whole) if stop.arm is None else {stop.arm: whole[stop.arm]}
    days = [replace(one, arms={**one.arms, **held}) if one.day > day else one for one in run.days]
    return replace(run, days=tuple(days), stops=(*run.stops, stop))


def uneven() -> Record:
    """Lose a fifth of one arm before it was counted."""
    run = record()

    def without(day: Tally) -> Tally:
        one = day.arms["wider"]
        return replace(day, arms={**day.arms, "wider": replace(one, exposed=one.exposed * 4 // 5)})

    return replace(run, days=tuple(without(day) for day in run.days))


def kept(home: Path, name: str = "gap", record: Record | None = None) -> Path:
    """Leave a run where a simulation leaves one."""
    folder = home / FOLDER / name
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(records.write(record or guarded()))
    return folder
