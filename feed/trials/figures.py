# SPDX-License-Identifier: Apache-2.0
"""What exposed people did, counted from their rows, each a sum of whole numbers that adds up.

Counted of a person, from their exposure on: portraits that their pages have held, and what they
did with these. Before it (for less noise): the same, since they let us experiment. Rules:
1. an act counts once a portrait, and only on one that was shown since; what is counted of the
   time before must not know of the arm: no act that came after counts there
2. shown is a fact of the feed; nothing here needs telemetry
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import numpy as np
from sqlalchemy import Connection, Row, and_, select

from consent.tables import basis, granted
from consent.words import SECOND, Micros, Purpose, Subject
from feed.experiments.metrics import METRICS, WITHDREW
from feed.experiments.plan import Experiment
from feed.experiments.tallies import Moments
from feed.tables import exposure, feed_act, feed_listed

_MOST: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """Somebody in an arm whose rows are there: nothing of theirs has been summed up yet."""

    subject: Subject
    arm: str
    at: Micros
    since: Micros  #: when they let us experiment


@dataclass(slots=True)
class _Seen:
    """What became of the portraits that somebody's pages held, in a stretch of time."""

    shown: set[int] = field(default_factory=set)
    acts: dict[str, set[int]] = field(default_factory=dict)
    seconds: dict[int, int] = field(default_factory=dict)  #: by portrait: until it was hidden

    def note(self, portrait: int, listed: int, kind: str | None, at: int | None) -> None:
        self.shown.add(portrait)
        if kind is not None:
            self.acts.setdefault(kind, set()).add(portrait)
        if kind == "hide" and at is not None:
            took = (at - listed) // SECOND
            self.seconds[portrait] = min(took, self.seconds.get(portrait, took))

    def did(self, *kinds: str) -> int:
        return len(set[int]().union(*(self.acts.get(kind, set()) for kind in kinds)))


_Three = tuple[int, int, int]
_Count = Callable[[_Seen], int]
_COUNTS: Final[Mapping[str, _Count]] = MappingProxyType(
    {
        WITHDREW: lambda _: 0,
        "engaged": lambda seen: seen.did("like", "share_intent"),
        "kept": lambda seen: len(seen.shown) - seen.did("hide", "report"),
        "shown": lambda seen: len(seen.shown),
        "hidden": lambda seen: seen.did("hide"),
        "fewer": lambda seen: seen.did("fewer"),
        "reported": lambda seen: seen.did("report"),
        "seconds-to-hide": lambda seen: sum(seen.seconds.values()),
    }
)
_PER: Final[Mapping[str, _Count]] = MappingProxyType(
    {
        "person": lambda _: 1,
        "shown": lambda seen: len(seen.shown),
        "hidden": lambda seen: len(seen.seconds),
    }
)


def measured(experiment: Experiment) -> tuple[str, ...]:
    """Name what is counted for an experiment on the feed, in the order of the closed list."""
    guards = (one.metric for one in experiment.guardrails)
    wanted = {experiment.primary, *experiment.metrics, *guards}
    return tuple(name for name in METRICS if name in wanted and name in _COUNTS)


def sums(
    connection: Connection, people: Sequence[Exposed], names: Sequence[str]
) -> Mapping[str, Mapping[str, Moments]]:
    """Sum up what people did, by arm and metric; only arms that one of them is in."""
    counts: dict[str, dict[str, list[_Three]]] = {}
    for start in range(0, len(people), _MOST):
        some = {one.subject: one for one in people[start : start + _MOST]}
        for one, before, after in _seen(connection, some):
            mine = counts.setdefault(one.arm, {name: [] for name in names})
            for name in names:
                mine[name].append(_three(name, before, after))
    return {
        arm: {name: _moments(rows) for name, rows in mine.items()} for arm, mine in counts.items()
    }


def _seen(
    connection: Connection, some: Mapping[Subject, Exposed]
) -> Iterator[tuple[Exposed, _Seen, _Seen]]:
    """Gather for each person what became of what was shown before and since their exposure."""
    before = {person: _Seen() for person in some}
    after = {person: _Seen() for person in some}
    for who, portrait, listed, kind, at in _rows(connection, list(some)):
        one = some[Subject(who)]
        if listed >= one.at:
            after[one.subject].note(portrait, listed, kind, at)
        elif listed >= one.since:
            early = at is not None and at < one.at
            before[one.subject].note(portrait, listed, kind if early else None, at)
    for person, one in some.items():
        yield one, before[person], after[person]


def withdrawn(one: Mapping[str, Moments]) -> Mapping[str, Moments]:
    """Say of somebody's sums that they turned portraits off."""
    yes = Moments(n=1, any=1, y=1, yy=1, d=1, dd=1, yd=1)
    return {**one, WITHDREW: yes} if WITHDREW in one else one


def exposed(
    connection: Connection, name: str, subject: Subject | None = None
) -> tuple[Exposed, ...]:
    """List those exposed in an experiment who hold the same yes to inserts as they did then."""
    same = and_(
        basis.c.subject == exposure.c.subject,
        basis.c.purpose == str(Purpose.FEED_INSERT),
        basis.c.epoch == exposure.c.inserts,
    )
    wanted = (
        select(exposure.c.subject, exposure.c.arm, exposure.c.at, granted.c.at)
        .join(basis, same)
        .join(granted, granted.c.seq == exposure.c.epoch)
        .where(exposure.c.experiment == name)
        .order_by(exposure.c.effect_seq)
    )
    mine = wanted if subject is None else wanted.where(exposure.c.subject == subject)
    return tuple(
        Exposed(subject=Subject(who), arm=arm, at=Micros(at), since=Micros(since))
        for who, arm, at, since in connection.execute(mine)
    )


def _three(name: str, before: _Seen, after: _Seen) -> _Three:
    """Count one metric of one person: since, what it is told per, and before."""
    count, per = _COUNTS[name], _PER[METRICS[name].per]
    return count(after), per(after), count(before)


def _moments(rows: Sequence[_Three]) -> Moments:
    """Add up people, in whole numbers: the largest are squares of the seconds of some days."""
    y, d, x = np.array(rows, np.int64).T
    pairs = {"yy": (y, y), "dd": (d, d), "yd": (y, d), "xx": (x, x), "xy": (x, y)}
    return Moments(
        n=len(rows),
        any=int((y > 0).sum()),
        y=int(y.sum()),
        d=int(d.sum()),
        x=int(x.sum()),
        **{name: int(one @ other) for name, (one, other) in pairs.items()},
    )


def _rows(
    connection: Connection, people: Sequence[Subject]
) -> Iterator[Row[int, int, int, str | None, int | None]]:
    """Read what pages have held, each with what was done with it; once for each act."""
    done = and_(
        feed_act.c.subject == feed_listed.c.subject, feed_act.c.item == feed_listed.c.object
    )
    listed = (feed_listed.c.subject, feed_listed.c.object, feed_listed.c.at)
    wanted = select(*listed, feed_act.c.kind, feed_act.c.at.label("done_at"))
    rows = wanted.select_from(feed_listed.outerjoin(feed_act, done))
    yield from connection.execute(rows.where(feed_listed.c.subject.in_(people)))
