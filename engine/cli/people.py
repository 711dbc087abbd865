# SPDX-License-Identifier: Apache-2.0
"""`onlyou subject`: open an account, enrol selfies, list who is here."""

from pathlib import Path
from typing import Annotated

import typer

from consent.accounts import Account
from consent.errors import Denied, Misused
from consent.words import Purpose, Reason
from engine import wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.rooms import Rooms
from generation.enrolment import Enrolled
from generation.selfies import Attested, Rejected

app = typer.Typer(no_args_is_help=True)


@app.command("add")
def add(
    name: str,
    selfie: Annotated[list[Path], typer.Option(help="A photograph of this person's face.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Open an account, serve and grant the likeness notice, and enrol selfies.

    Whoever runs this attests that the person is an adult, shown on the photographs, and said yes.
    """
    files = [_bytes(path) for path in selfie]
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.add(name)
    _enrol(rooms, account, files)
    if as_json:
        say_json({"id": account.id, "name": account.name})
    else:
        say(f"[green]✓[/] {account.name} is here as [bold]{account.id}[/], {len(files)} selfies")


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise Misused(Reason.UNREADABLE, f"there is no file {path.name!r}")
    return path.read_bytes()


def _enrol(rooms: Rooms, account: Account, files: list[bytes]) -> None:
    purpose = Purpose.LIKENESS
    served = rooms.consent.notices.serve(account.subject, purpose)
    rooms.consent.grants.grant(account.subject, purpose, served.served_id)
    outcomes = rooms.studio.enrol(account.subject, files, Attested(myself=True, adult=True))
    refused = [one.reason for one in outcomes if isinstance(one, Rejected)]
    if refused or not any(isinstance(one, Enrolled) for one in outcomes):
        rooms.consent.withdrawals.withdraw(account.subject, purpose)
        rooms.consent.accounts.forget_name(account.subject)
        reason = refused[0] if refused else Reason.SELFIES_REQUIRED
        raise Denied(reason, f"the selfies were refused ({', '.join(refused)}); nobody was added")


@app.command("list")
def list_people(home: Home = None, as_json: Json = False) -> None:
    """List everybody with an account."""
    people = wiring.open_home(home).consent.accounts.list()
    if as_json:
        say_json({"items": [{"id": person.id, "name": person.name} for person in people]})
    else:
        say_table("People", ("id", "name"), [(person.id, person.name) for person in people])
