# SPDX-License-Identifier: Apache-2.0
"""`onlyou bench`: run a benchmark of the source checkout; figures are ratios within one run."""

import runpy
from pathlib import Path
from typing import Annotated, Final

import typer

import engine
from consent.errors import Misused
from consent.words import Reason
from engine.cli.output import Json, say, say_json, say_table

_FOLDER: Final = Path(engine.__file__).parent.parent / "benchmarks"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench")(bench)


def bench(
    name: str,
    smoke: Annotated[bool, typer.Option("--smoke", help="Smallest size: does it run?")] = False,
    users: Annotated[int | None, typer.Option(help="How many people, where it applies.")] = None,
    as_json: Json = False,
) -> None:
    """Run one benchmark and print its figures with hardware and versions."""
    name = name.replace("-", "_")
    known = sorted(path.stem for path in _FOLDER.glob("*.py") if "def run(" in path.read_text())
    if name not in known:
        there = ", ".join(known) or "none: benchmarks come with the source checkout"
        raise Misused(Reason.UNKNOWN_KEY, f"no benchmark {name!r}; there are {there}")
    result = runpy.run_path(str(_FOLDER / f"{name}.py"))["run"](smoke=smoke, users=users)
    if as_json:
        say_json(result)
    elif result.get("skipped"):
        say(result["skipped"])
    else:
        columns = ("what", "value", "unit", "floor", "ratio", "n", "spread")
        rows = [
            ["" if row[column] is None else row[column] for column in columns]
            for row in result["results"]
        ]
        say_table(f"{name} ({result['size']})", columns, rows)
