# SPDX-License-Identifier: Apache-2.0
"""How the command line speaks: tables and progress on a terminal, JSON where it was asked for."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Where this installation keeps its data.", envvar="ONLYOU_HOME"),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_out = Console()
_err = Console(stderr=True)


def say(text: str) -> None:
    """Print one line for people."""
    _out.print(text, highlight=False, soft_wrap=True)


def say_error(sentence: str, reason: str) -> None:
    """Print what went wrong: one sentence and its reason code."""
    said = f"[bold red]✗[/] {escape(sentence)} [dim]({reason})[/]"
    _err.print(said, highlight=False, soft_wrap=True)


def say_json(result: Any) -> None:  # noqa: ANN401 - whatever JSON can carry
    """Print a result as JSON, indented, on standard output."""
    _out.print_json(orjson.dumps(result).decode(), highlight=False, indent=2)


def say_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table for people. What is no `Text` is printed as it is, whatever it looks like."""
    table = Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        table.add_column(escape(column))
    for row in rows:
        table.add_row(*[cell if isinstance(cell, Text) else escape(str(cell)) for cell in row])
    _out.print(table)


def progress() -> Progress:
    """Show a bar for what takes longer than a second; on standard error, so JSON stays clean."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        console=_err,
        transient=True,
    )
