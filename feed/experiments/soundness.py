# SPDX-License-Identifier: Apache-2.0
"""What is wrong with an experiment as it is written, each fault one sentence; none: it is sound.

Rules:
1. it compares at least two arms, people are split among them, and it ends
2. it measures what can be measured where it runs, its primary metric among it
3. an arm sets levers of the closed list, to values that they have, and on the feed no others
   than a feed has: another policy or the wording of a notice is tried in simulation only
4. turning portraits off is always a guardrail, and every guardrail can stop an arm: it counts
   people, there is a control, and the people that are needed are enough for its evidence
5. a ramp only ever widens, and lets somebody in
"""

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from consent import policies
from feed.experiments.assignment import HOLDOUT
from feed.experiments.metrics import METRICS, WITHDREW
from feed.experiments.plan import (
    LEVERS,
    NOTICES,
    RANKERS,
    SEGMENTS,
    SIMULATED,
    Arm,
    Experiment,
    Guardrail,
    Setting,
)
from feed.statistics import harm

MOST_DAYS: Final = 366
MOST_ARMS: Final = 8
MOST_PEOPLE: Final = 10_000_000
MOST_SHARE: Final = 1_000
MOST_SET: Final = 10_000
"""The largest number that a lever is set to."""
LINE: Final = 200
QUESTION: Final = 1_000
_SHORT: Final = 40
LOOSEST: Final = 0.5
LEAST_CONFIDENCE: Final = 0.5
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_WORDS: Final = {"ranker": RANKERS, "notice": NOTICES}
_LEAST: Final = {"first": 1, "gap": 0, "per_day": 1, "per_week": 1, "cooldown_hours": 0}


def faults(experiment: Experiment) -> tuple[str, ...]:
    """List what is wrong with it, in the order in which a file is written."""
    parts = (_head, _size, _measured, _arms, _guarded, _ramped)
    return tuple(sentence for part in parts for sentence in part(experiment))


def _head(it: Experiment) -> Iterator[str]:
    for what, name in (("id", it.id), ("namespace", it.namespace)):
        if not _NAME.fullmatch(name):
            yield f"{what} is small letters, digits and dashes, at most 64, got {name!r}"
    for what, words, most in (("title", it.title, LINE), ("question", it.question, QUESTION)):
        if not words.strip():
            yield f"{what} is empty"
        elif not _line(words, most):
            yield f"{what} is a line of at most {most} characters"
    if it.policy not in policies.names():
        yield f"no policy {it.policy!r}; shipped are {', '.join(policies.names())}"


def _size(it: Experiment) -> Iterator[str]:
    low, high = it.segments
    if not 0 <= low < high <= SEGMENTS:
        yield f"segments go from 0 up to {SEGMENTS} and hold somebody, got {low} to {high}"
    if not 1 <= it.days <= MOST_DAYS:
        yield f"days must be 1 to {MOST_DAYS}, got {it.days}"
    if not 1 <= it.needed <= MOST_PEOPLE:
        yield f"needed must be 1 to {MOST_PEOPLE}, got {_digits(it.needed)}"
    if not LEAST_CONFIDENCE <= it.confidence < 1:
        yield f"confidence must be {LEAST_CONFIDENCE} to below 1, got {it.confidence}"
    rising = it.looks == tuple(sorted(set(it.looks)))
    if it.looks and not (rising and it.looks[0] >= 1 and it.looks[-1] == it.days):
        yield f"looks are days that rise to the last one, {it.days}, got {list(it.looks)}"


def _measured(it: Experiment) -> Iterator[str]:
    if len(set(it.metrics)) < len(it.metrics):
        yield "metrics names one twice"
    for name in dict.fromkeys(it.metrics):
        if name not in METRICS:
            yield f"unknown metric {name!r}; known are {', '.join(METRICS)}"
        elif it.where == "feed" and not METRICS[name].on_feed:
            yield f"metric {name!r} is measured in simulation only"
    if it.primary not in it.metrics:
        yield f"the primary metric {it.primary!r} is not among the metrics"


def _arms(it: Experiment) -> Iterator[str]:
    if not 2 <= len(it.arms) <= MOST_ARMS:  # noqa: PLR2004 - a comparison has two sides
        yield f"an experiment has 2 to {MOST_ARMS} arms, got {len(it.arms)}"
    names = [arm.id for arm in it.arms]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"two arms are called {name!r}"
    for arm in it.arms:
        yield from _arm(arm, it)


def _arm(arm: Arm, it: Experiment) -> Iterator[str]:
    if not _NAME.fullmatch(arm.id) or arm.id == HOLDOUT:
        yield f"an arm's id is small letters, digits and dashes, not {HOLDOUT!r}, got {arm.id!r}"
    if not arm.title.strip() or not _line(arm.title, LINE):
        yield f"arm {arm.id!r} has no title of one line"
    if not 1 <= arm.share <= MOST_SHARE:
        yield f"arm {arm.id!r} has a share of {_digits(arm.share)}; it is 1 to {MOST_SHARE}"
    for name, value in arm.levers.items():
        if name not in LEVERS:
            yield f"arm {arm.id!r} sets {name!r}; an arm can set {', '.join(LEVERS)}"
        elif it.where == "feed" and name in SIMULATED:
            yield f"arm {arm.id!r} sets {name!r}, which can be tried in simulation only"
        elif why := _misset(name, value):
            yield f"arm {arm.id!r}: {why}"


def _misset(name: str, value: Setting) -> str | None:
    if name in _LEAST:
        fits = type(value) is int and _LEAST[name] <= value <= MOST_SET
        bounds = f"from {_LEAST[name]} up to {MOST_SET}"
        return None if fits else f"{name} is a number {bounds}, got {_digits(value)}"
    if name == "preview":
        return None if isinstance(value, bool) else f"preview is true or false, got {value!r}"
    known = policies.names() if name == "policy" else _WORDS.get(name)
    if known is not None:
        return None if value in known else f"{name} is one of {', '.join(known)}, got {value!r}"
    fits = isinstance(value, str) and bool(value.strip()) and _line(value, LINE)
    return None if fits else f"{name} is words, got {_digits(value)}"


def _line(words: str, most: int) -> bool:
    """Say whether words fit where they are shown: in a table, a title, a terminal."""
    return len(words) <= most and words.isprintable()


def _digits(value: Setting) -> str:
    """Write a value out as far as a sentence has room for it."""
    long = abs(value) >= 10**_SHORT if isinstance(value, int) else len(value) > _SHORT
    return "what is too long to repeat" if long else repr(value)


def _guarded(it: Experiment) -> Iterator[str]:
    names = [one.metric for one in it.guardrails]
    if WITHDREW not in names:
        yield f"no guardrail for {WITHDREW!r}: turning portraits off must be able to stop an arm"
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"two guardrails are for {name!r}"
    for one in it.guardrails:
        if why := _unstoppable(one, it):
            yield f"guardrail {one.metric!r} could never stop an arm soundly: {why}"


def _unstoppable(one: Guardrail, it: Experiment) -> str | None:
    if one.metric not in METRICS:
        return "there is no such metric"
    if not METRICS[one.metric].guards:
        return "it does not count people to whom something happened"
    if one.metric not in it.metrics:
        return "it is not among the metrics"
    if not 0 < one.level <= LOOSEST:
        return f"its level must be above 0 and at most {LOOSEST}, got {one.level}"
    if any(_most_evidence(arm, it) < math.log(one.threshold) for arm in it.arms[1:]):
        return f"with {it.needed} people an arm its evidence never reaches {one.threshold:.4g}"
    return None


def _most_evidence(arm: Arm, it: Experiment) -> float:
    """Return log E where it happened to all who are needed in an arm, and to no control."""
    here, there = (min(max(one.share, 1), MOST_SHARE) for one in (arm, it.control))
    people = min(it.needed, MOST_PEOPLE)
    return float(harm.log_process([people], [people], [here / (here + there)])[-1])


def _ramped(it: Experiment) -> Iterator[str]:
    if not it.ramp or it.ramp[0].day != 1:
        yield "the ramp begins on day 1"
    for step in it.ramp:
        if not 1 <= step.day <= it.days or not 0 <= step.percent <= 100:  # noqa: PLR2004 - percent
            yield f"a step of the ramp is out of bounds: day {step.day}, {step.percent} percent"
    for before, after in pairwise(it.ramp):
        if after.day <= before.day or after.percent < before.percent:
            yield f"the ramp only widens, day by day; day {after.day} does not"
    if it.ramp and it.ramp[-1].percent <= 0:
        yield "the ramp never lets anybody in"
