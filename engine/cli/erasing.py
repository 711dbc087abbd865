# SPDX-License-Identifier: Apache-2.0
"""`onlyou erase`: a person is forgotten; the certificate proves it afterwards."""

import typer

from consent.errors import Misused
from consent.words import Subject, parse_id
from engine import wiring
from engine.cli.output import Home, Json, say, say_json
from engine.rooms import Rooms


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("erase")(erase)


def erase(subject: str, home: Home = None, as_json: Json = False) -> None:
    """Erase a person, named by id or name: everything of them goes, at once and for good.

    Asked again by id within two weeks, it prints the same certificate.
    """
    rooms = wiring.open_home(home)
    certificate = rooms.consent.erasures.erase(_named(rooms, subject))
    if as_json:
        say_json(certificate)
        return
    say(
        f"[green]✓[/] erased (entries {certificate['requested_seq']} to "
        f"{certificate['done_seq']}): {certificate['keys_destroyed']} keys and "
        f"{certificate['bytes_destroyed']:,} bytes destroyed"
    )
    say("Nobody here knows this person any more. Keep the certificate: --json prints it.")


def _named(rooms: Rooms, subject: str) -> Subject:
    """Find whom to erase; of those already erased only the id is left."""
    try:
        return rooms.consent.accounts.find(subject).subject
    except Misused:
        number = parse_id(subject)
        if number is None:
            raise
        return Subject(number)
