# SPDX-License-Identifier: Apache-2.0
"""Constellation: a robe of night and a golden star chart, joined by glowing lines."""

from collections.abc import Sequence

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import (
    Field,
    Points,
    as_field,
    mirrored,
    ramp,
    smooth,
    star,
)
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario

STARLIGHT = Light(key=(-0.5, -0.6, 0.62), key_colour="#fff6e6", ambient="#4d568c",
    rim=(0.9, -0.3, -0.2), rim_colour="#ffd888", rim_power=0.7)  # fmt: skip
GOLD, IVORY, CHART = "#e0b55c", "#fff3d2", (0.0, -0.15)
NIGHTS = (("#0b0f33", "#1b2a66", "#3a3f8c"), ("#0a1230", "#153a66", "#2c6a8c"),
    ("#140c33", "#33205f", "#6a3a8a"), ("#0a1526", "#14324a", "#2f5f6f"))  # fmt: skip
FIGURES = (((0, 0), (0.5, -0.35), (0.95, -0.1), (0.8, 0.45), (0.25, 0.5), (0, 0)),
    ((0, 0), (0.3, 0.45), (0.75, 0.5), (1.05, 0.15), (1.3, -0.3)),
    ((0, 0), (0.45, 0.2), (0.9, 0), (0.6, 0.6), (0.45, 0.2)),
    ((0, 0.5), (0.3, 0), (0.6, 0.45), (0.9, -0.05), (1.2, 0.4)))  # fmt: skip
"""Invented figures, in e."""
SHOULDER = ((3.35, 2.35), (2.75, 3.2), (2.05, 3.45), (1.45, 4.15), (2.2, 4.75), (2.95, 4.3))


def behind(c: Canvas) -> None:
    """Draw the night, the chart's circles, the moon's phases, figures, the frame, the collar."""
    deep, high, cloud = NIGHTS[int(c.chance("night").integers(len(NIGHTS)))]
    scenery.gradient(c, [(0, deep), (0.5, high), (1, deep)])
    band = np.exp(-(((c.X * 0.75 + c.Y * 0.6 + 0.6) / 1.7) ** 2)) * c.fbm("way", octaves=6,
        cells=(5, 4))  # fmt: skip
    c.glow(as_field(band), cloud, 0.9)
    scenery.spot(c, 0, 0, radius=3.2, colour=cloud, strength=0.35)
    scenery.stars(c, "stars", 340)
    _circles(c)
    _phases(c)
    _figures(c)
    _frame(c)
    _high_collar(c)


def _etch(c: Canvas, line: Field, strength: float = 0.7) -> None:
    """Engrave a thin golden line that glows a little."""
    c.paint(line, GOLD, strength)
    c.glow(smooth(line, 2.5), GOLD, 0.45 * strength)


def _circles(c: Canvas) -> None:
    x, y = CHART
    reach, angle = np.hypot(c.X - x, c.Y - y), np.arctan2(c.Y - y, c.X - x)
    tilt = float(c.chance("ecliptic").uniform(-0.5, 0.5))
    px = 1 / c.e
    lines = c.zeros()
    for radius, wide in ((2.5, 1.4), (2.82, 1.0), (3.9, 0.8), (4.9, 0.8)):
        lines = np.maximum(lines, np.clip(wide + 0.5 - np.abs(reach - radius) / px, 0, 1))
    ticks = np.clip(1.2 - np.abs(np.sin(angle * 36)) * reach / 36 / px, 0, 1)
    long = np.abs(np.sin(angle * 6)) < 0.06
    ticks = ticks * ((reach > np.where(long, 2.5, 2.66)) & (reach < 2.82))
    spokes = np.clip(1.0 - np.abs(np.sin(angle * 6)) * reach / 6 / px, 0, 1) * (reach > 2.82)
    u = c.X * np.cos(tilt) + (c.Y - 0.4) * np.sin(tilt)
    v = -c.X * np.sin(tilt) + (c.Y - 0.4) * np.cos(tilt)
    oval = np.hypot(u / 3.5, v / 4.4)
    lines = np.maximum(lines, np.clip(1.3 - np.abs(oval - 1) * 3.9 / px, 0, 1))
    _etch(c, as_field(np.maximum(lines, ticks)), 0.8)
    _etch(c, as_field(spokes), 0.4)


def _phases(c: Canvas) -> None:
    """Set the moon's phases on the ring, new to full and back."""
    x, y = CHART
    for k in range(7):
        a = np.pi * (1.08 + 0.84 * k / 6)
        mx, my, radius = x + 3.35 * float(np.cos(a)), y + 3.35 * float(np.sin(a)), 0.27
        disc = c.ellipse(mx, my, radius)
        u, v = (c.X - mx) / radius, (c.Y - my) / radius
        edge = np.cos(np.pi * (k + 0.5) / 7 if k < 3.5 else np.pi * (6.5 - k) / 7)
        side = u if k <= 3 else -u
        lit = (ramp(side + edge * -1 * np.sqrt(np.clip(1 - v * v, 0, 1)), -0.06,
            0.06) if k != 3 else np.ones_like(u))  # fmt: skip
        c.shade(disc, "#2a2f63", "collar", contact=CLOSE)
        c.paint(disc * lit, rgb(IVORY) * (0.85 + 0.25 * c.fbm("mare", cells=(40, 30)))[..., None])
        c.shade(c.ring(mx, my, radius + 0.06, radius), GOLD, "trim", contact=NONE)


def _join(c: Canvas, figures: Sequence[Points], size: float = 0.13) -> None:
    """Join stars by glowing lines; every third star of a figure is brighter."""
    lines, tips = c.zeros(), c.zeros()
    for points in figures:
        lines = np.maximum(lines, c.line(points, 0.028, curved=False))
        for k, (x, y) in enumerate(dict.fromkeys(points)):
            outline = star(x, y, size * (1.05 if k % 3 else 1.5), tips=4, waist=0.28)
            tips = np.maximum(tips, c.area(outline, curved=False))
    c.paint(lines, "#ffe9b0", 0.85)
    c.glow(smooth(lines, 3) * 0.9 + smooth(lines, 9), "#ffc860", 0.6)
    c.paint(tips, "#fffbe8")
    c.glow(smooth(tips, 2.5) + smooth(tips, 8) * 1.4, "#ffdf94", 0.8)


def _figures(c: Canvas) -> None:
    chance = c.chance("figures")
    order, figures = chance.permutation(len(FIGURES)), []
    for k, (x, y) in enumerate(((-3.4, -0.15), (2.5, -0.25), (-3.4, 1.35), (2.45, 1.4))):
        turn, size = chance.uniform(-0.5, 0.5), chance.uniform(0.68, 0.8)
        cos, sin = float(np.cos(turn)) * size, float(np.sin(turn)) * size
        points = FIGURES[order[k]]
        figures.append([(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in points])
    _join(c, figures, 0.09)


def _frame(c: Canvas) -> None:
    """Engrave a border with a scale of degrees and a star in every corner."""
    column = np.minimum(np.arange(c.width), np.arange(c.width)[::-1])[None]
    row = np.minimum(np.arange(c.height), np.arange(c.height)[::-1])[:, None]
    inset = as_field(np.minimum(column, row))
    c.darken(ramp(inset, 27, 26), 0.55)
    rails = np.maximum(np.clip(2 - np.abs(inset - 10), 0, 1),
        np.clip(1.4 - np.abs(inset - 26), 0, 1))  # fmt: skip
    c.shade(as_field(rails), GOLD, "trim", contact=TIGHT)
    across, down = np.arange(c.width)[None] + 0 * row, np.arange(c.height)[:, None] + 0 * column
    along = np.where(column < row, down, across)
    ticks = (along % 8 < 1.5) & (inset > np.where(along % 40 < 2, 12, 19)) & (inset < 26)
    c.paint(as_field(ticks), GOLD, 0.7)
    left, top = (18 - c.ex) / c.e, (18 - c.ey) / c.e
    for x in (left, -left):
        for y in (top, (c.height - 18 - c.ey) / c.e):
            c.shade(c.ellipse(x, y, 0.3), "#141a44", "collar", contact=CLOSE)
            c.shade(c.area(star(x, y, 0.26, tips=8, waist=0.5), curved=False), GOLD, "gold",
                contact=TIGHT)  # fmt: skip


def _night(c: Canvas) -> Field:
    """Dye the cloth: indigo with drifting violet and a dust of stars."""
    drift = c.fbm("dye", octaves=5, cells=(4, 4))
    return blend(blend("#171c55", "#3a2d7c", ramp(drift, 0.4, 0.75)), "#1f4f8c",
        ramp(drift, 0.45, 0.2))  # fmt: skip


def _high_collar(c: Canvas) -> None:
    inner = c.area(mirrored([(0, 1.9), (0.95, 1.2), (1.85, 0.75), (2.15, 1.5), (1.75, 2.7),
        (0, 3.2)]))  # fmt: skip
    c.shade(inner, "#12163f", "velvet", bump=np.sin(np.arctan2(c.X, 4.2 - c.Y) * 40) * 2)


def front(c: Canvas) -> None:
    """Draw the robe, its stars and lines, the collar and the clasp."""
    body = costume.torso(c, top=2.5, neck=1.1, shoulder=2.55)
    c.shade(body, _night(c), "robe", bump=c.folds("robe", 11) + costume.pleats(c, "fall", count=4,
        strength=3))  # fmt: skip
    dust = c.zeros()
    chance = c.chance("dust")
    dust[chance.integers(0, c.height, 900), chance.integers(0, c.width,
        900)] = (chance.random(900) ** 3 * 3)  # fmt: skip
    c.glow(smooth(dust, 0.8) * body, "#dfe6ff", 0.9)
    throat = c.area(mirrored([(0, c.chin + 0.38), (0.55, c.chin + 0.33), (0.85, c.chin + 0.25),
        (1.0, 2.5), (1.0, 3.0), (0, 3.3)]))  # fmt: skip
    c.shade(throat, "#e9dfc6", "silk", bump=np.sin(c.X * 17) * 1.6, contact=CLOSE)
    for s in costume.SIDES:
        _lapel(c, s)
    _worn_stars(c)
    _clasp(c)


def _lapel(c: Canvas, s: int) -> None:
    wing = costume.side([(0.1, 3.5), (0.72, 2.75), (1.25, 1.95), (1.9, 0.8), (2.2, 1.25),
        (2.1, 2.2), (1.6, 3.0), (0.75, 3.7), (0.2, 3.95)], s)  # fmt: skip
    c.shade(c.area(wing), _night(c) * 1.15, "velvet", sigmas=(3, 9), contact=(2, 6, 8, 0.5))
    costume.trim(c, wing[:4], 0.08, GOLD)
    costume.trim(c, wing[3:], 0.06, GOLD)
    seam = [(0.2, 4.05), (0.24, 5), (0.3, 6.5)]
    costume.trim(c, costume.side(seam, s), 0.07, GOLD)


def _worn_stars(c: Canvas) -> None:
    """Draw a figure over each shoulder that reaches out into the sky, and stars on the lapels."""
    figures, lapels = [], c.zeros()
    for s in costume.SIDES:
        chance = c.chance(f"shoulder {s}")
        moved = [(s * (x + chance.uniform(-0.12, 0.12)), y + chance.uniform(-0.12, 0.12)) for x,
            y in SHOULDER]  # fmt: skip
        figures.append([*moved, moved[1]])
        for x, y in ((1.75, 1.75), (1.35, 2.6), (0.85, 3.2)):
            outline = star(s * x, y, 0.12, tips=4, waist=0.3)
            lapels = np.maximum(lapels, c.area(outline, curved=False))
    _join(c, figures)
    c.paint(lapels, IVORY)
    c.glow(smooth(lapels, 4), "#ffdf94", 0.8)


def _clasp(c: Canvas) -> None:
    c.shade(c.area(star(0, 3.85, 0.62, tips=8, waist=0.55, turn=0.0), curved=False), GOLD, "gold",
        contact=(1, 4, 5, 0.5))  # fmt: skip
    costume.jewel(c, 0, 3.85, rx=0.21, ry=0.21, colour="#3f7fe0")


def opening(c: Canvas) -> Field:
    """End the neck inside the collar."""
    return c.above(2.75, 0.3)


SCENARIO = Scenario(id="constellation", behind=behind, front=front, opening=opening,
    light=STARLIGHT, e=66, ey=272, mood=Mood.NEUTRAL, relight=0.7, rim=0.4, wrap=0.12,
    finish=Finish(bloom=0.45))  # fmt: skip
