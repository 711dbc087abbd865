# SPDX-License-Identifier: Apache-2.0
"""The ranking model as a value: four logistic heads, bilinear in person and scene, no code in it.

    P(head | x, z) = sigmoid(x A z + x b + z c + a)

is what scikit-learn's LogisticRegression on [x, z, x (x) z] predicts, written as one matrix
product for all people and scenarios. The file holds whole numbers (multiples of 2**-30) and is
named by its hash: features are multiples of 1/64, so a logit is exact in float64 and does not
depend on how people were batched. A scenario that was shown often has a weight of its own beside
that of its class; a new one has none.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from consent.errors import Broken
from consent.words import Reason
from feed.features import GRAIN, PERSON, SCENE, Matrix

HEADS: Final = ("engage", "fewer", "report", "withdrawal")
"""Liked or shared; asked for fewer or hid; reported; withdrew within seven days."""
SCALE: Final = 1 << 30
SCHEMA: Final = "onlyou-ranking/1"
_LARGEST: Final = 1 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One outcome's coefficients. Shapes: person (p,), scene (s,), cross (p, s)."""

    intercept: float
    person: Matrix
    scene: Matrix
    cross: Matrix

    def logits(self, x: Matrix, z: Matrix) -> Matrix:
        """Score all pairs. Shapes: x (n, p), z (m, s); returns (n, m)."""
        return (
            (x @ self.cross) @ z.T
            + (x @ self.person)[:, np.newaxis]
            + (z @ self.scene)[np.newaxis, :]
            + self.intercept
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All heads, and the mean person who stands in for whoever is not to be known."""

    heads: Mapping[str, Head]
    population: Matrix  #: (p,), the training log's mean person
    trained_on: Mapping[str, Any]
    sha256: str
    #: by scenario, a logit a head: (heads,)
    own: Mapping[str, Matrix] = field(default_factory=dict)

    def probabilities(self, x: Matrix, z: Matrix, own: Matrix | None = None) -> dict[str, Matrix]:
        """Predict every head for all pairs. Shapes: x (n, p), z (m, s), own as `offsets` has it.

        Each is (n, m).
        """
        more = np.zeros((len(self.heads), len(z))) if own is None else own
        pairs = zip(self.heads.items(), more, strict=True)
        return {name: sigmoid(head.logits(x, z) + one) for (name, head), one in pairs}

    def offsets(self, scenarios: Iterable[str]) -> Matrix:
        """Say what is known of scenarios alone. Shapes: (heads, m), 0 where it is nothing."""
        nothing = np.zeros(len(self.heads))
        return np.stack([nothing, *(self.own.get(one, nothing) for one in scenarios)])[1:].T


def sigmoid(logits: Matrix) -> Matrix:
    """Turn logits into probabilities."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


@cache
def shipped() -> Model:
    """Read the model that comes with the package, trained on a synthetic log."""
    return parse((files("data") / "models" / "ranking.json").read_text("utf-8"))


def parse(text: str) -> Model:
    """Read a model file. Errors: Broken(unknown-key) where it is not one for these features."""
    try:
        return _model(json.loads(text), hashlib.sha256(text.encode()).hexdigest())
    except (ValueError, KeyError, TypeError) as error:
        raise Broken(Reason.UNKNOWN_KEY, f"ranking model refused: {error}") from error


def _model(table: dict[str, Any], sha256: str) -> Model:
    known = {"schema": SCHEMA, "person": [*PERSON], "scene": [*SCENE], "scale": SCALE}
    for key, expected in known.items():
        if table[key] != expected:
            raise ValueError(f"expected {key} {expected!r}, got {table[key]!r}")
    if tuple(table["heads"]) != HEADS:
        raise ValueError(f"expected the heads {HEADS}, got {tuple(table['heads'])}")
    heads = {name: _head(h) for name, h in table["heads"].items()}
    own = {one: _shaped(n, (len(HEADS),)) / SCALE for one, n in table.get("own", {}).items()}
    _check_size(heads, own)
    return Model(
        heads=MappingProxyType(heads),
        population=_shaped(table["population"], (len(PERSON),)) / GRAIN,
        trained_on=MappingProxyType(table["trained_on"]),
        sha256=sha256,
        own=MappingProxyType(own),
    )


def _check_size(heads: Mapping[str, Head], own: Mapping[str, Matrix]) -> None:
    """Refuse coefficients whose sums would not be exact: 53 bits hold 2**-42 up to 2**10."""
    parts = [np.concatenate([h.cross.ravel(), h.person, h.scene]) for h in heads.values()]
    most = max(float(np.abs(part).sum()) for part in parts)
    most += max(abs(head.intercept) for head in heads.values())
    most += max((float(np.abs(one).max()) for one in own.values()), default=0.0)
    if not most < _LARGEST:
        raise ValueError(f"coefficients sum up to {most:.0f}, {_LARGEST} at most are exact")


def _head(table: dict[str, Any]) -> Head:
    return Head(
        intercept=float(_shaped(table["intercept"], ()) / SCALE),
        person=_shaped(table["person"], (len(PERSON),)) / SCALE,
        scene=_shaped(table["scene"], (len(SCENE),)) / SCALE,
        cross=_shaped(table["cross"], (len(PERSON), len(SCENE))) / SCALE,
    )


def _shaped(values: object, shape: tuple[int, ...]) -> Matrix:
    array = np.asarray(values)
    if array.shape != shape or array.dtype.kind != "i":
        raise ValueError(f"expected whole numbers of shape {shape}, got {array.shape}")
    return array.astype(np.float64)


def write(
    heads: Mapping[str, Head],
    population: Matrix,
    trained_on: Mapping[str, Any],
    own: Mapping[str, Matrix] = MappingProxyType({}),
) -> str:
    """Write a model file: canonical JSON of whole numbers, so that equal models have one hash."""
    table = {
        "schema": SCHEMA,
        "person": [*PERSON],
        "scene": [*SCENE],
        "scale": SCALE,
        "population": _whole(population, GRAIN),
        "heads": {name: _written(heads[name]) for name in HEADS},
        "trained_on": dict(trained_on),
    }
    if own:
        table["own"] = {one: _whole(own[one], SCALE) for one in sorted(own)}
    return json.dumps(table, separators=(",", ":")) + "\n"


def _written(head: Head) -> dict[str, Any]:
    return {
        "intercept": _whole(np.asarray(head.intercept), SCALE),
        "person": _whole(head.person, SCALE),
        "scene": _whole(head.scene, SCALE),
        "cross": _whole(head.cross, SCALE),
    }


def _whole(values: Matrix, scale: int) -> Any:  # noqa: ANN401 - a number or nested lists of them
    return np.round(values * scale).astype(np.int64).tolist()
