# SPDX-License-Identifier: Apache-2.0
"""What all people of a run have in common: a value that a worker process is given whole."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np

from consent.words import DAY, Micros
from engine.simulation.coefficients import Coefficients
from engine.simulation.regimes import Regime, Regimes
from feed import draws, scenarios
from feed import model as models
from feed.features import Matrix, scenes
from feed.model import Model
from feed.scenarios import Catalogue, Theme

MINUTES: Final = 24 * 60
PAGE: Final = 50
"""Posts on a page (feed/page.USUAL)."""

Watch = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A run's terms. Minutes count from midnight UTC of the first day."""

    seed: int
    first_day: int  #: days since 1970 UTC
    coefficients: Coefficients
    listed: tuple[Regime, ...]
    model_text: str  #: the file of the ranking model that is used at first

    @cached_property
    def know(self) -> dict[str, float]:
        """Name every coefficient's value."""
        return self.coefficients.known()

    @cached_property
    def key(self) -> int:
        """Return the run's key for numbers of chance."""
        return draws.run_key(self.seed)

    @cached_property
    def regimes(self) -> Regimes:
        """Return what people live under; the first is for who is in no arm."""
        return Regimes(listed=self.listed)

    @cached_property
    def model(self) -> Model:
        """Read the ranking model."""
        return _model(self.model_text)

    @cached_property
    def own(self) -> Matrix | None:
        """Return what the model knows of ideas alone, None for nothing. Shapes: (heads, m)."""
        listed = (scenario.id for scenario in self.catalogue.scenarios)
        return self.model.offsets(listed) if self.model.own else None

    @property
    def catalogue(self) -> Catalogue:
        """Return the ideas that there are."""
        return scenarios.shipped()

    @cached_property
    def scenes(self) -> Matrix:
        """Describe every idea. Shapes: (scenarios, len(SCENE))."""
        return scenes(self.catalogue.scenarios)

    @cached_property
    def themes(self) -> Matrix:
        """Say what each idea is about. Shapes: (scenarios, themes)."""
        return np.ascontiguousarray(self.scenes[:, : len(Theme)])

    def moment(self, minute: int) -> Micros:
        """Turn a minute of the run into a time."""
        return Micros(self.first_day * DAY + minute * (DAY // MINUTES))


@cache
def _model(text: str) -> Model:
    """Read a model once a process, however many blocks it lives."""
    return models.parse(text)
