# SPDX-License-Identifier: Apache-2.0
"""A run on the feed as the ledger tells it: its entries, and the files that they name by hash.

    experiment.start   experiment, plan's hash as object, by; a later one with the same plan lets
                       an arm, or all of it, run again
    aggregate          the plan, each day's tally, each day's funnel
    experiment.stop    experiment, arm (none: all of it), day, why, value as text, by

Whoever has the log has the run: the database and an exported bundle are read by this one function,
so what is reported of them is equal bit for bit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from consent.entries import canonical, decode
from consent.words import Micros
from feed.experiments import records, tallies
from feed.experiments.plan import Experiment
from feed.experiments.record import Loss, Record, Stage, Stop
from feed.experiments.tallies import Tally

FUNNEL: Final = "experiment-funnel"
TYPES: Final = ("experiment.start", "experiment.stop", "aggregate")
"""Entries in which a run is told."""
Entry = tuple[int, Mapping[str, Any]]
"""A sequence number and the body that stands there."""
Content = Callable[[str], bytes]
"""What gives a file of the log by its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How many got how far by the end of a day, of all people in the service."""

    experiment: str
    day: int
    people: int
    stages: tuple[Stage, ...]


def write_funnel(funnel: Funnel) -> bytes:
    """Write a funnel as the canonical JSON that an `aggregate` entry commits to."""
    stages = [
        {
            "title": one.title,
            "people": one.people,
            "lost": [{"why": loss.why, "people": loss.people} for loss in one.lost],
        }
        for one in funnel.stages
    ]
    told = {"experiment": funnel.experiment, "day": funnel.day, "people": funnel.people}
    return canonical({"kind": FUNNEL, **told, "stages": stages})


def read_funnel(table: Mapping[str, Any]) -> Funnel:
    """Read a funnel. Errors: KeyError, TypeError for what is none."""
    stages = tuple(
        Stage(
            title=one["title"],
            people=one["people"],
            lost=tuple(Loss(why=loss["why"], people=loss["people"]) for loss in one["lost"]),
        )
        for one in table["stages"]
    )
    return Funnel(
        experiment=table["experiment"], day=table["day"], people=table["people"], stages=stages
    )


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run as far as it was read."""

    experiment: Experiment
    started_at: Micros
    days: list[Tally] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    funnel: Funnel | None = None

    def record(self) -> Record:
        return Record(
            experiment=self.experiment,
            started_at=self.started_at,
            days=tuple(self.days),
            stops=tuple(self.stops),
            funnel=self.funnel.stages if self.funnel else (),
            people=self.funnel.people if self.funnel else 0,
        )


def runs(entries: Iterable[Entry], content: Content) -> Mapping[str, Record]:
    """Tell every run that a log holds, by its experiment's id; `entries` in their order.

    Errors: Misused(unreadable) for a plan that is none; whatever `content` raises for a file that
    is not there.
    """
    found: dict[str, _Run] = {}
    for seq, entry in entries:
        name = entry.get("experiment")
        match entry["t"]:
            case "experiment.start" if name not in found:
                plan = records.read_plan(content(entry["object"]))
                found[plan.id] = _Run(experiment=plan, started_at=Micros(entry["at"]))
            case "experiment.start":
                _go_on(found[str(name)], entry)
            case "experiment.stop" if name in found:
                found[name].stops.append(_stop(seq, entry))
            case "aggregate" if name in found and "day" in entry:
                _count(found[name], decode(content(entry["object"])))
            case _:
                continue
    return {name: run.record() for name, run in sorted(found.items())}


def _count(run: _Run, table: Mapping[str, Any]) -> None:
    if table["kind"] == FUNNEL:
        run.funnel = read_funnel(table)
    else:
        run.days.append(tallies.read(table))


def _stop(seq: int, entry: Mapping[str, Any]) -> Stop:
    return Stop(
        arm=entry.get("arm"),
        day=entry["day"],
        at=Micros(entry["at"]),
        why=entry["why"],
        value=float(entry["value"]),
        seq=seq,
        by=entry.get("by"),
    )


def _go_on(run: _Run, entry: Mapping[str, Any]) -> None:
    """Mark the stops that a start lifts: those of one arm, or with none named all of them."""
    arm = entry.get("arm")
    for place, stop in enumerate(run.stops):
        if stop.lifted_day is None and (arm is None or stop.arm == arm):
            run.stops[place] = replace(stop, lifted_day=entry["day"], lifted_by=entry["by"])
