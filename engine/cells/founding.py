# SPDX-License-Identifier: Apache-2.0
"""Make what cells need: the front with its directory, and every shard in the cell it begins in.

Safe to repeat: what is there is brought to the present schema, a cell that was added to the file
is entered in the directory, and nothing is moved by it. The last shard is made first, so that the
directory tells from its first row on how many there are to be.
"""

from pathlib import Path

from sqlalchemy import make_url

from consent import database, handover, key_files
from consent.chance import FixedChance, SystemChance
from consent.clocks import Clock, SystemClock
from consent.errors import Misused
from consent.words import Reason
from engine import founding, wiring
from engine.cells.directory import FIRST, Directory, Place, State
from engine.cells.layout import Layout
from engine.settings import Settings


def found(plan: Layout, clock: Clock | None = None) -> Directory:
    """Make front, directory and shards, or bring them to the present schema.

    Errors: Misused(unknown-key) for another number of shards than it was begun with.
    """
    wiring.check(plan.front)
    ready(plan.front)
    directory = Directory(database.connect(plan.front.database))
    directory.know(plan.cells, (clock or SystemClock()).now())
    known = {place.number: place for place in directory.places()}
    if known and max(known) + 1 != plan.shards:
        raise Misused(
            Reason.UNKNOWN_KEY, f"people are spread over {max(known) + 1} shards, for good"
        )
    if not known and not _lived_in(plan):
        _front_keys(plan.front)
    for number in reversed(range(plan.shards)):
        if number not in known:
            _begin(plan, directory, number, clock)
        elif known[number].state is State.OPEN:
            _again(plan, known[number])
    return directory


def _lived_in(plan: Layout) -> bool:
    """Say whether a shard has entries: then keys of the front that are not there are lost."""
    for number in range(plan.shards):
        chosen = plan.settings(number, first_cell(plan, number))
        place = make_url(chosen.database)
        if place.get_backend_name() == "sqlite" and not Path(place.database or "").exists():
            continue
        connected = database.connect(chosen.database)
        try:
            found = handover.standing(connected)
        finally:
            connected.dispose()
        if found is not None and found.size:
            return True
    return False


def _front_keys(front: Settings) -> None:
    """Make what names are hidden under, and what signs over all shards."""
    chance = FixedChance(front.seed) if front.fixed_keys else SystemChance()
    key_files.found(front.keys_folder, chance)


def first_cell(plan: Layout, number: int) -> str:
    """Say in which cell a shard begins: neighbours together, as evenly as can be."""
    names = list(plan.cells)
    return names[number * len(names) // plan.shards]


def ready(chosen: Settings) -> None:
    """Have a database at the present schema where settings say, and the folder it lies in."""
    place = make_url(chosen.database)
    if place.get_backend_name() == "sqlite" and place.database:
        Path(place.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    founding.found(chosen)


def _again(plan: Layout, place: Place) -> None:
    """Have a shard at the present schema, open in the term that the directory says.

    A log that was restored from a backup may be of an earlier one.
    """
    chosen = plan.settings(place.number, place.cell)
    ready(chosen)
    connected = database.connect(chosen.database)
    try:
        handover.reopen(connected, place.term)
    finally:
        connected.dispose()


def _begin(plan: Layout, directory: Directory, number: int, clock: Clock | None) -> None:
    where = first_cell(plan, number)
    chosen = plan.settings(number, where)
    ready(chosen)
    connected = database.connect(chosen.database)
    database.self_test(connected)
    handover.reopen(connected, FIRST)
    wiring.founded(chosen, connected, clock)
    connected.dispose()
    directory.enter(number, where)
