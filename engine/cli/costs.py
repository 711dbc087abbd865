# SPDX-License-Identifier: Apache-2.0
"""`onlyou cost` and `onlyou metrics`: what portraits took, and what the machine did, exactly."""

import typer

from engine import gauges, wiring
from engine.cli.output import Home, Json, say, say_json, say_table
from engine.costs import Book, Cost, seconds_each
from engine.tallies import Denials


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("cost")(cost)
    app.command("metrics")(metrics)


def cost(home: Home = None, as_json: Json = False) -> None:
    """Count what was drawn, looked at and never seen, by recipe, and what each of it took."""
    rooms = wiring.open_home(home)
    found = Book().costs(rooms)
    plan = {"gpu_seconds": rooms.settings.gpu_seconds, "seconds_each": seconds_each(rooms)}
    if as_json:
        say_json({"items": [one.said() for one in found], "plan": plan})
        return
    columns = ("recipe", "device", "drawn", "looked at", "never seen", "s a drawn", "s a viewed")
    say_table("Cost", columns, [_row(one) for one in found])
    limit = f"{plan['gpu_seconds']} s" if plan["gpu_seconds"] else "no limit"
    say(f"a plan may draw ahead for: {limit}, at {plan['seconds_each']:.2f} s a portrait")


def metrics(home: Home = None) -> None:
    """Print the metrics for their operator: exact, over the whole log. Not to be shown about.

    What a process counts of its own work (withdrawals, group commits) is told by that process.
    """
    rooms = wiring.open_home(home)
    accounts = gauges.Accounts(denials=Denials(since=0))
    typer.echo(gauges.exposition(rooms, accounts, exact=True), nl=False)


def _row(one: Cost) -> tuple[str, ...]:
    counts = (one.rendered, one.viewed, one.unseen)
    return (
        one.recipe,
        one.device or "not timed",
        *(str(count) for count in counts),
        *("" if s is None else f"{s:.2f}" for s in (one.per_rendered, one.per_viewed)),
    )
