# SPDX-License-Identifier: Apache-2.0
"""`onlyou experiment power`: how many people it takes, and how soon harm is stopped."""

from typing import Annotated, Any, Final

import typer

from consent.errors import Misused
from consent.words import Reason
from engine.cli.output import Json, say, say_json, say_table
from feed.statistics import power

_TIMES: Final = (1.25, 1.5, 2.0)
_MOST: Final = 10**6
Times = Annotated[
    list[float] | None,
    typer.Option(help="How many times as often it happens in an arm; may be repeated."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("power")(tell_power)


def tell_power(
    *,
    base: Annotated[float, typer.Option(help="To what share of the control it happens.")] = 0.02,
    times: Times = None,
    per_day: Annotated[
        int, typer.Option(min=1, max=_MOST, help="People who come into each arm a day.")
    ] = 500,
    days: Annotated[int, typer.Option(min=1, max=366, help="For so many days.")] = 30,
    level: Annotated[float, typer.Option(help="How often nothing passes for something.")] = 0.05,
    seen: Annotated[float, typer.Option("--power", help="How often a change is seen.")] = 0.8,
    as_json: Json = False,
) -> None:
    """Say how many people an arm takes, read once or daily, and how soon harm stops it."""
    if not (0 < level < 1 and 0 < seen < 1):
        raise Misused(Reason.UNKNOWN_KEY, "--level and --power are shares between 0 and 1")
    try:
        rows = [
            _row(base, one, per_day=per_day, days=days, level=level, seen=seen)
            for one in times or _TIMES
        ]
    except ValueError as impossible:
        raise Misused(Reason.UNKNOWN_KEY, str(impossible)) from impossible
    except ArithmeticError as impossible:
        raise Misused(Reason.UNKNOWN_KEY, "no number of people shows so little") from impossible
    asked = {"base": base, "per_day": per_day, "days": days, "level": level, "power": seen}
    if as_json:
        say_json({**asked, "items": rows})
        return
    columns = ("times", "people an arm, read once", "read daily", "harm stopped", "median day")
    say_table(
        f"{base:.2%} of the control",
        columns,
        [
            (
                f"x{row['times']:g}",
                f"{row['people']:,}",
                f"{row['people_read_daily']:,}",
                f"{row['stopped']:.1%}" if row["times"] > 1 else "",
                row["median_day"] or "",
            )
            for row in rows
        ],
    )
    say(f"[dim]seen in {seen:.0%}; {per_day:,} people an arm a day, {days} days, 2,000 runs[/]")


def _row(
    base: float, times: float, *, per_day: int, days: int, level: float, seen: float
) -> dict[str, Any]:
    found = power.stopping(base, times, per_day, days, level=level)
    return {
        "times": times,
        "people": power.people(base, times, level=level, power=seen),
        "people_read_daily": power.people_read_daily(base, times, level=level, power=seen),
        "stopped": found.share,
        "median_day": found.median_day,
    }
