# SPDX-License-Identifier: Apache-2.0
"""Sailor: yellow oilskins and a striped jersey at the wheel, a cream sail on a silver sea."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Mood, Scenario

YELLOW, NAVY, CREAM, BRASS, OAK = "#f0b41e", "#1f3358", "#f3ead6", "#d9ab55", "#8a5428"
MORNINGS = (
    ("#6f95b8", "#b9cdd8", "#fbe9c4", "#7f9cb0", "#2f5066"),
    ("#7a88b8", "#d8b8c0", "#ffe0b8", "#8f93b0", "#34466e"),
    ("#5f9fae", "#b8dad8", "#fff2cc", "#78aab0", "#235a66"),
)
"""Sky from above to the horizon, then sea from the horizon down."""
HORIZON = 1.75
BRIGHT = Light(
    key=(-0.55, -0.55, 0.62), key_colour="#fff2d8", ambient="#66809a",
    rim=(0.92, -0.1, -0.2), rim_colour="#ffe9b8", rim_power=0.65,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the morning, the sea, sail and rigging, the brim and the back of the collar."""
    high, middle, low, near, deep = MORNINGS[int(c.chance("morning").integers(len(MORNINGS)))]
    sun = float(c.chance("sun").choice([-1, 1])) * 2.6
    scenery.gradient(c, [(0, high), (0.4, middle), (0.68, low), (1, low)])
    scenery.haze(c, "streaks", low, top=0.1, foot=0.7, strength=0.6)
    scenery.spot(c, sun, HORIZON - 0.55, radius=1.5, colour="#fff0c4", strength=0.55)
    scenery.spot(c, sun, HORIZON - 0.55, radius=0.36, colour="#fff8e0", strength=0.9)
    _sea(c, sun, near, deep)
    _boat(c, -sun * 1.1)
    c.soften(1.0)
    _sail(c, -float(np.sign(sun)))
    _gulls(c, float(np.sign(sun)))
    _brim(c)


def _sea(c: Canvas, sun: float, near: str, deep: str) -> None:
    """Roll the sea to the horizon, the sun's path on it."""
    water, depth = c.below(HORIZON, 0.03), np.clip(c.Y - HORIZON, 0, None)
    wave = np.sin(np.sqrt(depth) * 26 + c.fbm("swell", cells=(10, 3)) * 16)
    c.paint(water, blend(near, deep, ramp(c.Y, HORIZON, 4)) * (1 + 0.1 * wave)[..., None])
    path = np.exp(-np.abs(c.X - sun) / (0.35 + 0.4 * depth)) * water
    c.glow(path * (0.25 + np.clip(wave - 0.2, 0, 1)), "#fff0c8", 0.75)


def _boat(c: Canvas, x: float) -> None:
    """Set another small boat on the horizon."""
    y = HORIZON + 0.06
    hull = [(x - 0.34, y - 0.1), (x + 0.36, y - 0.1), (x + 0.26, y), (x - 0.26, y)]
    c.paint(c.area(hull, curved=False), "#4a3a44")
    for sail in ([(x - 0.02, y - 0.85), (x - 0.02, y - 0.14), (x - 0.4, y - 0.14)],
                 [(x + 0.03, y - 0.78), (x + 0.03, y - 0.14), (x + 0.3, y - 0.14)]):  # fmt: skip
        c.paint(c.area(sail, curved=False), "#b4483c", 0.9)


def _sail(c: Canvas, s: float) -> None:
    """Hoist a cream sail on one side: sewn panels, a mast, ropes to the other side."""
    side = int(s)
    edge = [(1.0, -4.2), (1.9, -2.6), (2.2, -0.4), (2.15, 2.2), (4.2, 2.6), (4.2, -4.2)]
    sail = c.area(costume.side(edge, side))
    seams = np.abs(((c.Y + 0.16 * side * c.X) / 0.95) % 1 - 0.5) * 2
    belly = np.clip(c.X * side - 1.2, 0, 3) * 5 - 3 * np.exp(-(((1 - seams) / 0.05) ** 2))
    c.shade(sail, CREAM, "cloth", bump=as_field(belly), sigmas=(4, 14))
    for x, y in ((2.0, -1.9), (2.22, -0.95), (2.28, 0.0), (2.25, 0.95), (2.2, 1.9)):
        c.shade(c.ring(side * (x + 0.16), y, 0.09, 0.05), BRASS, "trim", contact=TIGHT)
    mast = c.line(costume.side([(3.25, -4.2), (3.3, 3.5)], side), 0.26)
    c.shade(mast, OAK, "leather", sigmas=(3, 5), contact=(-4 * side, 4, 6, 0.4))
    boom = c.line(costume.side([(1.9, 2.42), (4.2, 2.66)], side), 0.2)
    c.shade(boom, OAK, "leather", sigmas=(3, 5))
    for k in range(3):
        rope = [(-0.6 - 0.9 * k, -4.2), (-2.6 - 0.55 * k, 3.6)]
        c.shade(c.line(costume.side(rope, side), 0.055), "#d8c8a4", "stitch", contact=TIGHT)
    for y in np.arange(-2.6, 2.4, 0.8):
        left, right = -1.05 - 0.256 * (y + 4.2) + 0.03, -2.4 - 0.14 * (y + 4.2)
        rung = costume.side([(left, float(y)), (right, float(y) + 0.06)], side)
        c.shade(c.line(rung, 0.04), "#b8a67e", "stitch", contact=NONE)


def _gulls(c: Canvas, s: float) -> None:
    chance = c.chance("gulls")
    for _ in range(3):
        x, y, w = (
            s * chance.uniform(2.2, 3.4),
            chance.uniform(-3.2, -1.2),
            chance.uniform(0.2, 0.4),
        )
        wings = [(x - w, y - 0.25 * w), (x - 0.5 * w, y - 0.42 * w), (x, y), (x + 0.5 * w,
                 y - 0.42 * w), (x + w, y - 0.25 * w)]  # fmt: skip
        c.paint(c.line(wings, 0.045), "#fbfbf8", 0.9)


def _brim(c: Canvas) -> None:
    """Hang the hat's long back brim behind the head, then the coat's stand-up collar."""
    brim = c.area(mirrored([(0, -2.3), (1.4, -2.0), (1.95, -1.1), (2.3, 0.2), (2.5, 1.05),
                            (2.0, 1.32), (1.0, 1.4), (0, 1.42)]))  # fmt: skip
    c.shade(brim, rgb(YELLOW) * 0.62, "jacket", sigmas=(4, 12), bump=c.folds("brim", 5))
    stitches = [(2.22, 0.2), (2.36, 0.98), (1.95, 1.2)]
    for s in costume.SIDES:
        c.paint(c.line(costume.side(stitches, s), 0.03), "#8a6410", 0.7)
    back = c.area(mirrored([(0, 1.5), (1.2, 1.45), (1.7, 1.9), (1.7, 2.9), (0, 3.4)]))
    c.shade(back, rgb(YELLOW) * 0.55, "felt")


def front(c: Canvas) -> None:
    """Draw jersey, oilskin coat, hat and the wheel."""
    _jersey(c)
    _coat(c)
    _hat(c)
    _wheel(c)


def _jersey(c: Canvas) -> None:
    y = c.chin
    jersey = c.area(mirrored([(0, y + 0.62), (0.72, y + 0.48), (1.2, 2.3), (1.6, 3), (1.4, 7),
                              (0, 7)]))  # fmt: skip
    stripe = ((c.Y + 0.1 * c.X**2 - y) / 0.46) % 1
    wool = blend(CREAM, NAVY, ramp(as_field(np.abs(stripe - 0.5)), 0.22, 0.26))
    c.shade(jersey, smooth(wool, 0.6), "cloth", bump=costume.knitting(c, 0.11) * 0.45
            + c.folds("jersey", 6), contact=(0, 3, 5, 0.45))  # fmt: skip
    neck = [(-1.0, y + 0.32), (-0.6, y + 0.52), (0, y + 0.66), (0.6, y + 0.52), (1.0, y + 0.32)]
    ribs = as_field(np.sin(c.X * 32) * 0.8)
    c.shade(c.line(neck, 0.26), NAVY, "knit", bump=ribs, sigmas=(3,), contact=(0, 4, 5, 0.5))


def _coat(c: Canvas) -> None:
    """Button a heavy oilskin: glossy folds, a wide collar, brass clasps."""
    folds = c.folds("oilskin", 22, cells=(3, 4))
    for s in costume.SIDES:
        half = costume.side([(1.15, 2.35), (1.6, 2.45), (2.5, 3.05), (3.25, 3.55), (3.65, 4.6),
                             (3.85, 7.6), (0.62, 7.6), (0.72, 5.2), (1.02, 3.6)], s)  # fmt: skip
        c.shade(c.area(half), YELLOW, "jacket", bump=folds, contact=(2, 6, 8, 0.5))
        hem = costume.side([(1.0, 3.7), (0.72, 5.2), (0.62, 7.6)], s)
        c.shade(c.line([(x + s * 0.12, y) for x, y in hem], 0.03), "#a87c12", "stitch",
                contact=NONE)  # fmt: skip
        arm = costume.side([(2.5, 3.9), (2.6, 4.9), (2.4, 6)], s)
        c.darken(smooth(c.line(arm, 0.09), 2.5), 0.4)
        collar = costume.side([(0.95, 1.95), (1.45, 1.75), (1.95, 2.35), (2.45, 3.1), (1.75, 3.6),
                               (1.05, 4.15), (0.98, 3.1)], s)  # fmt: skip
        c.shade(c.area(collar), "#f6c136", "leather", sigmas=(3, 8), bump=folds * 0.3,
                contact=(2, 7, 8, 0.5))  # fmt: skip
        line = costume.side(
            [(1.42, 1.9), (1.86, 2.45), (2.28, 3.08), (1.68, 3.48), (1.12, 3.95)], s
        )
        c.shade(c.line(line, 0.03), "#a87c12", "stitch", contact=NONE)
        for y in (4.45, 5.15):
            costume.button(c, s * (1.12 - 0.09 * (y - 4.4)), y, radius=0.13, colour=BRASS)


def _hat(c: Canvas) -> None:
    """Set the sou'wester on: a crown of panels, its front brim turned up."""
    crown = c.area(mirrored([(0, -2.85), (0.8, -2.72), (1.38, -2.1), (1.6, -1.2), (0.9, -1.05),
                             (0, -1.0)]))  # fmt: skip
    seams = c.zeros()
    for x in (-0.95, -0.33, 0.33, 0.95):
        seams = np.maximum(
            seams, c.line([(x * 0.35, -2.8), (x * 1.05, -2.1), (x * 1.35, -1)], 0.04)
        )
    c.shade(crown, YELLOW, "jacket", sigmas=(4, 14, 30), bump=c.folds("crown", 4)
            - smooth(seams, 1) * 6, contact=(2, 5, 6, 0.45))  # fmt: skip
    costume.button(c, 0, -2.82, radius=0.13, colour=BRASS)
    right = [(0, -1.72), (0.8, -1.66), (1.6, -1.45), (2.1, -0.95), (1.95, -0.62), (1.5, -0.74),
             (0.8, -0.98), (0, -1.06)]  # fmt: skip
    front = c.area(mirrored(right))
    c.shade(front, "#f6c136", "leather", sigmas=(4, 10), bump=c.folds("front", 4),
            contact=(1, 6, 7, 0.5))  # fmt: skip
    for lift in (0.1, 0.24, 0.38):
        stitches = [(0, -1.06 - lift), (0.8, -0.98 - lift), (1.5, -0.76 - lift * 0.9)]
        path = [*((-x, y) for x, y in reversed(stitches[1:])), *stitches]
        c.shade(c.line(path, 0.025), "#b8881a", "stitch", contact=NONE)


def _wheel(c: Canvas) -> None:
    """Put the ship's wheel in the foreground: oak, brass and turned handles."""
    x, y = 0.0, 6.55
    turn = float(c.chance("wheel").uniform(0, 0.7))
    for k in range(8):
        a = turn + k * np.pi / 4
        cos, sin = float(np.cos(a)), float(np.sin(a))
        spoke = [(x + 0.3 * cos, y + 0.3 * sin), (x + 2.1 * cos, y + 2.1 * sin)]
        c.shade(c.line(spoke, 0.17), OAK, "leather", sigmas=(3, 5), contact=(2, 4, 5, 0.45))
        grip = [(x + 2.0 * cos, y + 2.0 * sin), (x + 2.42 * cos, y + 2.42 * sin)]
        c.shade(c.line(grip, 0.25), "#a8682f", "leather", sigmas=(3, 6), contact=CLOSE)
        c.shade(c.ellipse(x + 2.08 * cos, y + 2.08 * sin, 0.1), BRASS, "gold", contact=TIGHT)
    c.shade(c.ring(x, y, 1.86, 1.42), OAK, "leather", sigmas=(3, 9), contact=(2, 6, 7, 0.55))
    for radius in (1.8, 1.48):
        c.shade(c.ring(x, y, radius + 0.035, radius - 0.035), BRASS, "trim", contact=TIGHT)


def opening(c: Canvas) -> Field:
    """Hide the crown under the hat and end the neck in the jersey."""
    return c.below(-1.5, 0.2) * c.above(2.5, 0.3)


SCENARIO = Scenario(
    id="sailor", behind=behind, front=front, opening=opening, light=BRIGHT, e=68, ey=270,
    mood=Mood.HALF, covers=Covers.HAIR, relight=0.6, rim=0.45,
    hat_shadow=Cast(down=12, strength=0.55),
    finish=Finish(bloom=0.3, bloom_over=0.9, bloom_blur=12, vignette=0.35, grain=0.014),
)  # fmt: skip
