# SPDX-License-Identifier: Apache-2.0
"""Choose for very many people at once: columns in, columns out. Pure, and fast.

    choose(model, z, People(x=..., eligible=..., draw_keys=..., rankers=None),
           Lottery(weights=policy.ranking, run_key=draws.run_key(seed), day=day)) -> Choices

    x          (n, p)  what is known of people: `model.population` for whoever is not to be known
    z          (m, s)  features.scenes(scenarios)
    eligible   (n, ceil((1 + m) / 8)) uint8: `pack` of a mask over the actions; action 0 is "no
               insert", action 1 + j is scene j
    draw_keys  (n,) uint64; with run key and day they are the whole state of a draw
    rankers    (n,) uint8: EXPLORE (the policy's lottery), BEST, UNIFORM; None: all explore

Rules:
1. whoever is chosen for gets the same, bit for bit, whatever the company, the chunk or the worker:
   sums of features are exact (feed/features rule 3), all after them is elementwise (feed/eights)
2. a propensity is the chance with which that very draw could have given that very action
3. nothing ineligible is drawn; whoever has nothing eligible is the caller's fault
"""

from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from consent.policy import RankingValues
from feed import draws, eights
from feed.draws import Words
from feed.eights import EIGHT, Bits, Floats, Whole
from feed.experiments.plan import RANKERS
from feed.exploration import Mask
from feed.features import GRAIN, Matrix
from feed.model import Model, sigmoid

Grains = NDArray[np.number[Any]]
"""Multiples of 1/64 as floats of any width, or how many of them as int8."""
EXPLORE, BEST, UNIFORM = range(len(RANKERS))
CHUNK: Final = 768
_LANES: Final = 16
"""Columns are filled up to so many, so that no element is ever computed in another way."""
_Kind = TypeVar("_Kind", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Those to choose for, as columns; shapes as in the module's words."""

    x: Grains
    eligible: Bits
    draw_keys: Words
    rankers: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lottery:
    """What all draws of one moment have in common. Units: day is days since 1970 UTC."""

    weights: RankingValues
    run_key: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was drawn, a row each. Shapes: (n,), `heads` (n, len(HEADS)).

    Value and heads are those of the action drawn: 0 and nan for "no insert".
    """

    action: NDArray[np.int32]
    propensity: Matrix
    value: Matrix
    among: NDArray[np.int32]  #: actions that could have been drawn
    heads: Floats


def pack(mask: Mask) -> Bits:
    """Write a mask over actions as bits. Shapes: (n, 1 + m) gives (n, ceil((1 + m) / 8))."""
    return np.packbits(mask, axis=1)


def choose(
    model: Model,
    z: Matrix,
    people: People,
    lottery: Lottery,
    *,
    own: Matrix | None = None,
    chunk: int = CHUNK,
) -> Choices:
    """Choose for everybody, in their order. `chunk` bounds the memory, never the outcome.

    Shapes: own (heads, m), what is known of each scene alone (`model.offsets`).
    Errors: ValueError where nothing is eligible for somebody, or what is no action.
    """
    count, actions = len(people.draw_keys), _Actions.of(model, z, lottery.weights, own)
    if people.eligible.shape != (count, actions.eights):
        raise ValueError(f"expected masks of {actions.eights} bytes for {count} people")
    made = Choices(
        action=np.empty(count, np.int32),
        propensity=np.empty(count),
        value=np.empty(count),
        among=np.empty(count, np.int32),
        heads=np.empty((count, len(model.heads)), np.float32),
    )
    desk = _Desk.of(actions, min(chunk, count))
    for start in range(0, count, chunk):
        part = slice(start, min(start + chunk, count))
        if part.stop - start < min(chunk, count):
            desk = _Desk.of(actions, part.stop - start)
        _fill(made, part, actions, people, lottery, desk=desk)
    return made


# --- one chunk, a column a person


@dataclass(frozen=True, slots=True, kw_only=True)
class _Actions:
    """What does not hang on people: all actions in eights, and what their heads weigh.

    Shapes: z (8 eights, s + 1), a one at the end; cross (heads (s + 1), p); rest (heads (s + 1),).
    """

    z: Matrix
    cross: Matrix
    rest: Matrix
    own: Matrix | None  #: (heads, 8 eights)
    worths: Matrix  #: (heads,) a head's weight in the value
    cost: float
    temperature: float
    exploration: float
    eights: int
    padding: int  #: bits of the last byte that are no action

    @classmethod
    def of(
        cls, model: Model, z: Matrix, weights: RankingValues, own: Matrix | None = None
    ) -> "_Actions":
        count = -(-(1 + len(z)) // EIGHT)
        padded = np.zeros((count * EIGHT, z.shape[1] + 1))
        padded[1 : 1 + len(z), :-1] = z
        padded[:, -1] = 1.0
        heads = model.heads.values()
        return cls(
            z=padded,
            cross=np.vstack([np.vstack([h.cross.T, h.person]) for h in heads]),
            rest=np.concatenate([np.append(h.scene, h.intercept) for h in heads]),
            own=None if own is None else np.pad(own, ((0, 0), (1, len(padded) - 1 - len(z)))),
            worths=np.array([getattr(weights, name) for name in model.heads]),
            cost=weights.cost_per_insert,
            temperature=weights.temperature,
            exploration=weights.exploration,
            eights=count,
            padding=(1 << (count * EIGHT - 1 - len(z))) - 1,
        )

    def towards(self, x: Matrix) -> Matrix:
        """Say what each scene feature adds to each logit, exactly. Shapes: (heads, s + 1, n)."""
        both = self.cross @ np.ascontiguousarray(x.T) + self.rest[:, np.newaxis]
        return both.reshape(len(self.worths), -1, len(x))

    def values(self, towards: Matrix, desk: "_Desk") -> Floats:
        """Price all pairs in units of the temperature, and "no insert" at what one costs."""
        logits, chance, total = desk.logits, desk.chance, desk.values
        total[:] = 0
        for place, worth in enumerate(self.worths / self.temperature):
            np.matmul(self.z, -towards[place], out=logits)
            if self.own is not None:
                logits -= self.own[place][:, np.newaxis]
            with np.errstate(over="ignore"):  # a chance of 0 is right then
                np.exp(logits, out=chance, dtype=np.float32, casting="same_kind")
            chance += np.float32(1)
            total += np.divide(np.float32(worth), chance, out=chance)
        total[0] = self.cost / self.temperature
        return total

    def heads(self, towards: Matrix, action: Whole) -> Matrix:
        """Foretell the actions drawn, in full precision. Shapes: (heads, n)."""
        logits = np.einsum("hsn,ns->hn", towards, self.z[action])
        return sigmoid(logits if self.own is None else logits + self.own[:, action])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Room to work in, used again for every chunk: taking it anew costs as much as the work."""

    logits: Matrix
    chance: Floats
    values: Floats

    @classmethod
    def of(cls, actions: _Actions, count: int) -> "_Desk":
        shape = (len(actions.z), -(-count // _LANES) * _LANES)
        return cls(
            logits=np.empty(shape),
            chance=np.empty(shape, np.float32),
            values=np.empty(shape, np.float32),
        )


def _fill(
    made: Choices,
    part: slice,
    actions: _Actions,
    people: People,
    lottery: Lottery,
    *,
    desk: _Desk,
) -> None:
    """Choose for one chunk and write it into the rows of `made`."""
    count = part.stop - part.start
    bits = _columns(people.eligible, part)
    among = np.bitwise_count(bits).sum(axis=0, dtype=np.int32)
    if not among.all() or (bits[-1] & actions.padding).any():
        raise ValueError("nothing is eligible for somebody, or what is no action")
    towards = actions.towards(_grained(_filled(people.x, part)))
    at = draws.uniform(lottery.run_key, _filled(people.draw_keys, part), lottery.day)
    values = actions.values(towards, desk)
    eights.shut(values, bits, desk.chance)
    drawn = _drawn(values, bits, at, _rankers(people, part), actions.exploration)
    heads = actions.heads(towards, drawn.action)
    worth = sum(w * p for w, p in zip(actions.worths, heads, strict=True)) - actions.cost
    none = drawn.action == 0
    made.action[part] = drawn.action[:count]
    made.propensity[part] = drawn.propensity[:count]
    made.among[part] = among[:count]
    made.value[part] = np.where(none, 0.0, worth)[:count]
    made.heads[part] = np.where(none, np.nan, heads).T[:count]


def _drawn(
    values: Floats, bits: Bits, at: Matrix, rankers: NDArray[np.uint8], exploration: float
) -> eights.Drawn:
    """Draw for everybody by their ranker; a uniform lottery is one that is even altogether."""
    sure = np.flatnonzero(rankers == BEST)
    first = eights.best(values[:, sure])
    drawn = eights.draw(values, bits, at, np.where(rankers == UNIFORM, 1.0, exploration))
    drawn.action[sure], drawn.propensity[sure] = first, 1.0
    return drawn


def _filled(rows: NDArray[_Kind], part: slice) -> NDArray[_Kind]:
    """Take a part, its last row repeated until the lanes are full."""
    count = part.stop - part.start
    mine, missing = rows[part], -count % _LANES
    return np.concatenate([mine, np.repeat(mine[-1:], missing, axis=0)]) if missing else mine


def _columns(rows: NDArray[_Kind], part: slice) -> NDArray[_Kind]:
    return np.ascontiguousarray(_filled(rows, part).T)


def _rankers(people: People, part: slice) -> NDArray[np.uint8]:
    if people.rankers is None:
        return np.full(-(-(part.stop - part.start) // _LANES) * _LANES, EXPLORE, np.uint8)
    return _filled(people.rankers, part)


def _grained(x: Grains) -> Matrix:
    """Take whole grains, or round to them: the exactness of sums rests on it."""
    whole = x if x.dtype.kind == "i" else np.rint(np.multiply(x, GRAIN, dtype=np.float64))
    return np.asarray(whole / np.float64(GRAIN))
