# SPDX-License-Identifier: Apache-2.0
"""`onlyou report`: what people reported, and the answer. No command shows the picture."""

import typer

from consent.errors import Misused
from consent.words import Reason, parse_id, public_id
from engine import wiring
from engine.api import reports
from engine.cli.output import Home, Json, say, say_json, say_table
from feed.reports import Outcome

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_reports(home: Home = None, as_json: Json = False) -> None:
    """List the reports that wait for an answer, the one that is due next first.

    Who reported is not shown, and neither is the picture: the reason they chose must do.
    """
    rooms = wiring.open_home(home)
    now = rooms.consent.ledger.now()
    waiting = [reports.shape(one, now) for one in rooms.feed.reports.waiting()]
    if as_json:
        say_json({"items": waiting})
        return
    columns = ("id", "about", "why", "reported", "due")
    say_table(
        "Reports without an answer",
        columns,
        [
            (one["id"], one["about"], one["why"] or "-", one["at"], one["due_at"])
            for one in waiting
        ],
    )


@app.command("answer")
def answer(report: str, outcome: Outcome, home: Home = None, as_json: Json = False) -> None:
    """Answer a report: upheld destroys the portrait or ends the share, dismissed leaves it.

    Without an answer in time the person is right: the next plan upholds it.
    """
    rooms = wiring.open_home(home)
    number = parse_id(report)
    if number is None:
        raise Misused(Reason.UNKNOWN_KEY, "there is no such report")
    done = reports.shape(rooms.feed.reports.answer(number, outcome), rooms.consent.ledger.now())
    if as_json:
        say_json(done)
    else:
        say(f"[green]✓[/] {public_id(number)} {done['outcome']}")
