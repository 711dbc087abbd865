# SPDX-License-Identifier: Apache-2.0
"""`onlyou ranker`: the models that choose ideas here, how they are trained, judged and changed."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from engine import models, wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from feed.experiments.record import Reliability
from feed.model import Model
from feed.off_policy.evaluation import Difference
from feed.promotion import Judgement

app = typer.Typer(no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="The beginning of the apprentice's hash.")]
By = Annotated[str, typer.Option("--by", help="Who decides this; it stands in the ledger.")]


@app.command("list")
def list_(home: Home = None, as_json: Json = False) -> None:
    """List the model in charge and its apprentices, with how well they foretell."""
    rooms = wiring.open_home(home)
    held = models.roles(rooms.settings.home)
    rows = [_row(one, "in charge" if one is held.in_charge else "apprentice") for one in held.all]
    if as_json:
        say_json({"items": rows})
        return
    columns = ("model", "role", "log", "rows", "calibration error (engage)")
    say_table("Rankers", columns, [(row["sha256"][:12], *_cells(row)) for row in rows])


@app.command()
def show(home: Home = None, as_json: Json = False) -> None:
    """Show how often what the models foretold came true here, head by head."""
    rooms = wiring.open_home(home)
    found = {
        one.sha256: models.held_up(rooms, one.sha256)
        for one in models.roles(rooms.settings.home).all
    }
    if as_json:
        say_json({name: [asdict(one) for one in tables] for name, tables in found.items()})
        return
    for name, tables in found.items():
        say_table(
            f"{name[:12]}, foretold and observed",
            ("head", "inserts", "calibration error", "Brier score", "foretold", "observed"),
            [_reliable(one) for one in tables],
        )


def _reliable(one: Reliability) -> tuple[str, ...]:
    means = (
        sum(part.n * getattr(part, what) for part in one.bins) / one.n
        for what in ("predicted", "observed")
    )
    return one.head, str(one.n), *(f"{n:.4f}" for n in (one.ece, one.brier, *means))


@app.command()
def train(home: Home = None, as_json: Json = False) -> None:
    """Train an apprentice on what people who let us learn did; it decides nothing yet."""
    made = models.train(wiring.open_home(home))
    if as_json:
        say_json({**_row(made.model, "apprentice"), "refused": made.refused})
    elif made.refused:
        say("Refused: it is worse than the model in charge on the same day.")
        for why in made.refused:
            say(f"  {why}")
    else:
        say(f"{made.model.sha256[:12]} is an apprentice now.")
    if made.refused:
        raise typer.Exit(1)


@app.command()
def judge(which: Which, home: Home = None, as_json: Json = False) -> None:
    """Say what an apprentice would have been worth, by the choices of the model in charge."""
    _tell(models.judge(wiring.open_home(home), which), as_json=as_json)


@app.command()
def promote(which: Which, by: By, home: Home = None, as_json: Json = False) -> None:
    """Put an apprentice in charge, if the log says that it may take over."""
    found = models.promote(wiring.open_home(home), which, by=by)
    _tell(found, as_json=as_json)
    if not found.passed:
        raise typer.Exit(1)


@app.command()
def drop(which: Which, home: Home = None) -> None:
    """Send an apprentice away."""
    models.drop(wiring.open_home(home), which)
    say("It is asked no more.")


def _row(one: Model, role: str) -> dict[str, Any]:
    told = one.trained_on
    return {
        "sha256": one.sha256,
        "role": role,
        "log": told.get("log"),
        "rows": told.get("rows"),
        "kept": told.get("kept", []),
        "reliability": told.get("reliability", []),
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    tables = {one["head"]: one for one in row["reliability"]}
    ece = f"{tables['engage']['ece']:.4f}" if "engage" in tables else "not measured"
    return row["role"], str(row["log"]), str(row["rows"]), ece


def _tell(found: Judgement, *, as_json: bool) -> None:
    if as_json:
        say_json(_said(found))
        return
    say(f"{found.decisions} choices for {found.people} people")
    gaps = {"worth a choice": found.worth, **found.harms}
    say_table(
        "Above the model in charge",
        ("what", "difference", "low", "high"),
        [(what, *_numbers(gap)) for what, gap in gaps.items()],
    )
    for why in found.against:
        say(f"Not in charge: {why}.")
    if found.passed:
        say("It may take over: no interval of a harm lies above the model in charge.")


def _numbers(gap: Difference) -> tuple[str, ...]:
    return tuple("" if n is None else f"{n:+.4f}" for n in (gap.value, gap.low, gap.high))


def _said(found: Judgement) -> dict[str, Any]:
    gaps = {"worth": found.worth, **found.harms}
    return {
        "decisions": found.decisions,
        "people": found.people,
        "against": list(found.against),
        **{
            name: {"value": gap.value, "low": gap.low, "high": gap.high, "why": gap.why}
            for name, gap in gaps.items()
        },
    }
