# SPDX-License-Identifier: Apache-2.0
"""A run on the feed as the ledger tells it: its entries, and the files that they name by hash.

    experiment.start   experiment, the plan's hash as object, by; a later one (arm, day) lets an
                       arm, or all of it, run again
    aggregate          the plan; each day's tally with its funnel (experiment, day)
    experiment.stop    experiment, arm (none: all of it), day, why, value as text, by

Whoever has the log has the run: the database and an exported bundle are read by this one function,
so what is reported of them is equal bit for bit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from consent.entries import Value, canonical, decode
from consent.words import Micros
from feed.experiments import records, tallies
from feed.experiments.plan import Experiment
from feed.experiments.record import Loss, Record, Stage, Stop
from feed.experiments.tallies import Tally

TYPES: Final = ("experiment.start", "experiment.stop", "aggregate")
"""Entries in which a run is told."""
Entry = tuple[int, Mapping[str, Any]]
"""A sequence number and the body that stands there."""
Content = Callable[[str], bytes]
"""What gives a file of the log by its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """All that is logged of a day: its tally, and how many people got how far by its end."""

    tally: Tally
    people: int  #: in the service
    funnel: tuple[Stage, ...]


def write_day(day: Day) -> bytes:
    """Write a day as the canonical JSON that its `aggregate` entry commits to."""
    stages: list[Mapping[str, Value]] = [
        {
            "title": one.title,
            "people": one.people,
            "lost": [{"why": loss.why, "people": loss.people} for loss in one.lost],
        }
        for one in day.funnel
    ]
    tally = decode(tallies.write(day.tally))
    return canonical({**tally, "people": day.people, "funnel": stages})


def read_day(content: bytes) -> Day:
    """Read a day. Errors: KeyError, TypeError, ValueError for what is none."""
    table = decode(content)
    stages = tuple(
        Stage(
            title=one["title"],
            people=one["people"],
            lost=tuple(Loss(why=loss["why"], people=loss["people"]) for loss in one["lost"]),
        )
        for one in table["funnel"]
    )
    return Day(tally=tallies.read(table), people=table["people"], funnel=stages)


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run as far as it was read."""

    experiment: Experiment
    started_at: Micros
    days: list[Day] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)

    def record(self) -> Record:
        last: Sequence[Day] = self.days[-1:]
        return Record(
            experiment=self.experiment,
            started_at=self.started_at,
            days=tuple(day.tally for day in self.days),
            stops=tuple(self.stops),
            funnel=last[0].funnel if last else (),
            people=last[0].people if last else 0,
        )


def runs(entries: Iterable[Entry], content: Content) -> Mapping[str, Record]:
    """Tell every run that a log holds, by its experiment's id; `entries` in their order.

    Errors: Misused(unreadable) for a plan that is none; whatever `content` raises for a file that
    is not there.
    """
    found: dict[str, _Run] = {}
    for seq, entry in entries:
        name = str(entry.get("experiment"))
        match entry["t"]:
            case "experiment.start" if name not in found:
                plan = records.read_plan(content(entry["object"]))
                found[name] = _Run(experiment=plan, started_at=Micros(entry["at"]))
            case "experiment.start":
                _go_on(found[name], entry)
            case "experiment.stop" if name in found:
                found[name].stops.append(_stop(seq, entry))
            case "aggregate" if name in found and "day" in entry:
                found[name].days.append(read_day(content(entry["object"])))
            case _:
                continue
    return {name: run.record() for name, run in sorted(found.items())}


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
