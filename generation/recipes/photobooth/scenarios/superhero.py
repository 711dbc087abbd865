# SPDX-License-Identifier: Apache-2.0
"""Superhero: a blue suit with a gold star, a flying red cape, a violet city; inked as a comic."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import (
    Field,
    as_field,
    flipped,
    mirrored,
    ramp,
    smooth,
    star,
)
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario
from generation.recipes.photobooth.styles import comic

DUSK = Light(
    key=(-0.5, -0.6, 0.62), key_colour="#fff0dc", ambient="#6a6488",
    rim=(0.95, -0.2, -0.1), rim_colour="#ff9a5a", rim_power=0.6,
)  # fmt: skip
BLUE, RED, GOLD = "#1d4fb0", "#c3162a", "#f1c232"
SKIES = (
    ("#1c1a52", "#7a2f7a", "#f0806a"),
    ("#14245a", "#5a3a8a", "#e890a0"),
    ("#3a1a5a", "#c0446a", "#ffb060"),
    ("#123a6e", "#2f7f9a", "#ffd890"),
)


def behind(c: Canvas) -> None:
    """Draw the sky's burst, search lights, three rows of towers and the flying cape."""
    high, middle, low = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, [(0, high), (0.4, middle), (0.72, low), (1, "#ffd08a")])
    angle, reach = np.arctan2(c.Y - 0.3, c.X), np.hypot(c.X, c.Y - 0.3)
    burst = ramp(np.sin(angle * 15), -0.15, 0.15) * np.exp(-((reach / 4.2) ** 2))
    c.glow(as_field(burst), low, 0.34)
    scenery.spot(c, 0, 0, radius=2.8, colour="#ffd0a0", strength=0.35)
    for s, lean in ((-1, 0.55), (1, 0.42)):
        _beam(c, s * c.chance(f"beam {s}").uniform(1.7, 2.3), s * lean)
    for row, (top, colour) in enumerate(((0.7, "#7f4d92"), (1.5, "#4f3174"), (2.3, "#2c2150"))):
        _towers(c, row, top, colour)
    c.soften(1.2)
    _cape(c)


def _beam(c: Canvas, x: float, lean: float) -> None:
    """Let a search light sweep the sky."""
    up = 5 - c.Y
    beam = ramp(np.abs(c.X - x - lean * up * 0.35), 0.55, 0.1) * ramp(up, 1, 4)
    c.glow(beam, "#fff2b0", 0.4)


def _towers(c: Canvas, row: int, top: float, colour: str) -> None:
    """Build a row of towers, low in the middle, some windows lit."""
    chance, x = c.chance(f"towers {row}"), -0.1
    mask, lit = c.zeros(), c.zeros()
    while x < 8:
        wide, middle = chance.uniform(0.5, 1.0), 3.8
        y = top - chance.uniform(0, 1.5) - 0.35 * abs(x + wide / 2 - middle)
        left, right = (int(v * c.e) for v in (x, x + wide))
        roof = max(0, int(y * c.e + c.ey))
        mask[roof:, max(0, left) : right] = 1
        if chance.random() < 0.45:
            mast = max(0, (left + right) // 2)
            mask[max(0, roof - 34) : roof, mast : mast + 3] = 1
        for at in range(roof + 9, c.height, 14):
            for across in range(max(0, left) + 6, right - 6, 11):
                if chance.random() < 0.34:
                    lit[at : at + 7, across : across + 5] = chance.uniform(0.5, 1)
        x += wide
    shade = rgb(colour) * (0.85 + 0.12 * np.clip(c.Y, -1, 3))[..., None]
    c.paint(smooth(mask, 0.7), shade)
    c.paint(lit * 0.85, "#ffd884")


def _cape(c: Canvas) -> None:
    """Let the wind take the cape to the right."""
    cape = c.area(
        [(-0.5, 2.2), (-1.7, 2.3), (-2.9, 3.0), (-3.5, 4.2), (-4.3, 6.5), (5, 6.5), (5.2, 3.2),
         (4.2, 2.75), (3.2, 2.9), (2.3, 2.35), (0.5, 2.2)]
    )  # fmt: skip
    sweep = c.X * 2.2 + (c.Y - 2) * np.where(c.X > 0, 3.4, 0.8) + c.fbm("wind", octaves=3) * 3
    c.shade(cape, RED, "silk", sigmas=(4, 14), bump=as_field(np.sin(sweep)) * 8)


def front(c: Canvas) -> None:
    """Draw suit, star, cape folds on the shoulders, clasps and collar."""
    _suit(c)
    _emblem(c)
    for s in costume.SIDES:
        fold = [
            (0.8, 2.2),
            (1.35, 2.15),
            (2.5, 2.7),
            (3.3, 3.4),
            (3.5, 3.9),
            (2.4, 3.45),
            (1.3, 3.05),
        ]
        drape = np.sin((c.Y * 0.9 - s * c.X * 0.55) * 9).astype(np.float32) * 3
        c.shade(c.area(costume.side(fold, s)), RED, "silk", bump=drape, contact=(1, 6, 7, 0.55))
        c.shade(c.ellipse(s * 1.5, 3.02, 0.33), GOLD, "gold", sigmas=(3, 7), contact=CLOSE)
        c.shade(c.ring(s * 1.5, 3.02, 0.22, 0.17), "#b8861c", "gold", sigmas=(1.5,), contact=NONE)
    collar = c.area(
        mirrored([(0, 2.8), (0.7, 2.5), (0.98, 2.0), (1.2, 2.05), (1.25, 2.75), (0, 3.3)])
    )
    c.shade(collar, "#163f92", "leather", contact=(0, 4, 5, 0.5))
    rim = [(0, 3.26), (0.62, 3.08), (1.22, 2.74)]
    c.shade(c.line([*flipped(rim[:0:-1]), *rim], 0.1), GOLD, "gold", contact=TIGHT)


def _suit(c: Canvas) -> None:
    """Stretch the suit over broad shoulders and chest; red panels at the sides."""
    outline = [(0, 2.7), (0.95, 2.35), (1.5, 2.7), (2.6, 3.05), (3.3, 3.75), (3.5, 4.7),
               (3.4, 6.4), (2.75, 6.4), (2.5, 4.95), (2.3, 6.4), (0, 6.4)]  # fmt: skip
    suit = c.area(mirrored(outline))
    chest = sum(smooth(c.ellipse(s * 1.2, 4.2, 1.15, 0.95), 12) for s in costume.SIDES) * 26
    arms = sum(smooth(c.ellipse(s * 3.0, 4.3, 0.55, 1.3), 10) for s in costume.SIDES) * 16
    groove = -3 * np.exp(-((c.X / 0.06) ** 2)) * c.below(5.2)
    c.shade(
        suit, BLUE, "leather", sigmas=(5, 16, 40), bump=as_field(chest + arms + groove),
        contact=(1, 4, 6, 0.5),
    )  # fmt: skip
    for s in costume.SIDES:
        panel = [(2.05, 4.6), (2.5, 4.9), (2.4, 6.4), (1.5, 6.4), (1.75, 5.3)]
        c.shade(
            c.area(costume.side(panel, s)) * suit, RED, "leather", sigmas=(2, 20), contact=NONE
        )
        seam = costume.side([(2.5, 3.25), (2.1, 4.6), (1.75, 5.3), (1.5, 6.4)], s)
        costume.trim(c, seam, 0.06, GOLD, within=suit)


def _emblem(c: Canvas) -> None:
    """Set a plain gold star on a yoke of darker blue, edged in gold."""
    yoke = c.area(
        mirrored([(0, 3.0), (1.4, 2.8), (2.5, 3.2), (1.55, 3.75), (0, 5.45)]), curved=False
    )
    c.shade(yoke, "#15306e", "leather", sigmas=(3, 10), contact=(1, 3, 4, 0.45))
    hem = [(-2.5, 3.2), (-1.55, 3.75), (0, 5.45), (1.55, 3.75), (2.5, 3.2)]
    c.shade(c.line(hem, 0.11, curved=False), GOLD, "gold", contact=CLOSE)
    c.shade(
        c.area(star(0, 4.2, 0.92, waist=0.44), curved=False), "#ffd23c", "gold", sigmas=(2, 6, 14),
        contact=(2, 5, 6, 0.55),
    )  # fmt: skip
    for k in range(5):
        a = k * 2 * np.pi / 5
        tip = (0.84 * float(np.sin(a)), 4.2 - 0.84 * float(np.cos(a)))
        c.darken(smooth(c.line([(0, 4.2), tip], 0.03), 0.7), 0.3)


def opening(c: Canvas) -> Field:
    """End the neck inside the collar."""
    return c.above(2.9, 0.4)


SCENARIO = Scenario(
    id="superhero", behind=behind, front=front, opening=opening, light=DUSK, e=68, ey=252,
    mood=Mood.HALF, relight=0.6, rim=0.6,
    finish=Finish(style=comic, bloom=0.25, bloom_over=0.85, vignette=0.3, grain=0.008),
)  # fmt: skip
