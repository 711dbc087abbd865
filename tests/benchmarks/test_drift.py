# SPDX-License-Identifier: Apache-2.0
"""The measures see what they are for: a face made narrower, a skin made lighter or yellower."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import drift
from benchmarks.people import opened
from generation.faces import Faces
from generation.recipes import Likeness
from generation.recipes.photobooth.alignment import place


@pytest.fixture(scope="module")
def faces() -> Faces:
    return Faces()


@pytest.fixture(scope="module")
def selfie(faces: Faces) -> Likeness:
    return faces.measure(opened(4, "amateur_selfie"))


def slimmed(selfie: Likeness, share: float) -> NDArray[np.uint8]:
    """Pull both cheeks in, below the eyes, as a beauty filter does."""
    where, (high, wide) = place(selfie), selfie.pixels.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    across, down = ((x - where.middle[0]) / where.unit, (y - where.middle[1]) / where.unit)
    strength = np.clip((down - 0.2) / 0.5, 0, 1) * np.clip((2.2 - down) / 0.4, 0, 1)
    source = across / (1 - share * strength) * where.unit + where.middle[0]
    return cv2.remap(selfie.pixels, source.astype(np.float32), y, cv2.INTER_LINEAR)


@pytest.mark.parametrize("share", [0.03, 0.05])
def test_a_slimmed_face_is_found_out(faces: Faces, selfie: Likeness, share: float) -> None:
    found = drift.shape(selfie, faces.measure(slimmed(selfie, share)))
    assert found.cheeks == pytest.approx(-100 * share, abs=1.2)


def test_a_lamp_from_the_side_changes_no_shape(faces: Faces, selfie: Likeness) -> None:
    wide = selfie.pixels.shape[1]
    lamp = np.linspace(0.5, 1, wide, dtype=np.float32)[None, :, None]
    found = drift.shape(selfie, faces.measure((selfie.pixels * lamp).astype(np.uint8)))
    assert found.cheeks == pytest.approx(0, abs=1)


def test_nothing_drifts_from_itself(selfie: Likeness) -> None:
    assert drift.skin(selfie, selfie).ab == 0
    assert drift.shape(selfie, selfie).cheeks == pytest.approx(0, abs=0.01)


def test_a_tinted_skin_is_found_out(faces: Faces, selfie: Likeness) -> None:
    lab = cv2.cvtColor(selfie.pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab += np.float32([4, 0, 6])
    tinted = (cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).clip(0, 1) * 255).astype(np.uint8)
    found = drift.skin(selfie, faces.measure(tinted))
    assert found.lightness == pytest.approx(4, abs=0.5)
    assert (found.yellow, found.ab) == pytest.approx((6, 6), abs=0.8)
