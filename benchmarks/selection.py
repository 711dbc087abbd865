# SPDX-License-Identifier: Apache-2.0
"""Time choosing an idea for many people: `onlyou bench selection`.

The floor is what no choice can go without: one head's matrix product for all pairs, in the same
chunks. The rest is four heads, their value, the lottery, the draw and a record a person.
"""

import resource
from typing import Any

import numpy as np

from benchmarks.conditions import report, timed
from consent import policies
from consent.words import DAY, Micros
from feed import model, ranking, scenarios
from feed.features import PERSON, Act, History, scenes

CHUNK = 2_000
NOW = Micros(20_700 * DAY)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Choose for `users` people, half of whom let their history be used."""
    count = users or (2_000 if smoke else 100_000)
    catalogue, known = scenarios.shipped(), model.shipped()
    people = candidates(count)
    terms = ranking.Round(
        seed=7,
        now=NOW,
        policy=policies.load("strict-opt-in"),
        renders=frozenset(catalogue.by_id),
    )
    x, z = np.zeros((CHUNK, len(PERSON))), scenes(catalogue.scenarios)
    head = known.heads["engage"]
    floor = timed(
        f"floor: one head's matrix product, {count} x {len(z)}",
        lambda: [head.logits(x, z) for _ in range(0, count, CHUNK)],
        n=3,
    )
    whole = timed(
        f"choose for {count} people among {len(z)} ideas",
        lambda: ranking.choose(known, catalogue, people, terms, chunk=CHUNK),
        n=3,
        floor=floor["value"],
    )
    return report(
        "selection",
        smoke=smoke,
        packages=("numpy", "scikit-learn", "pandas"),
        results=[floor, whole, memory()],
    )


def candidates(count: int) -> tuple[ranking.Candidate, ...]:
    """Make people, every second one with ten likes behind them."""
    likes = tuple(Act(kind="like", scenario="aurora", at=NOW) for _ in range(10))
    history = History(acts=likes, shown=(NOW,), since=NOW)
    return tuple(
        ranking.Candidate(draw_key=n * 7919 + 1, history=history if n % 2 else None)
        for n in range(count)
    )


def memory() -> dict[str, Any]:
    """Report the process's peak memory; it holds every record of the last run."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"what": "peak memory", "value": peak, "unit": "MiB", "n": 1}
