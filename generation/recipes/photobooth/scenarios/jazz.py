# SPDX-License-Identifier: Apache-2.0
"""Jazz: a tuxedo and a red bow tie before a golden sunburst, a chrome microphone in front."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, smooth
from generation.recipes.photobooth.light import STAGE
from generation.recipes.photobooth.scenario import Scenario

GOLD, SUN = "#e2b45a", (0, 0.2, 2.36)
WALLS = (
    ("#0c2a33", "#123f49"),
    ("#2a1230", "#3f1a44"),
    ("#10202e", "#1a3350"),
    ("#0f2a20", "#174034"),
)


def behind(c: Canvas) -> None:
    """Draw the rayed wall, the sunburst and the cream disc behind the head."""
    x, y, radius = SUN
    angle, reach = np.arctan2(c.Y - y, c.X - x), np.hypot(c.X - x, c.Y - y)
    dark, bright = WALLS[int(c.chance("wall").integers(len(WALLS)))]
    fan = np.clip(np.sin(angle * 18) * 8, -1, 1) * 0.5 + 0.5
    c.fill(blend(dark, bright, fan) * (1.25 - 0.09 * np.clip(reach, 0, 7))[..., None])
    _sunburst(c)
    c.shade(c.ring(x, y, radius + 0.14, radius), GOLD, "gold", sigmas=(2,), contact=CLOSE)
    c.paint(
        c.ellipse(x, y, radius),
        rgb("#f0d9a0") * (1.0 - 0.32 * np.clip(reach / radius, 0, 1))[..., None],
        0.97,
    )


def _sunburst(c: Canvas) -> None:
    x, y, radius = SUN
    rays, count = c.zeros(), int(c.chance("rays").integers(24, 34))
    for k in range(count + 1):
        a = np.pi + k * np.pi / count
        cos, sin, long = float(np.cos(a)), float(np.sin(a)), 3.6 + 0.5 * (k % 2)
        inner = radius + 0.2
        rays = np.maximum(
            rays,
            c.line([(x + inner * cos, y + inner * sin), (x + long * cos, y + long * sin)], 0.05),
        )
    c.shade(rays * (_inset(c) > 24), GOLD, "trim", contact=TIGHT)


def front(c: Canvas) -> None:
    """Draw jacket, shirt, collar, bow tie, microphone and frame."""
    _jacket(c)
    _shirt(c)
    for s in costume.SIDES:
        _lapel(c, s)
    _bow(c)
    _microphone(c, 1.75, 4.15)
    _frame(c)


def _jacket(c: Canvas) -> None:
    body = costume.torso(c, top=2.6)
    c.shade(body, "#1b1b23", "cloth", bump=c.folds("jacket", 7))
    chance, sequins = c.chance("sequins"), c.zeros()
    sequins[chance.integers(0, c.height, 2600), chance.integers(0, c.width, 2600)] = (
        chance.random(2600) ** 3 * 3.5
    )
    c.glow(smooth(sequins, 0.8) * body, "#ffe2a8", 0.55)


def _shirt(c: Canvas) -> None:
    shirt = c.area(mirrored([(0, 2.35), (0.75, 2.1), (1.0, 2.7), (0.7, 4.4), (0, 6.0)]))
    c.shade(shirt, "#f4f1ea", "felt", contact=(0, 3, 5, 0.45))
    for k in (0.16, 0.32, 0.48):
        for s in costume.SIDES:
            tuck = c.line([(s * k, 2.9), (s * k * 0.9, 5.6)], 0.025) * shirt
            c.darken(smooth(tuck, 0.8), 0.3)
    for y in (3.6, 4.25, 4.9):
        costume.button(c, 0, y, radius=0.085, colour="#1a1a1e", material="plastic")


def _lapel(c: Canvas, s: int) -> None:
    wing = costume.side([(0.25, 2.75), (0.8, 2.12), (1.0, 2.3), (0.85, 2.85)], s)
    c.shade(c.area(wing, curved=False), "#ffffff", "collar", contact=(1, 3, 4, 0.45))
    edge = [
        (0.95, 2.25),
        (1.5, 2.55),
        (2.1, 3.6),
        (1.55, 3.75),
        (1.7, 4.1),
        (0.25, 6.6),
        (-0.02, 6.2),
        (0.62, 4.4),
    ]
    c.shade(
        c.area(costume.side(edge, s), curved=False),
        "#2b2b36",
        "silk",
        sigmas=(2, 6),
        contact=(2, 5, 6, 0.5),
    )
    costume.trim(
        c, costume.side([(1.5, 2.6), (2.05, 3.55), (1.55, 3.72)], s), 0.04, GOLD, curved=False
    )


def _bow(c: Canvas) -> None:
    for s in costume.SIDES:
        wing = costume.side(
            [(0, 2.78), (0.3, 2.55), (0.78, 2.48), (0.85, 2.85), (0.78, 3.2), (0.3, 3.05)], s
        )
        crease = np.sin(c.Y * 14 + s * c.X * 4) * 1.2
        c.shade(
            c.area(wing), "#b01f2e", "silk", sigmas=(2, 7), bump=crease, contact=(1, 4, 5, 0.45)
        )
    knot = c.area([(-0.17, 2.62), (0.17, 2.62), (0.2, 2.98), (-0.2, 2.98)])
    c.shade(knot, "#c42737", "silk", sigmas=(2, 4), contact=CLOSE)


def _microphone(c: Canvas, x: float, y: float) -> None:
    c.shade(
        c.line([(x, y + 0.9), (x + 0.05, 7.6)], 0.17),
        "#9a9ca4",
        "metal",
        sigmas=(3,),
        contact=(4, 5, 7, 0.5),
    )
    right = [(0, -1.18), (0.5, -0.95), (0.62, -0.35), (0.58, 0.55), (0.35, 0.95)]
    left = [(-a, b) for a, b in reversed(right[1:])]
    body = c.area([(x + a, y + b) for a, b in [*right, *left]])
    band = np.abs(c.Y - y)
    ribs = np.clip(np.sin((c.X - x) * 17), -0.6, 1) * 2.6 * (band > 0.16)
    c.shade(
        body,
        "#d3d6de",
        "metal",
        sigmas=(3, 10),
        bump=ribs.astype(np.float32),
        contact=(5, 8, 9, 0.5),
    )
    c.shade(
        body * np.clip(1 - np.abs(band - 0.2) / 0.05, 0, 1), GOLD, "trim", contact=(0, 2, 2, 0.3)
    )
    c.shade(
        body * np.clip((0.2 - band) / 0.03, 0, 1), "#1d1f26", "plastic", sigmas=(2,), contact=NONE
    )


def _inset(c: Canvas) -> Field:
    """Return each pixel's distance from the picture's edge, in pixels."""
    column = np.arange(c.width, dtype=np.float32)[None]
    row = np.arange(c.height, dtype=np.float32)[:, None]
    sides = np.minimum(column, c.width - 1 - column)
    return as_field(np.minimum(sides, np.minimum(row, c.height - 1 - row)))


def _frame(c: Canvas) -> None:
    outer = np.clip(3 - np.abs(_inset(c) - 12), 0, 1)
    inner = np.clip(1.5 - np.abs(_inset(c) - 20), 0, 1)
    c.shade(np.maximum(outer, inner), GOLD, "trim", contact=TIGHT)


def opening(c: Canvas) -> Field:
    """End the neck inside the collar."""
    return c.above(2.8, 0.4)


SCENARIO = Scenario(
    id="jazz", behind=behind, front=front, opening=opening, light=STAGE, e=68, ey=262,
    relight=0.75, rim=0.35, wrap=0.15,
)  # fmt: skip
