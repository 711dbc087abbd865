# SPDX-License-Identifier: Apache-2.0
"""Wizard: a bent pointed hat with gold stars, a glowing staff, a library by candlelight."""

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
    smooth,
    star,
)
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

CANDLES = Light(
    key=(-0.5, -0.45, 0.7), key_colour="#ffe4bc", ambient="#5a4a7a",
    rim=(0.9, -0.2, -0.2), rim_colour="#8a6aff", rim_power=0.8,
)  # fmt: skip
GOLD, HAT, ROBE = "#e0b453", "#3b37a0", "#37348c"
BOOKS = ("#6a2a24", "#284a5a", "#4a3a6a", "#6a5a2a", "#2f4a34", "#7a4a2a")
MAGIC = ("#58e8ff", "#9affa0", "#ff9af0", "#ffd86a")
CONE: Points = [
    (-1.66, -1.05), (-1.42, -2.1), (-0.95, -3.2), (-0.4, -4.15), (0.35, -4.75), (1.1, -4.7),
    (1.55, -4.1), (1.42, -3.95), (0.98, -4.25), (0.62, -4.0), (0.72, -3.2), (1.25, -2.2),
    (1.66, -1.05), (0, -1.35),
]  # fmt: skip
BRIM: Points = [(0, -0.98), (0.9, -0.88), (1.7, -0.66), (2.5, -0.5), (2.95, -0.62), (2.5, -1.02),
                (1.6, -1.36), (0, -1.55)]  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw shelves out of focus, candle lights and the raised collar's inside."""
    c.fill(np.broadcast_to(rgb("#1a1018"), (c.height, c.width, 3)))
    _shelves(c)
    c.soften(3)
    c.darken(1 - np.clip(1.25 - np.hypot(c.X / 5, (c.Y - 0.3) / 5), 0, 1), 0.75)
    scenery.bokeh(
        c, "candles", ["#ffb84a", "#ffd98a"], 20, radius=(5, 15), top=0.1, foot=0.85, strength=0.7
    )
    collar = c.area(mirrored([(0, 1.6), (1.4, 1.05), (2.25, 1.1), (2.1, 2.6), (0, 3.4)]))
    c.shade(collar, "#26245c", "velvet")


def _shelves(c: Canvas) -> None:
    """Fill four boards with books of every colour and height."""
    chance = c.chance("books")
    for shelf in range(-1, 5):
        foot, x = 104 + shelf * 128 + int(chance.integers(-6, 7)), -4
        while x < c.width:
            wide, tall = int(chance.integers(12, 27)), int(chance.integers(70, 106))
            ink = rgb(BOOKS[int(chance.integers(len(BOOKS)))]) * np.float32(chance.uniform(0.6, 1))
            spine = c.rgba[max(0, foot - tall) : max(0, foot), max(0, x) : x + wide, :3]
            round_ = np.sin(np.linspace(0.35, 2.9, spine.shape[1], dtype=np.float32))
            spine[:] = ink * round_[None, :, None] * 1.15
            for share in (0.16, 0.8):
                row = int(share * spine.shape[0])
                spine[row : row + 3] = rgb("#c8a04a") * np.float32(0.75)
            x += wide + 1
        c.rgba[max(0, foot) : max(0, foot + 10), :, :3] = rgb("#4a2e1c")


def front(c: Canvas) -> None:
    """Draw robe, collar, clasp, staff, hat and the motes in the air."""
    body = costume.torso(c, shoulder=2.6)
    c.shade(body, ROBE, "robe", bump=costume.pleats(c, "robe", count=3.1, strength=6))
    _scatter(c, body, 8, (-3.2, 3.2), (3.2, 5.2))
    for s in costume.SIDES:
        _collar(c, s)
    costume.jewel(c, 0, 3.2, rx=0.27, ry=0.3, colour="#38c8c0", setting=GOLD)
    _staff(c, 3.2)
    _hat(c)
    scenery.sparks(c, "motes", ["#ffe39a", "#9fd8ff"], 46, size=(2, 12), strength=0.7)


def _collar(c: Canvas, s: int) -> None:
    wing = [(0.72, 2.1), (1.3, 1.2), (2.2, 1.05), (2.1, 2.7), (1.25, 3.7), (0.4, 6.5),
            (-0.05, 6.5), (0.15, 3.6)]  # fmt: skip
    drape = costume.pleats(c, f"collar {s}", count=2.4 * s, lean=1.2, strength=3)
    c.shade(c.area(costume.side(wing, s)), "#4a45a8", "velvet", bump=drape, contact=(2, 5, 7, 0.5))
    edge = costume.side([(1.3, 1.22), (2.18, 1.08), (2.07, 2.7), (1.25, 3.65), (0.42, 6.5)], s)
    c.shade(c.line(edge, 0.11), GOLD, "gold", contact=TIGHT)
    costume.trim(c, costume.side([(1.95, 1.3), (1.88, 2.6), (1.1, 3.5)], s), 0.035, GOLD)


def _staff(c: Canvas, x: float) -> None:
    """Grow a crooked staff with a shining crystal in its fork."""
    light = MAGIC[int(c.chance("magic").integers(len(MAGIC)))]
    away = 1 - c.face(1.6, 2.1)
    wood, bark = "#6e4628", c.fbm("bark", cells=(6, 40)) * 7
    pole = c.line([(x - 0.15, 1.6), (x + 0.05, 3), (x - 0.1, 4.4), (x, 6)], 0.3)
    c.shade(pole, wood, "leather", bump=bark, contact=(4, 5, 7, 0.5))
    c.glow(_orb(c, x, 0.95, 1.5) * away, light, 0.55)
    c.shade(c.ellipse(x, 0.95, 0.36, 0.5), light, "jewel", contact=NONE)
    facet = c.area(
        [(x - 0.2, 0.9), (x - 0.05, 0.55), (x + 0.08, 0.95), (x - 0.06, 1.3)], curved=False
    )
    c.paint(smooth(facet, 1), "#ffffff", 0.65)
    for s in costume.SIDES:
        root = [(x - 0.1, 1.9), (x + s * 0.42, 1.45), (x + s * 0.46, 0.9), (x + s * 0.2, 0.42)]
        c.shade(c.line(root, 0.16), wood, "leather", bump=bark, contact=CLOSE)
    costume.trim(c, [(x - 0.3, 1.98), (x, 2.05)], 0.2, GOLD)


def _orb(c: Canvas, x: float, y: float, radius: float) -> Field:
    return as_field(np.exp(-((np.hypot(c.X - x, c.Y - y) / radius) ** 2) * 3))


def _hat(c: Canvas) -> None:
    cone = c.area(CONE)
    dents = np.sin(c.Y * 4.2 + c.X * 1.8).astype(np.float32) * 2.6 + c.folds("hat", 8)
    c.shade(cone, HAT, "velvet", sigmas=(4, 14, 30), depth=1.5, bump=dents, contact=(2, 5, 7, 0.5))
    moon = c.ellipse(-0.1, -2.75, 0.46) * (1 - c.ellipse(0.12, -2.86, 0.37))
    free = cone * (1 - c.ellipse(0, -2.75, 0.55)) * c.above(-1.95, 0.05)
    _scatter(c, free, 15, (-1.3, 1.3), (-4.6, -2.0))
    c.shade(moon, GOLD, "gold", contact=CLOSE)
    band = mirrored(
        [(0, -1.35), (0.8, -1.25), (1.64, -1.0), (1.5, -1.6), (0.75, -1.8), (0, -1.86)]
    )
    c.shade(c.area(band), "#6a3a20", "leather", contact=NONE)
    for y in (-1.8, -1.42):
        arc = [(-1.55, y + 0.3), (-0.8, y + 0.06), (0, y), (0.8, y + 0.06), (1.55, y + 0.3)]
        costume.trim(c, arc, 0.07, GOLD)
    costume.jewel(c, 0, -1.58, rx=0.2, ry=0.2, colour="#c8392f", setting=GOLD)
    c.shade(c.area(mirrored(BRIM)), "#4340aa", "velvet", sigmas=(3, 9), contact=(2, 7, 8, 0.5))
    lip = [*flipped(BRIM[4:0:-1]), *BRIM[:5]]
    c.shade(c.line(lip, 0.09), GOLD, "trim", contact=TIGHT)


def _scatter(
    c: Canvas, on: Field, count: int, x: tuple[float, float], y: tuple[float, float]
) -> None:
    """Embroider gold stars of several sizes on the cloth, none over the edge or another one."""
    chance, stars = c.chance(f"stars {y}"), c.zeros()
    for _ in range(count * 3):
        at, radius = (chance.uniform(*x), chance.uniform(*y)), chance.uniform(0.1, 0.24)
        spot = c.ellipse(*at, radius * 1.5)
        if count and (spot * (1 - on)).max() < 0.5 and (spot * stars).max() < 0.1:
            tips = star(*at, radius, turn=chance.uniform(-0.3, 0.3))
            stars = np.maximum(stars, c.area(tips, curved=False))
            count -= 1
    c.shade(stars, "#f2cf72", "gold", sigmas=(1.5,), contact=TIGHT)
    c.glow(smooth(stars, 4), "#ffcf6a", 0.3)


def opening(c: Canvas) -> Field:
    """End the hair inside the hat and the neck inside the robe."""
    return c.below(-1.5, 0.2) * c.above(2.7, 0.4)


SCENARIO = Scenario(
    id="wizard", behind=behind, front=front, opening=opening, light=CANDLES, e=64, ey=318,
    covers=Covers.HAIR, relight=0.65, rim=0.5, head_shadow=0.4,
    hat_shadow=Cast(right=3, down=13, strength=0.6),
    finish=Finish(bloom=0.4, bloom_over=0.8, vignette=0.5),
)  # fmt: skip
