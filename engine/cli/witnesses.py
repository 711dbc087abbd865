# SPDX-License-Identifier: Apache-2.0
"""`onlyou witness`: cosign somebody else's log."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from consent.chance import SystemChance
from consent.clocks import SystemClock
from consent.errors import Misused
from consent.words import Reason
from engine import cosigning
from engine.cli.output import say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("witness")(witness)


def witness(
    folder: Annotated[Path, typer.Argument(help="Where this witness keeps its key and memory.")],
    name: Annotated[str, typer.Option(help="What it is called, such as witness.example.org/w1.")],
    log: Annotated[list[Path], typer.Option(help="A log's verifier keys: its keys/log.vkey.")],
    host: str = "127.0.0.1",
    port: int = 8010,
) -> None:
    """Run a witness: cosign a log's checkpoints only while each continues the last.

    Run it where the log's operator cannot reach: one that the operator runs proves nothing.
    """
    made = cosigning.open_witness(
        folder, name=name, logs=_keys(log), clock=SystemClock(), chance=SystemChance()
    )
    typer.echo(made.verifier)
    say("Give this key to the log's operator and to everybody who verifies its bundles.")
    say(
        "[yellow]![/] A witness run by the operator of the log proves nothing: "
        "run it on a machine that the operator does not control."
    )
    say(f"[bold]http://{host}:{port}/add-checkpoint[/]  (stop with Ctrl-C)")
    app = cosigning.serving(made)
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def _keys(files: list[Path]) -> tuple[str, ...]:
    try:
        lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise Misused(Reason.UNREADABLE, f"a file of keys cannot be read: {error}") from error
    return tuple(line for line in lines if line.strip())
