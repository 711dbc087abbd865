# SPDX-License-Identifier: Apache-2.0
"""What models would have done beside what was done: the one in charge, and any apprentice. Pure.

An apprentice decides nothing. For the same people and the same eligible sets it says what it
foretells of the choice that was made, and with which chances it would have drawn everything: the
lottery that its value is worked out from later (feed/off_policy).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from feed import choices, exploration, ranking
from feed.exploration import Mask
from feed.features import Matrix
from feed.model import HEADS, Model
from feed.ranking import NO_INSERT, Candidate, Decision, Ideas, Round
from feed.scenarios import Catalogue

_CHANCES = "<f4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """One model's word on one choice. `heads` is None for "no insert", in the order of HEADS."""

    model_sha256: str
    heads: tuple[float, ...] | None
    chances: bytes  #: float32, "no insert" first, then the catalogue's order


def cast(
    models: Sequence[Model],
    catalogue: Catalogue,
    candidates: Sequence[Candidate],
    made: Sequence[Decision],
    terms: Round,
) -> tuple[tuple[Shadow, ...], ...]:
    """Ask every model about choices that were made: a tuple of their words for each choice.

    None is asked about somebody whose acts may not be learned from: nothing could come of it.
    """
    ideas = Ideas.of(catalogue, terms)
    asked = [row for row, one in enumerate(candidates) if one.history is not None]
    people = [candidates[row] for row in asked]
    actions = [_action(made[row], ideas) for row in asked]
    told: dict[int, tuple[Shadow, ...]] = {}
    for model in models if asked else ():
        for row, word in zip(asked, _words(model, ideas, people, actions, terms), strict=True):
            told[row] = (*told.get(row, ()), word)
    return tuple(told.get(row, ()) for row in range(len(candidates)))


def unpacked(chances: bytes) -> Matrix:
    """Read a lottery as it was kept. Shapes: (1 + m,)."""
    return np.frombuffer(chances, _CHANCES).astype(np.float64)


def digest(catalogue: Catalogue, eligible: Mask) -> str:
    """Name an eligible set as a decision names it. Shapes: (1 + m,)."""
    return ranking.digest(catalogue.sha256, choices.pack(eligible[np.newaxis])[0])


def _action(made: Decision, ideas: Ideas) -> int:
    return NO_INSERT if made.scenario is None else ideas.places[made.scenario]


def _words(
    model: Model,
    ideas: Ideas,
    candidates: Sequence[Candidate],
    actions: Sequence[int],
    terms: Round,
) -> list[Shadow]:
    weights, eligible = terms.policy.ranking, ideas.mask(candidates)
    x = ranking.described(model, ideas.listed, candidates, terms.now)
    own = model.offsets(one.id for one in ideas.listed)
    worth = np.hstack([np.zeros((len(x), 1)), ranking.values(model, x, ideas.z, weights, own)])
    chances = exploration.lottery(
        worth, eligible, temperature=weights.temperature, share=weights.exploration
    )
    foretold = model.probabilities(x, ideas.z, own)
    heads = np.stack([foretold[name] for name in HEADS])
    return [
        Shadow(
            model_sha256=model.sha256,
            heads=None if not action else tuple(heads[:, row, action - 1].tolist()),
            chances=chances[row].astype(_CHANCES).tobytes(),
        )
        for row, action in enumerate(actions)
    ]
