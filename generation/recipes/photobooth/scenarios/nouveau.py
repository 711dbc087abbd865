# SPDX-License-Identifier: Apache-2.0
"""Art nouveau: a halo ring with stars, inked flowers on whiplash stems, an ornamental frame."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, smooth, star
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario
from generation.recipes.photobooth.styles import inked

INK, PAPER, GOLD = "#3a2a20", "#ead9b2", "#d9a350"
SETS = (
    ("#1f6a6a", "#b5503a", "#d9764f", "#e8745a"),
    ("#2f4f7a", "#8a4a5a", "#b8707a", "#e08a6a"),
    ("#4a6a3a", "#a8602a", "#d0904a", "#d85a4a"),
    ("#5a3f6a", "#2f6a62", "#5a9484", "#e0857a"),
)
"""Halo, dress, shawl and blossoms."""
LEAVES = ("#3f7a55", "#6fa06a", "#2f6250", "#4f8a60")
FLAT = Light(
    key=(-0.45, -0.6, 0.66), key_colour="#fff6e4", power=0.95, ambient="#8a8478",
    rim=(0.9, -0.3, -0.1), rim_colour="#ffe0b0", rim_power=0.15,
)  # fmt: skip


def _colours(c: Canvas) -> tuple[str, str, str, str]:
    return SETS[int(c.chance("set").integers(len(SETS)))]


def behind(c: Canvas) -> None:
    """Draw the paper, the rayed sky, the halo and the flowers that climb beside the head."""
    halo, _, _, bloom = _colours(c)
    grain = c.fbm("paper", octaves=4, cells=(40, 32))
    c.fill(rgb(PAPER) * (0.97 + 0.06 * grain)[..., None])
    _arcade(c, halo)
    _halo(c, halo)
    for s in costume.SIDES:
        _vine(c, s, bloom)


def _arcade(c: Canvas, colour: str) -> None:
    """Print a diaper of small leaves behind the halo."""
    for row in range(12):
        for column in range(8):
            x, y = -3.9 + 1.1 * column + 0.55 * (row % 2), -3.9 + 0.85 * row
            tip = [(x, y - 0.28), (x + 0.14, y), (x, y + 0.28), (x - 0.14, y)]
            c.paint(c.area(tip), colour, 0.16)


def _halo(c: Canvas, colour: str) -> None:
    """Draw the ring: gold edges, stars and beads, rays inside."""
    c.ink(c.ellipse(0, -0.1, 3.3), GOLD)
    c.ink(c.ellipse(0, -0.1, 3.14), colour)
    tips = int(c.chance("stars").integers(5, 9))
    for k in range(24):
        a = k * np.pi / 12
        x, y = 2.74 * float(np.cos(a)), -0.1 + 2.74 * float(np.sin(a))
        if k % 2:
            c.ink(c.ellipse(x, y, 0.12), "#e8a04a", INK, 1.0)
        else:
            points = star(x, y, 0.29, tips=tips, waist=0.5, turn=float(a + np.pi / 2))
            c.ink(c.area(points, curved=False), "#f2d48a", INK, 1.0)
    c.ink(c.ellipse(0, -0.1, 2.36), GOLD)
    c.ink(c.ellipse(0, -0.1, 2.22), "#f4dfae")
    reach, angle = np.hypot(c.X, c.Y + 0.1), np.arctan2(c.Y + 0.1, c.X)
    wedge = (np.sin(angle * 18) > 0) * np.clip((reach - 0.6) / 1.8, 0, 1) * (reach < 2.2)
    c.paint(smooth(as_field(wedge), 0.8), "#edc488", 0.6)


def _vine(c: Canvas, s: int, bloom: str) -> None:
    """Bend a stem up the side like a whip, with leaves and three flowers."""
    chance = c.chance(f"vine {s}")
    stem = [(3.3, 3.6), (2.75, 2.2), (3.25, 0.8), (3.0, -0.9), (2.3, -2.1), (1.2, -2.75),
            (0.75, -2.35)]  # fmt: skip
    c.ink(c.line(costume.side(stem, s), 0.1), "#5a8a5a", INK, 1.2)
    for x, y, angle in ((2.9, 2.4, 2.4), (3.2, 1.1, 2.2), (3.15, 0.2, 0.2), (2.7, -1.5, 2.6),
                        (1.8, -2.55, -1.2), (2.9, 1.7, -0.6)):  # fmt: skip
        turn = angle + float(chance.normal(0, 0.2))
        green = LEAVES[int(chance.integers(4))]
        _leaf(c, s * x, y, turn if s > 0 else np.pi - turn, length=0.85, colour=green)
    for k, (x, y, radius) in enumerate(
        ((2.95, -0.55, 0.56), (1.95, -2.35, 0.66), (3.15, 1.9, 0.5))
    ):
        colour = bloom if k < 2 else "#f4ead2"
        _poppy(c, s * x, y, radius, colour=colour, turn=float(chance.uniform(0, 6)))
    _bud(c, s * 0.75, -2.45, bloom)


def _leaf(c: Canvas, x: float, y: float, angle: float, *, length: float, colour: str) -> None:
    cos, sin, width = float(np.cos(angle)), float(np.sin(angle)), length * 0.36

    def at(a: float, b: float) -> tuple[float, float]:
        return x + cos * a * length - sin * b * width, y + sin * a * length + cos * b * width

    shape = ((0, 0), (0.25, 0.46), (0.6, 0.4), (1, -0.1), (0.6, -0.42), (0.25, -0.4))
    c.ink(c.area([at(a, b) for a, b in shape]), colour, INK, 1.1)
    c.paint(c.line([at(0.05, 0), at(0.5, 0.05), at(0.9, -0.08)], 0.025), INK, 0.7)


def _poppy(
    c: Canvas, x: float, y: float, radius: float, *, colour: str, turn: float, petals: int = 5
) -> None:
    """Ink a flower of notched petals, each with its veins."""
    for k in range(petals):
        a = turn + k * 2 * np.pi / petals
        cos, sin = radius * float(np.cos(a)), radius * float(np.sin(a))

        def at(u: float, v: float, cos: float = cos, sin: float = sin) -> tuple[float, float]:
            return x + cos * u - sin * v, y + sin * u + cos * v

        edge = ((0, 0), (0.45, 0.5), (0.88, 0.56), (0.98, 0.2), (0.9, 0), (0.98, -0.2),
                (0.88, -0.56), (0.45, -0.5))  # fmt: skip
        c.ink(c.area([at(u, v) for u, v in edge]), colour, INK, 1.1)
        for v in (-0.22, 0, 0.22):
            c.paint(c.line([at(0.3, v * 0.6), at(0.68, v)], 0.018), INK, 0.6)
    heart = star(x, y, radius * 0.4, tips=9, waist=0.6, turn=turn)
    c.ink(c.area(heart, curved=False), "#e8b84a", INK, 1.0)
    c.ink(c.ellipse(x, y, radius * 0.13), LEAVES[1], INK, 1.0)


def _bud(c: Canvas, x: float, y: float, colour: str) -> None:
    drop = [(x, y + 0.42), (x + 0.2, y + 0.16), (x + 0.12, y - 0.1), (x - 0.12, y - 0.1),
            (x - 0.2, y + 0.16)]  # fmt: skip
    c.ink(c.area(drop), colour, INK, 1.1)
    cup = [(x - 0.15, y - 0.12), (x + 0.15, y - 0.12), (x + 0.17, y + 0.08), (x, y + 0.16),
           (x - 0.17, y + 0.08)]  # fmt: skip
    c.ink(c.area(cup), LEAVES[0], INK, 1.1)


def front(c: Canvas) -> None:
    """Draw the dress, its jewelled collar, the flower bed and the frame."""
    halo, dress, shawl, bloom = _colours(c)
    _dress(c, dress, shawl)
    _collar(c, halo)
    _garland(c, bloom)
    _bed(c, bloom)
    _frame(c, halo)


def _dress(c: Canvas, dress: str, shawl: str) -> None:
    body = costume.torso(c, top=2.7, neck=1.2, shoulder=2.6)
    c.ink(body, dress)
    for k in range(-4, 5):
        fold = [(k * 0.16, 3.7), (k * 0.26 + 0.05, 4.6), (k * 0.3, 5.6)]
        c.paint(c.line(fold, 0.03), INK, 0.65)
    for s in costume.SIDES:
        wrap = [(0.5, 2.85), (1.35, 2.4), (2.6, 2.95), (3.4, 4.3), (2.6, 5.2), (1.5, 4.5),
                (0.85, 3.6)]  # fmt: skip
        c.ink(c.area(costume.side(wrap, s)), shawl)
        for k in range(6):
            x = 1.0 + 0.32 * k
            fold = [(x, 2.78 + 0.04 * k), (x + 0.38, 3.6 + 0.1 * k), (x + 0.42, 4.4 + 0.06 * k)]
            c.paint(c.line(costume.side(fold, s), 0.035), INK, 0.7)
        hem = [(0.5, 2.9), (0.85, 3.6), (1.5, 4.5), (2.6, 5.2)]
        c.ink(c.line(costume.side(hem, s), 0.13), GOLD, INK, 1.2)


def _collar(c: Canvas, halo: str) -> None:
    y = c.chin
    band: Points = [(0, y + 0.86), (0.55, y + 0.76), (1.02, 2.4), (1.42, 2.62), (0.95, 3.25),
                    (0, 3.62)]  # fmt: skip
    c.ink(c.area(mirrored(band)), "#e8b45a")
    for k in range(-4, 5):
        x, y2 = k * 0.27, 3.22 - 0.03 * k * k
        c.ink(c.ellipse(x, y2, 0.1, 0.12), "#f4ead2" if k % 2 else halo, INK, 0.9)
    upper = [(-1.05, 2.5), (-0.55, y + 0.9), (0, y + 1.0), (0.55, y + 0.9), (1.05, 2.5)]
    c.ink(c.line(upper, 0.07), "#f2d48a", INK, 0.9)
    c.ink(c.ellipse(0, 3.72, 0.36, 0.42), GOLD, INK, 1.2)
    c.ink(c.ellipse(0, 3.72, 0.25, 0.3), halo, INK, 1.0)
    c.paint(c.ellipse(-0.07, 3.6, 0.08, 0.06), "#ffffff", 0.85)


def _garland(c: Canvas, bloom: str) -> None:
    """Pin flowers to the shoulders, where long hair ends."""
    chance = c.chance("garland")
    for s in costume.SIDES:
        for x, y, angle in ((2.45, 2.75, 0.5), (1.35, 2.75, 1.7), (1.75, 2.2, -1.9),
                            (2.3, 2.4, -0.7)):  # fmt: skip
            turn = angle if s > 0 else np.pi - angle
            _leaf(c, s * x, y, turn, length=0.75, colour=LEAVES[int(chance.integers(4))])
        _poppy(c, s * 2.4, 2.62, 0.46, colour="#f4ead2", turn=float(chance.uniform(0, 6)))
        turn = float(chance.uniform(0, 6))
        _poppy(c, s * 1.68, 2.45, 0.56, colour=bloom, turn=turn, petals=6)


def _bed(c: Canvas, bloom: str) -> None:
    chance = c.chance("bed")
    for s in costume.SIDES:
        for x, y, radius, colour in ((3.45, 4.2, 0.55, "#f4ead2"), (2.7, 5.0, 0.74, bloom),
                                     (1.7, 5.5, 0.6, "#f2c0a0")):  # fmt: skip
            for k in range(4):
                turn = -np.pi / 2 + (k - 1.5) * 0.8 + float(chance.normal(0, 0.15))
                _leaf(c, s * x, y, turn, length=radius * 1.9, colour=LEAVES[(k + s) % 4])
            turn = float(chance.uniform(0, 6))
            _poppy(c, s * x, y, radius, colour=colour, turn=turn, petals=6)


def _frame(c: Canvas, halo: str) -> None:
    """Rule the frame and round its inner corners."""
    column, row = np.arange(c.width)[None], np.arange(c.height)[:, None]
    inset = as_field(np.minimum(np.minimum(column, c.width - 1 - column),
                                np.minimum(row, c.height - 1 - row)))  # fmt: skip
    c.paint(as_field(inset < 20), PAPER)
    rules = ((20, 1.6, INK), (12, 4.5, halo), (7.5, 0.9, INK), (16.5, 0.9, INK), (4, 1.0, INK))
    for place, width, colour in rules:
        c.paint(np.clip(width + 0.5 - np.abs(inset - place), 0, 1), colour)
    half, top, foot = c.width / 2 / c.e, -c.ey / c.e, (c.height - c.ey) / c.e
    for s in costume.SIDES:
        for y in (top + 0.24, foot - 0.24):
            c.ink(c.ellipse(s * (half - 0.24), y, 0.27), GOLD, INK, 1.2)
            c.ink(c.ellipse(s * (half - 0.24), y, 0.13), halo, INK, 1.0)


def opening(c: Canvas) -> Field:
    """End the neck inside the collar."""
    return c.above(2.8, 0.4)


SCENARIO = Scenario(
    id="nouveau", behind=behind, front=front, opening=opening, light=FLAT, e=66, ey=268,
    mood=Mood.HALF, relight=0.5, rim=0, wrap=0, head_shadow=0, neck=0.7,
    finish=Finish(style=inked, bloom=0, vignette=0, grain=0.012),
)  # fmt: skip
