# SPDX-License-Identifier: Apache-2.0
"""Choose an idea for each person, or none, and record how likely that choice was.

Steps, in this order:
1. eligible   what the recipe renders, the policy bears and the person has not had lately
2. predict    four heads for all pairs, one matrix product each (feed/model)
3. value      sum of w_k P_k - cost_per_insert, the weights in the policy; "no insert" is action 0
              with value 0, so an idea must be worth more than nothing
4. lottery    softmax with a floor for every eligible action, the best one, or any (their ranker)
5. draw       one number keyed by run, person and day (feed/draws): a replay is bit-exact
Columns of people are chosen for in feed/choices; here they get their names and their records.
A person's history is used only where the caller gives it, which it may only under
`personalisation`; without it the choice is that for the mean person, whatever they did.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from consent.policy import Policy, RankingValues
from consent.words import DAY, Micros
from feed import choices, draws, reasons
from feed.choices import BEST, UNIFORM, Lottery, People
from feed.eights import Bits
from feed.experiments.plan import RANKERS
from feed.exploration import Mask
from feed.features import History, Matrix, person, scenes
from feed.model import Model
from feed.reasons import Part
from feed.scenarios import Catalogue, Scenario

NO_INSERT: Final = 0
"""The first action: show nothing. Scenarios follow in the catalogue's order."""
_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody to choose for. Who it is stays with the caller."""

    draw_key: int  #: 64 bits of the person's pseudonymous tag
    history: History | None = None  #: only under `personalisation`
    without: frozenset[str] = frozenset()  #: scenarios they have had too lately
    asked: bool = False  #: they asked for a portrait: "no insert" is no answer then
    ranker: str = RANKERS[0]  #: how it is drawn; another one only in an arm of an experiment

    @property
    def known(self) -> History | None:
        """Return what there is to know of them, if anything: who is new is as people are."""
        return None if self.history is None or self.history.empty else self.history


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round of choices has in common."""

    seed: int
    now: Micros
    policy: Policy
    renders: frozenset[str]  #: what the active recipe can draw
    explore: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One choice, with everything that is needed to repeat it and to weigh it later."""

    scenario: str | None  #: None: no insert
    propensity: float
    value: float
    eligible: int  #: actions that could have been drawn
    eligible_sha256: str  #: over the catalogue's hash and the bit mask of actions
    model_sha256: str
    policy_sha256: str
    temperature: float
    exploration: float  #: the part of the lottery that is even; 1 where all of it is
    run_key: str  #: hex; with `draw_key` and `day` it is the whole state of the draw
    draw_key: str
    day: int
    personalised: bool


def choose(
    model: Model,
    catalogue: Catalogue,
    candidates: Sequence[Candidate],
    terms: Round,
    chunk: int = _CHUNK,
) -> tuple[Decision, ...]:
    """Choose for many people, in their order. `chunk` bounds the memory, never the outcome.

    Errors: ValueError where somebody asked and nothing is eligible, the caller's fault.
    """
    ideas = Ideas.of(catalogue, terms)
    return tuple(
        decision
        for start in range(0, len(candidates), chunk)
        for decision in _decide(model, ideas, candidates[start : start + chunk], terms)
    )


def values(
    model: Model, x: Matrix, z: Matrix, weights: RankingValues, own: Matrix | None = None
) -> Matrix:
    """Price every pair. Shapes: x (n, p), z (m, s), own (heads, m); returns (n, m)."""
    chances = model.probabilities(x, z, own)
    worth = chances["engage"] * weights.engage
    worth = worth + chances["fewer"] * weights.fewer
    worth = worth + chances["report"] * weights.report
    worth = worth + chances["withdrawal"] * weights.withdrawal
    return np.asarray(worth - weights.cost_per_insert)


def explain(
    model: Model, scenario: Scenario, candidate: Candidate, catalogue: Catalogue, terms: Round
) -> tuple[Part, ...]:
    """Take the value of one choice apart, for the person it was made for."""
    x = described(model, catalogue.scenarios, (candidate,), terms.now)[0]
    z = scenes((scenario,))[0]
    personal = candidate.known is not None
    own = model.offsets([scenario.id])[:, 0]
    return reasons.explain(model, x, z, terms.policy.ranking, personal=personal, own=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideas:
    """The catalogue as the matrix product sees it, with the mask all people share."""

    listed: tuple[Scenario, ...]
    places: dict[str, int]
    z: Matrix
    common: Mask
    sha256: str

    @classmethod
    def of(cls, catalogue: Catalogue, terms: Round) -> "Ideas":
        """Prepare the catalogue for a round."""
        bearable = catalogue.eligible(
            terms.renders, most_sensitive=terms.policy.slots.most_sensitive
        )
        open_to_all = {scenario.id for scenario in bearable}
        listed = catalogue.scenarios
        return cls(
            listed=listed,
            places={scenario.id: n + 1 for n, scenario in enumerate(listed)},
            z=scenes(listed),
            common=np.array([True, *(s.id in open_to_all for s in listed)]),
            sha256=catalogue.sha256,
        )

    def mask(self, candidates: Sequence[Candidate]) -> Mask:
        """Say what each person could be given. Shapes: (n, 1 + scenarios)."""
        masks = np.tile(self.common, (len(candidates), 1))
        for row, candidate in enumerate(candidates):
            masks[row, [self.places[s] for s in candidate.without if s in self.places]] = False
            masks[row, NO_INSERT] = not candidate.asked
        if not masks.any(axis=1).all():
            raise ValueError("nothing is eligible for somebody who asked")
        return masks


def _decide(
    model: Model, ideas: Ideas, candidates: Sequence[Candidate], terms: Round
) -> Iterator[Decision]:
    eligible = ideas.mask(candidates)
    people = _columns(model, ideas, candidates, eligible, terms)
    own = model.offsets(one.id for one in ideas.listed) if model.own else None
    made = choices.choose(model, ideas.z, people, _lottery(terms), own=own, chunk=len(candidates))
    usual = _draft(model, terms)
    for row, candidate in enumerate(candidates):
        action = int(made.action[row])
        yield replace(
            usual,
            scenario=None if action == NO_INSERT else ideas.listed[action - 1].id,
            propensity=float(made.propensity[row]),
            value=float(made.value[row]),
            eligible=int(made.among[row]),
            eligible_sha256=digest(ideas.sha256, people.eligible[row]),
            exploration=_share(_way(candidate, terms), terms),
            draw_key=f"{candidate.draw_key:016x}",
            personalised=candidate.known is not None,
        )


def _draft(model: Model, terms: Round) -> Decision:
    """Write down what all choices of a round have in common."""
    return Decision(
        scenario=None,
        propensity=1.0,
        value=0.0,
        eligible=1,
        eligible_sha256="",
        model_sha256=model.sha256,
        policy_sha256=terms.policy.sha256,
        temperature=terms.policy.ranking.temperature,
        exploration=0.0,
        run_key=f"{draws.run_key(terms.seed):016x}",
        draw_key="",
        day=terms.now // DAY,
        personalised=False,
    )


def _way(candidate: Candidate, terms: Round) -> int:
    return RANKERS.index(candidate.ranker) if terms.explore else BEST


def _share(way: int, terms: Round) -> float:
    """Say which part of somebody's lottery is even."""
    return {BEST: 0.0, UNIFORM: 1.0}.get(way, terms.policy.ranking.exploration)


def _columns(
    model: Model, ideas: Ideas, candidates: Sequence[Candidate], eligible: Mask, terms: Round
) -> People:
    return People(
        x=described(model, ideas.listed, candidates, terms.now),
        eligible=choices.pack(eligible),
        draw_keys=np.array([candidate.draw_key for candidate in candidates], np.uint64),
        rankers=np.array([_way(candidate, terms) for candidate in candidates], np.uint8),
    )


def _lottery(terms: Round) -> Lottery:
    key = draws.run_key(terms.seed)
    return Lottery(weights=terms.policy.ranking, run_key=key, day=terms.now // DAY)


def described(
    model: Model, listed: Sequence[Scenario], candidates: Sequence[Candidate], now: Micros
) -> Matrix:
    """Say what a model is told of people. Shapes: (n, len(PERSON))."""
    themes = {scenario.id: scenario.themes for scenario in listed}
    return np.array(
        [model.population if c.known is None else person(c.known, themes, now) for c in candidates]
    )


def digest(catalogue_sha256: str, eligible: Bits) -> str:
    """Name an eligible set, as packed bits, among the ideas of a catalogue."""
    return hashlib.sha256(bytes.fromhex(catalogue_sha256) + eligible.tobytes()).hexdigest()
