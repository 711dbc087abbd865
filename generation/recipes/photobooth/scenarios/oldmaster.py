# SPDX-License-Identifier: Apache-2.0
"""Old master: a white ruff on black velvet, Rembrandt light, oil on canvas."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, ramp
from generation.recipes.photobooth.light import REMBRANDT
from generation.recipes.photobooth.scenario import Mood, Scenario
from generation.recipes.photobooth.styles import oil, paint_plate

LINEN, PLEATS = "#fff6e2", 26


def behind(c: Canvas) -> None:
    """Draw the brown dark, its glow behind the head, the doublet and the back of the ruff."""
    chance = c.chance("room")
    wall = str(chance.choice(["#8a6238", "#6f6a3c", "#7a4a34", "#5a6254"]))
    scenery.gradient(c, [(0, "#1d140c"), (0.6, "#1a120b"), (1, "#0f0a07")])
    x, y = chance.uniform(-1.9, -0.7), chance.uniform(-1.2, 0.2)
    scenery.spot(c, x, y, radius=4.2, colour=wall, strength=0.75)
    c.darken(1 - c.fbm("plaster"), 0.45)
    _doublet(c)
    _ruff(c, 2.30, 2.5, 0.95, hole=False)
    paint_plate(c)


def front(c: Canvas) -> None:
    """Draw the front half of the ruff; the doublet is painted on the plate behind."""
    _ruff(c, 2.36, 2.55, 0.98, hole=True)


def _doublet(c: Canvas) -> None:
    body = costume.torso(c, top=2.3, neck=1.2, shoulder=2.7)
    slashes = np.abs(np.sin(c.X * 5.2 + np.sin(c.Y * 1.7) * 0.4)) * 3
    c.shade(body, "#241d19", "robe", bump=c.folds("velvet", 9) + slashes)
    for s in costume.SIDES:
        costume.trim(c, [(s * 0.42, 3.2), (s * 0.5, 4.6), (s * 0.46, 7)], 0.05, "#8a6a35")
    for y in (3.72, 4.3, 4.88, 5.46):
        costume.button(c, 0.0, y, radius=0.14, colour="#d0a050")


def _ruff(c: Canvas, y: float, rx: float, ry: float, *, hole: bool) -> None:
    """Pleat a linen disc; the front one has a hole for the neck and shades into it."""
    u, v = c.X / rx, (c.Y - y) / ry
    reach, angle = np.hypot(u, v), np.arctan2(v, u)
    scallop = 0.07 * np.abs(np.sin(angle * PLEATS))
    mask = np.clip((1 - scallop - reach) * ry * c.e * 1.2 + 0.5, 0, 1)
    tone = 0.84 - 0.4 * (u * 0.85 + v * 0.1) - 0.1 * (not hole)
    if hole:
        throat = np.hypot(c.X / 1.0, (c.Y - c.chin - 0.02) / 0.5)
        mask = mask * np.clip((throat - 1) * 14, 0, 1) * c.below(c.chin + 0.02, 0.25)
        tone = tone * (0.4 + 0.6 * ramp(throat, 1.0, 1.9))
    depth = np.clip((reach - 0.2) * 1.5, 0, 1)
    folds = 0.5 + 0.5 * np.sin(angle * PLEATS * 2 + 0.9)
    edge = ramp(reach + scallop, 0.88, 0.97)
    tone = np.clip(tone, 0.16, 1.1) * (1 - 0.42 * depth * folds**1.5) * (1 + 0.18 * edge)
    c.cast(mask, (10, 10, 12, 0.6))
    c.paint(mask, np.clip(rgb(LINEN) * (1.18 * tone)[..., None], 0, 1))


def opening(c: Canvas) -> Field:
    """End the neck inside the ruff."""
    return c.above(c.chin + 0.67, 0.12)


SCENARIO = Scenario(
    id="oldmaster", behind=behind, front=front, opening=opening, light=REMBRANDT, e=72, ey=262,
    mood=Mood.NEUTRAL, relight=1.0, rim=0.12, wrap=0.15, head_shadow=0.75, neck=0.5,
    finish=Finish(style=oil, bloom=0.12, vignette=0.55, grain=0.006),
)  # fmt: skip
