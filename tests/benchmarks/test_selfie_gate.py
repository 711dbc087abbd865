# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from benchmarks import selfie_gate
from benchmarks.selfie_gate import Shown


def test_one_stop_is_twice_the_light() -> None:
    grey = np.full((2, 2, 3), 118, np.uint8)  # 18 % of white
    linear = ((selfie_gate.again(grey, 1.0)[0, 0, 0] / 255 + 0.055) / 1.055) ** 2.4
    assert linear == pytest.approx(0.36, abs=0.01)
    assert (selfie_gate.again(grey, 0.0) == grey).all()


def test_refusals_are_counted_by_type_and_exposure() -> None:
    seen = {"type": "V", "person": 7, "tone": 20.0, "found": True, "dark": False}
    shown = [Shown(**seen, stops=0.0, blurred=False), Shown(**seen, stops=-2.0, blurred=True)]
    assert [(row["stops"], row["passed"]) for row in selfie_gate.table(shown)] == [(-2, 0), (0, 1)]
    (rate,) = selfie_gate.rates(shown)
    assert (rate["value"], rate["floor"], rate["n"]) == (50, 100, 2)
