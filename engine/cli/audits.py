# SPDX-License-Identifier: Apache-2.0
"""`onlyou audit`: take the ledger home, verify it, tell one portrait's story."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from consent import bundle, verify
from consent.story import story as told
from consent.words import rfc3339
from engine import wiring
from engine.cli import replaying
from engine.cli.output import Home, Json, say, say_json, say_table

app = typer.Typer(no_args_is_help=True)
replaying.register(app)


@app.command()
def export(
    directory: Path,
    openings: Annotated[
        bool, typer.Option("--openings/--no-openings", help="With the facts of each decision.")
    ] = True,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Write the whole history as a directory that anybody can verify offline."""
    manifest = bundle.export(wiring.open_home(home).consent, directory, openings=openings)
    if as_json:
        say_json(manifest)
    else:
        say(f"[green]✓[/] {manifest['size']} entries in {directory}, root {manifest['root']}")


@app.command(name="verify")
def verify_bundle(
    directory: Path,
    against: Annotated[
        Path | None, typer.Option(help="A checkpoint you kept: the bundle must continue it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Recompute everything a bundle claims; exit 1 when there is a finding, 2 without a bundle."""
    kept = ["--against", str(against)] if against else []
    raise typer.Exit(verify.main([str(directory), *kept, *(["--json"] if as_json else [])]))


@app.command()
def story(request: str, home: Home = None, as_json: Json = False) -> None:
    """Print every entry of one portrait's life, in order."""
    lines = told(wiring.open_home(home).consent, request)
    if as_json:
        say_json({"items": [asdict(one) | {"at": rfc3339(one.at)} for one in lines]})
    else:
        rows = [(one.seq, rfc3339(one.at), one.step or "", one.text) for one in lines]
        say_table(f"Portrait {request}", ("entry", "time", "step", "what happened"), rows)
