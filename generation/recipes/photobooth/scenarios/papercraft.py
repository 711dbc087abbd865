# SPDX-License-Identifier: Apache-2.0
"""Papercraft: hills, sun, trees and clothes cut from coloured paper, layer over layer."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import CLOSE, NONE, Canvas, Contact
from generation.recipes.photobooth.colour import Colour, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, ramp
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario

WINDOW = Light(key=(-0.6, -0.65, 0.55), key_colour="#fff5e8", power=1.2, ambient="#767c88",
    fill=1.05, rim=(0.9, -0.2, -0.2), rim_colour="#fff0e0", rim_power=0.2)  # fmt: skip
CORAL, TEAL, WHITE, BUTTER = "#ee7a62", "#2f8f8d", "#f6f1e6", "#f3c766"
SCENES = (("#f8d9c0", "#f3b79c", ("#9fd0c8", "#63b0aa", "#2f8f8d", "#1d6268")),
    ("#cfe6ea", "#f6c9b0", ("#b9d8b8", "#7cb89a", "#3f9488", "#20666c")),
    ("#f6e3c0", "#f2a58c", ("#a8c4d6", "#6f9fbc", "#3f7fa0", "#23566f")),
    ("#f3cfd0", "#f6ddb4", ("#a6d4cf", "#6cb5b4", "#358c94", "#1f5f6e")))  # fmt: skip
FAR: Contact = (5, 8, 8, 0.42)
HIGH: Contact = (8, 12, 13, 0.5)


def cut(
    c: Canvas, mask: Field, colour: Colour, contact: Contact = FAR, *, tone: Field | None = None
) -> None:
    """Lay down one sheet: a crisp light edge, and its shadow on the sheet below."""
    paper = rgb(colour) if tone is None else rgb(colour) * tone[..., None]
    c.shade(mask, paper, "collar", sigmas=(1.3,), depth=0.75, contact=contact)


def _fibres(c: Canvas) -> None:
    """Give all sheets the grain of thick paper."""
    pulp = 0.03 * c.fbm("pulp", octaves=2)
    c.rgba[..., :3] *= (0.94 + 0.1 * c.fbm("fibre", octaves=3, cells=(120, 100)) + pulp)[..., None]


def behind(c: Canvas) -> None:
    """Build the box of paper: sky, sun, hills, birds, frames, and the far half of the collars."""
    sky, glow, hills = SCENES[int(c.chance("scene").integers(len(SCENES)))]
    cut(c, c.zeros() + 1, sky, NONE)
    _sun(c, glow)
    _clouds(c)
    for k, colour in enumerate(hills):
        _hill(c, k, colour)
    _birds(c)
    for k, colour in enumerate((glow, CORAL, WHITE)):
        _frame(c, k, colour)
    _collars(c, near=False)
    _fibres(c)


def _sun(c: Canvas, glow: str) -> None:
    x = float(c.chance("sun").uniform(-0.8, 0.8))
    angle, reach = np.arctan2(c.Y + 0.9, c.X - x), np.hypot(c.X - x, c.Y + 0.9)
    rays = np.clip((2.75 + 0.22 * np.sign(np.sin(angle * 14)) - reach) * c.e, 0, 1)
    cut(c, as_field(rays), rgb(glow) * np.float32(0.7) + rgb(WHITE) * np.float32(0.3))
    cut(c, c.ellipse(x, -0.9, 2.25), BUTTER)
    cut(c, c.ellipse(x, -0.9, 1.85), "#f7d98a")


def _clouds(c: Canvas) -> None:
    chance = c.chance("clouds")
    for left, top, size in ((-2.3, -2.1, 0.75), (2.35, -1.5, 0.85), (-2.5, -0.1, 0.6),
        (2.6, 0.25, 0.5)):  # fmt: skip
        x, y = left + chance.uniform(-0.25, 0.25), top + chance.uniform(-0.25, 0.25)
        for lift, colour in ((0.0, "#e3ecec"), (0.16, WHITE)):
            puff = c.zeros()
            for dx, dy, radius in ((-0.7, 0, 0.42), (-0.1, -0.3, 0.58), (0.6, -0.05, 0.48)):
                puff = np.maximum(puff, c.ellipse(x + dx * size, y + (dy + lift) * size,
                    radius * size * (1 - lift)))  # fmt: skip
            cut(c, np.minimum(puff, c.above(y + 0.28 * size, 0.02)), colour)


def _hill(c: Canvas, k: int, colour: str) -> None:
    """Cut one line of hills, with trees folded down the middle standing behind its edge."""
    chance = c.chance(f"hill {k}")
    phase, base = chance.uniform(0, 6), 0.75 + 0.62 * k

    def edge(x: Field | float) -> Field:
        return as_field(
            base
            + 0.4 * np.sin(np.asarray(x) * (0.85 + 0.15 * k) + phase)
            + 0.12 * np.sin(np.asarray(x) * 2.3 + phase)
        )

    for _ in range(3):
        x, tall = (float(chance.choice([-1, 1]) * chance.uniform(1.5, 3.3)),
            float(chance.uniform(0.8, 1.2)))  # fmt: skip
        _tree(c, x, float(edge(x)) + 0.1, tall, colour)
    cut(c, ramp(c.Y - edge(c.X), -0.005, 0.012), colour, (4, -7, 9, 0.4))


def _tree(c: Canvas, x: float, y: float, tall: float, colour: str) -> None:
    half = 0.3 * tall
    shape = [(x, y - 1.25 * tall), (x + half, y - 0.1), (x + half * 0.3, y - 0.1),
        (x + half * 0.3, y + 0.3), (x - half * 0.3, y + 0.3), (x - half * 0.3, y - 0.1),
        (x - half, y - 0.1)]  # fmt: skip
    fold = 1.0 - 0.28 * ramp(c.X - x, -0.01, 0.01)
    leaf = rgb(colour) * np.float32(0.65) + rgb(CORAL if tall > 1.05 else WHITE) * np.float32(0.35)
    cut(c, c.area(shape, curved=False), leaf, tone=fold)


def _birds(c: Canvas) -> None:
    """Fold three birds: two wings and a beak each."""
    chance = c.chance("birds")
    for left, top in ((-2.2, -1.1), (2.1, -2.45), (2.75, -0.6)):
        x, y = left + chance.uniform(-0.2, 0.2), top + chance.uniform(-0.2, 0.2)
        size = chance.uniform(0.32, 0.42)
        for points, tone in (([(-1.0, 0.1), (0.4, -0.15), (0.3, 0.35)], 0.8),
            ([(-0.1, 0), (-0.55, -1.0), (0.45, -0.15)], 1.0),
            ([(0.0, 0), (0.35, -0.95), (0.5, -0.12)], 0.86),
            ([(0.3, -0.15), (1.1, -0.4), (0.35, 0.3)], 0.95)):  # fmt: skip
            cut(c, c.area([(x + size * a, y + size * b) for a, b in points], curved=False),
                rgb(WHITE) * np.float32(tone), CLOSE)  # fmt: skip


def _frame(c: Canvas, k: int, colour: str) -> None:
    """Cut an opening with a wavy edge; each frame is nearer than the last."""
    phase = float(c.chance("frames").uniform(0, 6)) + 2 * k
    angle = np.arctan2(c.Y - 0.6, c.X)
    u, v = c.X / (3.28 + 0.17 * k), (c.Y - 0.6) / (4.1 + 0.19 * k)
    reach = np.sqrt(np.hypot(u * u, v * v))
    wave = 0.035 * np.sin(angle * (9 + 2 * k) + phase)
    cut(c, ramp((reach + wave - 1) * 3.4, -0.006, 0.008), colour, (6, 9, 10, 0.5))


def front(c: Canvas) -> None:
    """Draw the jacket, the cut collars, the paper flower, and grasses before everything."""
    _jacket(c)
    _collars(c, near=True)
    _rosette(c, 1.55, 3.75)
    _grass(c)
    _fibres(c)


def _jacket(c: Canvas) -> None:
    """Fold a jacket: every fan of the pleat is a little lighter or darker."""
    body = costume.torso(c, top=2.5, neck=1.1, shoulder=2.5)
    fan = np.arctan2(np.abs(c.X) - 0.2, c.Y - 1.2) * 13
    facet = 0.86 + 0.2 * (2 * np.abs(fan - np.floor(fan) - 0.5))
    cut(c, body, "#d95f48", HIGH, tone=as_field(facet))
    for s in costume.SIDES:
        front_edge = c.area(costume.side([(0.0, 3.0), (0.5, 3.0), (0.42, 7), (0.0, 7)], s),
            curved=False)  # fmt: skip
        cut(c, front_edge, "#27757a", CLOSE, tone=as_field(0.92 + 0.08 * np.sign(c.X * s) * s))
    for y in (4.15, 4.75):
        for radius, colour in ((0.2, BUTTER), (0.12, WHITE)):
            cut(c, c.ellipse(0, y, radius), colour, CLOSE)


def _leaves(c: Canvas, y: float, rx: float, ry: float, count: int) -> Field:
    """Return a disc of pointed leaves seen from a little above: its far half is shorter."""
    u, v = c.X / rx, (c.Y - y) / as_field(np.where(y < c.Y, ry, 0.42 * ry))
    angle, reach = np.arctan2(v, u), np.hypot(u, v)
    lobes = 0.11 * (1 - np.abs(np.sin(angle * count / 2)))
    return as_field(np.clip((0.93 + lobes - reach) * 0.6 * rx * c.e, 0, 1))


def _collars(c: Canvas, *, near: bool) -> None:
    """Lay four collars of leaves round the neck, the upper ones smaller; far half or near half."""
    y = c.chin + 0.3
    middle = str(c.chance("collars").choice([BUTTER, "#a6d4c4", "#f4b29a"]))
    half = c.below(y, 0.25) if near else c.zeros() + 1
    hole = 1 - c.ellipse(0, y - 0.12, 0.86, 0.34) if near else half
    for rx, ry, count, colour in ((2.5, 1.5, 26, "#1d6268"), (2.06, 1.18, 24, "#4fa58f"),
        (1.64, 0.88, 22, middle), (1.24, 0.62, 20, WHITE)):  # fmt: skip
        cut(c, _leaves(c, y, rx, ry, count) * half * hole, colour, FAR)


def _rosette(c: Canvas, x: float, y: float) -> None:
    """Curl a paper flower with two leaves."""
    for turn in (0.5, 2.5):
        tip = [(x, y), (x + 0.45 * float(np.cos(turn - 0.4)),
            y + 0.45 * float(np.sin(turn - 0.4))),
            (x + 0.95 * float(np.cos(turn)), y + 0.95 * float(np.sin(turn))),
            (x + 0.45 * float(np.cos(turn + 0.4)),
            y + 0.45 * float(np.sin(turn + 0.4)))]  # fmt: skip
        cut(c, c.area(tip), "#7fbf8a", CLOSE)
    for radius, petals, colour, turn in ((0.62, 8, "#f0b84e", 0.0), (0.46, 8, "#f7d07a", 0.4),
        (0.3, 7, "#fbe6b0", 0.1), (0.15, 6, CORAL, 0.0)):  # fmt: skip
        angle, reach = np.arctan2(c.Y - y, c.X - x) + turn, np.hypot(c.X - x, c.Y - y) / radius
        petal = 0.82 + 0.18 * np.abs(np.sin(angle * petals / 2))
        cut(c, as_field(np.clip((petal - reach) * radius * c.e, 0, 1)), colour, CLOSE)


def _grass(c: Canvas) -> None:
    """Cut fern and grass along the foot, nearer than the person."""
    chance = c.chance("grass")
    for s in costume.SIDES:
        for k in range(5):
            x, lean = s * (3.75 - 0.42 * k), -s * chance.uniform(0.1, 0.6)
            tall = chance.uniform(1.2, 2.2) * (1 - 0.13 * k)
            blade: Points = [(x - 0.2, 5.8), (x + lean * 0.4 - 0.12, 5.4 - tall * 0.5),
                (x + lean, 5.4 - tall), (x + lean * 0.4 + 0.14, 5.4 - tall * 0.5),
                (x + 0.2, 5.8)]  # fmt: skip
            fold = 1 - 0.22 * ramp(c.X - x - lean * ramp(c.Y, 5.4, 5.4 - tall), -0.02, 0.02)
            cut(c, c.area(blade), ("#1d6268", "#4fa58f", "#f3c766", "#8cc7a0", "#ee7a62")[k], FAR,
                tone=fold)  # fmt: skip


def opening(c: Canvas) -> Field:
    """End the neck inside the smallest collar; long hair falls behind the largest."""
    collar = _leaves(c, c.chin + 0.3, 2.5, 1.5, 26) * ramp(np.abs(c.X), 0.8, 1.0)
    return as_field(c.above(c.chin + 0.62, 0.2) * (1 - collar))


SCENARIO = Scenario(id="papercraft", behind=behind, front=front, opening=opening, light=WINDOW,
    e=68, ey=272, mood=Mood.HALF, relight=0.6, rim=0.15, wrap=0.1, head_shadow=0.6,
    finish=Finish(bloom=0.12, vignette=0.3, grain=0.014))  # fmt: skip
