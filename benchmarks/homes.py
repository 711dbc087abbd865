# SPDX-License-Identifier: Apache-2.0
"""Homes to measure in: the consent room on either database, waiting for the disk as in earnest.

SQLite runs as `consent.database` opens it (FULL); PostgreSQL is the server of the test extra with
fsync, synchronous_commit and full_page_writes on.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from consent import database, entries, key_files, policies, room, tables
from consent.blobs import ObstoreBlobs
from consent.chance import SystemChance, identifier
from consent.clocks import VirtualClock
from consent.keys import UnsafeFileKeys
from consent.words import Subject
from tests import postgres
from tests.rooms import NOON, ORIGIN, Rooms

BOTH = ("sqlite", "postgresql")


@contextmanager
def opened(url: str) -> Iterator[Rooms]:
    """Open the consent room on an empty database that has the schema."""
    with tempfile.TemporaryDirectory() as folder:
        yield at(url, Path(folder))


def at(url: str, home: Path) -> Rooms:
    """Open the consent room on a database, with keys and blobs in a folder that may have some."""
    clock, chance = VirtualClock(NOON), SystemChance()
    key_files.found(home / "keys", chance)
    consent = room.build(
        engine=database.connect(url),
        policy=policies.load("strict-opt-in"),
        clock=clock,
        chance=chance,
        keys=UnsafeFileKeys(home / "keys", chance),
        blobs=ObstoreBlobs(str(home / "blobs")),
        origin=ORIGIN,
    )
    consent.publish()
    return Rooms(home=home, clock=clock, chance=chance, consent=consent)


@contextmanager
def empty(kind: str) -> Iterator[Iterator[str]]:
    """Give empty databases with the schema, as many as are asked for, on one server."""
    if kind == "postgresql":
        with postgres.running(durable=True) as cluster:
            yield (cluster.fresh() for _ in iter(int, 1))
        return
    with tempfile.TemporaryDirectory() as folder:
        yield (_file(Path(folder), number) for number, _ in enumerate(iter(int, 1)))


def _file(folder: Path, number: int) -> str:
    url = f"sqlite:///{folder}/{number}.db"
    engine = database.connect(url)
    database.create(engine)
    engine.dispose()
    return url


def driver_url(url: str) -> str:
    """Name a database as its own driver does: a file, or a libpq URL."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return str(parts.database)
    return parts.set(drivername="postgresql").render_as_string(hide_password=False)


def people(rooms: Rooms, count: int) -> Sequence[Subject]:
    """Make people whom the ledger knows, many at once."""
    keys = rooms.consent.keys
    new = [Subject(identifier(rooms.chance)) for _ in range(count)]
    tags = [entries.tag(keys.new_secret(one), ORIGIN) for one in new]
    with rooms.consent.ledger.write() as writing:
        writing.insert(tables.subject, [{"id": one} for one in new])
        chains = zip(new, tags, strict=True)
        writing.insert(tables.chain, [{"subject": one, "tag": tag} for one, tag in chains])
    return new
