# SPDX-License-Identifier: Apache-2.0
"""The embedded default recipe: costumes and scenes drawn by our own code on one CPU thread.

Face in the hole: head, hair and neck of a selfie are cut out, relit, and set between two drawn
plates. Nothing is downloaded.
Rules:
1. The same row gives the same picture, bit for bit.
2. A row's picture depends on that row alone; plates hold no personal data.
3. Only the lightness of the face changes: a and b of the skin stay the photograph's.
"""

import hashlib
import importlib.resources
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from importlib.resources.abc import Traversable

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import CannotRender, Likeness, ModelFile, Row
from generation.recipes.photobooth import segmentation
from generation.recipes.photobooth.alignment import bucket
from generation.recipes.photobooth.composite import compose, lay
from generation.recipes.photobooth.cutout import Cutout, Head, cut_out, into
from generation.recipes.photobooth.finish import Composite, finish
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.parallax import swayed_head, swayed_plates, sways
from generation.recipes.photobooth.plates import VARIANTS, PlateRack, Plates, frame_of, light_of
from generation.recipes.photobooth.relight import relight
from generation.recipes.photobooth.scenario import Covers, Mood, Scenario
from generation.recipes.photobooth.scenarios import collect


class Why(StrEnum):
    """Why no selfie of a row suits its scenario."""

    UNKNOWN_SCENARIO = "unknown_scenario"
    NO_SELFIE = "no_selfie"
    CUT_HAIR = "cut_hair"
    TURNED_AWAY = "turned_away"


class Unsuitable(CannotRender):
    """No selfie of a row suits its scenario; another scenario or another selfie may do."""

    def __init__(self, why: Why, scenario: str) -> None:
        super().__init__(f"no selfie suits the scenario {scenario!r}: {why.value}")
        self.why = why
        self.scenario = scenario


class Photobooth:
    """Draw portraits of 512 x 640 on the CPU. One instance may be shared by threads."""

    id = "photobooth"
    size = (512, 640)

    def __init__(self, *, keep_plates: int = 32) -> None:
        cv2.setNumThreads(1)
        self._scenarios = collect()
        self._rack = PlateRack(keep_plates)
        self.scenarios = frozenset(self._scenarios)

    @cached_property
    def version(self) -> str:
        """Return the sha256 over this package's files and the segmentation weights."""
        digest = hashlib.sha256()
        for name, content in sorted(_files(importlib.resources.files(__name__), "")):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        digest.update(segmentation.weights())
        return digest.hexdigest()

    @cached_property
    def models(self) -> tuple[ModelFile, ...]:
        """Name the one network that looks at a selfie; all else is our own drawing."""
        return (segmentation.model(),)

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Draw one picture a row.

        Errors: Unsuitable when no selfie of a row suits its scenario.
        """
        return tuple(self._portrait(row) for row in rows)

    def frames(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Draw one moving picture a row: its layers sway against each other by a few pixels.

        Shapes: (parallax.FRAMES, 640, 512, 3); the frame in the middle is at rest. Errors:
        Unsuitable, as `render`.
        """
        return tuple(self._moving(row) for row in rows)

    def eyes(self, scenario: str) -> tuple[float, float]:
        """Say where the eyes are in a scenario. Units: their distance and height in pixels."""
        drawn = self._scenarios[scenario]
        return drawn.e, drawn.ey

    def suited(self, likenesses: Sequence[Likeness]) -> frozenset[str]:
        """Name the scenarios that at least one of these selfies suits."""
        cutouts = [cut_out(likeness) for likeness in likenesses]
        return frozenset(
            name
            for name, scenario in self._scenarios.items()
            if any(_fault(cutout, scenario) is None for cutout in cutouts)
        )

    def _portrait(self, row: Row) -> NDArray[np.uint8]:
        """Choose, cut out, resample, compose and finish one portrait."""
        scenario, plates, head, light = self._layers(row)
        whole = compose(head, plates, scenario, light, row.seed)
        return _finished(whole, scenario)

    def _moving(self, row: Row) -> NDArray[np.uint8]:
        """Choose, cut out and light once; then move, compose and finish every frame."""
        scenario, plates, head, light = self._layers(row)
        lit = relight(head, light, amount=scenario.relight, rim=scenario.rim)
        drawn = []
        for sway in sways():
            moved, bright = swayed_head(head, lit, sway)
            behind = swayed_plates(plates, sway)
            whole = lay(moved, bright, behind, scenario, light, seed=row.seed)
            drawn.append(_finished(whole, scenario))
        return np.stack(drawn)

    def _layers(self, row: Row) -> tuple[Scenario, Plates, Head, Light]:
        """Find all that a portrait is put together from."""
        scenario = self._scenarios.get(row.scenario)
        if scenario is None:
            raise Unsuitable(Why.UNKNOWN_SCENARIO, row.scenario)
        cutout = _choose(row.likenesses, scenario)
        variant = row.seed % VARIANTS
        plates = self._rack.get(scenario, variant, bucket(cutout.chin))
        return scenario, plates, into(cutout, frame_of(scenario)), light_of(scenario, variant)


def _finished(whole: Composite, scenario: Scenario) -> NDArray[np.uint8]:
    return np.asarray(np.rint(finish(whole, scenario.finish) * 255), np.uint8)


_MOODS = {Mood.SMILE: 0.9, Mood.HALF: 0.5, Mood.NEUTRAL: 0.1}


def _choose(likenesses: Sequence[Likeness], scenario: Scenario) -> Cutout:
    """Take the selfie nearest to the scenario's mood whose hair the costume can carry."""
    wanted = _MOODS[scenario.mood]
    why = Why.NO_SELFIE
    for likeness in sorted(likenesses, key=lambda one: abs(one.smile - wanted)):
        cutout = cut_out(likeness)
        fault = _fault(cutout, scenario)
        if fault is None:
            return cutout
        why = fault
    raise Unsuitable(why, scenario.id)


def _fault(cutout: Cutout, scenario: Scenario) -> Why | None:
    """Say what speaks against using a selfie for a scenario."""
    if cutout.turned_away:
        return Why.TURNED_AWAY
    shown_top = cutout.cut_top and scenario.covers is Covers.NOTHING
    shown_side = cutout.cut_side and scenario.covers is not Covers.HEAD
    return Why.CUT_HAIR if shown_top or shown_side else None


def _files(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    """List the code of this package."""
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py"):
            found.append((prefix + entry.name, entry.read_bytes()))
    return found
