# SPDX-License-Identifier: Apache-2.0
"""`onlyou subject`: open an account, enrol selfies, say what is known of somebody, list them."""

from pathlib import Path
from typing import Annotated

import typer

from consent.accounts import Account
from consent.errors import Denied, Misused, OnlyouError
from consent.policy import AgeBand
from consent.words import Actor, Purpose, Reason
from engine import wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.rooms import Rooms
from generation.enrolment import Enrolled
from generation.selfies import Attested, Rejected

app = typer.Typer(no_args_is_help=True)

Region = Annotated[
    str | None, typer.Option(help="Where they live: an ISO 3166 code such as DE or US-IL.")
]


@app.command("add")
def add(
    name: str,
    *,
    selfie: Annotated[list[Path], typer.Option(help="A photograph of this person's face.")],
    minor: Annotated[
        bool, typer.Option("--minor", help="A minor: whoever runs this is their guardian.")
    ] = False,
    region: Region = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Open an account, serve and grant the likeness notice, and enrol selfies.

    Whoever runs this attests that the person is an adult, shown on the photographs, and said yes;
    with --minor, that they are an adult themselves, the person's guardian, and say yes for them.
    Where anything is refused, nothing of the person stays.
    """
    files = [_bytes(path) for path in selfie]
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.add(name)
    band: AgeBand = "minor" if minor else "adult"
    try:
        rooms.consent.attestations.attest(
            account.subject, age_band=band, region=region, actor=Actor.OPERATOR
        )
        _enrol(rooms, account, files, Actor.GUARDIAN if minor else Actor.SELF)
    except OnlyouError:
        rooms.consent.erasures.erase(account.subject, actor=Actor.OPERATOR)
        raise
    if as_json:
        say_json({"id": account.id, "name": account.name})
    else:
        say(f"[green]✓[/] {account.name} is here as [bold]{account.id}[/], {len(files)} selfies")
        say(f"  attested by you: {_ATTESTED[band]}")


_ATTESTED = {
    "adult": "an adult, shown on the photographs, who said yes",
    "minor": "a minor, shown on the photographs, for whom you said yes as their guardian",
}


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise Misused(Reason.UNREADABLE, f"there is no file {path.name!r}")
    return path.read_bytes()


def _enrol(rooms: Rooms, account: Account, files: list[bytes], actor: Actor) -> None:
    purpose = Purpose.LIKENESS
    served = rooms.consent.notices.serve(account.subject, purpose)
    rooms.consent.grants.grant(
        account.subject, purpose, served.served_id, actor=actor, method="cli"
    )
    outcomes = rooms.studio.enrol(account.subject, files, Attested(myself=True, adult=True))
    refused = [one.reason for one in outcomes if isinstance(one, Rejected)]
    if refused or not any(isinstance(one, Enrolled) for one in outcomes):
        reason = refused[0] if refused else Reason.SELFIES_REQUIRED
        raise Denied(reason, f"the selfies were refused ({', '.join(refused)}); nobody was added")


@app.command("attest")
def attest(
    subject: Annotated[str, typer.Argument(help="A person's id or name.")],
    adult: Annotated[
        bool | None, typer.Option("--adult/--minor", help="Of age, as you have checked, or not.")
    ] = None,
    region: Region = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say what is known of a person: of age or not, and where. You answer for it."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    band: AgeBand | None = None if adult is None else ("adult" if adult else "minor")
    said = rooms.consent.attestations.attest(
        account.subject, age_band=band, region=region, actor=Actor.OPERATOR
    )
    if as_json:
        say_json({"id": account.id, "age_band": said.age_band, "region": said.region})
    else:
        age, place = said.age_band or "age not known", said.region or "place not known"
        say(f"[green]✓[/] {account.name}: {age}, {place}")


@app.command("befriend")
def befriend(
    one: Annotated[str, typer.Argument(help="A person's id or name.")],
    other: Annotated[str, typer.Argument(help="Another's.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Let two people name each other as friends: each sees what the other shows to friends."""
    rooms = wiring.open_home(home)
    pair = [rooms.consent.accounts.find(name) for name in (one, other)]
    for person, friend in (pair, reversed(pair)):
        rooms.feed.friends.befriend(person.subject, friend.subject)
    if as_json:
        say_json({"items": [{"id": person.id, "name": person.name} for person in pair]})
    else:
        say(f"[green]✓[/] {pair[0].name} and {pair[1].name} are friends")


@app.command("list")
def list_people(home: Home = None, as_json: Json = False) -> None:
    """List everybody with an account."""
    people = wiring.open_home(home).consent.accounts.list()
    if as_json:
        say_json({"items": [{"id": person.id, "name": person.name} for person in people]})
    else:
        say_table("People", ("id", "name"), [(person.id, person.name) for person in people])
