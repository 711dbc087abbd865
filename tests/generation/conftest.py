# SPDX-License-Identifier: Apache-2.0
"""Models loaded once, and a studio over the real consent room."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from consent import policies
from consent.policy import SelfieRules
from generation import identity
from generation.faces import Faces
from generation.inspection import Inspector
from generation.moderation import OpenNsfw
from generation.quarantine import Judge
from generation.recipes import Likeness, Recipe, Row
from generation.recipes.photobooth import Photobooth
from generation.studio import Studio
from tests.generation import samples
from tests.generation.house import House
from tests.rooms import Rooms


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


@pytest.fixture(scope="session")
def drawn(likeness: Callable[[int], Likeness]) -> dict[tuple[str, int], NDArray[np.uint8]]:
    """Draw four scenarios of three people, once a session: real portraits without any mark."""
    booth = Photobooth()
    return {
        (scenario, person): booth.render(
            [Row(likenesses=(likeness(person),), scenario=scenario, seed=person)]
        )[0]
        for scenario in ("astronaut", "botanical", "jazz", "pirate")
        for person in (1, 4, 8)
    }


Housing = Callable[..., House]


@pytest.fixture
def housing(rooms: Rooms, inspector: Inspector) -> Housing:
    """Open a studio over the rooms, with a given recipe and given models."""

    def opened(
        recipe: Recipe | None = None,
        models: Inspector = inspector,
        *,
        proves: bool = False,
        second: Judge | None = None,
    ) -> House:
        studio = Studio(
            ledger=rooms.consent.ledger,
            gate=rooms.consent.gate,
            vault=rooms.consent.vault,
            keys=rooms.consent.keys,
            chance=rooms.chance,
            recipe=recipe or samples.Head(),
            inspector=models,
            proves=proves,
            second=second,
        )
        return House(rooms=rooms, studio=studio)

    return opened


@pytest.fixture
def house(housing: Housing) -> House:
    """Open a studio whose recipe shows the selfie's head as it is."""
    return housing()
