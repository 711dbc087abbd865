# SPDX-License-Identifier: Apache-2.0
"""Experiments after a restore: what was stopped stays stopped, and nothing runs on by itself.

Rules:
1. starts, stops, restarts and days that the copy has not are read from their entries, so that a
   run is told as before, and a stop is undone by a named person and by nobody else
2. who was in which arm since is lost, and with it what they did: whatever still runs is stopped,
   as a whole and by itself. Evidence counts anew where somebody lets it go on
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from consent import entries
from consent.since import Since
from consent.tables import aggregate
from consent.writing import Writing
from feed.experiments.record import RESTORED, Stop
from feed.tables import arm_stop, experiment, experiment_day
from feed.trials import running
from feed.trials.running import WHOLE
from feed.trials.switches import halt


def rebuild(connection: Connection, since: Iterable[Since]) -> None:
    """Write the rows of experiments that entries tell of, in their order."""
    for one in since:
        body = entries.decode(one.body)
        if "experiment" in body:
            _take(connection, one.seq, body)


def _take(connection: Connection, seq: int, body: Mapping[str, Any]) -> None:
    name, begins = body["experiment"], "day" not in body
    content = _content(connection, body["object"])
    known = connection.execute(select(experiment.c.seq).where(experiment.c.id == name)).first()
    if body["t"] == "experiment.start" and begins and content is not None:
        row = {"id": name, "plan": body["object"], "content": content, "seq": seq}
        connection.execute(experiment.insert().values(row | {"started_at": body["at"]}))
    if known is None or begins:
        return
    if body["t"] == "experiment.stop":
        _stop(connection, seq, body)
    if body["t"] == "experiment.start":
        _again(connection, seq, body)
    if body["t"] == "aggregate" and content is not None:
        row = {"experiment": name, "day": body["day"], "seq": seq}
        connection.execute(experiment_day.insert().values(row))


def _content(connection: Connection, sha256: str) -> str | None:
    """Read a file of the log; None where the bundle was without it: then nothing of it runs."""
    found = select(aggregate.c.content).where(aggregate.c.sha256 == sha256)
    return connection.execute(found).scalars().first()


def _stop(connection: Connection, seq: int, body: Mapping[str, Any]) -> None:
    told = {name: body[name] for name in ("experiment", "day", "at", "why")}
    value, arm = float(body["value"]), body.get("arm", WHOLE)
    row = told | {"seq": seq, "arm": arm, "value": value, "by": body.get("by")}
    connection.execute(arm_stop.insert().values(row))


def _again(connection: Connection, seq: int, body: Mapping[str, Any]) -> None:
    off = (arm_stop.c.experiment == body["experiment"]) & arm_stop.c.lifted_seq.is_(None)
    mine = off & (arm_stop.c.arm == body["arm"]) if "arm" in body else off
    connection.execute(update(arm_stop).where(mine).values(lifted_seq=seq))


def stop(writing: Writing) -> None:
    """Stop every experiment that runs, until a named person lets it go on."""
    for one in running.acting(running.started(writing.connection, writing.now)):
        found = Stop(arm=None, day=one.day, at=writing.now, why=RESTORED, value=0.0)
        halt(writing, one, found)
