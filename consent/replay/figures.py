# SPDX-License-Identifier: Apache-2.0
"""The figures of a replay: counts of decisions, and how far what cannot be opened could move them.

Every figure is an integer. `low` and `high` hold whatever the undisclosed facts were.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from consent.arrays import AGES, KINDS, VERDICTS, Flags, Numbers
from consent.replay.comparison import Comparison
from consent.replay.recorded import PURPOSES, STEPS
from consent.words import Reason, Step

Figure = dict[str, int]
_SIDES: Final = ("allow", "deny")
_CELLS: Final = ((True, True), (True, False), (False, True), (False, False))
_MADE: Final[Mapping[str, Step]] = {
    "selfie_reads": Step.READ,
    "portraits": Step.STORE,
    "inserts": Step.INSERT,
    "views": Step.VIEW,
    "shares": Step.SHARE,
}
_PART: Final = 1 << 20
"""Rows counted at once, so that memory is bounded."""
_OF_A_BASIS: Final = [VERDICTS.index(reason) for reason in Reason if reason is not Reason.CAP]


def table(found: Comparison) -> Figure:
    """Count allowed and denied, then and now, of the decisions whose facts are known."""
    known = found.recorded.known
    return {
        _cell(then, now): _sum((found.then == then) & (found.now == now) & known)
        for then, now in _CELLS
    }


def _cell(then: bool, now: bool) -> str:
    return f"{_SIDES[not then]}_{_SIDES[not now]}"


def bounds(found: Comparison) -> dict[str, Figure]:
    """Give the least and the most of every figure, all decisions counted."""
    sure = ~found.shaky
    cells = {
        _cell(then, now): _between(
            (found.then == then) & (found.now == now) & sure, (found.then == then) & found.shaky
        )
        for then, now in _CELLS
    }
    differ = (found.then != found.now) & sure
    return {
        **cells,
        "flips": _between(differ, found.shaky),
        "people_affected": _people_between(found, differ),
        **{name: _between(gone & sure, may) for name, gone, may in _effects(found)},
    }


def _between(certain: Flags, possible: Flags) -> Figure:
    low = _sum(certain)
    return {"low": low, "high": low + _sum(possible)}


def _people_between(found: Comparison, differ: Flags) -> Figure:
    return {
        "low": _people(found, differ),
        "high": _people(found, differ | found.shaky),
    }


def people_affected(found: Comparison) -> int:
    """Count the people of whom some decision would differ."""
    return _people(found, found.flips)


def _people(found: Comparison, those: Flags) -> int:
    return found.recorded.people(those)


# --- where verdicts flip, and why


def flips(found: Comparison) -> list[dict[str, Any]]:
    """Count the flips by step, purpose and the reason of the side that denies."""
    recorded, rows = found.recorded, np.flatnonzero(found.flips)
    columns = (recorded.step, recorded.purpose, recorded.verdict, found.verdict, found.unreached)
    told = [
        {
            "step": str(STEPS[step]),
            "purpose": str(PURPOSES[purpose]),
            "reason": VERDICTS[then or now],
            "count": count,
            "from": _SIDES[then != 0],
            "to": _SIDES[now != 0],
            "asked": not unreached,
        }
        for (step, purpose, then, now, unreached), count in _counted(columns, rows)
    ]
    return sorted(told, key=lambda one: -one["count"])


def reasons(found: Comparison) -> list[dict[str, Any]]:
    """Count every pair of verdicts, then and now."""
    rows = np.flatnonzero(found.recorded.known)
    pairs = _counted((found.recorded.verdict, found.verdict), rows)
    return [
        {"from": VERDICTS[then], "to": VERDICTS[now], "count": count}
        for (then, now), count in pairs
    ]


def _counted(
    columns: tuple[np.ndarray, ...], rows: Numbers
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Count equal rows over small columns, a part of the rows after the other."""
    totals: Counter[int] = Counter()
    for start in range(0, len(rows), _PART):
        part = rows[start : start + _PART]
        code = np.zeros(len(part), np.int64)
        for column in columns:
            code = code << 8 | column[part]
        values, counts = np.unique(code, return_counts=True)
        totals.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
    for value, count in sorted(totals.items()):
        places = reversed(range(len(columns)))
        yield tuple(value >> 8 * place & 255 for place in places), count


def flips_by(found: Comparison) -> dict[str, list[dict[str, Any]]]:
    """Count the flips by what is known of the people: kind of basis, age band, region."""
    vectors = found.recorded.vectors
    facts = found.recorded.facts[found.flips]
    times = np.bincount(facts, minlength=len(vectors))
    columns = (("kind", vectors.kind, KINDS), ("age_band", vectors.age_band, AGES))
    return {
        name: _by(name, column, words, times)
        for name, column, words in (*columns, ("region", vectors.region, vectors.regions))
    }


def _by(
    name: str, column: Numbers, words: tuple[str | None, ...], times: Numbers
) -> list[dict[str, Any]]:
    counts = np.bincount(column, weights=times, minlength=len(words)).astype(np.int64)
    told = zip(words, counts.tolist(), strict=True)
    return [{name: str(word or "unknown"), "count": count} for word, count in told if count]


def span(found: Comparison) -> dict[str, int | None]:
    """Name the first and the last entry whose verdict would differ."""
    seqs = found.recorded.seq[found.flips]
    if not len(seqs):
        return {"first_seq": None, "last_seq": None}
    return {"first_seq": int(seqs[0]), "last_seq": int(seqs[-1])}


# --- what would not have existed


def effects_gone(found: Comparison) -> Figure:
    """Count what was done and would not have been, by what it left."""
    known = found.recorded.known
    return {name: _sum(gone & known) for name, gone, _ in _effects(found)}


def _effects(found: Comparison) -> Iterator[tuple[str, Flags, Flags]]:
    done = found.recorded.spent & found.then
    for name, step in _MADE.items():
        mine = done & (found.recorded.step == STEPS.index(step))
        yield name, mine & ~found.now, mine & found.shaky


def reads_without_basis(found: Comparison) -> int:
    """Count the selfies that were read on what the other policy takes for no basis."""
    read = found.recorded.spent & (found.recorded.step == STEPS.index(Step.READ))
    return _sum(read & found.flips & np.isin(found.verdict, _OF_A_BASIS))


# --- rates and shares, each as a pair of counts


def denial_rate(found: Comparison) -> dict[str, Figure]:
    """Count the denials then and now, of the decisions whose facts are known."""
    known = found.recorded.known
    return {
        name: {"denied": _sum(~side & known), "of": _sum(known)}
        for name, side in (("recorded", found.then), ("target", found.now))
    }


def by_kind(found: Comparison) -> list[dict[str, Any]]:
    """Count decisions by the kind of basis they relied on, allowed then and now."""
    recorded = found.recorded
    held = recorded.basis.copy()
    kinds = recorded.vectors.kind.astype(np.uint8)
    held[recorded.known] = kinds[recorded.facts[recorded.known]]
    return [
        {
            "kind": str(kind or "none"),
            "decisions": count,
            "allowed": _sum(mine & found.then),
            "allowed_now": _sum(mine & found.now & recorded.known),
        }
        for place, kind in enumerate(KINDS)
        if (count := _sum(mine := held == place))
    ]


def _sum(those: Flags) -> int:
    return int(np.count_nonzero(those))
