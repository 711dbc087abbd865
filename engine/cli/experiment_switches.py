# SPDX-License-Identifier: Apache-2.0
"""`onlyou experiment start` and `stop`: on this feed, or among simulated people.

Whoever starts or stops something on a feed says who they are: it stands in the ledger, in public
and for good, so a role will do. `stop` is the switch that ends an arm at once.
"""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from consent.errors import Misused
from consent.words import Reason
from engine import settings, wiring
from engine.cli.output import Home, Json, say, say_json
from engine.experiments.records import FOLDER
from feed.experiments import files
from feed.experiments.plan import Experiment

_SEED: Final = 7
Who = Annotated[
    str | None, typer.Option("--by", help="Who does this: a name or a role, public for good.")
]
Arm = Annotated[str | None, typer.Option("--arm", help="One arm; all of it where none is named.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("start")(start)
    app.command("stop")(stop)


def start(
    experiment: Annotated[str, typer.Argument(help="A shipped experiment's id, or a TOML file.")],
    *,
    by: Who = None,
    arm: Arm = None,
    people: Annotated[int, typer.Option(help="How many simulated people.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Names a simulated run.")] = _SEED,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Start an experiment on this feed, or run one among simulated people if it is for those.

    What was stopped runs again. Where anything is in its way that is told, and nothing starts.
    """
    chosen = _chosen(experiment)
    if chosen is not None and chosen.where == "simulation":
        from engine.cli import trials  # noqa: PLC0415 - loads the simulator
        from engine.simulation.recording import SWEPT  # noqa: PLC0415

        folder = settings.read(home).home / FOLDER / chosen.id
        trials.carry_out(
            chosen,
            folder,
            people=people,
            swept=min(people, SWEPT),
            seed=seed,
            as_json=as_json,
        )
        return
    _start(experiment, chosen, _named(by), arm, home, as_json=as_json)


def stop(
    experiment: str, by: Who = None, arm: Arm = None, home: Home = None, as_json: Json = False
) -> None:
    """Stop an arm at once, or all of an experiment: it acts nowhere, and what waited is gone."""
    who = _named(by)
    rooms = wiring.open_home(home)
    done = rooms.feed.switches.stop(experiment, by=who, arm=arm)
    told = {"id": experiment, "arm": done.arm, "seq": done.seq, "removed": done.removed}
    if as_json:
        say_json(told)
        return
    what = f"arm {done.arm} of {experiment}" if done.arm else f"all of {experiment}"
    say(f"[green]✓[/] {what} is stopped; {done.removed} portraits that nobody had seen are gone")
    say(f"  entry {done.seq}")


def _start(
    name: str,
    chosen: Experiment | None,
    who: str,
    arm: str | None,
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    rooms = wiring.open_home(home)
    known = name if chosen is None else chosen.id
    if rooms.feed.switches.started(known):
        seq = rooms.feed.switches.again(known, by=who, arm=arm)
    elif chosen is None or arm is not None:
        raise Misused(Reason.UNKNOWN_KEY, f"no experiment {known!r} was started here")
    else:
        seq = rooms.feed.switches.start(chosen, by=who, recipe=rooms.studio.recipe.id)
    told: dict[str, Any] = {"id": known, "arm": arm, "seq": seq}
    if as_json:
        say_json(told)
    else:
        say(f"[green]✓[/] {f'arm {arm} of {known}' if arm else known} runs; entry {seq}")


def _chosen(named: str) -> Experiment | None:
    """Read what is named; None for an id that is no file's, which may be running here."""
    if named in files.names() or Path(named).is_file():
        return files.named(named)
    return None


def _named(by: str | None) -> str:
    if by is None:
        raise Misused(Reason.UNKNOWN_KEY, "say who does this: --by NAME")
    return by
