# SPDX-License-Identifier: Apache-2.0
"""Two plates a scenario, drawn without knowing anybody, kept in memory up to a bound.

A plate depends on (scenario, seed's variant, chin bucket) and on nothing else: two people of one
bucket share the very same bytes.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.geometry import Field, Frame, as_field, shift, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Scenario

VARIANTS = 16
"""How many scenes a scenario has; the second half of them are the first half in the mirror."""
_MIRRORED = VARIANTS // 2

Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plates:
    """All of a portrait that is not the person.

    Shapes: behind (H, W, 3), front (H, W, 4), the others (H, W).
    """

    behind: Half
    front: Half
    """Premultiplied."""
    opening: Field
    """Where the head may show."""
    opening_below: Field
    """Where the neck may show."""
    shade: Field
    """How much headgear darkens the head."""
    face: Field


class PlateRack:
    """Draw plates when asked and keep the last ones used, at most `keep` of them (9 MB each)."""

    def __init__(self, keep: int = 32) -> None:
        self._keep, self._plates, self._lock = (
            keep,
            OrderedDict[tuple[str, int, float], Plates](),
            Lock(),
        )

    def get(self, scenario: Scenario, variant: int, chin: float) -> Plates:
        """Return the plates of one scenario, variant and chin, drawn now or earlier."""
        key = (scenario.id, variant, chin)
        with self._lock:
            if key in self._plates:
                self._plates.move_to_end(key)
                return self._plates[key]
        plates = draw(scenario, variant, chin)
        with self._lock:
            self._plates[key] = plates
            while len(self._plates) > self._keep:
                self._plates.popitem(last=False)
        return plates


def light_of(scenario: Scenario, variant: int) -> Light:
    """Return the light as the finished picture shows it."""
    return scenario.light.mirrored() if variant >= _MIRRORED else scenario.light


def frame_of(scenario: Scenario) -> Frame:
    """Return where a scenario puts the head: the middle of 512 x 640."""
    return Frame(e=scenario.e, ex=256, ey=scenario.ey)


def draw(scenario: Scenario, variant: int, chin: float) -> Plates:
    """Draw both plates of one variant."""
    behind, front, mask = (_canvas(scenario, variant, chin) for _ in range(3))
    scenario.behind(behind)
    scenario.front(front)
    opening = mask.zeros() + 1 if scenario.opening is None else scenario.opening(mask)
    shade = _shade(scenario, mask, opening, front.rgba[..., 3])
    neck = np.where(chin < mask.Y, 1, opening).astype(np.float32)
    turn = _reflected if variant >= _MIRRORED else np.ascontiguousarray
    return Plates(
        behind=turn(behind.rgba[..., :3]).astype(np.float16),
        front=turn(front.rgba).astype(np.float16), opening=turn(opening),
        opening_below=turn(neck), shade=turn(shade), face=turn(mask.face()),
    )  # fmt: skip


def _canvas(scenario: Scenario, variant: int, chin: float) -> Canvas:
    """Return an empty sheet for one plate."""
    frame = frame_of(scenario)
    return Canvas(
        e=frame.e,
        ex=frame.ex,
        ey=frame.ey,
        chin=chin,
        seed=variant % _MIRRORED,
        light=scenario.light,
    )


def _shade(scenario: Scenario, canvas: Canvas, opening: Field, front: Field) -> Field:
    """Darken the head under its hat and towards the edge of its hood."""
    shade = np.clip((1 - smooth(opening, 9)) * 1.3, 0, 1) * np.float32(scenario.inside)
    cast = scenario.hat_shadow
    if cast is not None:
        hat = np.clip(front, 0, 1) * canvas.above(0.6, 0.5)
        shade = np.maximum(
            shade, smooth(shift(hat, cast.right, cast.down), cast.blur) * np.float32(cast.strength)
        )
    return as_field(shade)


def _reflected(field: Field) -> Field:
    """Mirror a plate left to right about the head's middle."""
    moved = cv2.flip(field, 1)
    return np.ascontiguousarray(np.asarray(moved, np.float32))
