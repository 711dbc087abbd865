# SPDX-License-Identifier: Apache-2.0
"""Which experiments run on this feed now, and which of their arms are off.

Read from the database whenever it matters: an arm that was stopped a moment ago acts nowhere, in
whichever process. Plans are named by their hash, so what one says is parsed once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, select

from consent.prepared import Prepared
from consent.words import DAY, Micros
from feed.experiments import records
from feed.experiments.plan import Arm, Experiment
from feed.tables import arm_stop, experiment

WHOLE: Final = ""
"""Stands for the whole experiment where an arm is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One experiment that was started here."""

    experiment: Experiment
    plan: str  #: SHA-256 of its canonical JSON
    started_at: Micros
    day: int  #: counted from 1
    off: frozenset[str]  #: arms that are off; `WHOLE` where all of it is

    @property
    def over(self) -> bool:
        """Say whether it has had its days."""
        return self.day > self.experiment.days

    @property
    def acts(self) -> bool:
        """Say whether any arm of it does anything now."""
        return not self.over and WHOLE not in self.off

    @property
    def arms(self) -> tuple[Arm, ...]:
        """List the arms that act."""
        return tuple(arm for arm in self.experiment.arms if arm.id not in self.off)

    def sets(self, *levers: str) -> bool:
        """Say whether any arm of it that acts sets one of these."""
        return any(name in arm.levers for arm in self.arms for name in levers)


def started(connection: Connection, now: Micros) -> tuple[Running, ...]:
    """List every experiment that was ever started here, in the order of their names."""
    off: dict[str, set[str]] = {}
    found: dict[str, tuple[str, Micros]] = {}
    for name, plan, started_at, arm in _STARTED(connection):
        found[name] = (plan, Micros(started_at))
        off.setdefault(name, set()).update(() if arm is None else (arm,))
    return tuple(
        Running(
            experiment=_plan(connection, plan),
            plan=plan,
            started_at=started_at,
            day=(now - started_at) // DAY + 1,
            off=frozenset(off[name]),
        )
        for name, (plan, started_at) in sorted(found.items())
    )


def acting(all_of_them: Sequence[Running]) -> tuple[Running, ...]:
    """Keep those that do anything now."""
    return tuple(one for one in all_of_them if one.acts)


_STARTED: Final = Prepared(
    select(experiment.c.id, experiment.c.plan, experiment.c.started_at, arm_stop.c.arm)
    .select_from(
        experiment.outerjoin(
            arm_stop,
            (arm_stop.c.experiment == experiment.c.id) & arm_stop.c.lifted_seq.is_(None),
        )
    )
    .order_by(experiment.c.id)
)
_CONTENT: Final = Prepared(
    select(experiment.c.content).where(experiment.c.plan == bindparam("plan"))
)
_parsed: Final[dict[str, Experiment]] = {}
"""Plans by their hash. There are as many as were ever started here."""


def _plan(connection: Connection, plan: str) -> Experiment:
    known = _parsed.get(plan)
    if known is None:
        ((content,),) = _CONTENT(connection, plan=plan)
        known = _parsed[plan] = records.read_plan(content.encode())
    return known
