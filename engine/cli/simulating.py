# SPDX-License-Identifier: Apache-2.0
"""`onlyou simulate`: a population that never was, under a policy, as tables."""

import os
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Final

import typer

from consent import policies
from consent.errors import Misused
from consent.words import Reason
from engine.cli.output import Json, progress, say, say_json
from feed.experiments import files
from feed.experiments.plan import Experiment

_DAYS: Final = 30
_POLICY: Final = "strict-opt-in"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    users: Annotated[int, typer.Option("--users", help="How many people.")] = 10_000,
    days: Annotated[
        int | None,
        typer.Option("--days", help="How many days, 60 at most: 30, or an experiment's own."),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option("--policy", help="Under which policy all of them live: strict-opt-in."),
    ] = None,
    experiment: Annotated[
        str | None,
        typer.Option("--experiment", help="Run this experiment, under the policy it names."),
    ] = None,
    retrain: Annotated[
        int, typer.Option(help="Of an experiment: days from one training to the next; 0: none.")
    ] = 0,
    swept: Annotated[
        int,
        typer.Option(help="Of an experiment: people for each end of each assumption; 0: none."),
    ] = 4_000,
    seed: Annotated[int, typer.Option("--seed", help="Names the run.")] = 7,
    full: Annotated[
        bool, typer.Option("--full", help="Also log what a ranker is trained on.")
    ] = False,
    processes: Annotated[
        int, typer.Option("--processes", help="How many at once; 0: one for each core.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Let simulated people live under a policy and write what they were shown and did."""
    from engine.cli import trials  # noqa: PLC0415 - loads the simulator
    from engine.simulation import run  # noqa: PLC0415

    if experiment is not None:
        trials.carry_out(
            _ordered(experiment, days, policy, out),
            out,
            people=users,
            swept=min(users, swept),
            retrain=retrain,
            seed=seed,
            as_json=as_json,
        )
        return
    order = run.Order(
        users=users,
        days=_DAYS if days is None else days,
        seed=seed,
        full=full,
        processes=processes or os.cpu_count() or 1,
    )
    named = policy or _POLICY
    terms = run.setup(policies.load(named), seed)
    began = perf_counter()
    with progress() as bar:
        task = bar.add_task("people", total=users)
        told = run.write(
            terms,
            order,
            named,
            out,
            lambda _, done, all_: bar.update(task, completed=done, total=all_),
        )
    if as_json:
        say_json(told)
        return
    _say(told, out, perf_counter() - began)


def _ordered(which: str, days: int | None, policy: str | None, out: Path) -> Experiment:
    """Read an experiment, for fewer days where so many were asked for.

    Errors: Misused(unknown-key) for more days than it has, another policy than it names, or a
    folder that holds a run already.
    """
    chosen = files.named(which)
    if policy not in (None, chosen.policy):
        said = f"experiment {chosen.id!r} runs under {chosen.policy!r}, not {policy!r}"
        raise Misused(Reason.UNKNOWN_KEY, said)
    if days is not None and not 1 <= days <= chosen.days:
        said = f"experiment {chosen.id!r} can run for 1 to {chosen.days} days, got {days}"
        raise Misused(Reason.UNKNOWN_KEY, said)
    if (out / "run.json").exists():
        raise Misused(Reason.UNKNOWN_KEY, f"{out} already holds a run; name another folder")
    return chosen if days is None else chosen.shortened(days)


def _say(told: dict[str, Any], out: Path, seconds: float) -> None:
    totals = told["totals"]
    say(
        f"{told['users']} people, {told['days']} days under {told['policy']}: "
        f"{totals['shown']} portraits seen, {totals['engaged']} liked or shared, "
        f"{totals['hidden']} hidden, {totals['withdrew']} people turned portraits off."
    )
    say(
        f"{told['assumed']} numbers behind this are assumptions (data/simulation.toml): "
        "it says what would follow, not what people do."
    )
    say(f"Written to {out} in {seconds:.1f} s.")
