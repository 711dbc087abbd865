# SPDX-License-Identifier: Apache-2.0
"""`onlyou audit replay`: what another policy would have said of a verified history."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from consent.replay import loading
from consent.replay.loading import Loaded
from consent.replay.recorded import Recorded
from consent.replay.run import Mode, replay
from engine.cli.output import Json, say, say_json, say_table
from engine.cli.policies import named

_MODES: Final[tuple[Mode, ...]] = ("pointwise", "closed-loop")
Which = Annotated[str, typer.Option("--policy", help="A shipped policy's id, or a TOML file.")]
How = Annotated[
    Mode,
    typer.Option(help="closed-loop: what is denied does not happen, and more follows from that."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay_bundle)


def replay_bundle(
    directory: Path, policy: Which, mode: How = "pointwise", as_json: Json = False
) -> None:
    """Verify a bundle, then say which of its decisions another policy would take differently."""
    target = named(policy)
    found = replay(verified(directory, as_json=as_json), target, mode)
    if as_json:
        say_json(found)
        return
    for line in _told(found):
        say(line)
    rows = [[flip[column] for column in _COLUMNS] for flip in found["flips"]]
    if rows:
        say_table("Where the verdict flips", _COLUMNS, rows)
    say(f"[dim]{found['caveat']}[/]")


_COLUMNS: Final = ("step", "purpose", "from", "to", "reason", "count")


def verified(directory: Path, *, as_json: bool) -> Recorded:
    """Read a bundle's history; what does not verify is said and ends the command with 1."""
    loaded = loading.load(directory)
    if loaded.recorded is None:
        _refuse(loaded, as_json=as_json)
        raise typer.Exit(1)
    return loaded.recorded


def _refuse(loaded: Loaded, *, as_json: bool) -> None:
    found = loaded.report["findings"]
    detail = f"the bundle does not verify: {len(found)} findings; only what verifies is replayed"
    if as_json:
        say_json({"reason": found[0]["code"], "detail": detail, "findings": found})
        return
    say(f"[bold red]✗[/] {detail}")
    for one in found[:10]:
        where = "" if one["seq"] is None else f" at entry {one['seq']}"
        say(f"  {one['code']}{where}: {one['detail']}")


def _told(found: Mapping[str, Any]) -> Iterator[str]:
    """Write a replay for people: the square first, then what it rests on."""
    policy, cells, bounds = found["policy"], found["table"], found["bounds"]
    yield (
        f"Recorded under [bold]{policy['recorded']}[/], replayed under "
        f"[bold]{policy['target']}[/] ({found['mode']})"
    )
    yield f"  allowed then and now    {cells['allow_allow']:>10,}"
    yield f"  allowed then, not now   {cells['allow_deny']:>10,}"
    yield f"  denied then, not now    {cells['deny_allow']:>10,}"
    yield f"  denied then and now     {cells['deny_deny']:>10,}"
    yield (
        f"{found['decisions']:,} decisions, {found['not_recomputable']:,} not re-computable: "
        f"{bounds['low']:,} to {bounds['high']:,} flips, {found['people_affected']:,} of "
        f"{found['people']:,} people"
    )
    gone = [f"{count:,} {name.replace('_', ' ')}" for name, count in found["effects_gone"].items()]
    yield f"Would not have been: {', '.join(gone)}"
    if found["mode"] == "closed-loop":
        yield f"Not asked for any more: {found['not_asked']:,}"
