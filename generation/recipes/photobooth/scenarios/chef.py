# SPDX-License-Identifier: Apache-2.0
"""Chef: a tall white hat, a double-breasted jacket, copper pans and steam."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

KITCHEN = Light(
    key=(-0.5, -0.6, 0.65), key_colour="#fff4e4", ambient="#6a6472",
    rim=(0.95, -0.2, -0.1), rim_colour="#ffb070", rim_power=0.6,
)  # fmt: skip
LINEN, RED = "#eceae6", "#c7372c"
TILES = ("#3f5a5c", "#5c4a3a", "#4a5a44", "#56465a")
JARS = ("#b5462f", "#d9b25a", "#5f8a4a", "#7a4a2c", "#c98a4a")
PUFFS = (
    (-1.3, -2.85, 0.9, 0.78),
    (1.3, -2.85, 0.9, 0.78),
    (-0.62, -3.25, 0.95, 0.78),
    (0.62, -3.25, 0.95, 0.78),
    (0, -2.8, 1.3, 0.8),
)
"""The heads of the hat: x, y, half axes."""


def behind(c: Canvas) -> None:
    """Draw tiles, hanging copper, a shelf of jars, all out of focus, and the steam before them."""
    chance = c.chance("kitchen")
    wall = str(chance.choice(TILES))
    scenery.gradient(c, [(0, "#2c211c"), (0.3, wall), (0.7, wall), (1, "#2a1c16")])
    grout = ramp(np.abs((c.X * 1.7) % 1 - 0.5), 0.47, 0.5) + ramp(
        np.abs((c.Y * 1.7) % 1 - 0.5), 0.47, 0.5
    )
    c.darken(np.clip(grout, 0, 1), 0.35)
    scenery.spot(c, -0.6, -0.2, radius=3.4, colour="#ffb870", strength=0.38)
    for s in costume.SIDES:
        _jars(c, s)
    for x, size in ((-3.15, 0.8), (-1.95, 0.55), (2.0, 0.6), (3.2, 0.78)):
        _pan(c, x, chance.uniform(-2.9, -2.1), size)
    c.shade(c.line([(-4.5, -3.75), (4.5, -3.75)], 0.12), "#8a8a8c", "metal", sigmas=(2,))
    c.soften(2.4)
    scenery.bokeh(
        c, "lamps", ["#ffd9a0", "#ffc070", "#ffe8c8"], 18, radius=(6, 17), foot=0.7, strength=0.4
    )
    _steam(c)


def _pan(c: Canvas, x: float, y: float, size: float) -> None:
    """Hang a copper pan from its handle; its hollow is bright where its rim is dark."""
    c.shade(c.line([(x, -3.75), (x, y)], 0.15), "#4a3a32", "metal", sigmas=(2,))
    y += size * 0.9
    c.shade(c.ellipse(x, y, size), "#c8784a", "gold", contact=(5, 7, 8, 0.5))
    slope = ramp(c.X - x + c.Y - y, -size, size)
    floor = c.ellipse(x, y, size * 0.78)
    c.paint(floor, blend("#4a2416", "#d88a58", slope))
    c.cast(floor, (0, 0, 3, 0.3))


def _jars(c: Canvas, s: int) -> None:
    chance = c.chance(f"jars {s}")
    c.shade(c.line([(s * 1.5, 2.0), (s * 4.5, 2.0)], 0.16), "#6a4428", "felt")
    for x in (1.95, 2.6, 3.25):
        tall, colour = chance.uniform(0.7, 1.05), str(chance.choice(JARS))
        jar = c.area(
            [(s * x - 0.24, 1.9), (s * x - 0.26, 1.9 - tall * 0.7), (s * x - 0.16, 1.9 - tall),
             (s * x + 0.16, 1.9 - tall), (s * x + 0.26, 1.9 - tall * 0.7), (s * x + 0.24, 1.9)]
        )  # fmt: skip
        c.shade(jar, colour, "plastic", sigmas=(3, 7))
        c.shade(
            c.line([(s * x - 0.17, 1.9 - tall), (s * x + 0.17, 1.9 - tall)], 0.14),
            "#d0b070",
            "gold",
        )


def _steam(c: Canvas) -> None:
    """Let steam curl up on both sides."""
    clouds = c.fbm("steam", octaves=4, cells=(5, 3))
    for x in (-2.7, 2.5):
        wave = c.X - x - 0.25 * np.sin(c.Y * 1.7 + x)
        wisp = np.exp(-((wave / (0.28 + 0.09 * (4 - c.Y))) ** 2)) * ramp(c.Y, -2.5, 1.5)
        c.glow(smooth((wisp * clouds).astype(np.float32), 5), "#fff2e4", 0.4)


def front(c: Canvas) -> None:
    """Draw jacket, buttons, collar, scarf, the whisk and the hat."""
    c.shade(costume.torso(c), LINEN, "cloth", bump=c.folds("jacket", 11))
    _flap(c)
    _collar(c)
    _scarf(c)
    _whisk(c)
    _hat(c)


def _flap(c: Canvas) -> None:
    """Cross the right side over, with piping and two rows of buttons."""
    edge: Points = [(1.2, 2.75), (1.62, 3.6), (1.42, 7.6)]
    flap = c.area([(-0.5, 2.75), *edge, (-0.9, 7.6)], curved=False)
    c.shade(flap, "#f3f1ed", "felt", bump=c.folds("flap", 6), contact=(4, 4, 6, 0.45))
    c.shade(c.line(edge, 0.06, curved=False), RED, "stitch", contact=TIGHT)
    for y in (3.8, 4.5, 5.2):
        for x in (-0.42, 1.06):
            costume.button(c, x, y, radius=0.15, colour="#23262c", material="plastic")
            c.paint(c.ellipse(x - 0.05, y - 0.05, 0.035), "#ffffff", 0.7)


def _collar(c: Canvas) -> None:
    for s in costume.SIDES:
        band = [(0.1, 2.95), (0.62, 2.4), (0.82, 1.95), (1.32, 1.95), (1.5, 2.6), (0.85, 3.05)]
        c.shade(c.area(costume.side(band, s)), "#f6f5f2", "collar", contact=(1, 5, 6, 0.5))
        edge = costume.side([(0.86, 1.98), (1.3, 1.98), (1.47, 2.6), (0.85, 3.02)], s)
        c.shade(c.line(edge, 0.06), RED, "stitch", contact=NONE)


def _scarf(c: Canvas) -> None:
    """Knot a red scarf at the throat."""
    crease = np.sin(c.Y * 8 + np.abs(c.X) * 5).astype(np.float32) * 2
    wrap = c.area(mirrored([(0, 2.5), (0.72, 2.05), (0.98, 2.35), (0.5, 2.95), (0, 3.05)]))
    c.shade(wrap, RED, "silk", bump=crease, contact=(0, 4, 5, 0.5))
    for s, foot in ((-1, 3.85), (1, 3.7)):
        tail = costume.side([(0.04, 3.0), (0.3, 3.05), (0.58, foot - 0.1), (0.18, foot)], s)
        c.shade(c.area(tail), "#b92f26", "silk", bump=crease, contact=(1, 4, 5, 0.5))
    knot = c.area([(-0.24, 2.78), (0.24, 2.78), (0.27, 3.12), (-0.27, 3.12)])
    c.shade(knot, "#d8453a", "silk", sigmas=(2, 6), contact=CLOSE)


def _whisk(c: Canvas) -> None:
    """Hold a steel whisk with a copper ring before the jacket."""
    x, y = 2.75, 3.35
    for k in (-1.0, -0.62, -0.22, 0.22, 0.62, 1.0):
        loop: Points = [(x - 0.03 * k, y + 0.9), (x + 0.52 * k, y - 0.1), (x + 0.42 * k, y - 0.95),
                        (x, y - 1.3)]  # fmt: skip
        c.shade(c.line(loop, 0.065), "#d8dbe2", "metal", sigmas=(1.5,), contact=(3, 3, 3, 0.4))
    handle: Points = [(x, y + 0.85), (x + 0.02, y + 2.6)]
    c.shade(c.line(handle, 0.3), "#c2c5cc", "metal", sigmas=(3,), contact=(4, 5, 6, 0.5))
    c.shade(c.line([(x - 0.17, y + 0.95), (x + 0.17, y + 0.95)], 0.16), "#d2794a", "gold")


def _hat(c: Canvas) -> None:
    """Puff the hat up in pleats over a starched band."""
    puff = np.maximum.reduce([c.ellipse(*each) for each in PUFFS])
    angle = np.arctan2(c.X, -(c.Y + 1.2))
    pleats = np.sin(angle * 15 + c.fbm("hat", octaves=3) * 3).astype(np.float32)
    fall = pleats * 3.2 * ramp(c.Y, -3.9, -2.6)
    c.shade(puff, "#efedea", "cloth", sigmas=(4, 12, 26), depth=1.5, bump=fall)
    band = mirrored(
        [(0, -1.16), (0.75, -1.08), (1.44, -0.86), (1.42, -2.2), (0.75, -2.4), (0, -2.45)]
    )
    c.shade(
        c.area(band), "#f7f5f2", "felt", sigmas=(3, 9, 30),
        bump=np.sin(c.X * 9).astype(np.float32) * 1.1, contact=(0, 4, 6, 0.45),
    )  # fmt: skip
    c.shade(
        c.line([(-1.42, -0.92), (-0.75, -1.13), (0, -1.21), (0.75, -1.13), (1.42, -0.92)], 0.07),
        RED, "stitch", contact=NONE,
    )  # fmt: skip


def opening(c: Canvas) -> Field:
    """End the hair inside the hat and the neck inside the scarf."""
    return c.below(-1.6, 0.2) * c.above(2.5, 0.3)


SCENARIO = Scenario(
    id="chef", behind=behind, front=front, opening=opening, light=KITCHEN, e=68, ey=282,
    covers=Covers.HAIR, relight=0.55, rim=0.4, hat_shadow=Cast(down=10, blur=8, strength=0.5),
    finish=Finish(bloom=0.25, bloom_over=0.9, vignette=0.45, grain=0.012),
)  # fmt: skip
