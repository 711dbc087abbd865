# SPDX-License-Identifier: Apache-2.0
"""`onlyou audit`: take the ledger home, verify it, tell one portrait's story."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer

from consent import bundle, disclosure, verify
from consent.errors import Misused
from consent.story import story as told
from consent.words import Reason, rfc3339
from engine import wiring
from engine.cli import replaying
from engine.cli.output import Home, Json, say, say_json, say_table

app = typer.Typer(no_args_is_help=True)
replaying.register(app)


@app.command()
def export(
    directory: Path,
    openings: Annotated[
        bool, typer.Option("--openings/--no-openings", help="With the facts of each decision.")
    ] = True,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Write the whole history as a directory that anybody can verify offline."""
    manifest = bundle.export(wiring.open_home(home).consent, directory, openings=openings)
    if as_json:
        say_json(manifest)
    else:
        say(f"[green]✓[/] {manifest['size']} entries in {directory}, root {manifest['root']}")


@app.command(name="verify")
def verify_bundle(
    directory: Path,
    against: Annotated[
        Path | None, typer.Option(help="A checkpoint you kept: the bundle must continue it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Recompute everything a bundle claims; exit 1 when there is a finding, 2 without a bundle."""
    kept = ["--against", str(against)] if against else []
    raise typer.Exit(verify.main([str(directory), *kept, *(["--json"] if as_json else [])]))


@app.command()
def me(
    answers: Annotated[list[Path], typer.Argument(help="Pages of /v1/ledger/me, in order.")],
    key: Annotated[Path, typer.Option(help="The log's verifier keys, as keys/log.vkey.")],
    bundle_: Annotated[
        Path | None, typer.Option("--bundle", help="A verified bundle: search it for the rest.")
    ] = None,
    receipt: Annotated[
        list[Path] | None, typer.Option(help="A receipt you kept: it must be among the entries.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check, offline, that what I was shown about myself hides nothing; exit 1 when it does."""
    answer = disclosure.joined([_page(path) for path in answers])
    found = disclosure.flaws(answer, *key.read_text("utf-8").splitlines())
    for path in receipt or ():
        found += disclosure.untold(answer, _json(path))
    if bundle_ is not None and not found:
        found = _searched(answer, bundle_)
    if as_json:
        say_json({"ok": not found, "entries": len(answer.get("items", ())), "flaws": found})
    else:
        for one in found:
            say(f"[red]✗[/] {one}")
        if not found:
            say(_nothing_hidden(answer, searched=bundle_ is not None))
    raise typer.Exit(1 if found else 0)


def _page(path: Path) -> disclosure.Answer:
    page = _json(path)
    if not isinstance(page.get("items"), list):
        raise Misused(Reason.UNREADABLE, f"{path.name} is no answer of /v1/ledger/me")
    return page


def _json(path: Path) -> disclosure.Answer:
    try:
        read = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        raise Misused(Reason.UNREADABLE, f"{path.name} holds no JSON object")
    return read


def _searched(answer: disclosure.Answer, directory: Path) -> tuple[str, ...]:
    try:
        return disclosure.searched(answer, bundle.logged(directory))
    except (OSError, ValueError, KeyError, TypeError):
        return (f"{directory.name} is not a whole bundle: verify it first",)


def _nothing_hidden(answer: disclosure.Answer, *, searched: bool) -> str:
    items, newer = len(answer["items"]), answer["newer"]
    said = f"[green]✓[/] {items} entries, complete up to entry {answer['map']['seq']}"
    if searched:
        return f"{said}; {newer} after it, and the bundle holds no other"
    return f"{said}; {newer} after it, which only the log itself shows: --bundle searches it"


@app.command(context_settings={"ignore_unknown_options": True})  # a request may begin with "-"
def story(request: str, home: Home = None, as_json: Json = False) -> None:
    """Print every entry of one portrait's life, in order."""
    lines = told(wiring.open_home(home).consent, request)
    if as_json:
        say_json({"items": [asdict(one) | {"at": rfc3339(one.at)} for one in lines]})
    else:
        rows = [(one.seq, rfc3339(one.at), one.step or "", one.text) for one in lines]
        say_table(f"Portrait {request}", ("entry", "time", "step", "what happened"), rows)
