# SPDX-License-Identifier: Apache-2.0
"""Sum judged portraits up: by scenario, by person, by skin type, and all together.

Rules:
1. People are what was sampled, not portraits: every interval resamples people (bootstrap, 95 %).
2. n is printed beside every figure; with ten of ten right the interval of the bootstrap is empty,
   so the exact bound stands beside it.
3. A portrait that shows no or several faces counts against identity; it is not left out.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.conditions import Result
from benchmarks.drift import Shape
from benchmarks.judging import Judged

RESAMPLES = 10_000
SEED = 20_261_122
#: two-sided 95 %
EDGES = (2.5, 97.5)

_NOTHING = 0.01  # a floor below this is no measure to divide by

Measure = Callable[[Judged], float]


def bounds() -> Mapping[str, Mapping[str, float]]:
    """Read what portraits are held to."""
    text = (files("data") / "quality.toml").read_text("utf-8")
    return {key: value for key, value in tomllib.loads(text).items() if isinstance(value, dict)}


def interval(people: Sequence[float]) -> tuple[float, float]:
    """Give the 95 % interval of a mean over people, by resampling them."""
    values, chance = np.asarray(people), np.random.default_rng(SEED)
    drawn = chance.choice(values, size=(RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, EDGES)
    return float(low), float(high)


def at_least(n: int) -> float:
    """Say which share is proven (95 %, one-sided, exact) when n of n people were right."""
    return float(0.05 ** (1 / n))


def rank1(one: Judged) -> float:
    """Tell whether the own selfie is the nearest of all selfies."""
    return float(one.own is not None and one.other is not None and one.own < one.other)


def rank1_cohort(one: Judged) -> float:
    """Tell whether the own selfie is nearer than any photograph of anybody else."""
    return float(one.own is not None and one.cohort is not None and one.own < one.cohort)


def rank1_second(one: Judged) -> float:
    """Tell the same by the second model's cosines."""
    known = one.second_own is not None and one.second_other is not None
    return float(known and one.second_own > one.second_other)  # type: ignore[operator]


def second_asked(judged: Sequence[Judged]) -> bool:
    """Tell whether there was a second model to ask."""
    return any(one.second_own is not None for one in judged)


def one_face(one: Judged) -> float:
    """Tell whether a portrait shows exactly one face."""
    return float(one.faces == 1)


def passed(one: Judged) -> float:
    """Tell whether the gates let it leave."""
    return float(one.gate == "passed")


def line(
    what: str, measure: Measure, judged: Sequence[Judged], *, unit: str, floor: float | None = None
) -> Result:
    """Put a measure over all portraits into the shape of a benchmark's result.

    `low` and `high` are the interval by person, `n` the people, `portraits` what they sat for.
    """
    scale = 100 if unit == "%" else 1
    people = [scale * fmean(map(measure, group)) for group in by(judged, "person").values()]
    low, high = interval(people)
    value = fmean(people)
    return {
        "what": what,
        "value": round(value, 3),
        "unit": unit,
        "floor": None if floor is None else round(scale * floor, 3),
        "ratio": round(value / (scale * floor), 2) if floor and floor > _NOTHING else None,
        "n": len(people),
        "spread": round(high - low, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        "portraits": len(judged),
    }


def over(judged: Sequence[Judged], held: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Name every bound of skin and shape that is broken, with what broke it."""
    seen = [one for one in judged if one.skin is not None and one.shape is not None]
    found: list[str] = []
    for key in ("scenario", "type"):
        for word, group in by(seen, key).items():
            found += _broken(f"{key} {word}", {w: means(group)[w] for w in held[key]}, held[key])
    for one in seen:
        alone = means([one])
        found += _broken(f"{one.scenario} of {one.person}", alone, held["portrait"])
    return found


def means(group: Sequence[Judged]) -> Mapping[str, float]:
    """Average what has a bound; what could not be measured is left out of its average."""
    skins = [one.skin for one in group if one.skin is not None]
    shapes = [one.shape for one in group if one.shape is not None]
    return {
        "ab": fmean(skin.ab for skin in skins),
        "lightness": fmean(skin.lightness for skin in skins),
        "aspect": _mean([aspect(shape) for shape in shapes]),
        "cheeks": _mean([shape.cheeks for shape in shapes]),
    }


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return fmean(known) if known else 0.0


def _broken(what: str, measured: Mapping[str, float], held: Mapping[str, float]) -> Iterator[str]:
    for word, bound in held.items():
        if abs(measured[word]) > bound:
            yield f"{what}: {word} {measured[word]:.1f}, at most {bound:g}"


def by(judged: Iterable[Judged], key: str) -> Mapping[str, Sequence[Judged]]:
    """Put portraits into groups by one of their words, in order."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(getattr(one, key), []).append(one)
    return dict(sorted(groups.items()))


def table(judged: Sequence[Judged], key: str) -> Sequence[Mapping[str, Any]]:
    """Sum each group up in one row."""
    return [{key: word, **row(group)} for word, group in by(judged, key).items()]


def row(group: Sequence[Judged]) -> Mapping[str, Any]:
    """Sum one group up. Errors: ValueError when none of its portraits shows exactly one face."""
    skins = [one.skin for one in group if one.skin is not None]
    shapes = [one.shape for one in group if one.shape is not None]
    own = [one.own for one in group if one.own is not None]
    margins = [one.cohort - one.own for one in group if one.own is not None and one.cohort]
    return {
        "portraits": len(group),
        "people": len({one.person for one in group}),
        "one_face": fmean(map(one_face, group)),
        "rank1": fmean(map(rank1, group)),
        "rank1_cohort": fmean(map(rank1_cohort, group)),
        "rank1_second": fmean(map(rank1_second, group)) if second_asked(group) else None,
        "passed": fmean(map(passed, group)),
        "own": _two(own),
        "margin_least": round(min(margins), 3),
        "ab": _two([skin.ab for skin in skins]),
        "lightness": _two([skin.lightness for skin in skins], signed=True),
        "red": round(fmean(skin.red for skin in skins), 2),
        "yellow": round(fmean(skin.yellow for skin in skins), 2),
        "aspect": _two([a for s in shapes if (a := aspect(s)) is not None], signed=True),
        "cheeks": _two([s.cheeks for s in shapes if s.cheeks is not None], signed=True),
        "nose": _two([s.nose for s in shapes], signed=True),
        "shape_measured": sum(s.cheeks is not None for s in shapes),
        "nsfw": _two([one.nsfw for one in group]),
        "sharpness": round(fmean(one.sharpness or 0 for one in group)),
    }


def aspect(shape: Shape) -> float | None:
    """Say how much wider for its length a face became, in percent: slimming is negative.

    The distance of the eyes, which jitters with the landmarks, cancels out.
    """
    if shape.width is None or shape.length is None:
        return None
    return 100 * ((100 + shape.width) / (100 + shape.length) - 1)


def _two(values: Sequence[float], *, signed: bool = False) -> Sequence[float] | None:
    """Give mean and worst; the worst of a signed one is the farthest from 0."""
    if not values:
        return None
    worst = max(values, key=abs) if signed else max(values)
    return [round(fmean(values), 3), round(worst, 3)]
