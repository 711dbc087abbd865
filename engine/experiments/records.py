# SPDX-License-Identifier: Apache-2.0
"""Where runs come from: a narrow port, and the folders that simulated runs are written to.

What reads a run asks `Records` for ids and for one record; it never learns whether that came out
of a folder, the database or an exported bundle.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from typing_extensions import override

from consent import bundle
from consent.entries import decode
from consent.errors import Broken, Misused
from consent.room import ConsentRoom
from consent.words import Reason
from engine.rooms import Rooms
from feed.experiments import logged, records
from feed.experiments.record import Record
from feed.trials import daybook

FOLDER: Final = "experiments"
"""Where a home keeps its simulated runs, one folder an experiment."""
FILE: Final = "record.json"
_MARK: Final = re.compile(rb'"experiment"')


class Records(Protocol):
    """Runs of experiments, by the experiment's id."""

    def ids(self) -> Sequence[str]:
        """List what there is to be read, in order."""

    def load(self, experiment: str) -> Record:
        """Read a run. Errors: Misused(unknown-key) where there is none of that id."""

    def version(self, experiment: str) -> str:
        """Name a run as it is now; another name when there is more of it. Errors: as `load`."""


class RunFolders(Records):
    """Simulated runs as `onlyou simulate` and `onlyou experiment start` leave them."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER

    @override
    def ids(self) -> Sequence[str]:
        """List the folders that hold a whole run; one that is being written is not there yet."""
        return sorted(found.parent.name for found in self._folder.glob(f"*/{FILE}"))

    @override
    def load(self, experiment: str) -> Record:
        """Read a run. Errors: Misused(unknown-key); Broken(unavailable) for a spoilt file."""
        if experiment not in self.ids():
            raise unknown()
        return from_folder(self._folder / experiment)

    @override
    def version(self, experiment: str) -> str:
        """Name a run by when its file was written. Errors: Misused(unknown-key)."""
        if experiment not in self.ids():
            raise unknown()
        found = (self._folder / experiment / FILE).stat()
        return f"{found.st_mtime_ns} {found.st_size}"


class FeedRuns(Records):
    """Experiments that were started on this feed, as its ledger tells them."""

    def __init__(self, room: ConsentRoom) -> None:
        self._room = room
        self._known: tuple[int, Mapping[str, Record]] | None = None

    @override
    def ids(self) -> Sequence[str]:
        """List what was ever started here."""
        return sorted(self._runs())

    @override
    def load(self, experiment: str) -> Record:
        """Read a run. Errors: Misused(unknown-key)."""
        return of(self._runs(), experiment)

    @override
    def version(self, experiment: str) -> str:
        """Name a run by what is logged of it. Errors: Misused(unknown-key)."""
        record = self.load(experiment)
        lifted = sum(one.lifted_day is not None for one in record.stops)
        return f"{record.started_at} {len(record.days)} {len(record.stops)} {lifted}"

    def _runs(self) -> Mapping[str, Record]:
        size, _ = self._room.ledger.head()
        if self._known is None or self._known[0] != size:
            with self._room.ledger.read() as connection:
                self._known = size, daybook.runs(connection)
        return self._known[1]


class Joined(Records):
    """Several places where runs are, as one; the first that knows an id answers for it."""

    def __init__(self, *places: Records) -> None:
        self._places = places

    @override
    def ids(self) -> Sequence[str]:
        """List what any of them has."""
        return sorted({name for place in self._places for name in place.ids()})

    @override
    def load(self, experiment: str) -> Record:
        """Read a run. Errors: Misused(unknown-key) where none of them has it."""
        return self._of(experiment).load(experiment)

    @override
    def version(self, experiment: str) -> str:
        """Name a run as it is now. Errors: Misused(unknown-key) where none of them has it."""
        place = self._of(experiment)
        return f"{self._places.index(place)} {place.version(experiment)}"

    def _of(self, experiment: str) -> Records:
        for place in self._places:
            if experiment in place.ids():
                return place
        raise unknown()


def installed(rooms: Rooms) -> Records:
    """Join what an installation has: experiments on its feed, and simulated ones in its home."""
    return Joined(FeedRuns(rooms.consent), RunFolders(rooms.settings.home))


def from_folder(folder: Path) -> Record:
    """Read the run that one folder holds. Errors: Broken(unavailable) for a spoilt file."""
    try:
        return records.read((folder / FILE).read_bytes())
    except Misused as error:
        spoilt = f"{FILE} of {folder.name} is no record of an experiment"
        raise Broken(Reason.UNAVAILABLE, spoilt) from error


def from_bundle(directory: Path) -> Mapping[str, Record]:
    """Read every run that a bundle holds; verify the bundle first.

    Errors: OSError, ValueError, Misused for what is no whole bundle.
    """
    bodies = ((seq, body) for seq, body, _ in bundle.logged(directory) if _MARK.search(body))
    told = ((seq, decode(body)) for seq, body in bodies)
    mine = [(seq, entry) for seq, entry in told if entry["t"] in logged.TYPES]
    return logged.runs(mine, lambda sha: (directory / "aggregates" / f"{sha}.json").read_bytes())


def of(runs: Mapping[str, Record], experiment: str) -> Record:
    """Pick one of several runs. Errors: Misused(unknown-key)."""
    if experiment not in runs:
        raise unknown()
    return runs[experiment]


def unknown() -> Misused:
    """Say that there is no run of that id, without repeating the id."""
    return Misused(Reason.UNKNOWN_KEY, "there is no run of an experiment with that id")
