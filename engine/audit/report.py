# SPDX-License-Identifier: Apache-2.0
"""The audit of one bundle under several policies, as values that a template only has to place.

Nothing here is a name or an image: people are tags, portraits are counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from consent.policy import Policy
from consent.replay import reach, run, sampling, timeline
from consent.replay.comparison import Comparison
from consent.replay.reach import Person, Reach
from consent.replay.recorded import PURPOSES, STEPS, Recorded
from consent.replay.sampling import Sample
from consent.replay.timeline import Timeline
from engine.audit.ends import Ended, ended

_PEOPLE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One policy: the history replayed as it stands and in its own order, and who is reached."""

    number: int
    policy: Policy
    pointwise: Mapping[str, Any]
    closed: Mapping[str, Any]
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many decisions of one step and purpose one policy would turn."""

    denied: int
    allowed: int
    strength: int  #: 0 to 4, by the share of decisions that turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step and purpose under every policy."""

    step: str
    purpose: str
    decisions: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that the file shows."""

    verified: Mapping[str, Any]
    origin: str
    root: str
    until: int  #: time of the last decision or change, in microseconds; 0 where there is none
    recorded: str
    denied: int
    spent: int
    reached: Reach
    rows: tuple[Row, ...]
    matrix: tuple[Line, ...]
    timeline: Timeline
    ended: Ended
    people: tuple[Person, ...]
    samples: tuple[Sample, ...]
    caveat: str = run.CAVEAT

    @property
    def first(self) -> Mapping[str, Any]:
        """Return some replay, for what all of them say alike. Errors: IndexError without one."""
        return self.rows[0].pointwise


def build(
    directory: Path, verified: Mapping[str, Any], recorded: Recorded, policies: Sequence[Policy]
) -> Report:
    """Replay a verified bundle under each of the policies, those that decided it first.

    Errors: ValueError for no policy at all, the caller's fault.
    """
    if not policies:
        raise ValueError("expected at least one policy to replay under")
    policies = sorted(policies, key=lambda policy: policy.sha256 not in recorded.policies)
    found = {policy.id: run.compared(recorded, policy, "pointwise") for policy in policies}
    times = [recorded.at, recorded.done_at, recorded.changes.at]
    return Report(
        verified=verified,
        origin=recorded.told.origin,
        root=recorded.told.root,
        until=max((int(one.max()) for one in times if len(one)), default=0),
        recorded=run.names(recorded),
        denied=int(np.count_nonzero(~recorded.allowed)),
        spent=int(np.count_nonzero(recorded.spent)),
        reached=reach.reach(recorded),
        rows=tuple(_rows(recorded, policies, found)),
        matrix=tuple(_matrix(recorded, list(found.values()))),
        timeline=timeline.timeline(recorded),
        ended=ended(recorded),
        people=reach.people(recorded, _PEOPLE),
        samples=sampling.sample(directory, found),
    )


def _rows(
    recorded: Recorded, policies: Sequence[Policy], found: Mapping[str, Comparison]
) -> Iterator[Row]:
    for number, policy in enumerate(policies, 1):
        closed = run.compared(recorded, policy, "closed-loop")
        yield Row(
            number=number,
            policy=policy,
            pointwise=run.told(found[policy.id], policy, "pointwise"),
            closed=run.told(closed, policy, "closed-loop"),
            reach=reach.reach(recorded, closed),
        )


def _matrix(recorded: Recorded, found: Sequence[Comparison]) -> Iterator[Line]:
    code = recorded.step.astype(np.int64) * len(PURPOSES) + recorded.purpose
    every = len(STEPS) * len(PURPOSES)
    all_of = np.bincount(code, minlength=every)
    denied = [np.bincount(code[one.flips & one.then], minlength=every) for one in found]
    allowed = [np.bincount(code[one.flips & ~one.then], minlength=every) for one in found]
    for place in np.flatnonzero(all_of).tolist():
        cells = (
            _cell(int(no[place]), int(yes[place]), int(all_of[place]))
            for no, yes in zip(denied, allowed, strict=True)
        )
        yield Line(
            step=str(STEPS[place // len(PURPOSES)]),
            purpose=str(PURPOSES[place % len(PURPOSES)]),
            decisions=int(all_of[place]),
            cells=tuple(cells),
        )


def _cell(denied: int, allowed: int, every: int) -> Cell:
    return Cell(denied=denied, allowed=allowed, strength=-(-4 * (denied + allowed) // every))
