# SPDX-License-Identifier: Apache-2.0
"""`onlyou backup` and `onlyou restore`: a copy of the data without its keys, and back again."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from consent.errors import Misused
from consent.words import Reason
from engine import backups, settings, wiring
from engine.cli.output import Home, Json, say, say_json

Folder = Annotated[Path, typer.Argument(help="The folder of the backup, apart from the keys.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(back_up)
    app.command("restore")(restore)


def back_up(
    folder: Folder,
    home: Home = None,
    rows_only: Annotated[
        bool, typer.Option("--rows-only", help="Leave out the sealed bytes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy all rows and sealed bytes of one moment; again into the same folder: what is new."""
    done = backups.back_up(wiring.open_home(home), folder, with_blobs=not rows_only)
    if as_json:
        say_json(asdict(done))
        return
    rows = sum(done.rows.values())
    say(f"[green]✓[/] {done.head.size:,} entries, {rows:,} rows, {done.blobs:,} sealed objects")
    say("[yellow]![/] The keys are not in it. It opens with those of this log, for two weeks.")


def restore(
    folder: Folder,
    home: Home = None,
    since: Annotated[
        Path | None,
        typer.Option(help="A bundle with the entries that came after (onlyou audit export)."),
    ] = None,
    head: Annotated[
        list[Path] | None,
        typer.Option(help="A signed checkpoint that somebody kept: the log must reach it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring a database back from a backup; what was withdrawn or erased since stays so."""
    heads = [_kept(path) for path in head or ()]
    done = backups.restore(settings.read(home), folder, since=since, heads=heads)
    if as_json:
        say_json(asdict(done))
        return
    told = done.resumed
    say(f"[green]✓[/] {sum(done.manifest.rows.values()):,} rows of {done.manifest.made_at}")
    say(
        f"{told.entries:,} entries since: {told.ended} yeses and {told.destroyed} things ended, "
        f"{told.erased} people gone, {told.lapsed} told that what they began since is lost"
    )
    say("[yellow]![/] Friends, feeds and orders begin anew, since nobody knows who ended which.")
    if done.lost:
        say(f"[yellow]![/] {done.lost} rows without sealed bytes: `onlyou doctor`")


def _kept(path: Path) -> str:
    """Read a checkpoint that somebody kept. Errors: Misused(unreadable) for what is no text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Misused(Reason.UNREADABLE, f"{path.name!r} is no checkpoint") from error
