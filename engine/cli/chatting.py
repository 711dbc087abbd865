# SPDX-License-Identifier: Apache-2.0
"""`onlyou chat`: one message of a chat, as the person wrote it, and what is said back."""

from typing import Annotated

import typer

from engine import wiring
from engine.api.chat import answer
from engine.atelier import Atelier
from engine.cli.output import Home, Json, say, say_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("chat")(chat)


def chat(
    subject: Annotated[str, typer.Argument(help="A person's id or name.")],
    text: Annotated[str, typer.Argument(help='Such as "/imagine me as a jazz singer".')],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Answer a message; where it asks for a portrait and may, draw it before this returns."""
    rooms = wiring.open_home(home)
    told = answer(rooms, rooms.consent.accounts.find(subject).subject, text)
    if as_json:
        say_json(told)
    else:
        say(str(told["reply"]))
    if "job" in told:
        Atelier(rooms).drain()
