# SPDX-License-Identifier: Apache-2.0
"""`onlyou init` and `onlyou doctor`: make an installation, look it over."""

from pathlib import Path

import typer

from consent.errors import Broken
from engine import doctor, migrations, settings, wiring
from engine.cli.output import Home, Json, say, say_json


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("doctor")(examine)


def init(
    home: Home = None,
    policy: str | None = None,
    recipe: str | None = None,
    database_url: str | None = None,
    as_json: Json = False,
) -> None:
    """Make a home: keys, database at the present schema, policy and notices published."""
    chosen = settings.read(home, policy=policy, recipe=recipe, database_url=database_url)
    rooms = wiring.install(chosen)
    done = {"home": str(chosen.home), "policy": chosen.policy, "schema": migrations.head()}
    if as_json:
        say_json(done)
    else:
        say(f"[green]✓[/] {done['home']} is ready: {done['policy']}, schema {done['schema']}")
        say(f"[yellow]![/] keys: {type(rooms.consent.keys).__name__}, beside the data")


_MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]![/]"}


def examine(home: Home = None, as_json: Json = False) -> None:
    """Check schema, constraints, ledger and blobs; exit 1 when something is wrong."""
    checks = _checks(home)
    wrong = any(check.ok is False for check in checks)
    if as_json:
        items = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks]
        say_json({"ok": not wrong, "checks": items})
    else:
        for check in checks:
            say(f"{_MARKS[check.ok]} {check.name}: {check.detail}")
    raise typer.Exit(1 if wrong else 0)


def _checks(home: Path | None) -> tuple[doctor.Check, ...]:
    """Look an installation over; one whose keys are lost does not open, which is said alone."""
    try:
        rooms = wiring.open_home(home, strict=False)
    except Broken as lost:
        return (doctor.Check("keys", False, lost.sentence),)
    return doctor.examine(rooms)
