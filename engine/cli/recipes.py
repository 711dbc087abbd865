# SPDX-License-Identifier: Apache-2.0
"""`onlyou recipe`: what can render portraits here."""

import typer

from engine import wiring
from engine.cli.output import Json, say_json, say_table

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_recipes(as_json: Json = False) -> None:
    """List the recipes that can be started here, and how many scenarios each renders."""
    found = [recipe for _, recipe in sorted(wiring.start_recipes().items())]
    if as_json:
        items = [
            {"id": r.id, "sha256": r.version, "scenarios": sorted(r.scenarios), "size": r.size}
            for r in found
        ]
        say_json({"items": items})
    else:
        rows = [
            (r.id, " x ".join(map(str, r.size)), len(r.scenarios), r.version[:12]) for r in found
        ]
        say_table("Recipes", ("id", "size", "scenarios", "sha256"), rows)
