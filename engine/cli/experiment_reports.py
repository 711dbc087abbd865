# SPDX-License-Identifier: Apache-2.0
"""`onlyou experiment report`: what a run found, as text, JSON or one HTML file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from consent.errors import Broken, Misused
from consent.replay import loading
from consent.words import Reason
from engine import wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.experiments import records, reports
from engine.experiments.report import Report
from engine.experiments.rows import Row
from engine.experiments.sentences import cell
from engine.experiments.told import told
from engine.web.experiments import html
from feed.experiments.record import Record


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report_experiment)


def report_experiment(
    experiment: str,
    out: Annotated[
        Path | None, typer.Option(help="Write one HTML file that needs nothing.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A simulated run's folder, or a bundle, instead of the home."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Tell what an experiment found: split, effects, guardrails, stops; small counts withheld."""
    record = _record(experiment, source, home)
    made = reports.made(record)
    if out is not None:
        out.write_text(html(made), encoding="utf-8")
    if as_json:
        say_json(told(made))
        return
    _say(made)
    if out is not None:
        say(f"[green]✓[/] {escape(str(out))}")


def _record(experiment: str, source: Path | None, home: Path | None) -> Record:
    if source is None:
        return records.installed(wiring.open_home(home)).load(experiment)
    if (source / records.FILE).exists():
        record = records.from_folder(source)
        if record.experiment.id != experiment:
            raise Misused(Reason.UNKNOWN_KEY, f"{source.name} is a run of another experiment")
        return record
    if not loading.load(source).report["ok"]:
        raise Misused(Reason.UNREADABLE, f"{source.name} does not verify: onlyou audit verify")
    try:
        found = records.from_bundle(source)
    except (LookupError, TypeError, ValueError) as error:
        spoilt = f"what {source.name} tells of experiments is no run"
        raise Broken(Reason.UNAVAILABLE, spoilt) from error
    return records.of(found, experiment)


def _say(made: Report) -> None:
    """Print a report as a terminal shows it."""
    say(f"[bold]{escape(made.plan.title)}[/] [dim]{made.lead}[/]")
    say(escape(f"{made.verdict.title}. {made.verdict.text}"))
    arms = [
        (one.title, cell(one.exposed), cell(one.withdrew), one.stopped_day or "")
        for one in made.cleared.arms
    ]
    say_table("Arms", ("arm", "counted", "turned off", "stopped on day"), arms)
    for one in made.comparisons:
        rows = [
            (row.metric.title, row.metric.unit, row.control, row.treated, row.estimate, _span(row))
            for row in (*one.engagement, *one.trust)
        ]
        columns = ("measure", "", made.plan.control.title, one.arm.title, "difference", "interval")
        say_table(f"{one.arm.title} against {made.plan.control.title}", columns, rows)
    for guard in made.guards:
        say(f"{guard.metric.title}: {guard.take}")


def _span(row: Row) -> str:
    return f"{row.low} to {row.high}" if row.low else ""
