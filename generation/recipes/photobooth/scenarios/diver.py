# SPDX-License-Identifier: Apache-2.0
"""Diver: a brass helmet with an open round port, teal water, bubbles and small fish."""

import cv2
import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, smooth, spline
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Covers, Scenario

BRASS, PALE, DARK = "#d99a52", "#e6ac60", "#9a6530"
PORT = (0.28, 1.62, 1.98)
"""The port's height and half axes."""
WATERS = (
    ("#5fd0dc", "#1f8fb4", "#06324f"),
    ("#7fdcc8", "#1f947f", "#053a3c"),
    ("#8fd0ee", "#2a6fb4", "#0a2450"),
)
WEEDS, FISH = ("#0d5a5a", "#0f6a4f", "#5a2f5f", "#a0453f"), ("#ffb347", "#ffe066", "#ff7f6a")
DEEP = Light(
    key=(-0.4, -0.75, 0.55), key_colour="#f2fff8", ambient="#4f8aa0",
    rim=(0.9, 0.1, -0.1), rim_colour="#7fe8ff", rim_power=0.65,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the water and the dark inside of the helmet."""
    water = WATERS[int(c.chance("water").integers(len(WATERS)))]
    scenery.gradient(c, list(zip((0, 0.35, 1), water, strict=True)))
    scenery.rays(c, "sun", "#d8fff4", count=7, slant=0.35, strength=0.17)
    web = np.abs(c.fbm("ripples", octaves=4, cells=(6, 6)) - 0.5)
    c.glow(np.clip(0.05 - web, 0, 1) * 7 * c.above(-2.2, 1.6), "#ffffff", 0.8)
    _weeds(c)
    _fish(c)
    c.soften(1.5)
    c.paint(_port(c), "#0e2430")


def _weeds(c: Canvas) -> None:
    """Let weeds sway on both sides."""
    chance, x = c.chance("weeds"), np.arange(10)
    for k in range(26):
        foot = float(chance.choice([chance.uniform(0, 118), chance.uniform(394, 512)]))
        tall, wave = chance.uniform(90, 330), np.sin(x * 0.7 + k) * 9
        path = np.stack([foot + wave, 640 - x * tall / 9], 1).astype(np.float32)
        mask = np.zeros((c.height, c.width), np.uint8)
        curve = np.asarray(spline(path, closed=False) * (c.width / 512 * 8), np.int32)
        cv2.polylines(mask, [curve], False, 255, int(chance.integers(5, 12)), cv2.LINE_AA, 3)
        c.paint(mask / 255, rgb(WEEDS[k % 4]) * np.float32(chance.uniform(0.6, 1.1)))


def _fish(c: Canvas) -> None:
    chance = c.chance("fish")
    for k in range(9):
        side, y, size = chance.choice([-1, 1]), chance.uniform(-3, 2.4), chance.uniform(0.7, 1.6)
        x, way = side * chance.uniform(2.6, 3.7), float(chance.choice([-1, 1])) * size
        colour = FISH[k % 3]
        tail = [(x + 0.1 * way, y), (x + 0.26 * way, y - 0.1 * size), (x + 0.26 * way,
                y + 0.1 * size)]  # fmt: skip
        c.paint(c.area(tail, curved=False), colour, 0.9)
        c.paint(c.ellipse(x, y, 0.17 * size, 0.085 * size), colour, 0.95)
        c.paint(c.ellipse(x + 0.02 * way, y, 0.025 * size, 0.08 * size), "#ffffff", 0.6)


def front(c: Canvas) -> None:
    """Draw suit, helmet, breastplate, port, glass and bubbles."""
    suit = costume.torso(c, top=2.6, neck=1.2, shoulder=2.75)
    c.shade(suit, "#b98452", "cloth", bump=c.folds("suit", 14))
    for s in costume.SIDES:
        strap = [(s * 2.05, 3.4), (s * 2.15, 5), (s * 2.1, 7)]
        c.shade(c.line(strap, 0.34), "#5a3a22", "leather", sigmas=(3,), contact=CLOSE)
        buckle = c.area([(s * 1.88, 4.85), (s * 2.4, 4.85), (s * 2.4, 5.25), (s * 1.88, 5.25)],
                        curved=False)  # fmt: skip
        c.shade(buckle, PALE, "gold", contact=CLOSE)
    _breastplate(c)
    _helmet(c)
    _jersey(c)
    _frame(c)
    _glass(c)
    _bubbles(c)


def _helmet(c: Canvas) -> None:
    """Beat the dome: a ball with a top valve, side windows and riveted straps."""
    hole = 1 - _port(c)
    c.shade(c.ellipse(0, -2.62, 0.46, 0.34), DARK, "gold", sigmas=(3, 6))
    c.shade(c.ellipse(0, -2.8, 0.3, 0.22), BRASS, "gold", sigmas=(3, 6), contact=CLOSE)
    c.shade(c.ellipse(0, 0.05, 2.5, 2.62) * hole, BRASS, "helmet", contact=(2, 10, 12, 0.45))
    for s in costume.SIDES:
        c.shade(c.ellipse(s * 2.26, 0.12, 0.47, 0.9), PALE, "gold", sigmas=(3, 8))
        c.paint(c.ellipse(s * 2.33, 0.12, 0.27, 0.66), "#0d2c3a")
        c.paint(c.ellipse(s * 2.33 - 0.08, -0.15, 0.09, 0.26), "#8fe0ea", 0.35)
        for y in (-0.2, 0.12, 0.44):
            c.shade(c.line([(s * 2.05, y), (s * 2.6, y)], 0.06), DARK, "trim", contact=TIGHT)


def _breastplate(c: Canvas) -> None:
    """Close helmet and suit: a round bib of brass with bolts, and the ring the helmet sits in."""
    right = [
        (0, 2.4),
        (1.5, 2.42),
        (2.35, 2.68),
        (2.85, 3.3),
        (2.75, 3.95),
        (1.95, 4.5),
        (0, 4.78),
    ]
    bib = c.area(mirrored(right))
    c.shade(bib, BRASS, "metal", sigmas=(4, 14, 30), contact=(2, 9, 10, 0.5))
    edge = [(2.83, 3.15), (2.75, 3.95), (1.95, 4.5), (0.9, 4.72), (0, 4.76)]
    rim = [*edge, *((-x, y) for x, y in reversed(edge[:-1]))]
    c.shade(c.line(rim, 0.34) * bib, PALE, "gold", sigmas=(2, 5), contact=CLOSE)
    for x, y in ((2.62, 3.35), (2.5, 3.98), (1.95, 4.38), (1.3, 4.56), (0.64, 4.64), (0, 4.66)):
        for s in costume.SIDES[: 2 if x else 1]:
            _bolt(c, s * x, y, 0.13)
    for k, colour in enumerate((DARK, PALE)):
        y, half = 2.36 - 0.2 * k, 2.12 - 0.16 * k
        ring = [(0, y - 0.2), (half - 0.25, y - 0.3), (half, y - 0.12), (half, y + 0.22),
                (half - 0.35, y + 0.48), (1.0, y + 0.72), (0, y + 0.8)]  # fmt: skip
        c.shade(
            c.area(mirrored(ring)) * (1 - _port(c)),
            colour,
            "metal",
            sigmas=(2, 7),
            contact=(1, 5, 6, 0.5),
        )
    for x in (-1.45, -0.75, 0, 0.75, 1.45):
        _bolt(c, x, 2.8 - 0.1 * x * x, 0.1)


def _bolt(c: Canvas, x: float, y: float, radius: float) -> None:
    c.shade(c.ellipse(x, y, radius), DARK, "gold", sigmas=(2, 3), contact=TIGHT)
    c.paint(c.ellipse(x - 0.02, y - 0.03, radius * 0.42), "#ffe9b8", 0.75)


def _port(c: Canvas) -> Field:
    y, rx, ry = PORT
    return c.ellipse(0, y, rx, ry)


def _jersey(c: Canvas) -> None:
    """Roll a woollen collar inside the port: no bare neck ends at the brass."""
    y = c.chin
    roll = c.area(mirrored([(0, y + 0.4), (0.55, y + 0.3), (0.95, y - 0.05), (1.25, y + 0.05),
                            (1.8, 2.6), (0, 2.9)])) * _port(c)  # fmt: skip
    ribs = as_field(np.sin(c.X * 26) * 0.8)
    c.shade(roll, "#1f3a4a", "knit", bump=ribs, sigmas=(3, 8), contact=(0, -3, 6, 0.5))


def _frame(c: Canvas) -> None:
    y, rx, ry = PORT
    ring = np.clip(c.ellipse(0, y, rx + 0.32, ry + 0.32) - _port(c), 0, 1)
    c.shade(ring, PALE, "gold", sigmas=(3, 8), contact=(2, 6, 7, 0.5))
    lip = np.clip(c.ellipse(0, y, rx + 0.05, ry + 0.05) - c.ellipse(0, y, rx - 0.03, ry - 0.03),
                  0, 1)  # fmt: skip
    c.shade(lip, DARK, "trim", contact=NONE)
    for k in range(14):
        a = (k + 0.5) * np.pi / 7
        _bolt(c, float(np.sin(a)) * (rx + 0.18), y + float(np.cos(a)) * (ry + 0.18), 0.095)


def _glass(c: Canvas) -> None:
    y, rx, ry = PORT
    reach, pane = np.hypot(c.X / rx, (c.Y - y) / ry), _port(c)
    c.glow(np.clip((reach - 0.75) / 0.25, 0, 1) ** 2 * pane * c.above(1.6, 0.6), "#a8f0ff", 0.25)
    shine = c.area([(-1.2, -0.9), (-0.75, -1.35), (-0.35, -1.5), (-0.75, -1.05), (-1.2, -0.25)])
    c.paint(smooth(shine, 2.5) * pane, "#ffffff", 0.5)


def _bubbles(c: Canvas) -> None:
    chance = c.chance("bubbles")
    for _ in range(30):
        x, y = float(chance.choice([-1, 1])) * chance.uniform(2.5, 3.7), chance.uniform(-4, 4.4)
        r = chance.uniform(0.06, 0.26)
        c.glow(c.ellipse(x, y, r) * 0.1 + c.ring(x, y, r, r * 0.82) * 0.5, "#dffcff")
        c.paint(c.ellipse(x - r * 0.35, y - r * 0.35, r * 0.2), "#ffffff", 0.8)


def opening(c: Canvas) -> Field:
    """Let the head show in the port, above the padded collar."""
    return as_field(_port(c))


SCENARIO = Scenario(
    id="diver", behind=behind, front=front, opening=opening, light=DEEP, e=70, ey=262,
    covers=Covers.HEAD, long_hair=False, relight=0.55, rim=0, wrap=0, inside=0.7, head_shadow=0,
    finish=Finish(bloom=0.3, bloom_over=0.9, bloom_blur=12, vignette=0.4, grain=0.014),
)  # fmt: skip
