# SPDX-License-Identifier: Apache-2.0
"""Time choosing an idea for very many people: `onlyou bench selection`.

The floor is what no drawing by lot can go without: one float32 matrix product of 32 columns for
all pairs, its softmax, one draw a person by the cumulated lottery, in two steps of 20 and 10, and
the chance of what was drawn; no mask, no second head, no even share, nothing exact. It is run in
the chunk that is quickest for it. The whole is eligibility by person, four heads, their value, the
lottery with its floor, draw, propensity, and value and heads of what was drawn.
Both run in turn, in one thread. Memory is a process's own, with all people's columns in it.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.conditions import Result, report, timed
from consent import policies
from consent.words import DAY, Micros
from feed import choices, draws, model, ranking, scenarios
from feed.choices import Lottery, People
from feed.features import GRAIN, PERSON, SCENE, Act, History, Matrix

CHUNK = 2_000
COLUMNS = 32
SCENES = 200
EIGHTY_PERCENT = 0.8
NOW = Micros(20_700 * DAY)
MOST = 400
"""MiB that choosing for a million may take."""


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Choose for `users` people among 200 scenes, and with their records for a tenth of them."""
    count = users or (4_000 if smoke else 1_000_000)
    with threadpool_limits(1, "blas"):
        results = [*beside(count), recorded(max(count // 10, 1))]
    return report(
        "selection",
        smoke=smoke,
        packages=("numpy", "scikit-learn", "pandas"),
        results=[*results, memory(count)],
    )


def beside(count: int, n: int = 5) -> tuple[Result, Result]:
    """Time the floor and the whole in turn, each `n` times after a first one."""
    z, people, x, known, lottery = (
        places(),
        crowd(count),
        bare_people(count),
        model.shipped(),
        terms(),
    )
    runs = [
        (once(lambda: bare(x, z)), once(lambda: choices.choose(known, z, people, lottery)))
        for _ in range(n + 1)
    ][1:]
    floor, whole = (sorted(took) for took in zip(*runs, strict=True))
    return (
        told(f"floor: matrix product, softmax, draw and its chance, {count} x {SCENES}", floor),
        told(
            f"choose for {count} people among {SCENES} ideas: eligibility, four heads, draw",
            whole,
            floor,
        ),
    )


def once(act: Callable[[], object]) -> float:
    """Return the milliseconds that one run takes."""
    start = perf_counter()
    act()
    return (perf_counter() - start) * 1_000


def told(what: str, took: Sequence[float], floor: Sequence[float] = ()) -> Result:
    """Report a median, and its ratio to the floor's."""
    value, least = statistics.median(took), statistics.median(floor) if floor else None
    return {
        "what": what,
        "value": round(value, 1),
        "unit": "ms",
        "floor": None if least is None else round(least, 1),
        "ratio": None if least is None else round(value / least, 2),
        "n": len(took),
        "spread": round(max(took) - min(took), 1),
    }


# --- columns


def places() -> Matrix:
    """Make scenes: 200 of whole features."""
    return np.random.default_rng(4).integers(0, 2, (SCENES, len(SCENE))).astype(np.float64)


def crowd(count: int) -> People:
    """Make people of whole grains, each of whom may have four ideas in five, and no insert."""
    rng = np.random.default_rng(3)
    mask = rng.random((1_000, 1 + SCENES)) < EIGHTY_PERCENT
    mask[:, 0] = True
    return People(
        x=rng.integers(-GRAIN, GRAIN + 1, (count, len(PERSON)), np.int8),
        eligible=choices.pack(mask)[np.arange(count) % len(mask)],
        draw_keys=rng.integers(1, 2**63, count, np.uint64),
    )


def terms() -> Lottery:
    """Say what all draws have in common."""
    weights = policies.load("strict-opt-in").ranking
    return Lottery(weights=weights, run_key=draws.run_key(7), day=NOW // DAY)


# --- the floor


def bare_people(count: int) -> np.ndarray:
    """Make people of 32 columns."""
    return np.random.default_rng(5).standard_normal((count, COLUMNS), np.float32) / 8


def bare(x: np.ndarray, z: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Draw by lot for everybody, and nothing else."""
    ways = np.random.default_rng(6).standard_normal((COLUMNS, len(z)), np.float32)
    at = np.random.default_rng(7).random(len(x), np.float32)
    action, chance = np.empty(len(x), np.int32), np.empty(len(x), np.float32)
    for start in range(0, len(x), CHUNK):
        part = slice(start, start + CHUNK)
        action[part], chance[part] = drawn(x[part] @ ways, at[part])
    return action, chance


def drawn(logits: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw from softmax in two steps: one of twenty tens, then one of the ten."""
    logits -= logits.max(axis=1, keepdims=True)
    weights = np.exp(logits, out=logits)
    tens, rows = weights.reshape(len(weights), -1, 10), np.arange(len(weights))
    ladder = np.cumsum(tens.sum(axis=2), axis=1)
    target = at * ladder[:, -1]
    ten = (ladder <= target[:, np.newaxis]).sum(axis=1).clip(max=ladder.shape[1] - 1)
    mine = tens[rows, ten]
    rest = target - np.where(ten > 0, ladder[rows, ten - 1], 0)
    place = (np.cumsum(mine, axis=1) <= rest[:, np.newaxis]).sum(axis=1).clip(max=9)
    return ten * 10 + place, mine[rows, place] / ladder[:, -1]


# --- with a record for each


def recorded(count: int) -> Result:
    """Time choosing with a whole record a person, half of whom let their history be used."""
    catalogue, known, people = scenarios.shipped(), model.shipped(), candidates(count)
    common = ranking.Round(
        seed=7,
        now=NOW,
        policy=policies.load("strict-opt-in"),
        renders=frozenset(catalogue.by_id),
    )
    return timed(
        f"choose and write a record for {count} people among {len(catalogue.scenarios)} ideas",
        lambda: ranking.choose(known, catalogue, people, common),
        n=3,
    )


def candidates(count: int) -> tuple[ranking.Candidate, ...]:
    """Make people, every second one with ten likes behind them."""
    likes = tuple(Act(kind="like", scenario="aurora", at=NOW) for _ in range(10))
    history = History(acts=likes, shown=(NOW,), since=NOW)
    return tuple(
        ranking.Candidate(draw_key=n * 7919 + 1, history=history if n % 2 else None)
        for n in range(count)
    )


# --- memory


def memory(count: int) -> Result:
    """Choose in a process of its own and report the most that it held."""
    command = [sys.executable, "-m", "benchmarks.selection", str(count)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {
        "what": f"memory of a process that chooses for {count}, at most; the limit is {MOST}",
        "value": json.loads(told),
        "unit": "MiB",
        "floor": None,
        "ratio": None,
        "n": 1,
        "spread": 0,
    }


def highest() -> int:
    """Return the most MiB that this process held since it began; Linux tells.

    `getrusage` would also count what held it when it was forked.
    """
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (told,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(told.split()[1]) // 1024


if __name__ == "__main__":
    choices.choose(model.shipped(), places(), crowd(int(sys.argv[1])), terms())
    print(highest())
