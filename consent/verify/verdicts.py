# SPDX-License-Identifier: Apache-2.0
"""Rule 8: a decision rests on what the log shows, and its verdict is its policy's own."""

from typing import Final

from consent.verify.library import Cell
from consent.verify.openings import Facts
from consent.verify.people import Basis, Person
from consent.verify.policy import BEST, FACTS, decide
from consent.verify.uses import NOTHING, Pair

Shown = tuple[str | None, bool, bool, bool]
"""The kind of the basis, whether it was withdrawn, it ran out, everything is paused."""
_NAMES: Final = tuple(FACTS)
_ENDS: Final = ("withdrawn", "expired", "paused")


def shown(person: Person, held: Basis | None, purpose: str, at: int) -> Shown:
    """Return what the log itself shows of a person and a purpose at a time."""
    stopped = at < person.stopped
    if held is not None:
        return held.kind, False, held.not_after <= at, stopped
    if person.gone is None or purpose not in person.gone:
        return None, False, False, stopped
    kind = person.gone[purpose]
    return kind, kind is None, kind is not None, stopped


def unrested(held: Basis | None, epoch: int | None, kind: str | None) -> str | None:
    """Say why a decision does not rest on what holds, or None."""
    holds = (held.epoch, held.kind) if held else (None, None)
    if (epoch, kind) == holds:
        return None
    return f"it rests on epoch and kind {(epoch, kind)}, the log shows {holds}"


def wrong(
    cell: Cell,
    seen: Shown,
    reason: str | None,
    opened: Facts | None,
    used: tuple[Pair, Pair],
) -> str | None:
    """Say why a verdict is not what the log and the policy give, or None.

    `reason` is None where it allows. Without facts a denial is believed: what the log does not
    show may be its reason.
    """
    if opened is None:
        if cell.policy is None or reason is not None:
            return None
        key: tuple[object, ...] = (seen, used[0])
    else:
        if lie := _lie(seen, opened, used):
            return lie
        if cell.policy is None:
            return None
        key = tuple(map(opened.get, _NAMES))
    try:
        right = cell.memo[key]
    except KeyError:
        facts = _best(seen, used[0]) if opened is None else opened
        right = decide(cell.policy, cell.step, cell.purpose, facts)
        _learn(cell, key, right)
    if right == reason:
        return None
    return f"the policy says {right or 'allow'}, the entry {reason or 'allow'}"


_MOST_KNOWN_VERDICTS: Final = 100_000


def _learn(cell: Cell, key: tuple[object, ...], right: str | None) -> None:
    if len(cell.memo) > _MOST_KNOWN_VERDICTS:
        cell.memo.clear()
    cell.memo[key] = right


def _best(seen: Shown, least: Pair) -> Facts:
    kind, withdrawn, expired, paused = seen
    held = {} if kind is None else {"kind": kind}
    known = {"withdrawn": withdrawn, "expired": expired, "paused": paused}
    return {**BEST, **held, **known, "used_day": least[0], "used_week": least[1]}


def _lie(seen: Shown, opened: Facts, used: tuple[Pair, Pair]) -> str | None:
    told = (opened.get("kind"), *(opened.get(name, False) for name in _ENDS))
    if told != seen:
        names = ("kind", *_ENDS)
        each = zip(names, told, seen, strict=True)
        name, said, known = next(one for one in each if one[1] != one[2])
        return f"its facts say {name} is {said}, the log shows {known}"
    counted = opened.get("used_day", 0), opened.get("used_week", 0)
    if counted == NOTHING == used[0]:
        return None
    for place, name in enumerate(("used_day", "used_week")):
        if not used[0][place] <= counted[place] <= used[1][place]:
            return f"its facts say {name} is {counted[place]}, the log shows {used[1][place]}"
    return None
