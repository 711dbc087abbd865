# SPDX-License-Identifier: Apache-2.0
"""The log that a model is trained on, read from what stands in the tables: personalisation only.

Rules:
1. a row is an insert that the ranking chose, for somebody who held `personalisation` then and
   holds it still; what they asked for by name was not chosen, and is none
2. a person is described as they were known when the choice was made, nothing later
3. what came of it is feed/outcomes: a day's acts, and no column for leaving, which cannot be known
4. people are numbers of this log, from 0: nobody's name, id or pseudonym is in it
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from consent.words import Micros, Subject
from feed import outcomes, training
from feed.features import History, Matrix, person, scenes
from feed.history import histories
from feed.model import Model
from feed.outcomes import SEEN_HEADS, Came, Current
from feed.scenarios import Catalogue
from feed.tables import decision

_MOST: Final = 5_000
_Row = Mapping[str, Any]


def read(
    connection: Connection,
    everybody: Sequence[Subject],
    current: Current,
    catalogue: Catalogue,
    model: Model,
    *,
    now: Micros,
) -> pd.DataFrame:
    """Read the log of those of `everybody` who let us learn, oldest first.

    `current` holds the hashes of the notices in force; `model` says who stands in for somebody of
    whom nothing was known yet.
    """
    people = outcomes.willing(connection, everybody, current)
    came = outcomes.outcomes(connection, people, now)
    known = histories(connection, people)
    chosen = [
        row
        for row in decisions(connection, people)
        if (row["subject"], row["id"]) in came
        and row["scenario"] in catalogue.by_id
        and row["at"] >= known[row["subject"]].since
    ]
    x = _described(chosen, known, catalogue, model)
    return _frame(chosen, x, came, catalogue)


def decisions(connection: Connection, people: Sequence[Subject]) -> list[_Row]:
    """Read the choices made for some people, oldest first."""
    columns = (
        *(decision.c.id, decision.c.subject, decision.c.at, decision.c.scenario, decision.c.day),
        *(decision.c.propensity, decision.c.exploration, decision.c.eligible_sha256),
    )
    found: list[_Row] = []
    for start in range(0, len(people), _MOST):
        mine = decision.c.subject.in_(people[start : start + _MOST])
        rows = connection.execute(select(*columns).where(mine)).mappings()
        found += [dict(row) for row in rows]
    return sorted(found, key=lambda row: (row["at"], row["id"]))


def _described(
    chosen: Sequence[_Row], known: Mapping[Subject, History], catalogue: Catalogue, model: Model
) -> Matrix:
    """Describe people as they were known when they were chosen for."""
    themes = {scenario.id: scenario.themes for scenario in catalogue.scenarios}
    x = np.empty((len(chosen), len(model.population)))
    for number, row in enumerate(chosen):
        at = Micros(row["at"])
        history = known[row["subject"]].before(at)
        x[number] = model.population if history.empty else person(history, themes, at)
    return x


def _frame(
    chosen: Sequence[_Row],
    x: Matrix,
    came: Came,
    catalogue: Catalogue,
) -> pd.DataFrame:
    heads = [came[row["subject"], row["id"]] for row in chosen]
    _, people = np.unique([row["subject"] for row in chosen], return_inverse=True)
    return training.frame(
        x,
        scenes([catalogue.by_id[row["scenario"]] for row in chosen]),
        {name: np.array([name in one for one in heads], bool) for name in SEEN_HEADS},
        day=np.array([row["day"] for row in chosen], np.int64),
        person=people,
        propensity=np.array([row["propensity"] for row in chosen], np.float64),
        scenario=np.array([row["scenario"] for row in chosen], object),
    )
