# SPDX-License-Identifier: Apache-2.0
"""The command line: what DESIGN section 7 fixes, one small file a topic.

Exit status: 0 done, 1 a finding or a refusal, 2 wrong usage. With `--json` a result is printed in
the shape that HTTP has for it, and an error as `{"reason", "detail"}`.
"""

import logging
import os
import sys
from typing import Final

import orjson
import typer
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from consent.errors import Broken, Misused, OnlyouError
from consent.words import Reason
from engine import journal
from engine.cli import (
    appealing,
    audits,
    backups,
    benches,
    cells,
    chatting,
    consents,
    costs,
    describing,
    erasing,
    experiments,
    installing,
    people,
    policies,
    rankers,
    recipes,
    recognizing,
    reporting,
    running,
    sharing,
    simulating,
    witnesses,
)
from engine.cli.output import say_error

_OWNER_ONLY: Final = 0o077

app = typer.Typer(
    name="onlyou",
    help="A consent-first feed-personalization engine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
running.register(app)
installing.register(app)
erasing.register(app)
backups.register(app)
appealing.register(app)
chatting.register(app)
witnesses.register(app)
app.add_typer(cells.app, name="cells", help="Logs in several places: make, move, sign, check.")
app.add_typer(people.app, name="subject", help="People: add one with selfies, list them.")
app.add_typer(consents.app, name="consent", help="Serve a notice, grant, withdraw, show.")
app.add_typer(policies.app, name="policy", help="List, show and check the shipped policies.")
app.add_typer(
    audits.app, name="audit", help="Export the ledger, verify it, replay it, tell a story."
)
app.add_typer(sharing.app, name="share", help="What people show to others: list it, end it.")
app.add_typer(reporting.app, name="report", help="What people reported, and the answer.")
app.add_typer(
    rankers.app, name="ranker", help="The models that choose ideas: train, judge, change them."
)
app.add_typer(recipes.app, name="recipe", help="The ways portraits can be rendered here.")
app.add_typer(
    experiments.app, name="experiment", help="Product experiments: list, show and check them."
)
recognizing.register(app)
costs.register(app)
describing.register(app)
simulating.register(app)
benches.register(app)


def main() -> None:
    """Run the command line; turn what went wrong into one sentence and an exit status."""
    os.umask(_OWNER_ONLY)  # before anything is written, whoever may enter the folder
    journal.configure(level=logging.WARNING)
    try:
        app()
    except OnlyouError as error:
        _say_why(error)
        sys.exit(2 if isinstance(error, Misused) else 1)
    except OperationalError:  # its message repeats addresses and statements
        _say_why(Broken(Reason.UNAVAILABLE, "the database cannot be reached or is busy"))
        sys.exit(1)
    except SQLAlchemyError as error:  # as does any other: its kind is all that is told
        kind = type(getattr(error, "orig", None) or error).__name__
        _say_why(Broken(Reason.UNAVAILABLE, f"the database cannot do what was asked: {kind}"))
        sys.exit(1)
    except OSError as error:
        _say_why(Broken(Reason.UNAVAILABLE, f"{error.strerror or error}: {error.filename or '?'}"))
        sys.exit(1)


def _say_why(error: OnlyouError) -> None:
    if "--json" in sys.argv:
        problem = {"reason": error.reason, "detail": error.sentence}
        sys.stdout.write(orjson.dumps(problem).decode() + "\n")
    else:
        say_error(error.sentence, error.reason)
