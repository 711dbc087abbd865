# SPDX-License-Identifier: Apache-2.0
"""`onlyou appeal`: what a check holds back is judged again; nobody sees it, whoever types this."""

import typer

from consent.errors import Misused
from consent.gate import Denial, denied
from consent.words import ObjectId, Reason, parse_id
from engine import wiring
from engine.api import portraits
from engine.cli.output import Home, Json, say, say_json
from generation.portraits import Portrait


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("appeal")(appeal)


def appeal(subject: str, portrait: str, home: Home = None, as_json: Json = False) -> None:
    """Have a picture judged again that a check holds back; exit 1 where it stays held back.

    Whose it is must ask for it: whoever runs this acts for them. The outcome is in the ledger.
    """
    rooms = wiring.open_home(home)
    person, number = rooms.consent.accounts.find(subject).subject, parse_id(portrait)
    if number is None:
        raise Misused(Reason.UNKNOWN_KEY, f"{portrait!r} is no portrait's id")
    ended = rooms.studio.appeals.appeal(person, ObjectId(number))
    if isinstance(ended, Denial):
        raise denied(ended)
    if as_json:
        every = portraits.listed(rooms, person)
        say_json(next(one for one in every if one["id"] == portrait))
    elif isinstance(ended, Portrait):
        say("[green]✓[/] it passed: its owner can see it now")
    else:
        say(f"[red]✗[/] it did not pass and stays held back [dim]({ended.reason})[/]")
    raise typer.Exit(0 if isinstance(ended, Portrait) else 1)
