# SPDX-License-Identifier: Apache-2.0
"""`onlyou openapi`: the HTTP API's description, written as the file that is kept of it."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from engine import wiring
from engine.api.description import text
from engine.settings import Settings
from engine.web import site


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("openapi")(openapi)


def openapi(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; else it is printed.")
    ] = None,
) -> None:
    """Describe every route of the API (OpenAPI 3.1), those of the development issuer too."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings(home=Path(folder) / "home", dev_tokens=True)
        rooms = wiring.install(chosen)
        told = text(site(rooms, chosen))
        rooms.consent.ledger.engine.dispose()
    if file is None:
        typer.echo(told, nl=False)
    else:
        file.write_text(told, "utf-8")
