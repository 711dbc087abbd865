# SPDX-License-Identifier: Apache-2.0
"""Does the selfie gate refuse darker skin more often? `onlyou bench selfie_gate [--smoke]`.

Photographs of the ten synthetic people are exposed again, darker and brighter (a factor on linear
light, one stop is 2), and shown to the gate: face found, light, sharpness, passed, by skin type.
These are derived pictures of ten people: a difference between the types may be one person's. The
floor is the photograph as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.conditions import Result, report
from benchmarks.drift import tone
from benchmarks.people import PHOTOGRAPHS, fitzpatrick, opened
from consent import policies
from consent.policy import SelfieRules
from generation import selfies
from generation.faces import Face, Faces
from generation.recipes import Likeness

STOPS = (-5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0)
PACKAGES = ("dlib-bin", "opencv-python-headless", "openpeople")
GROUPS = ("II", "III", "IV", "V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One exposure of one photograph, and what the gate made of it."""

    type: str
    person: int
    stops: float
    #: typology angle of the skin as it shows in this exposure, degrees; None without a face
    tone: float | None
    found: bool
    dark: bool
    blurred: bool

    @property
    def passed(self) -> bool:
        """Tell whether the gate's checks of the photograph let it through."""
        return self.found and not self.dark and not self.blurred


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Count refusals by skin type and exposure."""
    people = (1, 5, 7) if smoke else range(1, 11)[:users]
    stops = (-3.0, 0.0) if smoke else STOPS
    names = PHOTOGRAPHS[:2] if smoke else PHOTOGRAPHS
    faces, rules = Faces(), policies.load("strict-opt-in").selfies
    shown = [
        exposed(faces, rules, person, opened(person, name), stop)
        for person in people
        for name in names
        for stop in stops
    ]
    summed = report("selfie_gate", smoke=smoke, packages=PACKAGES, results=list(rates(shown)))
    return {**summed, "table": table(shown)}


def exposed(
    faces: Faces, rules: SelfieRules, person: int, photograph: NDArray[np.uint8], stops: float
) -> Shown:
    """Expose a photograph again and look at it as the gate does."""
    pixels = again(photograph, stops)
    found = faces.find(pixels)
    face = found[0] if len(found) == 1 else None
    light = selfies.brightness(pixels, face) if face else 0.5
    sharp = selfies.sharpness(pixels, face) if face else np.inf
    return Shown(
        type=fitzpatrick(person),
        person=person,
        stops=stops,
        tone=None if face is None else tone(_measured(pixels, face)),
        found=face is not None,
        dark=not rules.brightness_low <= light <= rules.brightness_high,
        blurred=sharp < rules.sharpness,
    )


def _measured(pixels: NDArray[np.uint8], face: Face) -> Likeness:
    """Put a face into the form that the tone is measured on; nobody asks who it is."""
    nobody = np.zeros(128, np.float32)
    return Likeness(
        pixels=pixels, box=face.box, landmarks=face.landmarks, vector=nobody, smile=0.5
    )


def again(photograph: NDArray[np.uint8], stops: float) -> NDArray[np.uint8]:
    """Expose a photograph by so many stops more or less."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    light = np.clip(linear * 2.0**stops, 0, 1)
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(shown * 255).astype(np.uint8)[photograph])


def rates(shown: Sequence[Shown]) -> Iterator[Result]:
    """Tell for every type how many exposures pass, beside the photographs as they are."""
    for name in GROUPS:
        group = [one for one in shown if one.type == name]
        if not group:
            continue
        plain = [one for one in group if one.stops == 0]
        value, floor = (100 * fmean(one.passed for one in part) for part in (group, plain))
        yield {
            "what": f"type {name}: exposures that pass",
            "value": round(value, 1),
            "unit": "%",
            "floor": round(floor, 1),
            "ratio": round(value / floor, 2) if floor else None,
            "n": len(group),
            "spread": None,
        }


def table(shown: Sequence[Shown]) -> Sequence[Mapping[str, Any]]:
    """Count by type and exposure."""
    rows = []
    for name in GROUPS:
        for stop in sorted({one.stops for one in shown}):
            group = [one for one in shown if one.type == name and one.stops == stop]
            if group:
                rows.append(_row(name, stop, group))
    return rows


def _row(name: str, stops: float, group: Sequence[Shown]) -> Mapping[str, Any]:
    tones = [one.tone for one in group if one.tone is not None]
    return {
        "type": name,
        "stops": stops,
        "n": len(group),
        "tone": round(fmean(tones), 1) if tones else None,
        "people": len({one.person for one in group}),
        "no_face": sum(not one.found for one in group),
        "dark": sum(one.dark for one in group),
        "blurred": sum(one.blurred and not one.dark for one in group),
        "passed": sum(one.passed for one in group),
    }
