# SPDX-License-Identifier: Apache-2.0
"""Storybook: a red hood in a green forest, fireflies, a clasp of leaves; eyes a fifth wider."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import (
    Field,
    Points,
    as_field,
    flipped,
    mirrored,
    ramp,
    smooth,
)
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Covers, Scenario
from generation.recipes.photobooth.styles import kuwahara, storybook

GLADE = Light(
    key=(-0.5, -0.65, 0.6), key_colour="#fff5d8", ambient="#6a8a78",
    rim=(0.9, -0.35, -0.1), rim_colour="#ffe9a0", rim_power=0.6,
)  # fmt: skip
RED, GOLD = "#b02a2e", "#e8c05a"
FERNS = ("#3f7a44", "#5f9a4a", "#2f6a4a")
WOODS = (
    ("#3a8a70", "#a8d890", "#fff0a8"),
    ("#2f7a86", "#9fd8b8", "#fdf3c0"),
    ("#6a8a3a", "#d0d880", "#fff0a0"),
)
HOLE: Points = [(0, -1.84), (0.8, -1.62), (1.36, -0.9), (1.5, 0.1), (1.44, 1.2), (1.2, 2.2),
                (0, 2.75)]  # fmt: skip
"""The hood's opening, right half."""


def behind(c: Canvas) -> None:
    """Draw the glade, three depths of trees, light rays and the dark inside of the hood."""
    chance = c.chance("glade")
    high, middle, low = WOODS[int(chance.integers(len(WOODS)))]
    scenery.gradient(c, [(0, high), (0.35, middle), (0.58, low), (0.72, middle), (1, "#3f7a44")])
    scenery.spot(c, chance.uniform(-2.2, -1.2), -1.2, radius=2.4, colour="#fff3b0", strength=0.22)
    for depth, (colour, count) in enumerate((("#6a9a72", 7), ("#3f7358", 6), ("#24493c", 5))):
        _trees(c, depth, colour, count)
        _leaves(c, depth, colour)
    _ferns(c)
    scenery.rays(c, "rays", "#fff6c0", count=5, slant=0.5, strength=0.15)
    c.soften(0.8)
    c.rgba[..., :3] = kuwahara(np.clip(c.rgba[..., :3], 0, 1), 3)
    hollow = c.area(mirrored([(0, -2.3), (1.2, -1.95), (1.7, -0.8), (1.7, 1), (1.4, 2.6), (0, 3)]))
    c.paint(smooth(hollow, 3), "#2a0d10", 0.95)


def _trees(c: Canvas, depth: int, colour: str, count: int) -> None:
    """Raise trunks that widen at the foot; the nearest stand at the sides."""
    chance = c.chance(f"trees {depth}")
    for k in range(count):
        x = chance.uniform(-4.2, 4.2)
        if depth == 2:
            x = (-1) ** k * chance.uniform(3.0, 4.3)
        w = chance.uniform(0.16, 0.26) * (1 + 0.75 * depth)
        lean = chance.uniform(-0.25, 0.25)
        trunk = c.area(
            [(x - w * 1.7, 5.6), (x - w, 2.2), (x - w * 0.7 + lean, -4.5),
             (x + w * 0.7 + lean, -4.5), (x + w, 2.2), (x + w * 1.7, 5.6)]
        )  # fmt: skip
        side = np.clip(0.72 - 0.42 * (c.X - x) / w, 0.5, 1.25)
        bark = 0.85 + 0.3 * c.fbm(f"bark {depth} {k % 2}", cells=(3, 40))
        c.paint(smooth(trunk, 2.2 - 0.8 * depth), rgb(colour) * (side * bark)[..., None])


def _leaves(c: Canvas, depth: int, colour: str) -> None:
    """Hang a canopy of leaves from above, lower at the sides."""
    edge = c.fbm(f"canopy {depth}", cells=(9, 8)) - 0.5
    fine = c.fbm(f"leaves {depth}", cells=(30, 24), octaves=3)
    line = -2.3 - 0.55 * depth + 0.12 * c.X**2
    mask = ramp(line - c.Y + edge * 2.6 + (fine - 0.5) * 1.3, 0, 0.14)
    tone = 0.6 + 0.75 * fine + 0.3 * ramp(c.Y - line, -1.5, 0)
    c.paint(smooth(mask, 1.8 - 0.7 * depth), rgb(colour) * tone[..., None], 0.95)


def _ferns(c: Canvas) -> None:
    """Let ferns and toadstools grow at the lower edges."""
    chance = c.chance("ferns")
    for k in range(22):
        s = (-1) ** k
        costume.leaf(
            c, s * chance.uniform(2.9, 4.1), chance.uniform(2.6, 4.6),
            angle=-np.pi / 2 + s * chance.uniform(-0.9, 0.5), length=chance.uniform(0.8, 1.5),
            width=chance.uniform(0.25, 0.4), colour=str(chance.choice(FERNS)),
        )  # fmt: skip
    for s in costume.SIDES:
        x, y = s * chance.uniform(2.75, 3.0), chance.uniform(2.0, 2.4)
        c.shade(c.line([(x, y), (x + 0.05, y + 0.9)], 0.2), "#f0e4c8", "collar")
        cap = c.area(
            [(x - 0.5, y + 0.08), (x - 0.32, y - 0.36), (x + 0.3, y - 0.38), (x + 0.5, y + 0.08)]
        )
        c.shade(cap, "#d8533a", "collar", sigmas=(3, 7))
        for a, b in ((-0.2, -0.12), (0.1, -0.22), (0.28, -0.03)):
            c.shade(c.ellipse(x + a, y + b, 0.075), "#fff4e0", "collar", contact=NONE)


def front(c: Canvas) -> None:
    """Draw cloak, hood, cowl, clasp and the fireflies."""
    cloak = costume.torso(c, top=2.6, neck=1.2, shoulder=2.75)
    c.shade(
        cloak, "#a3262b", "robe", bump=costume.pleats(c, "cloak", count=3.4, lean=0.8, strength=9)
    )
    _hood(c)
    _cowl(c)
    _clasp(c)
    scenery.sparks(c, "fireflies", ["#fff0a0", "#ffe27a"], 60, size=(2, 14))


def _hood(c: Canvas) -> None:
    """Drape the hood round the head; its folds run down from the peak."""
    outline = [(0, -3.15), (0.45, -2.85), (1.35, -2.2), (1.95, -1.1), (2.1, 0.4), (1.95, 1.8),
               (2.5, 3.0), (1.5, 3.3), (0, 3.4)]  # fmt: skip
    hole = c.area(mirrored(HOLE))
    hood = c.area(mirrored(outline)) * (1 - hole)
    angle = np.arctan2(c.X, -(c.Y + 2.9) + 0.001)
    drape = np.sin(np.abs(angle) * 13 + c.fbm("drape", octaves=3) * 4) * 4 * ramp(c.Y, -2.9, -1)
    seam = -3 * np.exp(-((c.X / 0.05) ** 2))
    weave = c.fbm("weave", cells=(60, 48), octaves=3) * 1.8
    c.shade(
        hood, RED, "robe", sigmas=(4, 14, 26), depth=1.1, bump=as_field(drape + seam) + weave,
        contact=(3, 6, 9, 0.5),
    )  # fmt: skip
    edge = [*flipped(HOLE[5:0:-1]), *HOLE[:6]]
    c.shade(c.line(edge, 0.16), "#c9383a", "velvet", sigmas=(2, 4), contact=(0, 4, 7, 0.6))
    costume.trim(c, edge, 0.05, GOLD)


def _cowl(c: Canvas) -> None:
    """Gather the cloth below the chin in two soft rolls."""
    low = [(0, 2.58), (0.85, 2.3), (1.5, 2.08), (2.15, 2.55), (1.8, 3.45), (0, 3.95)]
    roll = np.sin((c.Y - 0.16 * c.X**2) * 7 + c.fbm("roll", octaves=3) * 3).astype(np.float32) * 4
    c.shade(
        c.area(mirrored(low)), RED, "velvet", bump=roll + c.folds("cowl", 7),
        contact=(1, 6, 8, 0.5),
    )  # fmt: skip
    rim = [(2.05, 2.75), (1.72, 3.42), (0.9, 3.8), (0, 3.92)]
    edge = [*flipped(rim[:3]), *rim[::-1]]
    c.shade(c.line(edge, 0.1), GOLD, "gold", contact=TIGHT)


def _clasp(c: Canvas) -> None:
    for s in costume.SIDES:
        for turn, long, colour in ((1.5, 0.8, "#5f9a3a"), (1.05, 0.95, "#8fbf4a")):
            costume.leaf(
                c, 0, 3.5, angle=-np.pi / 2 + s * turn, length=long, width=0.5, colour=colour
            )
    c.shade(c.ellipse(0, 3.52, 0.28, 0.31), "#e8b84a", "gold", sigmas=(3, 5), contact=CLOSE)
    costume.jewel(c, 0, 3.52, rx=0.13, ry=0.15, colour="#c8392f")


def opening(c: Canvas) -> Field:
    """Let the head show through the hood."""
    return smooth(c.area(mirrored(HOLE)), 1) * c.above(2.6, 0.3)


SCENARIO = Scenario(
    id="storybook", behind=behind, front=front, opening=opening, light=GLADE, e=72, ey=280,
    covers=Covers.HEAD, relight=0.6, rim=0, wrap=0, inside=0.5, head_shadow=0.3, neck=0.6,
    finish=Finish(style=storybook, bloom=0.4, bloom_over=0.8, vignette=0.4, grain=0.006),
)  # fmt: skip
