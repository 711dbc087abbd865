# SPDX-License-Identifier: Apache-2.0
"""Ringmaster: a top hat and a red coat with gold braid, a striped tent, bulbs and confetti."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, mirrored, ramp, smooth, star
from generation.recipes.photobooth.light import STAGE
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

GOLD, COAT, SILK = "#e2b04a", "#b81c28", "#20202a"
TENTS = (
    ("#a8242c", "#f8e8c4"),
    ("#1f5f7a", "#f8e8c4"),
    ("#6a2a7a", "#f8e8c4"),
    ("#1f6a4a", "#f8e8c4"),
)
PAPER = ("#e8503a", "#f2c43a", "#3fa7d6", "#59c27a", "#f2f0e8", "#d65aa8")
BRIM: Points = [
    (-2.2, -1.22), (-1.5, -1.3), (0, -1.42), (1.5, -1.3), (2.2, -1.22), (2.12, -0.98),
    (1.4, -0.84), (0, -0.98), (-1.4, -0.84), (-2.12, -0.98),
]  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the tent's roof and wall, the follow spot and two strings of bulbs."""
    dark, bright = TENTS[int(c.chance("tent").integers(len(TENTS)))]
    _roof(c, dark, bright)
    _wall(c, dark, bright)
    c.darken(np.clip(np.hypot(c.X, c.Y - 0.2) / 7, 0, 1), 0.6)
    scenery.spot(c, 0, 0.2, radius=3.0, colour="#ffdf9a", strength=0.34)
    scenery.rays(c, "spots", "#fff0c8", count=3, slant=0.25, strength=0.12)
    c.soften(1.8)
    for k, (y, sag) in enumerate(((-3.9, 1.5), (-2.5, 2.2))):
        _bulbs(c, y, sag, k)


def _roof(c: Canvas, dark: str, bright: str) -> None:
    """Fan the roof's stripes out from the mast; each panel sags a little."""
    angle = np.arctan2(c.X, c.Y + 6.2) * 11
    panel = np.sin(angle)
    stripe = blend(dark, bright, ramp(panel, -0.06, 0.06))
    c.fill(stripe * (0.7 + 0.4 * np.abs(panel) ** 0.6)[..., None])


def _wall(c: Canvas, dark: str, bright: str) -> None:
    """Hang the striped wall below a scalloped valance with a gold edge."""
    hem = 1.1 - 0.05 * c.X**2
    wall, fold = c.below(0.7, 0.1), np.sin(c.X * 5.2)
    stripe = blend(bright, dark, ramp(fold, -0.08, 0.08)) * 0.62
    c.paint(wall, stripe * (0.7 + 0.3 * np.abs(np.sin(c.X * 10.4)))[..., None])
    scallop = hem + 0.28 * np.abs(np.sin(c.X * 2.6))
    valance = ramp(c.Y, 0.45, 0.55) * ramp(c.Y, scallop + 0.02, scallop - 0.02)
    c.cast(valance, (0, 8, 8, 0.5))
    panel = blend(dark, bright, ramp(np.sin(c.X * 2.6 + 0.4), -0.05, 0.05))
    c.paint(valance, panel * 0.85)
    c.shade(ramp(np.abs(c.Y - 0.5), 0.09, 0.05), GOLD, "gold", sigmas=(2,), contact=TIGHT)
    c.shade(ramp(np.abs(c.Y - scallop), 0.07, 0.03), GOLD, "gold", sigmas=(2,), contact=TIGHT)


def _bulbs(c: Canvas, y: float, sag: float, row: int) -> None:
    """Swing a string of warm bulbs from corner to corner."""
    shift = c.chance(f"bulbs {row}").uniform(-0.3, 0.3)
    c.paint(c.line([(x, _hang(x, y, sag)) for x in np.linspace(-4.2, 4.2, 9)], 0.04), "#2a1a14")
    core = c.zeros()
    for x in np.linspace(-3.9, 3.9, 12) + shift:
        at = _hang(x, y, sag)
        c.paint(c.ellipse(x, at + 0.06, 0.06, 0.09), "#3a2a1c")
        core = np.maximum(core, c.ellipse(x, at + 0.25, 0.12, 0.15))
    c.glow(smooth(core, 12) * 2.2 + smooth(core, 4) * 0.8, "#ffb84a", 0.8)
    c.paint(smooth(core, 0.8), "#fff2c8")


def _hang(x: float, y: float, sag: float) -> float:
    return y + sag * (1 - (x / 4.2) ** 2) * 0.5


def front(c: Canvas) -> None:
    """Draw coat, shirt, lapels, braid, bow tie, hat and the confetti."""
    c.shade(costume.torso(c), COAT, "cloth", bump=c.folds("coat", 9))
    shirt = c.area(mirrored([(0, 2.25), (0.75, 2.0), (1.0, 2.7), (0.72, 4.4), (0, 5.8)]))
    c.shade(shirt, "#f4f0e6", "felt", bump=c.folds("shirt", 3), contact=(0, 3, 5, 0.45))
    _waistcoat(c)
    for s in costume.SIDES:
        _breast(c, s)
    _bow(c)
    _hat(c)
    _confetti(c)


def _waistcoat(c: Canvas) -> None:
    cloth = c.area(mirrored([(0, 4.0), (0.5, 3.5), (0.95, 3.0), (0.9, 7), (0, 7)]), curved=False)
    damask = np.sin(c.X * 8) * np.sin(c.Y * 8)
    gold = rgb("#c99a3c") * (1 + 0.16 * np.sign(damask))[..., None]
    c.shade(cloth, gold, "silk", bump=damask * 0.8, contact=CLOSE)
    for y in (4.3, 4.85):
        costume.button(c, 0, y, radius=0.12, colour="#20202a", material="plastic")


def _breast(c: Canvas, s: int) -> None:
    """Fold the black silk lapel and sew three loops of braid beside it."""
    lapel = [(0.72, 2.1), (1.05, 1.85), (1.5, 2.4), (1.75, 3.2), (1.35, 3.42), (1.45, 3.75),
             (0.5, 6.4), (0.78, 4.0)]  # fmt: skip
    c.shade(c.area(costume.side(lapel, s), curved=False), SILK, "silk", contact=(2, 5, 7, 0.5))
    edge = costume.side([*lapel[1:6], lapel[6]], s)
    costume.trim(c, edge, 0.07, GOLD, curved=False)
    for y in (3.35, 3.9, 4.45, 5.0):
        x = 1.72 - 0.42 * (y - 3.2) + 0.25 * (y < 3.5)
        loop = [(x, y), (x + 0.75, y - 0.12), (x + 1.0, y + 0.02), (x + 0.75, y + 0.16),
                (x, y + 0.1)]  # fmt: skip
        c.shade(c.line(costume.side(loop, s), 0.09), GOLD, "gold", contact=CLOSE)
        costume.button(c, s * (x + 0.02), y + 0.05, radius=0.14, colour="#efc25a")
    shoulder = [(1.75, 2.75), (2.5, 2.98), (3.1, 3.4), (3.35, 4.0)]
    c.shade(c.line(costume.side(shoulder, s), 0.24), GOLD, "gold", contact=(1, 4, 5, 0.5))
    twist = np.sin((c.X * s - c.Y * 0.6) * 22).astype(np.float32)
    c.darken(c.line(costume.side(shoulder, s), 0.2) * ramp(twist, 0.3, 0.8), 0.35)


def _bow(c: Canvas) -> None:
    for s in costume.SIDES:
        tip = costume.side([(0.22, 2.72), (0.72, 1.98), (0.98, 2.15), (0.85, 2.75)], s)
        c.shade(c.area(tip, curved=False), "#ffffff", "collar", contact=(1, 3, 4, 0.45))
        wing = costume.side(
            [(0, 2.85), (0.35, 2.58), (0.95, 2.42), (1.02, 2.88), (0.95, 3.3), (0.35, 3.12)], s
        )
        crease = np.sin(c.Y * 12 + s * c.X * 4).astype(np.float32) * 1.4
        c.shade(c.area(wing), SILK, "silk", sigmas=(2, 7), bump=crease, contact=(1, 4, 5, 0.5))
        for a, b in ((0.5, 2.72), (0.75, 2.98), (0.5, 3.0)):
            c.shade(c.ellipse(s * a, b, 0.06), GOLD, "trim", contact=NONE)
    c.shade(c.ellipse(0, 2.84, 0.2, 0.24), "#c42737", "silk", sigmas=(2, 4), contact=CLOSE)


def _hat(c: Canvas) -> None:
    """Set the top hat on, its brim curled up, a gold star on the band."""
    crown = c.area(
        [(-1.46, -1.05), (-1.4, -2.2), (-1.56, -3.75), (0, -3.98), (1.56, -3.75), (1.4, -2.2),
         (1.46, -1.05), (0, -1.25)]
    )  # fmt: skip
    nap = np.sin(c.X * 3 + c.fbm("nap", cells=(3, 30)) * 6).astype(np.float32) * 0.8
    c.shade(crown, "#23222c", "silk", sigmas=(4, 16, 40), bump=nap, contact=(0, 4, 6, 0.45))
    shine = smooth(c.area([(-1.1, -3.6), (-0.75, -3.66), (-0.72, -2.0), (-1.0, -1.9)]), 6)
    c.glow(shine * crown, "#9aa4c0", 0.3)
    lid = c.ellipse(0, -3.82, 1.5, 0.15)
    c.shade(lid, "#34333f", "silk", sigmas=(2,), contact=NONE)
    band = mirrored(
        [(0, -1.3), (0.75, -1.24), (1.45, -1.05), (1.4, -1.75), (0.75, -1.98), (0, -2.05)]
    )
    c.shade(c.area(band), COAT, "silk", sigmas=(2, 6), contact=CLOSE)
    for y in (-2.02, -1.42):
        arc = [(-1.42, y + 0.26), (-0.75, y + 0.06), (0, y), (0.75, y + 0.06), (1.42, y + 0.26)]
        costume.trim(c, arc, 0.08, GOLD)
    c.shade(c.area(star(0, -1.72, 0.36), curved=False), GOLD, "gold", contact=CLOSE)
    costume.plume(
        c, [(1.25, -1.6), (1.5, -2.5), (1.95, -3.2), (2.5, -3.3)], 0.42, "#f2c43a", purpose="plume"
    )
    c.shade(c.area(BRIM), "#2b2a35", "silk", sigmas=(3, 9), contact=(2, 6, 7, 0.5))
    lip: Points = [(-2.18, -1.16), (-2.05, -1.0), (-1.4, -0.88), (0, -1.02), (1.4, -0.88),
                   (2.05, -1.0), (2.18, -1.16)]  # fmt: skip
    costume.trim(c, lip, 0.06, GOLD)


def _confetti(c: Canvas) -> None:
    """Throw paper into the air, near pieces large and soft, none before the face."""
    chance, away = c.chance("confetti"), 1 - c.face(1.6, 2.3, 4)
    for k in range(80):
        x, y, size = chance.uniform(-3.8, 3.8), chance.uniform(-4.3, 5), chance.uniform(0.06, 0.13)
        turn, flat = chance.uniform(0, 3.1), chance.uniform(0.3, 1)
        cos, sin = float(np.cos(turn)) * size, float(np.sin(turn)) * size
        piece = [(x + cos, y + sin), (x - sin * flat, y + cos * flat), (x - cos, y - sin),
                 (x + sin * flat, y - cos * flat)]  # fmt: skip
        colour = rgb(PAPER[k % len(PAPER)]) * np.float32(0.7 + 0.4 * flat)
        c.paint(c.area(piece, curved=False) * away, colour)


def opening(c: Canvas) -> Field:
    """End the hair inside the hat and the neck inside the collar."""
    return c.below(-1.5, 0.2) * c.above(2.75, 0.4)


SCENARIO = Scenario(
    id="ringmaster", behind=behind, front=front, opening=opening, light=STAGE, e=68, ey=286,
    covers=Covers.HAIR, relight=0.7, rim=0.35, wrap=0.15,
    hat_shadow=Cast(right=3, down=12, strength=0.6),
    finish=Finish(bloom=0.35, bloom_over=0.85, vignette=0.45, grain=0.012),
)  # fmt: skip
