# SPDX-License-Identifier: Apache-2.0
"""A house whose pictures cost nothing, so that all the rest is what is measured.

Real: schema, ledger, gate, permits, keys, vault, sealed bytes, batches, the whole plan. Stubbed:
the recipe (a grey square, after sleeping as long as it is told), the models that look at pictures
(every one passes) and the marks (a file of random bytes in place of watermark, JPEG and
credential; its reference, receipt and commitment are drawn and written as ever).
How a home is stubbed lies beside it in `stub.json`, so that another process opens it alike.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Engine
from typing_extensions import override

from consent import database, entries
from consent.clocks import Clock
from consent.ledger import Ledger
from consent.policy import Policy
from consent.words import ObjectId, Reason, public_id
from engine import migrations, settings, wiring
from engine.rooms import Rooms
from engine.settings import Settings
from feed import scenarios
from generation.faces import Faces
from generation.identity import Cohort, Identity
from generation.inspection import Inspector
from generation.marking import Marked, Marking
from generation.marking import Unmarked as Picture
from generation.moderation import OpenNsfw
from generation.recipes import Likeness, Row
from generation.studio import BATCH, Studio

FILE: Final = "stub.json"
_SIDE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """How pictures are stubbed. Units: seconds a picture, bytes of a file, requests a batch."""

    seconds: float = 0.0
    size: int = 1_000
    batch: int = BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Grey:
    """A recipe that draws a grey square, after sleeping."""

    seconds: float = 0.0
    id: str = "stub"
    version: str = hashlib.sha256(b"onlyou stub recipe 1").hexdigest()
    size: tuple[int, int] = (_SIDE, _SIDE)

    @property
    def scenarios(self) -> frozenset[str]:
        """Draw whatever there is."""
        return frozenset(scenarios.shipped().by_id)

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Sleep for each row, then draw the same for all."""
        if self.seconds:
            time.sleep(self.seconds * len(rows))
        return tuple(np.full((_SIDE, _SIDE, 3), 128, np.uint8) for _ in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Inspector):
    """Let everything pass: what models would find is not what is measured."""

    @override
    def inspect(
        self,
        picture: NDArray[np.uint8],
        owner: Sequence[Likeness],
        others: Sequence[Likeness],
        policy: Policy,
    ) -> Identity | Reason:
        """Say yes."""
        del picture, owner, others, policy
        return _YES

    @override
    def files(self) -> Mapping[str, str]:
        """Name no file."""
        return {}


_YES: Final = Identity(faces=1, owner=0.3, cohort=0.9, batch=0.9, compared=1, margin=0.1)


class Unmarked(Marking):
    """Put no mark on, and remember all the same what each portrait's marks would be."""

    def __init__(self, ledger: Ledger, rooms: Rooms, size: int) -> None:
        super().__init__(ledger=ledger, keys=rooms.consent.keys, chance=rooms.consent.chance)
        self._bytes = size

    @override
    def marked(self, one: Picture, *, secret: bytes, reference: int, said: bytes) -> Marked:
        """Take random bytes for the file."""
        permit, _, made = one
        named = hashlib.sha256(secret + said).hexdigest()
        return Marked(
            file=self._chance.token(self._bytes),
            reference=reference,
            fingerprint=_LOOK,
            commitment=_committed(secret, permit.object, made.label, named),
        )


_LOOK: Final = bytes(32)


def _committed(secret: bytes, obj: ObjectId, label: str, named: str) -> str:
    salt = entries.salt(secret, b"marks", public_id(obj).encode())
    return entries.commitment(salt, {"label": label, "credential": named})


def install(home: Path, how: Stub, *, clock: Clock | None = None, **given: str | int) -> Rooms:
    """Make a home whose pictures are stubbed; `given` are settings, `database_url` among them."""
    chosen = settings.read(home, **given)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / FILE).write_bytes(orjson.dumps(asdict(how)))
    return over(wiring.install(chosen, clock), how)


def opened(home: Path, *, clock: Clock | None = None) -> Rooms:
    """Open a home that `install` made, in this or any other process."""
    chosen = settings.read(home)
    return over(wiring.build(chosen, _connected(chosen), clock), how_of(home))


def how_of(home: Path) -> Stub:
    """Read how a home is stubbed."""
    return Stub(**orjson.loads((home / FILE).read_bytes()))


def _connected(chosen: Settings) -> Engine:
    connected = database.connect(chosen.database)
    migrations.check(connected)
    return connected


def over(rooms: Rooms, how: Stub) -> Rooms:
    """Give rooms a studio whose pictures are stubbed."""
    return replace(rooms, studio=studio(rooms, how))


def studio(rooms: Rooms, how: Stub) -> Studio:
    """Open a studio over real rooms that draws nothing, judges nothing and marks nothing."""
    consent = rooms.consent
    return Studio(
        ledger=consent.ledger,
        gate=consent.gate,
        vault=consent.vault,
        keys=consent.keys,
        chance=consent.chance,
        recipe=Grey(seconds=how.seconds),
        inspector=_kind(),
        workers=rooms.settings.threads,
        batch=how.batch,
        marking=Unmarked(consent.ledger, rooms, how.size),
        holder=rooms.studio.leases.holder,
    )


def _kind() -> Kind:
    nobody = Cohort(people=(), sha256=hashlib.sha256(b"").hexdigest())
    return Kind(faces=Faces(), scorer=OpenNsfw(), cohort=nobody)
