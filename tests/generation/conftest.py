# SPDX-License-Identifier: Apache-2.0
"""Models loaded once, and a whole consent room in a folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from consent import database, policies, room
from consent.blobs import ObstoreBlobs
from consent.chance import FixedChance
from consent.clocks import VirtualClock
from consent.keys import UnsafeFileKeys
from consent.policy import SelfieRules
from consent.words import Micros
from generation import identity
from generation.faces import Faces
from generation.inspection import Inspector
from generation.moderation import OpenNsfw
from generation.recipes import Likeness, Recipe
from generation.studio import Studio
from tests.generation import samples
from tests.generation.house import House

NOON = Micros(1_780_000_000_000_000)


@pytest.fixture(scope="session")
def faces() -> Faces:
    return Faces()


@pytest.fixture(scope="session")
def scorer() -> OpenNsfw:
    return OpenNsfw()


@pytest.fixture(scope="session")
def inspector(faces: Faces, scorer: OpenNsfw) -> Inspector:
    return Inspector(faces=faces, scorer=scorer, cohort=identity.shipped())


@pytest.fixture(scope="session")
def rules() -> SelfieRules:
    return policies.load("strict-opt-in").selfies


@pytest.fixture(scope="session")
def likeness(faces: Faces) -> Callable[[int], Likeness]:
    """Measure a person's selfie, once a session."""
    known: dict[int, Likeness] = {}

    def measured(person: int) -> Likeness:
        if person not in known:
            known[person] = faces.measure(samples.pixels_of(person))
        return known[person]

    return measured


@pytest.fixture
def house(tmp_path: Path, inspector: Inspector) -> Callable[..., House]:
    """Build a house with a given recipe over a fresh home."""

    def built(recipe: Recipe | None = None, inspector: Inspector = inspector) -> House:
        chance = FixedChance(7)
        engine = database.connect(f"sqlite:///{tmp_path / 'onlyou.db'}")
        database.create(engine)
        consent = room.build(
            engine=engine,
            policy=policies.load("strict-opt-in"),
            clock=VirtualClock(NOON),
            chance=chance,
            keys=UnsafeFileKeys(tmp_path / "keys", chance),
            blobs=ObstoreBlobs(str(tmp_path / "blobs")),
            origin="onlyou.test/1",
        )
        consent.publish()
        studio = Studio(
            ledger=consent.ledger,
            gate=consent.gate,
            vault=consent.vault,
            chance=chance,
            recipe=recipe or samples.Head(),
            inspector=inspector,
        )
        return House(consent=consent, studio=studio)

    return built
