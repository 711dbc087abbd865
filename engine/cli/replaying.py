# SPDX-License-Identifier: Apache-2.0
"""`onlyou audit replay` and `report`: what other policies would have said of a history."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from consent import policies
from consent.replay import loading
from consent.replay.loading import Loaded
from consent.replay.run import Mode, replay
from engine.audit import report
from engine.cli.output import Json, say, say_json, say_table
from engine.cli.policies import named
from engine.web.report import html

_MODES: Final[tuple[Mode, ...]] = ("pointwise", "closed-loop")
Which = Annotated[str, typer.Option("--policy", help="A shipped policy's id, or a TOML file.")]
How = Annotated[
    Mode,
    typer.Option(help="closed-loop: what is denied does not happen, and more follows from that."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay_bundle)
    app.command("report")(report_bundle)


def replay_bundle(
    directory: Path, policy: Which, mode: How = "pointwise", as_json: Json = False
) -> None:
    """Verify a bundle, then say which of its decisions another policy would take differently."""
    target = named(policy)
    loaded = loading.load(directory)
    if loaded.recorded is None:
        _refuse(loaded, as_json=as_json)
        raise typer.Exit(1)
    found = replay(loaded.recorded, target, mode)
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


def report_bundle(
    directory: Path,
    out: Annotated[
        Path | None, typer.Option(help="The file to write; DIR-report.html here by default.")
    ] = None,
    policy: Annotated[
        list[str] | None, typer.Option(help="Replay under these only, not all that are shipped.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify a bundle and write all there is to see of it into one HTML file."""
    targets = [named(one) for one in policy or policies.names()]
    loaded = loading.load(directory)
    if loaded.recorded is None:
        _refuse(loaded, as_json=as_json)
        raise typer.Exit(1)
    file = out or Path(f"{directory.absolute().name}-report.html")
    file.write_text(
        html(report.build(directory, loaded.report, loaded.recorded, targets)), encoding="utf-8"
    )
    written = {"file": str(file), "root": loaded.recorded.told.root, "policies": len(targets)}
    if as_json:
        say_json(written)
    else:
        size = f"{file.stat().st_size:,} bytes"
        say(f"[green]✓[/] {escape(str(file))}: {size}, root {written['root']}")


def _refuse(loaded: Loaded, *, as_json: bool) -> None:
    found = loaded.report["findings"]
    detail = f"the bundle does not verify: {len(found)} findings; only what verifies is replayed"
    if as_json:
        say_json({"reason": found[0]["code"], "detail": detail, "findings": found})
        return
    say(f"[bold red]✗[/] {detail}")
    for one in found[:10]:
        where = "" if one["seq"] is None else f" at entry {one['seq']}"
        say(f"  {one['code']}{where}: {escape(one['detail'])}")


def _told(found: Mapping[str, Any]) -> Iterator[str]:
    """Write a replay for people: the square first, then what it rests on."""
    policy, cells, bounds = found["policy"], found["table"], found["bounds_of"]["flips"]
    yield (
        f"Recorded under [bold]{escape(policy['recorded']) or 'no policy yet'}[/], replayed under "
        f"[bold]{escape(policy['target'])}[/] ({found['mode']})"
    )
    yield f"  allowed then and now    {cells['allow_allow']:>10,}"
    yield f"  allowed then, not now   {cells['allow_deny']:>10,}"
    yield f"  denied then, not now    {cells['deny_allow']:>10,}"
    yield f"  denied then and now     {cells['deny_deny']:>10,}"
    yield (
        f"{found['decisions']:,} decisions, {found['not_recomputable']:,} not re-computable: "
        f"{bounds['low']:,} to {bounds['high']:,} flips in all, {found['people_affected']:,} of "
        f"{found['people']:,} people"
    )
    gone = [f"{count:,} {name.replace('_', ' ')}" for name, count in found["effects_gone"].items()]
    yield f"Would not have been: {', '.join(gone)}"
    if found["mode"] == "closed-loop":
        yield f"Not asked for any more: {found['not_asked']:,}"
