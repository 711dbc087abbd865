# SPDX-License-Identifier: Apache-2.0
"""A process that plans slots, as a scheduler does, slowly enough to be stopped in the middle.

`python -m tests.engine.planners URL HOME NAME SLOTS [unfenced]` says on standard output what it
leads and closes. `URL` carries the name as the connection's own, so that the database can tell who
wrote what.
"""

import sys
import time
from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from consent import database
from consent.chance import SystemChance
from consent.clocks import SystemClock
from consent.ledger import Ledger
from consent.words import HOUR, Micros
from engine import leading
from engine.leading import NotLeading
from engine.plans import Plans
from generation.holders import Holder
from tests.rooms import ALL_TABLES, ORIGIN, founded

SECONDS: Final = 0.3
PARTS: Final = 3
_PAUSE: Final = 0.002
_WAIT: Final = 0.04


def main(url: str, home: str, name: str, slots: str, *more: str) -> None:
    """Plan every slot, or see that it is planned."""
    assert ALL_TABLES
    if "unfenced" in more:
        leading.check = lambda *_: None
    said = {"application_name": name, "options": "-c idle_in_transaction_session_timeout=200"}
    chance = SystemChance()
    ledger = Ledger(
        engine=database.connect(
            make_url(url).update_query_dict(said).render_as_string(hide_password=False)
        ),
        clock=SystemClock(),
        keys=founded(Path(home) / "keys", chance),
        chance=chance,
        origin=ORIGIN,
    )
    plans, holder = Plans(ledger, "t19"), Holder(name=name)
    for slot in range(int(slots)):
        while plans.recall(Micros(slot * HOUR)) is None:
            try:
                _plan(ledger, plans, holder, Micros(slot * HOUR))
            except (NotLeading, DBAPIError):
                time.sleep(_WAIT)
    print("done", flush=True)  # noqa: T201 - whoever started it listens


def _plan(ledger: Ledger, plans: Plans, holder: Holder, slot: Micros) -> None:
    with leading.led(ledger, holder, seconds=SECONDS):
        plan = plans.open(slot)
        if plan.outcome is not None:
            return
        print(slot, flush=True)  # noqa: T201
        for _ in range(PARTS):
            time.sleep(_PAUSE)
            with ledger.write() as writing:
                writing.append("aggregate", n=slot)
        time.sleep(_PAUSE)
        plans.close(plan, {})


if __name__ == "__main__":
    main(*sys.argv[1:])
