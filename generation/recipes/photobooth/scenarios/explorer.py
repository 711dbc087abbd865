# SPDX-License-Identifier: Apache-2.0
"""Polar explorer: a fur-edged hood and an orange down jacket on the ice, a brass compass."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Covers, Scenario

ORANGE, NAVY, BRASS = "#d9531f", "#24374f", "#dcb25a"
SKIES = (
    ("#2a68ba", "#94c3ec", "#e8f3fb"),
    ("#3a5a9a", "#b9b3d8", "#f6dccb"),
    ("#2f7fb0", "#a9d6df", "#f7ecd0"),
)
SNOWLIGHT = Light(
    key=(-0.6, -0.6, 0.55), key_colour="#fff6e6", power=1.02, ambient="#7f96b8",
    rim=(0.95, -0.2, -0.2), rim_colour="#bfe0ff", rim_power=0.65,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw sky, ice ridges, a far tent, the hood's back and its dark inside."""
    _ice(c)
    back = c.area(mirrored([(0, -2.75), (1.5, -2.4), (2.3, -1.0), (2.35, 0.6), (2.2, 2.2),
                            (2.8, 3.2), (0, 4)]))  # fmt: skip
    c.shade(back, "#c9471f", "jacket", bump=c.folds("hood", 7))
    c.paint(_hole(c), "#21130f")


def _ice(c: Canvas) -> None:
    chance = c.chance("weather")
    top, middle, low = SKIES[int(chance.integers(len(SKIES)))]
    scenery.gradient(c, [(0, top), (0.4, middle), (0.62, low), (1, low)])
    x = float(chance.choice([-1, 1])) * chance.uniform(2.6, 3.4)
    scenery.spot(c, x, chance.uniform(-2.6, -0.6), radius=1.3, colour="#fff0c8", strength=0.9)
    scenery.cumulus(c, "clouds", 5, top=0.02, foot=0.3, size=0.9)
    scenery.mountains(c, [(0.43, 0.16, "#8aa2c2"), (0.53, 0.14, "#647c9e"), (2, 0, low)])
    plain = scenery.ridge(c, "plain", 0.645, 0.025)
    drift = as_field(0.86 + 0.16 * c.fbm("drift", cells=(14, 2))) - ramp(c.Y, 1.6, 5) * 0.25
    c.paint(plain, rgb("#f2f7fd") * drift[..., None])
    _tent(c, float(-np.sign(x)) * 2.85, 2.5)
    c.soften(1.2)


def _tent(c: Canvas, x: float, y: float) -> None:
    """Pitch a small red tent far away, lit from within."""
    c.paint(c.area([(x, y - 0.95), (x + 0.72, y), (x - 0.72, y)], curved=False), "#b5382a")
    c.paint(c.area([(x, y - 0.95), (x + 0.72, y), (x + 0.1, y)], curved=False), "#7d2420")
    c.paint(c.area([(x - 0.02, y - 0.6), (x + 0.16, y), (x - 0.2, y)], curved=False), "#ffd98a")
    scenery.spot(c, x, y - 0.1, radius=0.6, colour="#ffb860", strength=0.25)


def _hole(c: Canvas) -> Field:
    return c.area(mirrored([(0, -1.98), (1.15, -1.65), (1.72, -0.6), (1.72, 0.9), (1.35, 2.1),
                            (0, 2.75)]))  # fmt: skip


def front(c: Canvas) -> None:
    """Draw jacket, straps, collar, compass, the ring of fur and the snow."""
    _jacket(c)
    for s in costume.SIDES:
        _strap(c, s)
    _compass(c, 0.85, 4.62)
    _collar(c)
    _fur(c)
    scenery.snow(c, "snow", 150)


def _jacket(c: Canvas) -> None:
    """Sew a down jacket: rolls between seams, puckered where the thread pulls."""
    body = costume.torso(c, top=2.7, neck=1.1, shoulder=2.75)
    roll = np.abs(np.sin((c.Y - 0.05 * c.X**2) * 2.5 + 0.7))
    pucker = (c.fbm("pucker", octaves=3, cells=(10, 34)) - 0.5) * 9 * (1 - roll)
    bump = as_field(roll**0.5 * 10 + pucker) + c.folds("down", 5)
    c.shade(body, ORANGE, "jacket", bump=bump)
    c.shade(c.line([(0, 3.2), (0, 7.6)], 0.34), "#b8431a", "silk", sigmas=(3,))
    c.shade(c.line([(0, 3.2), (0, 7.6)], 0.09), "#26262c", "stitch", contact=CLOSE)


def _strap(c: Canvas, s: int) -> None:
    strap = c.line([(s * 1.55, 2.75), (s * 1.78, 4.2), (s * 1.74, 7.6)], 0.36)
    c.shade(strap, NAVY, "felt", sigmas=(3,), contact=(2, 4, 6, 0.45))
    for k in (-0.13, 0.13):
        seam = [(s * 1.55 + k, 2.75), (s * 1.78 + k, 4.2), (s * 1.74 + k, 7.6)]
        c.paint(c.line(seam, 0.02), "#4d6488", 0.8)
    buckle = [(s * 1.52, 4.85), (s * 2.04, 4.85), (s * 2.04, 5.25), (s * 1.52, 5.25)]
    c.shade(c.area(buckle, curved=False), BRASS, "gold", contact=CLOSE)
    c.paint(c.area([(x, y * 0.86 + 0.707) for x, y in buckle], curved=False), "#1a2433", 0.55)


def _collar(c: Canvas) -> None:
    y = c.chin
    collar = c.area(mirrored([(0, y + 0.62), (0.7, y + 0.42), (1.3, y + 0.55), (1.75, 3.05),
                              (0.95, 3.55), (0, 3.7)]))  # fmt: skip
    roll = as_field(np.abs(np.sin((c.Y - c.chin - 0.1 * c.X**2) * 3.6)) ** 0.5 * 6)
    c.shade(collar, "#e0602a", "silk", sigmas=(3, 8), bump=roll + c.folds("collar", 3),
            contact=(1, 5, 7, 0.5))  # fmt: skip
    zip_ = [(0, y + 0.66), (0, 3.7)]
    c.shade(c.line(zip_, 0.09), "#26262c", "stitch", contact=CLOSE)
    costume.trim(c, [(0, 3.55), (0, 3.95)], 0.11)


def _compass(c: Canvas, x: float, y: float) -> None:
    """Hang a brass compass on its cord."""
    for k in (-0.42, 0.42):
        cord = c.line([(x + k, 3.2), (x + k * 0.2, y - 0.55)], 0.05)
        c.shade(cord, "#2d1c12", "stitch", contact=CLOSE)
    c.shade(c.ring(x, y - 0.52, 0.13, 0.07), BRASS, "trim")
    c.shade(c.ellipse(x, y, 0.46), BRASS, "gold", sigmas=(2, 6), contact=(2, 4, 5, 0.5))
    c.paint(c.ellipse(x, y, 0.36), "#f6efdc")
    c.paint(c.ring(x, y, 0.33, 0.29), "#8a6a35", 0.7)
    north, south = [(x + 0.2, y - 0.22), (x + 0.06, y + 0.05), (x - 0.05, y - 0.05)], [
        (x - 0.2, y + 0.22), (x + 0.06, y + 0.05), (x - 0.05, y - 0.05)]  # fmt: skip
    c.paint(c.area(north, curved=False), "#c02a20")
    c.paint(c.area(south, curved=False), "#2a3a52")
    c.shade(c.ellipse(x, y, 0.05), BRASS, "trim", contact=NONE)
    c.paint(smooth(c.ellipse(x - 0.13, y - 0.16, 0.15, 0.09), 1.5), "#ffffff", 0.6)


def _fur(c: Canvas) -> None:
    right = [(0, -2.2), (1.4, -1.8), (1.95, -0.7), (1.98, 0.5), (1.7, 1.75), (1.1, 2.65)]
    path: Points = [*((-x, y) for x, y in reversed(right)), *right[1:]]
    costume.ground_shadow(c, c.line(path, 0.9))
    c.shade(smooth(c.line(path, 0.62), 2), "#8d6c48", "felt", contact=NONE)
    for width, colour, hairs, length in (
        (0.38, "#8a6844", 3200, 0.36), (0.36, "#b8926a", 3600, 0.32),
        (0.32, "#d8ba92", 3200, 0.3), (0.24, "#f6e8d0", 2400, 0.27),
    ):  # fmt: skip
        costume.fur(c, path, width, colour, purpose=colour, hairs=hairs, length=length,
                    mess=0.3, clump=0.9)  # fmt: skip


def opening(c: Canvas) -> Field:
    """Let the head show inside the hood."""
    return smooth(_hole(c), 1.5)


SCENARIO = Scenario(
    id="explorer", behind=behind, front=front, opening=opening, light=SNOWLIGHT, e=72, ey=268,
    covers=Covers.HEAD, long_hair=False, relight=0.6, rim=0, wrap=0, inside=0.45, head_shadow=0.2,
    finish=Finish(bloom=0.25, bloom_over=0.9, bloom_blur=12, vignette=0.3, grain=0.014),
)  # fmt: skip
