# SPDX-License-Identifier: Apache-2.0
"""Baker: a linen cap and a floury apron, loaves on the shelves, the oven's glow at the side."""

from collections.abc import Sequence

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.geometry import Field, flipped, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

OVEN = Light(key=(-0.55, -0.55, 0.62), key_colour="#ffe4bd", ambient="#6a6258",
    rim=(0.92, 0.0, -0.2), rim_colour="#ff8a3a", rim_power=0.95)  # fmt: skip
LINEN, CRUST, WOOD = "#f1e6d0", "#c17d38", "#6b4426"

Loaf = tuple[float, float, float, float]
"""Middle and half axes, in e."""


def behind(c: Canvas) -> None:
    """Draw the brick wall, the oven, the shelves of bread and one lamp."""
    _wall(c)
    _oven(c)
    crumb = c.fbm("crumb", cells=(40, 32))
    for y in (-1.75, 0.35, 2.3):
        _shelf(c, y, crumb)
    c.soften(2.0)
    lamp = float(c.chance("lamp").uniform(-2.4, -1.2))
    scenery.spot(c, lamp, -3.2, radius=2.8, colour="#ffcf80", strength=0.4)
    scenery.bokeh(c, "embers", ["#ffb45a", "#ff8a3a", "#ffe0a0"], 12, radius=(5, 13), strength=0.3)


def _wall(c: Canvas) -> None:
    brick = str(c.chance("bricks").choice(["#7d5440", "#8a6a4c", "#6a5a58", "#85563a"]))
    row = np.floor(c.Y / 0.34)
    x = c.X / 0.8 + 0.5 * (row % 2)
    joint = np.minimum(np.abs(x - np.round(x)) * 0.8,
        np.abs(c.Y / 0.34 - np.round(c.Y / 0.34)) * 0.34)  # fmt: skip
    tone = 0.75 + 0.35 * c.fbm("bricks", cells=(14, 8)) + 0.12 * np.sin(np.floor(x) * 7 + row * 3)
    bricks = blend("#3a2a22", brick, ramp(joint, 0.01, 0.045)) * tone[..., None]
    c.fill(bricks * np.clip(1.15 - 0.07 * np.hypot(c.X, c.Y), 0.5, 1.2)[..., None])


def _oven(c: Canvas) -> None:
    """Light an arched oven on the right; its fire differs with the seed."""
    arch = [(1.55, 3.2), (1.55, 0.6), (2.0, -0.35), (2.75, -0.75), (3.5, -0.35), (3.95, 0.6),
        (3.95, 3.2)]  # fmt: skip
    mouth = c.area([(2.75 + (x - 2.75) * 0.8, 3.2 + (y - 3.2) * 0.86) for x, y in arch])
    c.shade(c.area(arch), "#a0705a", "felt", bump=np.sin(np.arctan2(c.Y - 1.2,
        c.X - 2.75) * 16) * 3)  # fmt: skip
    c.paint(mouth, "#2a0f08")
    chance = c.chance("fire")
    for colour, tall in (("#ff5a1a", 1.0), ("#ffa030", 0.72), ("#fff0a8", 0.42)):
        flames = c.zeros()
        for x in np.linspace(1.95, 3.6, 7):
            top = 3.0 - tall * chance.uniform(1.1, 2.4)
            flames = np.maximum(flames, c.area([(float(x) - 0.3, 3.2), (float(x) - 0.2, 2.5),
                (float(x), top), (float(x) + 0.22, 2.5), (float(x) + 0.3, 3.2)]))  # fmt: skip
        c.paint(smooth(flames, 3) * mouth, colour, 0.85)
    scenery.spot(c, 2.75, 1.9, radius=2.3, colour="#ff8a30", strength=0.55)


def _shelf(c: Canvas, y: float, crumb: Field) -> None:
    """Lay loaves on a plank, in an order of the seed's."""
    chance, loaves = c.chance(f"shelf {y}"), []
    x, end = -4.0, 4.2 if y < 0 else 1.35
    while x < end - 0.3:
        wide, tall = float(chance.uniform(0.34, 0.62)), float(chance.uniform(0.3, 0.5))
        loaves.append((x + wide, y - tall * 0.82, wide, tall))
        x += 2 * wide + 0.06
    _bread(c, loaves, crumb)
    plank = c.area([(-4.2, y), (end, y), (end, y + 0.2), (-4.2, y + 0.2)], curved=False)
    grain = 0.8 + 0.4 * c.fbm("grain", cells=(40, 3))
    c.shade(plank, rgb(WOOD) * grain[..., None], "felt", contact=(0, 8, 9, 0.6))


def _bread(c: Canvas, loaves: Sequence[Loaf], crumb: Field, *, round_: float = 1.0) -> None:
    """Bake loaves that lie side by side: dark crust, pale cuts, flour on their backs."""
    mask, u, v, tone = c.zeros(), c.zeros() + 9, c.zeros() + 9, c.zeros()
    for k, (x, y, rx, ry) in enumerate(loaves):
        span = np.abs(c.X[0] - x) < rx + 0.03
        u[:, span], v[:, span] = (c.X[:, span] - x) / rx, (c.Y[:, span] - y) / ry
        tone[:, span] = 0.86 + 0.2 * ((k * 0.618) % 1)
        mask = np.maximum(mask, c.ellipse(x, y, rx, ry))
    rind = ramp(np.hypot(u, v * 1.1), 0.85, 0.6)
    cuts = np.clip(np.sin((u + v * 0.35) * 7.5) - 0.45, 0, 0.55) * 1.8 * rind
    crust = blend(blend(CRUST, "#f0cf92", cuts * 0.85), "#7a431c", ramp(v, 0.25, 1.0) * 0.7)
    crust = blend(crust, "#f7eede", np.clip(crumb - 0.5, 0, 1) * 2.2 * ramp(v, 0.1, -0.6))
    c.shade(
        mask, crust * tone[..., None], "leather", bump=crumb * 2 - cuts * 2,
        sigmas=(4, 8 * round_, 17 * round_), depth=1.25, contact=(3, 6, 8, 0.5),
    )  # fmt: skip


def front(c: Canvas) -> None:
    """Draw the shirt, the apron, the bread on the table, the cap, and flour in the air."""
    _shirt(c)
    _apron(c)
    _table(c)
    _cap(c)
    scenery.snow(c, "flour", 70, strength=0.22)


def _shirt(c: Canvas) -> None:
    body = costume.torso(c, top=2.5, neck=1.0)
    stripe = ramp(np.abs(np.sin(c.X * 9)), 0.93, 0.98)
    c.shade(body, blend("#54708a", "#dfe6ea", stripe), "cloth", bump=c.folds("shirt", 11))
    y = c.chin
    ring = [(0, y + 0.43), (0.55, y + 0.37), (0.95, y + 0.38), (1.2, 2.75), (0.7, 3.1), (0, 3.2)]
    c.shade(c.area(mirrored(ring)), "#b8402c", "silk",
        bump=np.sin(c.Y * 12 + np.abs(c.X) * 4) * 2.4, sigmas=(3, 8),
        contact=(2, 4, 6, 0.5))  # fmt: skip
    for s, turn in ((-1, 0.1), (1, -0.1)):
        tail = [(0, 3.0), (s * 0.18, 2.98), (s * 0.62, 3.75 + turn), (s * 0.22, 3.85 - turn)]
        c.shade(c.area(tail, curved=False), "#c24a34", "silk", sigmas=(2, 6),
            contact=(2, 4, 5, 0.5))  # fmt: skip
    c.shade(c.ellipse(0, 3.05, 0.2, 0.19), "#cf5540", "silk", sigmas=(2, 5), contact=CLOSE)


def _apron(c: Canvas) -> None:
    body = costume.torso(c, top=2.5, neck=1.0)
    for s in costume.SIDES:
        strap = c.line(costume.side([(1.1, 3.6), (1.35, 3.0), (1.5, 2.5)], s), 0.26) * body
        c.shade(strap, "#e3d3b4", "felt", sigmas=(2, 5), contact=CLOSE)
    bib = c.area(mirrored([(0, 3.48), (1.2, 3.4), (1.4, 4.3), (2.4, 4.8), (2.6, 7), (0, 7)]),
        curved=False)  # fmt: skip
    dust = np.clip(c.fbm("dust", octaves=6, cells=(7, 6)) - 0.5, 0, 1) * 4 * c.below(3.8, 0.7)
    linen = blend(rgb("#dcc9a4") * (0.94 + 0.1 * np.sin(c.X * 120) * np.sin(c.Y * 120))[...,
        None], "#fffdf8", np.clip(dust, 0, 1))  # fmt: skip
    c.shade(smooth(bib, 0.7), linen, "felt", bump=c.folds("apron", 8), contact=(3, 6, 8, 0.5))
    hem = [(1.12, 3.5), (1.31, 4.33), (2.3, 4.86)]
    c.shade(c.line([*flipped(hem[::-1]), *hem], 0.04, curved=False), "#a9825a", "stitch",
        contact=NONE)  # fmt: skip
    for s in costume.SIDES:
        costume.button(c, s * 1.04, 3.66, radius=0.12, colour="#d8a84a")


def _table(c: Canvas) -> None:
    """Set a floury board across the foot, with a round loaf, two rolls and ears of wheat."""
    board = c.below(4.95, 0.05)
    c.shade(board, rgb("#9a6a3c") * (0.8 + 0.4 * c.fbm("board", cells=(60, 3)))[..., None],
        "felt", contact=(0, -5, 8, 0.5))  # fmt: skip
    c.paint(np.clip(c.fbm("spill", cells=(8, 12)) - 0.45, 0, 1) * 3 * board, "#fffaf0", 0.8)
    crumb = c.fbm("crumb", cells=(40, 32))
    _bread(c, [(-2.35, 4.75, 0.78, 0.5), (2.35, 4.75, 0.78, 0.5)], crumb, round_=1.4)
    _bread(c, [(0.0, 4.5, 1.25, 0.8)], crumb, round_=2.4)


def _cap(c: Canvas) -> None:
    """Set a soft linen cap on, gathered into a band that crosses the hairline."""
    gathers = np.sin(c.X * 7.5 + np.sin(c.Y * 2) * 0.6) * 3 * ramp(c.Y, -2.4,
        -1.5) + c.folds("cap", 9)  # fmt: skip
    top = c.area(mirrored([(0, -2.92), (0.9, -2.86), (1.75, -2.5), (2.05, -2.0), (1.85, -1.6),
        (1.55, -1.35), (0, -1.5)]))  # fmt: skip
    c.shade(top, LINEN, "cloth", bump=gathers, sigmas=(5, 14, 30), depth=1.2)
    band = c.area(mirrored([(0, -1.62), (0.9, -1.56), (1.5, -1.45), (1.54, -0.82), (1.28, -0.88),
        (0.75, -1.02), (0, -1.08)]))  # fmt: skip
    c.shade(band, "#fbf4e4", "felt", bump=np.sin(c.Y * 55) * 0.4, sigmas=(2, 7),
        contact=(2, 7, 8, 0.5))  # fmt: skip
    half = [(0, -1.17), (0.75, -1.11), (1.28, -0.97), (1.52, -0.92)]
    c.shade(c.line([*flipped(half[:0:-1]), *half], 0.04), "#c98a4a", "stitch", contact=NONE)


def opening(c: Canvas) -> Field:
    """End the hair under the cap and the neck inside the scarf."""
    return c.below(-1.75, 0.2) * c.above(2.75, 0.25)


SCENARIO = Scenario(id="baker", behind=behind, front=front, opening=opening, light=OVEN,
    e=70, ey=272, covers=Covers.HAIR, relight=0.65, rim=0.4,
    hat_shadow=Cast(down=11, strength=0.45))  # fmt: skip
