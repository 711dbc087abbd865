# SPDX-License-Identifier: Apache-2.0
"""Gardener: a straw hat and a green apron among sunflowers, a glasshouse behind."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.geometry import Field, as_field, flipped, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

LATE_SUN = Light(key=(-0.6, -0.6, 0.58), key_colour="#ffe7b8", power=1.05, ambient="#5f6c58",
    rim=(0.9, -0.3, -0.2), rim_colour="#ffd070", rim_power=0.8)  # fmt: skip
STRAW, GREEN, CLAY = "#e6c987", "#3f7042", "#c2633f"
SKIES = (("#8fc0dc", "#fbe7b4"), ("#a9c6d0", "#ffd79a"), ("#79b0d8", "#f3eec4"),
    ("#b5c2cf", "#fcc98e"))  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the evening, the glasshouse, the beans and the sunflowers."""
    high, low = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, [(0, high), (0.45, low), (0.6, "#c9b86a"), (1, "#54662f")])
    scenery.cumulus(c, "cloud", 5, top=0.02, foot=0.3, lit="#fff4da", shaded="#e0c9b0", size=0.8)
    _glasshouse(c)
    _hedge(c)
    c.soften(1.9)
    scenery.spot(c, -3.2, -3.2, radius=2.6, colour="#ffcf70", strength=0.35)
    _sunflowers(c)
    back = c.ellipse(0, -1.18, 3.0, 0.62)
    c.shade(back, rgb("#a9803f"), "felt", bump=_weave(c), contact=(3, 8, 10, 0.35))


def _glasshouse(c: Canvas) -> None:
    """Glaze a gabled house; the seed moves it."""
    x = float(c.chance("glasshouse").uniform(-0.5, 0.5))
    gable = [(x - 2.9, 2.6), (x - 2.9, -1.5), (x - 0.1, -3.6), (x + 2.7, -1.5), (x + 2.7, 2.6)]
    glass = c.area(gable, curved=False)
    c.paint(glass, blend("#a9d0d6", "#6f9c7c", ramp(c.Y, -3.2, 1.2)), 0.9)
    c.paint(glass * (c.fbm("inside", cells=(9, 9)) > 0.52) * c.below(0.2, 0.6), "#5d8a52", 0.6)
    bars = c.line(gable, 0.14, curved=False)
    for k in range(1, 6):
        at = x - 2.9 + 5.6 * k / 6
        bars = np.maximum(bars, c.line([(at, -3.6), (at, 2.6)], 0.05) * glass)
    for y in (-1.5, -0.5, 0.5, 1.5):
        bars = np.maximum(bars, c.line([(x - 2.9, y), (x + 2.7, y)], 0.06) * glass)
    c.paint(bars, "#fbf7ea")
    shine = as_field(np.clip(np.sin((c.X + c.Y * 0.6) * 1.7) - 0.6, 0, 1)) * glass
    c.glow(shine, "#fff2c8", 0.35)


def _hedge(c: Canvas) -> None:
    """Grow bean poles and a bank of leaves below the glass."""
    for x in (-3.2, -2.2, 2.9, 3.6):
        c.paint(c.line([(x, 3), (x + 0.25, -1.6)], 0.06), "#8a6a40")
    bank = c.fbm("bank", octaves=6, cells=(9, 8))
    leaves = ramp(c.Y + bank * 2.6 - 0.35 * np.abs(c.X), 1.5, 1.75)
    c.paint(leaves, blend("#2c4a26", "#8cae4a", ramp(bank, 0.35, 0.75)))


def _sunflowers(c: Canvas) -> None:
    chance = c.chance("sunflowers")
    spots = ((-3.05, 0.35, 0.78), (3.0, 0.0, 0.86), (-2.35, 1.85, 0.55), (2.35, 1.75, 0.5),
        (-3.5, -1.4, 0.5), (3.5, -1.6, 0.45))  # fmt: skip
    for x, y, radius in spots[::-1]:
        dx, dy = chance.uniform(-0.15, 0.15), chance.uniform(-0.3, 0.3)
        _sunflower(c, x + dx, y + dy, radius * chance.uniform(0.92, 1.08), chance.uniform(0, 1))


def _sunflower(c: Canvas, x: float, y: float, radius: float, turn: float) -> None:
    """Grow one: stem, leaves, two rings of petals, a heart of seeds in spirals."""
    c.shade(c.line([(x, y), (x + 0.1, y + 2), (x, 6)], 0.13), "#5d8238", "felt", contact=TIGHT)
    for s in costume.SIDES:
        costume.leaf(c, x, y + 1.35 * radius + 0.35, angle=0.5 if s > 0 else np.pi - 0.5,
            length=radius * 1.1, width=radius * 0.75, colour="#5f8f3c")  # fmt: skip
    reach, angle = np.hypot(c.X - x, c.Y - y) / radius, np.arctan2(c.Y - y, c.X - x) + turn
    for count, long, colour in ((13, 1.0, "#d9930f"), (13, 0.9, "#f7c02a")):
        wave = np.abs(np.cos(angle * count / 2 + (colour == "#f7c02a") * np.pi / 2))
        petals = np.clip((0.5 + (long - 0.5) * wave**0.8 - reach) * radius * c.e * 0.6, 0, 1)
        c.shade(petals, blend("#c26a10", colour, ramp(reach, 0.4, 0.7)), "collar", bump=wave * 3,
            contact=(1, 3, 4, 0.4))  # fmt: skip
    heart = c.ellipse(x, y, radius * 0.47)
    seeds = np.sin(angle * 21 + reach * 40) * np.sin(angle * 21 - reach * 40)
    c.shade(heart, blend("#3a2010", "#7a4a1c", ramp(reach, 0.1, 0.45)), "felt", bump=seeds * 1.6,
        sigmas=(3, 8), contact=CLOSE)  # fmt: skip


def front(c: Canvas) -> None:
    """Draw the shirt, the apron, its pocket of tools, and the hat."""
    _shirt(c)
    _apron(c)
    _pocket(c)
    _hat(c)


def _shirt(c: Canvas) -> None:
    warp = (np.sin(c.X * 13) > 0.35).astype(np.float32)
    weft = (np.sin(c.Y * 13) > 0.35).astype(np.float32)
    check = blend("#f6ead2", CLAY, (warp + weft) * 0.42)
    body = costume.torso(c, top=2.55, neck=0.95)
    c.shade(body, check, "cloth", bump=c.folds("shirt", 11))
    y = c.chin
    throat = c.area(mirrored([(0, y + 0.42), (0.55, y + 0.38), (0.86, y + 0.3), (1.0, 2.6),
        (0.8, 3.0), (0, 3.3)]))  # fmt: skip
    c.shade(throat, "#e9b84a", "silk", sigmas=(2, 6),
        bump=np.sin(c.Y * 13 + c.X * 3) * 1.8)  # fmt: skip
    for s in costume.SIDES:
        flap = costume.side([(0, 3.05), (0.7, 2.2), (1.12, 2.3), (1.35, 2.85), (0.75, 3.5)], s)
        c.shade(c.area(flap, curved=False), check, "collar", contact=(1, 4, 5, 0.5))


def _apron(c: Canvas) -> None:
    body = costume.torso(c, top=2.55, neck=0.95)
    bib = c.area(mirrored([(0, 3.42), (1.25, 3.35), (1.45, 4.4), (2.3, 5.0), (2.5, 7), (0, 7)]),
        curved=False)  # fmt: skip
    for s in costume.SIDES:
        strap = c.line(costume.side([(1.12, 3.55), (1.45, 2.95), (1.6, 2.5)], s), 0.3) * body
        c.shade(strap, "#35613a", "felt", sigmas=(2, 5), contact=CLOSE)
    c.shade(smooth(bib, 0.7), GREEN, "felt", bump=c.folds("apron", 7), contact=(3, 6, 8, 0.5))
    hem = [(1.17, 3.44), (1.36, 4.42), (2.22, 5.06)]
    c.shade(c.line([*flipped(hem[::-1]), *hem], 0.035, curved=False), "#d9cf9a", "stitch",
        contact=NONE)  # fmt: skip
    for s in costume.SIDES:
        costume.button(c, s * 1.08, 3.62, radius=0.13, colour="#e0b54e")


def _pocket(c: Canvas) -> None:
    """Fill a pocket with a trowel, secateurs and a marigold."""
    for x, colour, top in ((-0.42, "#c2633f", 3.75), (-0.1, "#a06a34", 3.95)):
        c.shade(c.line([(x, top), (x + 0.04, 5.2)], 0.17), colour, "plastic", sigmas=(3,),
            contact=CLOSE)  # fmt: skip
        c.shade(c.line([(x + 0.02, top + 0.62), (x + 0.04, 5.2)], 0.1), "#c9ccd2", "metal",
            sigmas=(2,), contact=TIGHT)  # fmt: skip
    costume.leaf(c, 0.5, 4.6, angle=-2.2, length=0.6, width=0.35, colour="#7aa04a")
    costume.leaf(c, 0.5, 4.6, angle=-0.8, length=0.6, width=0.35, colour="#6a9442")
    costume.flower(c, 0.5, 4.15, radius=0.36, colour="#f08a2a", petals=9, heart="#a8501a")
    pocket = c.area(mirrored([(0, 4.5), (0.85, 4.5), (0.82, 5.8), (0, 5.9)]), curved=False)
    c.shade(smooth(pocket, 0.7), "#4a7d4a", "felt", bump=c.folds("pocket", 4), sigmas=(2, 6),
        contact=(1, -2, 4, 0.4))  # fmt: skip
    c.shade(c.line([(-0.8, 4.6), (0.8, 4.6)], 0.03), "#d9cf9a", "stitch", contact=NONE)


def _weave(c: Canvas) -> Field:
    """Return the height of plaited straw: rings round the crown, crossed by strands."""
    ring = np.hypot(c.X, (c.Y + 1.2) * 2.4)
    return as_field(np.sin(ring * 42) * 0.9 + np.sin(np.arctan2((c.Y + 1.2) * 2.4,
        c.X) * 90) * 0.7)  # fmt: skip


def _hat(c: Canvas) -> None:
    """Set a wide straw hat on: crown, ribbon, brim that dips over the hairline."""
    straw = rgb(STRAW) * (0.86 + 0.22 * c.fbm("straw", cells=(50, 40)))[..., None]
    crown = c.area(mirrored([(0, -3.0), (0.8, -2.92), (1.3, -2.5), (1.5, -1.75), (1.62, -1.0),
        (0, -0.9)]))  # fmt: skip
    c.shade(crown, straw, "felt", bump=_weave(c), sigmas=(4, 14, 34), depth=1.3)
    ribbon = c.area(mirrored([(0, -1.68), (1.48, -1.82), (1.62, -1.15), (0, -1.0)]))
    c.shade(ribbon, CLAY, "silk", sigmas=(2, 6), bump=c.folds("ribbon", 3), contact=(0, 4, 5, 0.5))
    brim = c.area(mirrored([(0, -1.3), (1.3, -1.42), (2.2, -1.6), (3.0, -1.42), (3.12, -1.18),
        (2.4, -0.86), (1.5, -0.82), (0.75, -0.92), (0, -0.97)]))  # fmt: skip
    c.shade(brim, straw, "felt", bump=_weave(c) * 1.3, sigmas=(3, 8), depth=1.3,
        contact=(2, 8, 9, 0.5))  # fmt: skip
    half = [(0, -0.97), (0.75, -0.92), (1.5, -0.82), (2.4, -0.87), (3.08, -1.18)]
    c.shade(c.line([*flipped(half[:0:-1]), *half], 0.07), "#b98f48", "stitch", contact=NONE)
    for k, (x, y) in enumerate(((0.95, -1.5), (1.28, -1.3), (1.15, -1.72))):
        costume.flower(c, x, y, radius=0.3 - 0.03 * k,
            colour=("#fff4dc", "#f7c02a", "#f2e2b0")[k], petals=7, heart="#b8691a")  # fmt: skip


def opening(c: Canvas) -> Field:
    """End the hair under the crown and the neck inside the scarf."""
    return c.below(-1.75, 0.2) * c.above(2.75, 0.25)


SCENARIO = Scenario(id="gardener", behind=behind, front=front, opening=opening, light=LATE_SUN,
    e=68, ey=276, covers=Covers.HAIR, relight=0.6, rim=0.4,
    hat_shadow=Cast(down=13, strength=0.5))  # fmt: skip
