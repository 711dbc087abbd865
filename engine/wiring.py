# SPDX-License-Identifier: Apache-2.0
"""The only file that names adapters: settings in, built rooms out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import Engine, select

import generation.tables  # noqa: F401 - the shared metadata must be whole before it is used
from consent import database, policies, quorum, room
from consent.blobs import ObstoreBlobs
from consent.chance import Chance, FixedChance, SystemChance
from consent.clocks import Clock, ContinuingClock, SystemClock
from consent.errors import Misused
from consent.keys import UnsafeFileKeys
from consent.quorum import Quorum
from consent.records import Controller
from consent.tables import log_head
from consent.words import Micros, Reason
from engine import migrations, settings
from engine.rooms import Rooms
from engine.settings import Settings
from feed import room as feed_room
from generation import inspection
from generation.recipes import Recipe, factories
from generation.studio import Studio


def open_home(home: Path | None = None, *, strict: bool = True, **given: str | None) -> Rooms:
    """Open an installation that is there already.

    Errors: Misused(unknown-key) where there is none; with `strict`, Broken(schema-version) for a
    database of another version or one that takes forbidden rows.
    """
    chosen = settings.read(home, **given)
    if not chosen.home.is_dir():
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"there is no installation in {chosen.home.name!r}; run `onlyou init`",
        )
    connected = database.connect(chosen.database)
    if strict:
        migrations.check(connected)
        database.self_test(connected)
    return build(chosen, connected)


def install(chosen: Settings, clock: Clock | None = None) -> Rooms:
    """Make a home, or bring one to the present schema, and publish policy and notices.

    Errors: Misused(unknown-key) for a policy or recipe that is not here, before anything is made.
    """
    check(chosen)
    settings.write(chosen)
    connected = database.connect(chosen.database)
    migrations.upgrade(connected)
    database.self_test(connected)
    rooms = build(chosen, connected, clock)
    rooms.consent.publish()
    return rooms


def check(chosen: Settings) -> None:
    """Refuse settings that name what is not here. Errors: Misused(unknown-key)."""
    policies.load(chosen.policy)
    _quorum(chosen)
    _starter(chosen.recipe)


def build(chosen: Settings, connected: Engine, clock: Clock | None = None) -> Rooms:
    """Put the rooms together."""
    chance = _chance(chosen, connected)
    consent = room.build(
        engine=connected,
        policy=policies.load(chosen.policy),
        clock=clock or _clock(chosen, connected),
        chance=chance,
        keys=UnsafeFileKeys(chosen.home / "keys", chance),
        blobs=ObstoreBlobs(chosen.blob_store),
        origin=chosen.origin,
        quorum=_quorum(chosen),
        controller=Controller(
            name=chosen.controller,
            address=chosen.controller_address,
            email=chosen.controller_email,
            phone=chosen.controller_phone,
        ),
    )
    return Rooms(
        settings=chosen,
        consent=consent,
        feed=feed_room.build(consent),
        studio=Studio(
            ledger=consent.ledger,
            gate=consent.gate,
            vault=consent.vault,
            keys=consent.keys,
            chance=chance,
            recipe=recipe(chosen.recipe),
            inspector=inspection.shipped(),
            workers=chosen.threads,
        ),
    )


def _quorum(chosen: Settings) -> Quorum:
    """Read who must cosign; a relative path is one in the home."""
    return quorum.read(chosen.home / chosen.witnesses) if chosen.witnesses else quorum.NOBODY


def _chance(chosen: Settings, connected: Engine) -> Chance:
    if not chosen.fixed_keys:
        return SystemChance()
    return FixedChance(chosen.seed, start=_head(connected)[0])


def _clock(chosen: Settings, connected: Engine) -> Clock:
    return ContinuingClock(_head(connected)[1]) if chosen.simulated_clock else SystemClock()


def _head(connected: Engine) -> tuple[int, Micros]:
    with database.reading(connected) as connection:
        size, now = connection.execute(select(log_head.c.size, log_head.c.now)).one()
    return size, Micros(now)


# --- recipes


def _photobooth() -> Recipe:
    from generation.recipes.photobooth import Photobooth  # noqa: PLC0415 - loads OpenCV and plates

    return Photobooth()


def _painted() -> Recipe:
    from generation.recipes.painted import Painted  # noqa: PLC0415 - loads the style network

    return Painted()


_OWN: Final[Mapping[str, Callable[[], Recipe]]] = MappingProxyType(
    {"photobooth": _photobooth, "painted": _painted}
)


def recipe(name: str) -> Recipe:
    """Start a recipe by id. Errors: Misused(unknown-key) for one that is not here."""
    return _starter(name)()


def _starter(name: str) -> Callable[[], Recipe]:
    known = factories(_OWN)
    if name not in known:
        raise Misused(
            Reason.UNKNOWN_KEY, f"no recipe {name!r}; here are {', '.join(sorted(known))}"
        )
    return known[name]


def start_recipes() -> Mapping[str, Recipe]:
    """Start every recipe that can be started here."""
    return {name: start() for name, start in factories(_OWN).items()}
