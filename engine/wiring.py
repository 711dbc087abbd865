# SPDX-License-Identifier: Apache-2.0
"""The only file that names adapters: settings in, built rooms out."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import Engine, select

import generation.tables  # noqa: F401 - the shared metadata must be whole before it is used
from consent import database, key_files, policies, quorum, room
from consent.accounts import anybody
from consent.blobs import Blobs, ObstoreBlobs
from consent.chance import Chance, FixedChance, SystemChance
from consent.clocks import Clock, ContinuingClock, SystemClock
from consent.errors import Misused
from consent.keys import KeyStore, UnsafeFileKeys
from consent.quorum import Quorum
from consent.records import Controller
from consent.scopes import EVERYBODY, Scope
from consent.stores import Reach
from consent.tables import log_head
from consent.words import Micros, Reason
from engine import founding, migrations, quotas, settings, stock, workers
from engine.rooms import Rooms
from engine.settings import Settings
from engine.shards import Shard, is_spread
from feed import room as feed_room
from generation import expander, holders, inspection
from generation.holders import Holder
from generation.recipes import Recipe, factories
from generation.recipes.specs import Spec
from generation.recipes.starting import CannotStart
from generation.studio import Studio


def open_home(
    home: Path | None = None,
    *,
    strict: bool = True,
    scope: Scope = EVERYBODY,
    **given: str | None,
) -> Rooms:
    """Open an installation that is there already.

    `scope` says whose rows are touched where nothing else is said: everybody's by what plans and
    sweeps, nobody's by what serves.
    Errors: Misused(unknown-key) where there is none, Broken(unavailable) where its keys are lost;
    with `strict`, Broken(schema-version) for a database of another version or one that takes
    forbidden rows.
    """
    chosen = settings.read(home, **given)
    if not chosen.home.is_dir():
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"there is no installation in {chosen.home.name!r}; run `onlyou init`",
        )
    _whole(chosen)
    connected = database.connect(chosen.database, scope)
    if strict:
        migrations.check(connected)
        database.self_test(connected)
    return build(chosen, connected)


def install(chosen: Settings, clock: Clock | None = None) -> Rooms:
    """Make a home, or bring one to the present schema, and publish policy and notices.

    Errors: Misused(unknown-key) for a policy or recipe that is not here, before anything is made;
    those of `keys`.
    """
    _whole(chosen)
    check(chosen)
    settings.write(chosen)
    founding.found(chosen)
    connected = database.connect(chosen.database)
    database.self_test(connected)
    return founded(chosen, connected, clock)


def founded(chosen: Settings, connected: Engine, clock: Clock | None = None) -> Rooms:
    """Put rooms together and publish; a log without entries is given keys. Errors: as `keys`."""
    chance = _chance(chosen, connected)
    if not _head(connected)[0]:
        key_files.found(chosen.keys_folder, chance)
    rooms = build(chosen, connected, clock, chance=chance)
    rooms.consent.publish()
    return rooms


def _whole(chosen: Settings) -> None:
    """Refuse a home that has no log of its own. Errors: Misused(unknown-key)."""
    if is_spread(chosen.home):
        raise Misused(
            Reason.UNKNOWN_KEY,
            "the people of this home are spread over shards; say in which: "
            "`onlyou cells in SHARD COMMAND`",
        )


def check(chosen: Settings) -> None:
    """Refuse settings that name what is not here, or a recipe that cannot start.

    Errors: Misused(unknown-key), Broken(unavailable).
    """
    policies.load(chosen.policy)
    _quorum(chosen)
    quotas.zone_of(chosen.zone)
    _expander(chosen)
    starter(chosen)
    stock.check(chosen)


def build(
    chosen: Settings,
    connected: Engine,
    clock: Clock | None = None,
    *,
    chance: Chance | None = None,
) -> Rooms:
    """Put the rooms together: an installation's, or those of one shard of it."""
    shard = Shard.read(chosen.shard)
    chance = chance or _chance(chosen, connected)
    consent = room.build(
        engine=connected,
        policy=policies.load(chosen.policy),
        clock=clock or _clock(chosen, connected),
        chance=chance,
        keys=keys(chosen, chance),
        blobs=blobs(chosen),
        origin=chosen.origin,
        quorum=_quorum(chosen),
        controller=Controller(
            name=chosen.controller,
            address=chosen.controller_address,
            email=chosen.controller_email,
            phone=chosen.controller_phone,
        ),
        term=shard.term if shard else None,
        holds=shard.holds if shard else anybody,
        names=chosen.reaper,
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
            recipe=recipe(chosen),
            inspector=inspection.shipped(),
            workers=chosen.threads,
            proves=_proves(chosen),
            holder=Holder(name=SystemChance().token(8).hex(), folder=chosen.home / holders.FOLDER),
        ),
        expander=expander.Named(chosen.expander),
    )


def keys(chosen: Settings, chance: Chance) -> KeyStore:
    """Open the key store of a home. Errors: Broken(unavailable) where its keys are not there."""
    return UnsafeFileKeys(chosen.keys_folder, chance)


def folder(path: Path) -> Blobs:
    """Open a folder of sealed bytes, such as a backup's."""
    return ObstoreBlobs(str(path))


def blobs(chosen: Settings) -> Blobs:
    """Open where sealed bytes lie."""
    reach = Reach(
        endpoint=chosen.blobs_endpoint,
        region=chosen.blobs_region,
        seconds=chosen.blobs_seconds,
        retries=chosen.blobs_retries,
    )
    return ObstoreBlobs(chosen.blob_store, reach)


def _expander(chosen: Settings) -> None:
    """Refuse an expander that is not here. Errors: Misused(unknown-key)."""
    here = expander.offered()
    if chosen.expander not in here:
        raise Misused(
            Reason.UNKNOWN_KEY, f"no expander {chosen.expander!r}; here are {', '.join(here)}"
        )


def _quorum(chosen: Settings) -> Quorum:
    """Read who must cosign; a relative path is one in the home."""
    return quorum.read(chosen.home / chosen.witnesses) if chosen.witnesses else quorum.NOBODY


def _chance(chosen: Settings, connected: Engine) -> Chance:
    fixed = chosen.fixed_keys
    return FixedChance(chosen.seed, start=_head(connected)[0]) if fixed else SystemChance()


def _clock(chosen: Settings, connected: Engine) -> Clock:
    return ContinuingClock(_head(connected)[1]) if chosen.simulated_clock else SystemClock()


def _head(connected: Engine) -> tuple[int, Micros]:
    with database.reading(connected) as connection:
        size, now = connection.execute(select(log_head.c.size, log_head.c.now)).one()
    return size, Micros(now)


def _ray(rooms: Rooms) -> workers.Workers:
    from engine.workers.cluster import joined  # noqa: PLC0415 - Ray, where it is asked for alone

    return joined(rooms)


workers.offer("ray", _ray)


# --- recipes


def _photobooth(spec: Spec, chosen: Settings) -> Recipe:
    del spec, chosen
    from generation.recipes.photobooth import Photobooth  # noqa: PLC0415 - loads OpenCV and plates

    return Photobooth()


def _painted(spec: Spec, chosen: Settings) -> Recipe:
    del spec, chosen
    from generation.recipes.painted import Painted  # noqa: PLC0415 - loads the style network

    return Painted()


def _filter(spec: Spec, chosen: Settings) -> Recipe:
    del spec, chosen
    from generation.recipes.filter import Filter  # noqa: PLC0415 - loads OpenCV

    return Filter()


def _sdxl(spec: Spec, chosen: Settings) -> Recipe:
    from generation.recipes.sdxl import Sdxl  # noqa: PLC0415 - loads OpenCV and plates

    parts = stock.parts(spec, chosen, maker(spec))
    return Sdxl(stock.pinned(spec, chosen), parts, device=chosen.device, scenarios=_prompts())


def _flux2(spec: Spec, chosen: Settings) -> Recipe:
    from generation.recipes.flux2 import Flux2  # noqa: PLC0415 - loads OpenCV

    parts = stock.parts(spec, chosen)
    return Flux2(stock.pinned(spec, chosen), parts, device=chosen.device, scenarios=_prompts())


def _prompts() -> Mapping[str, str]:
    from generation.recipes import prompts  # noqa: PLC0415 - reads the catalogue

    return {name: idea.prompt for name, idea in prompts.ideas().items()}


_KINDS: Final[Mapping[str, Callable[[Spec, Settings], Recipe]]] = MappingProxyType(
    {
        "photobooth": _photobooth,
        "painted": _painted,
        "filter": _filter,
        "sdxl": _sdxl,
        "flux2": _flux2,
    }
)
"""What runs a recipe, by the kind that its file names."""
_PURE: Final = frozenset({"photobooth", "painted", "filter"})


def recipe(chosen: Settings) -> Recipe:
    """Take the recipe that the settings name; its weights are looked at when it first draws.

    So whoever wants to leave can, whatever is wrong with a graphics card or a file.
    Errors: Misused(unknown-key) for one that is not here.
    """
    return starter(chosen)()


def starter(chosen: Settings) -> Callable[[], Recipe]:
    """Say what makes the recipe that the settings name; it is not made yet.

    Errors: Misused(unknown-key) for one that is not here.
    """
    spec = stock.find(chosen)
    if spec is not None:
        return partial(make, spec, chosen)
    offered = factories()
    if chosen.recipe not in offered:
        here = ", ".join(sorted({*stock.described(chosen), *offered}))
        raise Misused(Reason.UNKNOWN_KEY, f"no recipe {chosen.recipe!r}; here are {here}")
    return offered[chosen.recipe]


def _proves(chosen: Settings) -> bool:
    """Say whether a recipe must pass its self-test before its first job in each process.

    What is nothing but this package's own code passed it where that code was tested; what comes
    with weights, or from another package, passes it here.
    """
    spec = stock.find(chosen)
    return spec is None or spec.kind not in _PURE


def make(spec: Spec, chosen: Settings) -> Recipe:
    """Make the recipe that a file describes, or what says why it cannot be made here."""
    try:
        return _KINDS[spec.kind](spec, chosen)
    except CannotStart as why:
        return stock.Absent(spec, why)


def maker(spec: Spec) -> Callable[[Path], None] | None:
    """Say what writes a recipe's weights, where they are random numbers of ours."""
    if not stock.is_random(spec):
        return None
    from generation.recipes.sdxl import tiny  # noqa: PLC0415 - only for tests and CI

    return tiny.build
