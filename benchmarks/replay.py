# SPDX-License-Identifier: Apache-2.0
"""Time the replay of synthetic histories: `onlyou bench replay`.

Figures are decisions a second, median of n. `taking columns` is what a replay adds to the one pass
of the verifier; the others start from columns, that is after verification. The floor does in NumPy
what no replay can go without: one as-of join of every decision with the changes of its person and
purpose, and one predicate of ten conditions over its facts. `peak memory` is of the whole process,
Python and libraries included; its floor is the bytes of the columns alone.
"""

import json
import resource
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial
from time import perf_counter
from typing import Any, Final

import numpy as np

from benchmarks.conditions import Result, report
from consent import policies
from consent.policy import Facts, decide
from consent.replay.recorded import Recorded, Told
from consent.replay.recorder import Recorder
from consent.replay.run import Mode, replay
from consent.verify import Changed, Decided, Done
from consent.words import DAY, HOUR, Kind, Purpose, Step

NOON: Final = 1_780_000_000_000_000
RECORDED: Final = "instagram-2025"
TARGETS: Final = ("strict-opt-in", "snapchat-2024", "lensa-2022")
LIFE: Final = (Step.SELECT, Step.READ, Step.GENERATE, Step.STORE, Step.INSERT)
PORTRAITS: Final = 3
EACH: Final = 1 + PORTRAITS * len(LIFE)
"""Decisions of one person: a selfie, and three portraits in two days."""
SIZES: Final = (100_000, 1_000_000)
MEGABYTE: Final = 1_000_000


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure both sizes; `users` sets one size by its people."""
    sizes = (2_000,) if smoke else SIZES
    sizes = sizes if users is None else (users * EACH,)
    results = [row for size in sizes for row in measured(size, 3)]
    return report("replay", smoke=smoke, packages=("numpy",), results=results)


def measured(size: int, n: int) -> Iterator[Result]:
    """Time one size: the floor, the columns, each policy both ways, and the memory."""
    recorded, building = written(size)
    count = len(recorded)
    floor = rate(f"floor: as-of join and predicate, {count} decisions", bare(recorded), count, n)
    yield floor
    yield told("taking columns", count / building, floor["value"], count)
    for name in TARGETS:
        for mode in ("pointwise", "closed-loop"):
            act = replaying(recorded, name, mode)
            yield rate(f"{mode} under {name}, {count} decisions", act, count, n, floor["value"])
    columns = [getattr(recorded, f.name) for f in fields(recorded)]
    bytes_of = sum(one.nbytes for one in columns if isinstance(one, np.ndarray))
    yield {
        "what": f"peak memory, {count} decisions",
        "value": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / MEGABYTE),
        "unit": "MB",
        "floor": round(bytes_of / MEGABYTE, 1),
        "ratio": None,
        "n": 1,
        "spread": 0,
    }


def rate(
    what: str, act: Callable[[], object], count: int, n: int, floor: float | None = None
) -> Result:
    """Run `act` once to warm up, then n times; report the median of decisions a second."""
    act()
    rates = sorted(count / took(act) for _ in range(n))
    return told(what, statistics.median(rates), floor, n, round(rates[-1] - rates[0]))


def told(what: str, value: float, floor: float | None, n: int, spread: int = 0) -> Result:
    """Write one figure beside its floor."""
    return {
        "what": what,
        "value": round(value),
        "unit": "decisions/s",
        "floor": floor,
        "ratio": None if floor is None else round(value / floor, 2),
        "n": n,
        "spread": spread,
    }


def took(act: Callable[[], object]) -> float:
    """Return the seconds that one run takes."""
    start = perf_counter()
    act()
    return perf_counter() - start


def replaying(recorded: Recorded, name: str, mode: Mode) -> Callable[[], object]:
    """Return a replay under a shipped policy."""
    target = policies.load(name)
    return lambda: replay(recorded, target, mode)


def bare(recorded: Recorded) -> Callable[[], object]:
    """Return the least that a replay of these decisions must do."""
    changes = recorded.changes
    of_changes = np.sort((changes.tag.astype(np.int64) << 32) | changes.seq)
    facts = {f.name: getattr(recorded.vectors, f.name) for f in fields(recorded.vectors)}
    given = {name: col[recorded.facts] for name, col in facts.items() if name != "regions"}

    def act() -> object:
        asked = (recorded.tag.astype(np.int64) << 32) | recorded.seq
        held = np.searchsorted(of_changes, asked)
        wrong = [given["kind"] == kind for kind in (1, 2, 3)]
        wrong += [given["expired"], ~given["notice_current"], given["age_band"] == 2]
        wrong += [given["region"] == 1, ~given["preview"], given["used_day"] >= 1]
        wrong += [given["used_week"] >= 3]
        return held, np.select(wrong, [np.uint8(i) for i in range(1, 11)], np.uint8(0))

    return act


# --- a synthetic history


def written(size: int) -> tuple[Recorded, float]:
    """Write about `size` decisions as columns; return them and the seconds that taking them took.

    What a verifier would tell is made beforehand, person by person, and not part of the time.
    """
    policy = policies.load(RECORDED)
    recorder, seq, seconds = Recorder(), 0, 0.0
    for person in range(max(1, size // EACH)):
        events = list(life(person, seq, policy.sha256))
        seq = events[-1].seq + 1
        seconds += took(partial(taken, recorder, events))
    head = Told(origin="onlyou.example/bench", size=seq, root="00" * 32, served=0, erased=0)
    return recorder.columns(head, {policy.sha256: policy.text}), seconds


def taken(recorder: Recorder, events: Sequence[Decided | Done | Changed]) -> None:
    """Take what a verifier tells."""
    for event in events:
        match event:
            case Decided():
                recorder.decision(event)
            case Done():
                recorder.effect(event)
            case Changed():
                recorder.change(event)


def life(person: int, first: int, policy: str) -> Iterator[Decided | Done | Changed]:
    """Tell one person's entries from seq `first` on; every third only used the edit tool."""
    kind = (Kind.EXPLICIT, Kind.EXPLICIT, Kind.IMPLIED)[person % 3]
    tag, at, seq = f"tag {person}", NOON + person, first
    plain = Facts(kind=kind, preview=person % 4 > 0, age_band="adult")
    yield Changed(seq, at, "grant", tag, "feed_insert", kind, at + 365 * DAY)
    asks = [(Step.ENROL, Purpose.LIKENESS, f"selfie {person}", plain)]
    for portrait in range(PORTRAITS):
        used = replace(plain, used_day=min(portrait, 2), used_week=portrait)
        asks += [
            (step, Purpose.FEED_INSERT, f"{person} {portrait}", used if step in _CAPPED else plain)
            for step in LIFE
        ]
    for number, (step, purpose, thing, facts) in enumerate(asks):
        seq, when = seq + 1, at + number * 3 * HOUR
        verdict = decide(_RULING, step, purpose, facts)
        reason = getattr(verdict, "reason", None)
        asked = (step, purpose, tag, policy, None if reason is None else str(reason))
        yield Decided(seq, None, when, *asked, thing, _opening(facts), f"r {thing}", kind)
        if reason is None:
            seq += 1
            yield Done(seq, when, (seq - 1, None), tag, step, thing, f"r {thing}")


_CAPPED: Final = frozenset({Step.SELECT, Step.INSERT})
_RULING: Final = policies.load(RECORDED)
_KNOWN: Final[dict[Facts, dict[str, Any]]] = {}


def _opening(facts: Facts) -> dict[str, Any]:
    return _KNOWN.setdefault(facts, facts.opening())


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
