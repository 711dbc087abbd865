# SPDX-License-Identifier: Apache-2.0
"""`onlyou consent`: what a person does in the control centre, from the command line."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from consent import keepsakes
from consent.errors import Misused
from consent.holdings import Held
from consent.words import DAY, Micros, Purpose, Reason, parse_rfc3339, rfc3339
from engine import wiring
from engine.api import pausing
from engine.api.consents import speaker, standing, state
from engine.api.notices import serve
from engine.cli.output import Home, Json, say, say_json, say_table

app = typer.Typer(no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="A person's id or name.")]
Guardian = Annotated[bool, typer.Option("--guardian", help="A guardian says it for a minor.")]


_TIME: Final = "2026-12-24T18:00Z"


class Kind(StrEnum):
    """The formats of others, as `--format` names them."""

    ISO = "27560"
    KANTARA = "kantara"


@app.command("serve-notice")
def serve_notice(
    subject: Who, purpose: Purpose, language: str = "en", home: Home = None, as_json: Json = False
) -> None:
    """Show a person the words for a purpose; the answer's served_id is quoted by the grant."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    notice = serve(rooms, account.subject, purpose, language)
    if as_json:
        say_json(notice)
    else:
        say(str(notice["text"]))
        say(f"served_id [bold]{notice['served_id']}[/]")


@app.command()
def grant(
    subject: Who,
    purpose: Purpose,
    *,
    served: Annotated[str, typer.Option(help="The served_id that serve-notice printed.")],
    guardian: Guardian = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say yes to one purpose, quoting the notice that was served before."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    seq = rooms.consent.grants.grant(
        account.subject, purpose, served, actor=speaker(guardian), method="cli"
    )
    if as_json:
        stands = standing(rooms, account.subject)
        say_json(next(item for item in stands if item["purpose"] == purpose))
    else:
        say(f"[green]✓[/] {account.name} said yes to [bold]{purpose}[/] (entry {seq})")


@app.command()
def withdraw(
    subject: Who,
    purpose: Purpose,
    guardian: Guardian = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Say no to one purpose; everything made under it is destroyed when this returns."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    receipt = rooms.consent.withdrawals.withdraw(account.subject, purpose, actor=speaker(guardian))
    if as_json:
        say_json(receipt)
        return
    gone = receipt["destroyed"]
    say(
        f"[green]✓[/] {purpose} is off for {account.name} (entry {receipt['seq']}): "
        f"{gone['portraits']} portraits, {gone['inserts']} inserts, {gone['keys']} keys destroyed"
    )


@app.command()
def pause(
    subject: Who,
    until: Annotated[str | None, typer.Option(help="When it ends by itself, ISO 8601.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="After how many days it ends.")] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Stop everything of a person but looking: until a time, or until `resume`."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    end = _end(rooms.consent.ledger.now(), until, days)
    seq = rooms.consent.pauses.pause(account.subject, end)
    if as_json:
        say_json(pausing.told(rooms, account.subject))
    else:
        lasts = f"until {rfc3339(end)}" if end else "until you resume it"
        say(f"[green]✓[/] everything of {account.name} is paused {lasts} (entry {seq})")


def _end(now: Micros, until: str | None, days: int | None) -> Micros | None:
    """Read when a pause ends; None until it is ended."""
    if until is not None and days is not None:
        raise Misused(Reason.UNKNOWN_KEY, "give --until or --days, not both")
    if until is None:
        return None if days is None else Micros(now + days * DAY)
    try:
        return parse_rfc3339(until)
    except ValueError as wrong:
        raise Misused(Reason.UNKNOWN_KEY, f"{until!r} is no time such as {_TIME}") from wrong


@app.command()
def resume(subject: Who, home: Home = None, as_json: Json = False) -> None:
    """Let everything of a person go on."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    seq = rooms.consent.pauses.resume(account.subject)
    if as_json:
        say_json(pausing.told(rooms, account.subject))
    else:
        say(f"[green]✓[/] everything of {account.name} goes on (entry {seq})")


@app.command()
def show(subject: Who, home: Home = None, as_json: Json = False) -> None:
    """Show where a person stands for every purpose."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    if as_json:
        say_json({"items": standing(rooms, account.subject)})
        return
    held = rooms.consent.grants.show(account.subject)
    paused = rooms.consent.pauses.of(account.subject) is not None
    rows = [_row(held[p], paused=paused) if p in held else (p, *["-"] * 5) for p in Purpose]
    columns = ("purpose", "state", "basis", "since", "ends", "entry")
    say_table(f"{account.name}", columns, rows)


def _row(held: Held, *, paused: bool) -> tuple[object, ...]:
    since, ends = rfc3339(held.granted_at), rfc3339(held.expires_at)
    return (held.purpose, state(held, paused=paused), held.kind, since, ends, held.epoch)


@app.command()
def receipt(
    subject: Who,
    purpose: Purpose,
    kind: Annotated[
        Kind | None, typer.Option("--format", help="The format of somebody else; always JSON.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Print the signed receipt of a person's last act on a purpose."""
    rooms = wiring.open_home(home)
    account = rooms.consent.accounts.find(subject)
    found = (
        rooms.consent.keepsake(account.subject, purpose, kind.value)
        if kind
        else rooms.consent.last_receipt(account.subject, purpose)
    )
    if found is None:
        raise Misused(Reason.UNKNOWN_KEY, f"{account.name} has said nothing about {purpose} yet")
    if as_json or kind:
        say_json(found)
    else:
        say(f"{found['event']} of {purpose} at {found['at']}, entry {found['seq']}")
        say(str(found["checkpoint"]))


@app.command("check-receipt")
def check_receipt(
    file: Annotated[Path, typer.Argument(help="A receipt in any of the three formats.")],
    key: Annotated[str, typer.Option(help="The log's verifier key line, or a file with it.")],
    as_json: Json = False,
) -> None:
    """Check a receipt offline with the log's public key; exit 1 on a flaw. Needs no home."""
    try:
        made = json.loads(file.read_bytes())
        line = Path(key).read_text("utf-8").split("\n")[0] if Path(key).is_file() else key
    except (OSError, ValueError) as unreadable:
        raise Misused(Reason.UNREADABLE, f"there is no receipt in {file.name!r}") from unreadable
    found = keepsakes.flaws(made if isinstance(made, dict) else {}, line.strip())
    if as_json:
        say_json({"ok": not found, "flaws": list(found)})
    else:
        say("\n".join(f"[red]✗[/] {flaw}" for flaw in found) or "[green]✓[/] it proves itself")
    if found:
        raise typer.Exit(1)
