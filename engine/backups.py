# SPDX-License-Identifier: Apache-2.0
"""Back an installation up, bring one back: what the consent room knows, put to a home.

The keys of a home are never in a backup of its data, and no backup lies beside them: who steals
one of the two opens nothing. What that means for whoever loses both stands in docs/operations.md.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect

from consent import backups, database, key_files
from consent.backups import Manifest
from consent.chance import SystemChance
from consent.clocks import SystemClock
from consent.errors import Broken, Misused
from consent.reaping import Reaper
from consent.resuming import Resumed
from consent.since import Since
from consent.words import Micros, Reason
from consent.writing import Writing
from engine import founding, jobs, migrations, wiring
from engine.rooms import Rooms
from engine.settings import Settings
from feed import closing
from feed.trials import restoring

_BEGUN: Final = "restore.begun"
"""Stands in a home from the moment its rows are brought until their sealed bytes are, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore brought, and what is missing: rows whose sealed bytes are nowhere."""

    manifest: Manifest
    resumed: Resumed
    blobs: int
    lost: int


def back_up(rooms: Rooms, folder: Path, *, with_blobs: bool = True) -> Manifest:
    """Write a backup into a folder, or bring the one in it up to date.

    Errors: Misused(duplicate) for a folder of something else, Misused(unknown-key) for one that
    lies in the home, with the keys; Broken(unavailable) for a home whose restore broke off.
    """
    place = folder.resolve()
    _apart(place, rooms.settings)
    if (rooms.settings.home / _BEGUN).exists():
        said = f"a restore broke off here: ask for it again; where it is given up, remove {_BEGUN}"
        raise Broken(Reason.UNAVAILABLE, said)
    opened = wiring.folder if with_blobs else None
    return backups.write(
        rooms.consent, place, opened, prepare=migrations.bring, schema=migrations.head()
    )


def _apart(place: Path, chosen: Settings) -> None:
    """Refuse to put data and keys into one folder: whoever takes it takes both.

    Neither may lie in the other, wherever the home and its keys lie behind links.
    """
    for own in (chosen.home.resolve(), chosen.keys_folder.resolve()):
        if place.is_relative_to(own) or own.is_relative_to(place):
            said = "a backup never lies with the keys: name a folder outside of the home"
            raise Misused(Reason.UNKNOWN_KEY, said)


def restore(
    chosen: Settings, folder: Path, *, since: Path | None = None, heads: Sequence[str] = ()
) -> Restored:
    """Bring a home's database and sealed bytes back from a backup; its keys must be there.

    Nothing that ended since comes back. One that broke off once the rows were there is finished,
    where it is asked for as it was: rows that are there are held against nothing else any more.
    Errors: Misused(unknown-key) where a database or no keys are there, Broken(unavailable) where
    the log would go back behind what was signed, or the store of sealed bytes fails.
    """
    done = _begun(chosen, folder, _asked(since, heads))
    if done is None:
        done = _bring(chosen, folder, since, heads)
    else:
        founding.found(chosen)
    return _finish(chosen, backups.read(folder), folder, done)


def _asked(since: Path | None, heads: Sequence[str]) -> str:
    """Name what a backup was to be held against: the bundle by its checkpoint."""
    signed = since and since / "checkpoint"
    bundled = [signed.read_text("utf-8", "replace")] if signed and signed.exists() else []
    return hashlib.sha256(json.dumps([bundled, sorted(heads)]).encode()).hexdigest()


def _begun(chosen: Settings, folder: Path, asked: str) -> Resumed | None:
    """Say what came of the rows where only the rest of this very backup is missing; else None."""
    note = chosen.home / _BEGUN
    if not note.exists():
        return None
    told, manifest = json.loads(note.read_text("utf-8")), backups.read(folder)
    same = (told.pop("mac"), told.pop("asked", "")) == (manifest.mac, asked)
    if not same or "entry" not in _tables(chosen):
        return None
    connected = database.connect(chosen.database_owner or chosen.database)
    try:
        with database.reading(connected) as connection:
            mine = backups.continued(connection, manifest.head)
    finally:
        connected.dispose()
    return Resumed(**told) if mine else None


def _bring(chosen: Settings, folder: Path, since: Path | None, heads: Sequence[str]) -> Resumed:
    """Bring the rows, in one transaction, once everything was looked at that can be before it."""
    _empty(chosen)
    chance = SystemChance()
    keys = wiring.keys(chosen, chance)
    source = backups.checked(folder, keys, since=since, heads=heads)
    if source.manifest.origin != chosen.origin:
        raise Misused(Reason.UNKNOWN_KEY, f"the backup is of {source.manifest.origin}")
    next(wiring.blobs(chosen).pages(), None)  # the store answers
    done: list[Resumed] = []

    def fill(connection: Connection) -> None:
        now = Micros(0) if chosen.simulated_clock else SystemClock().now()
        prepare, schema = migrations.bring, migrations.head()
        done.append(
            backups.bring(
                source, connection, keys, chance, now, prepare=prepare, schema=schema,
                also=partial(_also, source.since),
            )
        )  # fmt: skip
        held = {"mac": source.manifest.mac, "asked": _asked(since, heads)}
        told = held | asdict(done[0])
        key_files.write(chosen.home / _BEGUN, json.dumps(told).encode())

    founding.found(chosen, fill)
    return done[0]


def _also(since: Sequence[Since], writing: Writing) -> None:
    """End in the other rooms what was ended since, or may have been: nobody can know it there."""
    restoring.rebuild(writing.connection, since)
    restoring.stop(writing)
    closing.close(writing)
    jobs.drop(writing)


def _empty(chosen: Settings) -> None:
    if not (chosen.keys_folder / key_files.LOG).exists():
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"no keys are in {chosen.home.name!r}: a backup opens only with those of its log",
        )
    if _tables(chosen):
        raise Misused(
            Reason.UNKNOWN_KEY, "there is a database already; move it away, or name an empty one"
        )


def _tables(chosen: Settings) -> Sequence[str]:
    connected = database.connect(chosen.database_owner or chosen.database)
    try:
        return inspect(connected).get_table_names()
    finally:
        connected.dispose()


def _finish(chosen: Settings, manifest: Manifest, folder: Path, done: Resumed) -> Restored:
    """Finish what was begun, and bring the sealed bytes that rows still name, no others."""
    connected = database.connect(chosen.database)
    try:
        database.self_test(connected)
        consent = wiring.build(chosen, connected).consent
        consent.publish()
        consent.erasures.finish()
        brought = _brought(Reaper(consent.ledger, consent.blobs), folder / backups.BLOBS)
        lost = consent.retention.lost()
    finally:
        connected.dispose()
    (chosen.home / _BEGUN).unlink(missing_ok=True)
    return Restored(manifest=manifest, resumed=done, blobs=brought, lost=lost)


def _brought(reaper: Reaper, place: Path) -> int:
    """Bring the bytes of a backup, where it has any: nothing is made in it by looking."""
    return reaper.fill(wiring.folder(place)) if place.is_dir() else 0
