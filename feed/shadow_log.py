# SPDX-License-Identifier: Apache-2.0
"""Two models beside each other on the same logged choices, ready to be valued (feed/off_policy).

Rules:
1. only people who let us learn, and only choices of which both models said something
2. a choice is left out where what could have been drawn is not what its digest says: it was made
   with another catalogue, and its actions are not ours
3. how often what was foretold came true is told of the same people, of inserts that were listed
4. a choice counts once it is known what came of it; one that led to no portrait earned nothing
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, select

from consent.policy import Policy
from consent.words import HOUR, Micros, Subject
from feed import outcomes, shadows, training_log
from feed.calibration import HEAVIEST, table
from feed.experiments.record import Reliability
from feed.features import Matrix
from feed.off_policy import logs, rewards
from feed.outcomes import SEEN_HEADS, WINDOW, Came, Current, Place
from feed.promotion import Beside
from feed.ranking import NO_INSERT
from feed.scenarios import Catalogue
from feed.tables import predicted

_MOST: Final = 5_000
_Row = Mapping[str, Any]


def read(
    connection: Connection,
    everybody: Sequence[Subject],
    current: Current,
    catalogue: Catalogue,
    policy: Policy,
    *,
    models: tuple[str, str],
    now: Micros,
) -> Beside:
    """Read the choices of which both models, named by their hashes, said something.

    Errors: Misused(unreadable) where there is none, or the log cannot be weighed.
    """
    people = outcomes.willing(connection, everybody, current)
    over = now - WINDOW - policy.portraits.insert_hours * HOUR
    words = _words(connection, people, models)
    rows = [
        row
        for row in training_log.decisions(connection, people)
        if row["at"] <= over
        and all((row["id"], name) in words for name in models)
        and _ours(row, words[row["id"], models[0]], catalogue)
    ]
    came = outcomes.outcomes(connection, people, now)
    mine, theirs = (_lotteries(rows, words, name, catalogue) for name in models)
    heads = {name: _came(rows, came, name) for name in SEEN_HEADS}
    shown = np.array([_place(row) in came for row in rows], np.bool_)
    earned = rewards.priced(heads, shown, policy.ranking, known=SEEN_HEADS)
    log = logs.read(
        subject=np.array([row["subject"] for row in rows], np.int64),
        action=np.array([_action(row, catalogue) for row in rows], np.int64),
        propensity=np.array([row["propensity"] for row in rows]),
        reward=earned.reward,
        eligible=theirs > 0.0,
        low=earned.low,
        high=earned.high,
    )
    return Beside(log=log, mine=mine, theirs=theirs, heads=heads)


def held_up(
    connection: Connection,
    everybody: Sequence[Subject],
    current: Current,
    model_sha256: str,
    now: Micros,
) -> tuple[Reliability, ...]:
    """Hold what a model foretold of inserts against what came of them; nothing of who left."""
    people = outcomes.willing(connection, everybody, current)
    came = outcomes.outcomes(connection, people, now)
    chances = {row["id"]: row["propensity"] for row in training_log.decisions(connection, people)}
    columns = [predicted.c[name] for name in SEEN_HEADS]
    rows = [
        row
        for start in range(0, len(people), _MOST)
        for row in connection.execute(
            select(predicted.c.subject, predicted.c.decision, *columns).where(
                predicted.c.subject.in_(people[start : start + _MOST]),
                predicted.c.model_sha256 == model_sha256,
            )
        ).all()
        if (row.subject, row.decision) in came
    ]
    if not rows:
        return ()
    heavy = np.minimum([1.0 / chances[row.decision] for row in rows], HEAVIEST)
    told = {name: np.array([row[2 + n] for row in rows]) for n, name in enumerate(SEEN_HEADS)}
    truth = [came[row.subject, row.decision] for row in rows]
    return tuple(
        table(
            name, model_sha256, told[name], np.array([float(name in one) for one in truth]), heavy
        )
        for name in SEEN_HEADS
    )


def _words(
    connection: Connection, people: Sequence[Subject], models: tuple[str, str]
) -> dict[tuple[int, str], bytes]:
    columns = (predicted.c.decision, predicted.c.model_sha256, predicted.c.chances)
    found: dict[tuple[int, str], bytes] = {}
    for start in range(0, len(people), _MOST):
        mine = predicted.c.subject.in_(people[start : start + _MOST])
        rows = connection.execute(
            select(*columns).where(mine, predicted.c.model_sha256.in_(models))
        )
        found |= {(number, name): chances for number, name, chances in rows}
    return found


def _ours(row: _Row, chances: bytes, catalogue: Catalogue) -> bool:
    """Say whether a choice was made among what is in this catalogue, and by lot."""
    open_then = shadows.unpacked(chances) > 0.0
    same = shadows.digest(catalogue, open_then) == str(row["eligible_sha256"])
    return same and row["exploration"] > 0.0


def _lotteries(
    rows: Sequence[_Row], words: Mapping[tuple[int, str], bytes], name: str, catalogue: Catalogue
) -> Matrix:
    """Read one model's lotteries; float32 as they are kept, they are made to sum to 1 again."""
    found = np.empty((len(rows), 1 + len(catalogue.scenarios)))
    for number, row in enumerate(rows):
        found[number] = shadows.unpacked(words[row["id"], name])
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _came(rows: Sequence[_Row], came: Came, head: str) -> Matrix:
    return np.array([head in came.get(_place(row), ()) for row in rows], np.float64)


def _place(row: _Row) -> Place:
    return Subject(row["subject"]), row["id"]


def _action(row: _Row, catalogue: Catalogue) -> int:
    names = [scenario.id for scenario in catalogue.scenarios]
    return NO_INSERT if row["scenario"] is None else 1 + names.index(row["scenario"])
