# SPDX-License-Identifier: Apache-2.0
"""`onlyou verify-image`: which marks of this installation a picture bears."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from consent.errors import Misused
from consent.words import Reason
from engine import wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.recognizing import tell

_CREDENTIAL: Final = {
    "trusted": "whole, and signed by this installation",
    "valid": "whole, but signed by somebody else",
    "invalid": "there is one and it does not hold: something was changed",
    "absent": "there is none",
}
_WATERMARK: Final = {"found": "a portrait from here", "absent": "none of ours can be read"}
_FINGERPRINT: Final = {"found": "looks like a portrait kept here", "absent": "like none kept here"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify-image")(verify_image)


def verify_image(
    file: Path,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Answer this person, signed: is it theirs?")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say which marks of this installation a picture bears; exit 1 for a broken credential."""
    rooms = wiring.open_home(home)
    person = None if subject is None else rooms.consent.accounts.find(subject).subject
    if not file.is_file():
        raise Misused(Reason.UNREADABLE, f"There is no file {file.name!r}.")
    told = tell(rooms, file.read_bytes(), person)
    if as_json:
        say_json(told)
    else:
        _say(file.name, told)
    raise typer.Exit(1 if told["c2pa"] == "invalid" else 0)


def _say(name: str, told: dict[str, Any]) -> None:
    rows = [
        ("credential (C2PA)", told["c2pa"], _CREDENTIAL[told["c2pa"]]),
        ("watermark", told["watermark"], _WATERMARK[told["watermark"]]),
        ("fingerprint", told["fingerprint"], _FINGERPRINT[told["fingerprint"]]),
    ]
    say_table(name, ("mark", "state", "which means"), rows)
    say(f"[dim]{told['means']}[/]")
    if "answer" in told:
        say(told["answer"]["says"])
