# SPDX-License-Identifier: Apache-2.0
"""`onlyou share`: what a person shows to others and may see of them; end one for them."""

from typing import Annotated

import typer

from consent.errors import Misused
from consent.words import ObjectId, Reason, parse_id
from engine import wiring
from engine.api import shares
from engine.cli.output import Home, Json, say, say_json, say_table

app = typer.Typer(no_args_is_help=True)
Person = Annotated[str, typer.Argument(metavar="SUBJECT", help="A person's id or name.")]


@app.command("list")
def list_shares(subject: Person, home: Home = None, as_json: Json = False) -> None:
    """List what a person shows, and what others show to them. No picture is opened."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    items = shares.listed(rooms, account.subject)
    if as_json:
        say_json({"items": items})
        return
    say_table(
        f"What {account.name} shows and may see",
        ("id", "by", "to", "as", "until"),
        [
            (
                one["share_id"],
                one["by"],
                one["audience"],
                _title(one),
                one["ends_at"] or "it is ended",
            )
            for one in items
        ],
    )


@app.command("end")
def end(
    subject: Person,
    share: Annotated[str, typer.Argument(help="The share's id.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """End a share of this person, at once; the portrait stays."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    number = parse_id(share)
    if number is None:
        raise Misused(Reason.UNKNOWN_KEY, "there is no such share")
    rooms.feed.shares.end(account.subject, ObjectId(number))
    if as_json:
        say_json({"share_id": share, "state": "ended"})
    else:
        say(f"[green]✓[/] {account.name} shows it to nobody any more")


def _title(one: dict[str, object]) -> str:
    scenario = one["scenario"]
    return str(scenario["title"]) if isinstance(scenario, dict) else ""
