# SPDX-License-Identifier: Apache-2.0
"""What a portrait that moves takes, weighs and still proves: `onlyou bench loops`.

Every scenario of the photobooth (smoke: five), one person each; each step once, plates drawn
before. The floor of a time is that of a still in the same run. `size of the file` has the largest
as its value and the mean as its floor; the watermark is read from every frame as it is shown.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.conditions import Result, report
from consent import policies
from consent.policy import Policy
from generation import frames, inspection, loops, payloads, provenance, quarantine, watermark
from generation.identity import Identity
from generation.inspection import Inspector
from generation.probes import PEOPLE, probes
from generation.recipes import Likeness, Row
from generation.recipes.photobooth import Photobooth, Unsuitable
from generation.watermark import Watermark

PACKAGES: Final = ("numpy", "opencv-python-headless", "dlib-bin", "onnxruntime", "pillow")
FEW: Final = ("astronaut", "fresco", "jazz", "lighthouse", "superhero")
REFERENCE: Final = 0xC0FFEE
STEPS: Final = ("draw", "judge", "mark and encode")
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One scenario, as a still and as what moves. Units: seconds; bytes; L2 to the owner."""

    still: Mapping[str, float]
    moving: Mapping[str, float]
    size: int
    shown: int
    read: int
    owner_still: float
    owner_worst: float
    passed: bool


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure every scenario; smoke: five."""
    del users  # one person a scenario
    cv2.setNumThreads(1)
    return report("loops", smoke=smoke, packages=PACKAGES, results=[*results(smoke=smoke)])


def results(*, smoke: bool) -> Iterator[Result]:
    """Put what was measured into figures: medians of times, extremes of the rest."""
    all_of = list(measured(smoke=smoke))
    n = len(all_of)
    for step in STEPS:
        moving = statistics.median(one.moving[step] for one in all_of)
        still = statistics.median(one.still[step] for one in all_of)
        yield _row(f"seconds a loop: {step}", moving, "s", n, still)
    whole = [sum(one.moving.values()) for one in all_of]
    rest = statistics.median(sum(one.still.values()) for one in all_of)
    yield _row("seconds a loop: all of it", statistics.median(whole), "s", n, rest)
    yield _row("seconds a loop: all of it, the slowest", max(whole), "s", n, rest)
    sizes = [one.size / 1_000 for one in all_of]
    yield _row("size of the file", max(sizes), "kB", n, statistics.mean(sizes))
    shown = sum(one.shown for one in all_of)
    yield _row("watermark read, frames as shown", sum(one.read for one in all_of), "1", n, shown)
    passed = sum(one.passed for one in all_of)
    yield _row("passes both gates in every frame", passed, "1", n, n)
    worst = max(one.owner_worst - one.owner_still for one in all_of)
    yield _row("farther from its owner than the still, at most", worst, "L2", n, None)


def measured(*, smoke: bool) -> Iterator[Measured]:
    """Draw, judge, mark and read one loop a scenario."""
    models, booth, policy = inspection.shipped(), Photobooth(), policies.load("strict-opt-in")
    people, mark = probes(models.faces, PEOPLE), Watermark(b"benchmark".ljust(32))
    for place, name in enumerate(FEW if smoke else sorted(booth.scenarios)):
        person = people[place % len(people)]
        row = Row(likenesses=(person,), scenario=name, seed=place, moves=True)
        try:
            booth.render([row])  # its plates are drawn once for everybody
        except Unsuitable:
            continue
        yield _measure(booth, models, mark, policy, row)


def _measure(
    booth: Photobooth, models: Inspector, mark: Watermark, policy: Policy, row: Row
) -> Measured:
    one, still, drawn = _timed(lambda: booth.render([row])[0]), {}, {}
    many = _timed(lambda: booth.frames([row])[0])
    judged = _timed(lambda: quarantine.judged(models, one[0], row.likenesses, (), policy))
    every = _timed(lambda: quarantine.judged(models, many[0], row.likenesses, (), policy))
    jpeg = _timed(lambda: provenance.marked(mark.write(one[0], REFERENCE)))
    webp = _timed(lambda: loops.marked(_marked(mark, many[0])))
    still |= dict(zip(STEPS, (one[1], judged[1], jpeg[1]), strict=True))
    drawn |= dict(zip(STEPS, (many[1], every[1], webp[1]), strict=True))
    shown = loops.shown(webp[0])
    return Measured(
        still=still,
        moving=drawn,
        size=len(webp[0]),
        shown=len(shown),
        read=sum(_reads(mark, frame) for frame in shown),
        owner_still=_owner(models, one[0], row.likenesses[0]),
        owner_worst=max(_owner(models, frame, row.likenesses[0]) for frame in many[0]),
        passed=isinstance(every[0], Identity),
    )


def _marked(mark: Watermark, picture: Pixels) -> Pixels:
    return np.stack([mark.write(one, REFERENCE) for one in frames.each(picture)])


def _reads(mark: Watermark, frame: Pixels) -> bool:
    upright = next(watermark.guesses(frame, None))
    return REFERENCE in payloads.readings(mark.scores(upright))


def _owner(models: Inspector, picture: Pixels, owner: Likeness) -> float:
    """Say how far the nearest face of a picture is from its owner."""
    found = [models.faces.embed(picture, face) for face in models.faces.find(picture)]
    return min(float(np.linalg.norm(one - owner.vector)) for one in found)


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    return act(), perf_counter() - start


def _row(what: str, value: float, unit: str, n: int, floor: float | None) -> Result:
    return {
        "what": what,
        "value": round(value, 3),
        "unit": unit,
        "floor": None if floor is None else round(floor, 3),
        "ratio": None if not floor else round(value / floor, 2),
        "n": n,
        "spread": None,
    }
