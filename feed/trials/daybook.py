# SPDX-License-Identifier: Apache-2.0
"""An experiment's days in the ledger: each counted up, logged as an aggregate, and read again.

Rules:
1. a day's sums are logged once, in the transaction of whatever is decided on them
2. they are counted as of that moment: the end of a day is the first look after it
3. a run is read from its entries alone, as an auditor reads it out of a bundle
"""

import hashlib
from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, select

from consent import entries
from consent.among import among
from consent.tables import aggregate, entry
from consent.words import Seq
from consent.writing import Writing
from feed.experiments import logged
from feed.experiments.logged import Day
from feed.experiments.record import Record
from feed.tables import arm_stop, experiment, experiment_day, exposure
from feed.trials import counting, funnels
from feed.trials.places import Trials
from feed.trials.running import Running


def counted(connection: Connection, one: Running, trials: Trials, day: int) -> Day:
    """Count an experiment up to now, as the end of a day."""
    people, stages = funnels.funnel(connection, one, trials)
    tally = counting.tally(connection, one, trials, day)
    return Day(tally=tally, people=people, funnel=stages)


def keep(writing: Writing, day: Day) -> Seq:
    """Log a day that was counted in this transaction."""
    name, number = day.tally.experiment, day.tally.day
    seq = file(writing, name, logged.write_day(day), day=number)
    writing.insert(experiment_day, [{"experiment": name, "day": number, "seq": seq}])
    return seq


def close(writing: Writing, one: Running, trials: Trials) -> None:
    """Log the present day as it stands, unless it has been: what is decided now stands on it."""
    if last(writing.connection, one.experiment.id) < one.day:
        keep(writing, counted(writing.connection, one, trials, one.day))


def last(connection: Connection, name: str) -> int:
    """Name the last day that is logged; 0 for none."""
    days = select(func.max(experiment_day.c.day)).where(experiment_day.c.experiment == name)
    return int(connection.execute(days).scalar() or 0)


def file(writing: Writing, name: str, content: bytes, *, day: int | None = None) -> Seq:
    """Log a public file of an experiment, and keep it for every bundle."""
    sha256 = hashlib.sha256(content).hexdigest()
    seq = writing.append("aggregate", content=sha256, experiment=name, day=day)
    writing.insert(aggregate, [{"seq": seq, "sha256": sha256, "content": content.decode()}])
    return seq


def runs(connection: Connection) -> Mapping[str, Record]:
    """Tell every run that was ever started here, by its experiment's id."""
    found = connection.execute(
        select(entry.c.seq, entry.c.body).where(among(entry.c.seq, _places(connection)))
    ).all()
    days = select(aggregate.c.sha256, aggregate.c.content).join(
        experiment_day, experiment_day.c.seq == aggregate.c.seq
    )
    plans = select(experiment.c.plan, experiment.c.content)
    files = {sha: text for wanted in (days, plans) for sha, text in connection.execute(wanted)}
    told = sorted((seq, entries.decode(body)) for seq, body in found)
    return logged.runs(told, lambda sha256: files[sha256].encode())


def _places(connection: Connection) -> list[int]:
    """Name the entries that tell of experiments; the tables know each by its number."""
    columns = (experiment.c.seq, arm_stop.c.seq, arm_stop.c.lifted_seq, experiment_day.c.seq)
    rows = (connection.execute(select(column)).scalars() for column in columns)
    return sorted({seq for found in rows for seq in found if seq is not None})


def forget(writing: Writing, name: str) -> None:
    """Let the rows of who was in which arm go, once nothing is counted of them any more."""
    mine = exposure.c.experiment == name
    writing.connection.execute(delete(exposure).where(mine))
