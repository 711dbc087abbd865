# SPDX-License-Identifier: Apache-2.0
"""Count an experiment up: rows that are there, and the sums of those whose rows are gone.

Sums outlive rows. When somebody turns portraits off, or leaves the experiment, what they did is
added to their arm's sums in the transaction in which the rows go (`leave`); what is left of them
is whole numbers of an arm. Whoever comes back counts as somebody new.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, select, update

from consent.partings import Parting
from consent.words import Purpose
from consent.writing import Writing
from feed.experiments.metrics import WITHDREW
from feed.experiments.tallies import SUMS, ArmTally, Moments, Tally
from feed.tables import arm_sum, exposure
from feed.trials import figures, running
from feed.trials.places import Trials, tags
from feed.trials.running import Running

EXPOSED: Final = "exposed"
LEFT: Final = "left"
_NOTHING: Final = Moments()
_Kept = Mapping[tuple[str, str], int]
"""Sums of those whose rows are gone, by arm and by what was summed."""


def tally(connection: Connection, one: Running, trials: Trials, day: int) -> Tally:
    """Count an experiment up to now, as the end of a day."""
    here = assigned(connection, one, trials)
    there = figures.exposed(connection, one.experiment.id)
    names = figures.measured(one.experiment)
    did = figures.sums(connection, there, names)
    kept = _kept(connection, one.experiment.id)
    live = Counter(person.arm for person in there)
    return Tally(
        experiment=one.experiment.id,
        plan=one.plan,
        day=day,
        arms={
            arm.id: ArmTally(
                assigned=here[arm.id] + kept.get((arm.id, LEFT), 0),
                exposed=live[arm.id] + kept.get((arm.id, EXPOSED), 0),
                withdrew=kept.get((arm.id, WITHDREW), 0),
                left=kept.get((arm.id, LEFT), 0),
                metrics={
                    name: did.get(arm.id, {}).get(name, _NOTHING) + _gone(kept, arm.id, name)
                    for name in names
                },
            )
            for arm in one.experiment.arms
        },
    )


def leave(writing: Writing, parting: Parting) -> None:
    """Sum somebody up who turns portraits off or leaves, before their rows go."""
    ending = {purpose for purpose, _ in parting.endings}
    if not ending & {Purpose.FEED_INSERT, Purpose.EXPERIMENT}:
        return
    connection, mine = writing.connection, exposure.c.subject == parting.subject
    places = connection.execute(select(exposure.c.experiment, exposure.c.arm).where(mine)).all()
    known = {one.experiment.id: one for one in running.started(connection, writing.now)}
    for name, arm in places:
        sums = _summed(connection, known[name], parting, ending)
        if Purpose.EXPERIMENT in ending:
            sums[LEFT] += 1
        _add(writing, name, arm, sums)


def _summed(
    connection: Connection, one: Running, parting: Parting, ending: set[Purpose]
) -> Counter[str]:
    """Sum up what they did, once: nothing where that was done when they turned portraits off."""
    there = figures.exposed(connection, one.experiment.id, parting.subject)
    if not there:
        return Counter()
    off = parting.said and Purpose.FEED_INSERT in ending
    (did,) = figures.sums(connection, there, figures.measured(one.experiment)).values()
    told = figures.withdrawn(did) if off else did
    sums = Counter({EXPOSED: 1, WITHDREW: int(off)})
    for metric, moments in told.items():
        sums.update({f"{metric}.{part}": n for part, n in asdict(moments).items()})
    return sums


def _add(writing: Writing, name: str, arm: str, sums: Mapping[str, int]) -> None:
    known = _kept(writing.connection, name)
    for what, n in sums.items():
        this = (arm_sum.c.experiment == name, arm_sum.c.arm == arm, arm_sum.c.what == what)
        if (arm, what) in known:
            more = update(arm_sum).where(*this).values(n=arm_sum.c.n + n)
            writing.connection.execute(more)
        elif n:
            writing.insert(arm_sum, [{"experiment": name, "arm": arm, "what": what, "n": n}])


def _kept(connection: Connection, name: str) -> _Kept:
    columns = (arm_sum.c.arm, arm_sum.c.what, arm_sum.c.n)
    rows = connection.execute(select(*columns).where(arm_sum.c.experiment == name))
    return {(arm, what): n for arm, what, n in rows}


def _gone(kept: _Kept, arm: str, name: str) -> Moments:
    return Moments(**{part: kept.get((arm, f"{name}.{part}"), 0) for part in SUMS})


def assigned(connection: Connection, one: Running, trials: Trials) -> Counter[str]:
    """Count whom the hash puts into each arm today, of those who let us experiment."""
    arms = (trials.arm(one, tag) for _, tag in tags(connection) if not trials.held_out(tag))
    return Counter(arm for arm in arms if arm is not None)
