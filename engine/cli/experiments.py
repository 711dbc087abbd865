# SPDX-License-Identifier: Apache-2.0
"""`onlyou experiment`: product experiments as files, and whether they may start."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.markup import escape

from consent import policies
from engine.cli import experiment_power, experiment_reports, experiment_switches
from engine.cli.output import Json, say, say_json, say_table
from feed.experiments import approval, files, records
from feed.experiments.plan import Arm, Experiment

app = typer.Typer(no_args_is_help=True)
experiment_reports.register(app)
experiment_power.register(app)
experiment_switches.register(app)
Which = Annotated[str, typer.Argument(help="A shipped experiment's id, or a TOML file.")]


@app.command("list")
def list_experiments(as_json: Json = False) -> None:
    """List the shipped experiments."""
    shipped = [files.load(name) for name in files.names()]
    if as_json:
        say_json({"items": [_described(one) for one in shipped]})
        return
    rows = [(one.id, one.where, one.policy, len(one.arms), one.days, one.title) for one in shipped]
    say_table("Experiments", ("id", "runs in", "policy", "arms", "days", "title"), rows)


@app.command()
def show(experiment: Which, as_json: Json = False) -> None:
    """Print what an experiment does, measures and is stopped by."""
    chosen = files.named(experiment)
    if as_json:
        say_json({**_described(chosen), "plan": records.table(chosen)})
        return
    say(f"[bold]{escape(chosen.title)}[/] [dim]{records.plan_sha256(chosen)}[/]")
    say(escape(chosen.question))
    rows = [(arm.id, arm.title, _part(arm, chosen), _levers(arm)) for arm in chosen.arms]
    say_table("Arms, the first is the control", ("id", "title", "people", "sets"), rows)
    for line in _told(chosen):
        say(line)


@app.command()
def check(experiment: Which, as_json: Json = False) -> None:
    """Check an experiment: every key known, every guardrail able to stop, every arm admitted.

    Exit 1 where its policy does not admit an arm, 2 where it is not understood.
    """
    chosen = files.named(experiment)
    refusals = approval.refusals(chosen, policies.load(chosen.policy))
    if as_json:
        say_json({**_described(chosen), "ok": not refusals, "refusals": list(refusals)})
    elif refusals:
        for why in refusals:
            say(f"[red]✗[/] {escape(why)}")
        say(f"{chosen.id}: nothing would be started")
    else:
        say(f"[green]✓[/] {chosen.id} {records.plan_sha256(chosen)}")
        say(f"{chosen.policy} admits its {len(chosen.arms)} arms")
    raise typer.Exit(1 if refusals else 0)


def _described(one: Experiment) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "question": one.question,
        "where": one.where,
        "policy": one.policy,
        "sha256": records.plan_sha256(one),
        "days": one.days,
        "arms": [{"id": arm.id, "title": arm.title, "sets": dict(arm.levers)} for arm in one.arms],
    }


def _part(arm: Arm, of: Experiment) -> str:
    return f"{arm.share} in {sum(one.share for one in of.arms)}"


def _levers(arm: Arm) -> str:
    return ", ".join(f"{name} = {value}" for name, value in arm.levers.items()) or "nothing"


def _told(one: Experiment) -> Iterator[str]:
    low, high = one.segments
    yield f"runs in        {one.where}, {one.days} days, {one.needed} people an arm or more"
    yield f"people         {high - low} of 1000 in namespace {one.namespace}, from {low}"
    yield f"ramp           {', '.join(f'day {s.day}: {s.percent} %' for s in one.ramp)}"
    if one.looks:
        yield f"judged on      day {', '.join(map(str, one.looks))}"
    yield f"admitted by    {one.policy}"
    yield f"decided by     {one.primary}"
    yield f"also measured  {', '.join(name for name in one.metrics if name != one.primary)}"
    for rail in one.guardrails:
        yield f"stops an arm   {rail.metric}, falsely in at most {rail.level:.1%} of sound arms"
