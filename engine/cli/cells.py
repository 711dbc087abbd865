# SPDX-License-Identifier: Apache-2.0
"""`onlyou cells`: spread people over shards, move one, sign over all of them, look them over."""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_group

from consent.errors import Misused
from consent.words import Reason, rfc3339
from engine import settings
from engine.cells import founding, heads, layout
from engine.cells.checkpoints import GlobalLog
from engine.cells.directory import Place, State
from engine.cells.house import Cells, open_cells
from engine.cells.moving import Moves
from engine.cli import people
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.settings import Settings
from engine.shards import is_spread

app = typer.Typer(no_args_is_help=True)


@contextmanager
def _cells(home: Path | None) -> Iterator[Cells]:
    opened = open_cells(settings.read(home))
    try:
        yield opened
    finally:
        opened.close()


@app.command("init")
def init(
    *,
    home: Home = None,
    shards: Annotated[int, typer.Option(help="How many logs, for good.")] = 16,
    cells: Annotated[str, typer.Option(help="Names of places, comma-separated.")] = "a",
    policy: str | None = None,
    recipe: str | None = None,
    as_json: Json = False,
) -> None:
    """Make a home whose people are spread over shards, or bring one to the present schema.

    Where cells.toml is there already, it says how many shards and which cells.
    """
    front = settings.read(home, policy=policy, recipe=recipe)
    plan = (
        layout.read(front)
        if is_spread(front.home)
        else layout.write(front, shards, [name.strip() for name in cells.split(",")])
    )
    directory = founding.found(plan)
    _tell(directory.places(), as_json=as_json)


@app.command("list")
def list_shards(home: Home = None, as_json: Json = False) -> None:
    """List which cell holds which shard."""
    with _cells(home) as opened:
        _tell(opened.directory.places(), as_json=as_json)


def _tell(places: tuple[Place, ...], *, as_json: bool) -> None:
    if as_json:
        say_json({"items": [_shown(place) for place in places]})
        return
    rows = [(p.number, p.cell, p.term, p.state, p.beside or "") for p in places]
    say_table("Shards", ("shard", "cell", "term", "state", "beside"), rows)
    for one in places:
        if one.beside and one.state is State.OPEN:
            again = f"`onlyou cells move {one.number} {one.cell}` clears it"
            say(f"[yellow]![/] {one.beside} may hold rows and keys of shard {one.number}: {again}")


def _shown(place: Place) -> dict[str, Any]:
    said = {"shard": place.number, "cell": place.cell, "term": place.term, "state": place.state}
    return {**said, **({"beside": place.beside} if place.beside else {})}


@app.command("of")
def shard_of(
    who: Annotated[str, typer.Argument(help="A person's id or name.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say which shard holds a person."""
    with _cells(home) as opened:
        number = opened.shard_of(opened.find(who).subject)
    if as_json:
        say_json({"shard": number})
    else:
        say(str(number))


@app.command("move")
def move(
    shard: int,
    cell: Annotated[str, typer.Argument(help="Where it is to lie.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Move a shard to a cell while everything runs; say it again if it was broken off."""
    with _cells(home) as opened:
        place = Moves(layout=opened.layout, directory=opened.directory).move(shard, cell)
    if as_json:
        say_json(_shown(place))
    else:
        say(f"[green]✓[/] shard {place.number} lies in {place.cell}, term {place.term}")


@app.command("checkpoint")
def checkpoint(
    home: Home = None,
    since: Annotated[int, typer.Option(help="Prove that this number is continued.")] = 0,
) -> None:
    """Sign over the heads of all shards; print it as JSON, for whoever wants to check."""
    with _cells(home) as opened:
        log = GlobalLog(opened)
        made = log.sign(opened.now())
        say_json(log.written(made.number, since))


@app.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="A global checkpoint as JSON.")] = None,
    older: Annotated[Path | None, typer.Option(help="An earlier one.")] = None,
    key: Annotated[str, typer.Option(help="The verifier key line that is trusted.")] = "",
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Check a file against a key, or all shards here against what was signed; 1 on a finding."""
    if file is None:
        with _cells(home) as opened:
            found = GlobalLog(opened).findings()
            last = GlobalLog(opened).last()
        said = f"{last.number} of {rfc3339(last.at)}" if last else "none yet"
    else:
        told, before = _json(file), _json(older) if older else None
        trusted = key or str(told.get("key", ""))
        found, said = tuple(heads.findings(told, trusted, before)), file.name
    if as_json:
        say_json({"ok": not found, "findings": list(found)})
    else:
        say(f"global checkpoint: {said}")
        for one in found or ("nothing is wrong",):
            say(f"{'[red]✗[/]' if found else '[green]✓[/]'} {one}")
    raise typer.Exit(1 if found else 0)


def _json(file: Path) -> Any:  # noqa: ANN401 - whatever it holds is checked
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Misused(Reason.UNREADABLE, f"{file.name} cannot be read as JSON") from error


@app.command("in", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def within(context: typer.Context, shard: int, home: Home = None) -> None:
    """Run any other command on one shard: `onlyou cells in --home H 3 audit export out`."""
    with _cells(home) as opened:
        _belongs(opened, shard, context.args)
        place = opened.directory.place(shard)
        chosen = opened.layout.settings(shard, place.cell, place.term)
    program = [sys.executable, "-c", "from engine.cli import main; main()"]
    os.execve(sys.executable, [*program, *context.args], _said(chosen))  # noqa: S606 - ourselves


def _belongs(opened: Cells, shard: int, words: Sequence[str]) -> None:
    """Refuse to add somebody where their name does not lead: nobody would find them there."""
    if tuple(words[:2]) != ("subject", "add"):
        return
    adding = get_group(people.app).commands["add"]
    name = adding.make_context("add", list(words[2:]), resilient_parsing=True).params["name"]
    if name and opened.shard_of(str(name)) != shard:
        said = f"{name!r} belongs to shard {opened.shard_of(str(name))}: add them there"
        raise Misused(Reason.UNKNOWN_KEY, said)


def _said(chosen: Settings) -> dict[str, str]:
    """Write settings as the variables that another process of ours reads."""
    named = {f"ONLYOU_{one.name.upper()}": getattr(chosen, one.name) for one in fields(Settings)}
    return {**os.environ, **{name: str(value) for name, value in named.items()}}
