# SPDX-License-Identifier: Apache-2.0
"""Balloonist: a wicker basket at dawn, the burner above, striped balloons over the valley."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Scenario

DAWN = Light(key=(-0.6, -0.5, 0.6), key_colour="#ffe6c4", ambient="#6a7896",
    rim=(0.9, -0.2, -0.2), rim_colour="#ffb070", rim_power=0.7)  # fmt: skip
CREAM, CRIMSON, WICKER = "#fbefd8", "#b3202f", "#b5793f"
COATS = (("#c22a34", "#fbf0dc"), ("#2f6f9a", "#fbe6b8"), ("#e2a33a", "#fff4dc"),
    ("#3f7a5c", "#f6dcc0"), ("#d9684a", "#8fc4d8"), ("#7a4a86", "#f2cfa8"))  # fmt: skip
SKIES = (("#8fbbe2", "#f6cfae", "#fbdcae"), ("#a3b4dc", "#f3b6a0", "#f8cf9c"),
    ("#86c1da", "#f9dcb0", "#fbe3b4"))  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the dawn, the valley, other balloons, and our own burner and ropes."""
    high, warm, low = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, [(0, high), (0.4, warm), (0.62, low), (1, low)])
    scenery.haze(c, "cloud", "#fff1e2", top=0.05, foot=0.5, strength=0.4)
    sun = float(c.chance("sun").uniform(-3.1, -2.2))
    scenery.spot(c, sun, 1.25, radius=1.7, colour="#ffc878", strength=0.34)
    c.paint(smooth(c.ellipse(sun, 1.25, 0.4), 2), "#fff3cf", 0.95)
    _valley(c)
    c.soften(1.3)
    _fleet(c)
    _burner(c)


def _valley(c: Canvas) -> None:
    """Stack hills and lay fields below them, smaller with distance."""
    for k, (base, rise, colour) in enumerate(
        ((0.64, 0.05, "#b9a7c0"), (0.68, 0.05, "#8f9db0"), (0.72, 0.04, "#7a9a86"))
    ):
        c.paint(scenery.ridge(c, f"hill {k}", base, rise), colour)
    deep = np.maximum(c.Y - 1.7, 0.06)
    u, v = c.X / deep * 0.55 + 40, 1.6 / deep
    crooked = c.fbm("hedges", octaves=2, cells=(3, 3)) * 1.4
    cell = np.floor(u + crooked) * 7 + np.floor(v * 1.3 + crooked) * 13
    hue = np.mod(np.sin(cell * 12.9898) * 437.58, 1)
    fields = blend(blend("#8fae5a", "#d8b75c", ramp(hue, 0.35, 0.4)), "#5d8a58",
        ramp(hue, 0.7, 0.75))  # fmt: skip
    ground = c.below(2.0, 0.25)
    c.paint(ground, fields * (0.82 + 0.3 * c.fbm("crop", cells=(12, 10)))[..., None])
    river = np.abs(c.X - 2.0 * np.sin(deep * 1.1 + 0.6) - 0.5) < 0.07 + deep * 0.09
    c.paint(smooth(as_field(river), 1) * ground, "#f6e3c4", 0.9)
    c.paint(c.below(1.2, 0.7) * c.above(3.4, 1.6), "#fbdcb8", 0.35)


def _fleet(c: Canvas) -> None:
    """Let balloons rise on both sides; the seed moves and colours them."""
    chance = c.chance("fleet")
    order = chance.permutation(len(COATS))
    spots = ((-2.75, -1.5, 0.95), (2.7, -0.35, 0.78), (-3.3, 0.35, 0.34), (1.8, 0.75, 0.25),
        (3.2, -2.5, 0.34))  # fmt: skip
    for k, (x, y, radius) in enumerate(spots):
        dx, dy = chance.uniform(-0.25, 0.25), chance.uniform(-0.35, 0.35)
        _balloon(c, x + dx, y + dy, radius * chance.uniform(0.92, 1.1), COATS[order[k]])


def _balloon(c: Canvas, x: float, y: float, radius: float, coat: tuple[str, str]) -> None:
    """Sew a striped envelope with a skirt, lines and a small basket."""
    r = radius
    shape = mirrored([(0, -1.0), (0.62, -0.8), (0.97, -0.2), (0.86, 0.42), (0.45, 1.0),
        (0.22, 1.3), (0, 1.32)])  # fmt: skip
    envelope = c.area([(x + r * a, y + r * b) for a, b in shape])
    v = np.clip((c.Y - y) / r, -1, 1.32)
    half = np.interp(v, (-1, -0.8, -0.2, 0.42, 1.0, 1.3), (0.3, 0.62, 0.97, 0.86, 0.45, 0.22))
    turn = np.arcsin(np.clip((c.X - x) / (r * half), -1, 1)) / np.pi * 9
    colours = blend(coat[0], coat[1], as_field(np.sin(turn * np.pi) > 0))
    colours = blend(colours, rgb(coat[0]) * np.float32(0.85), ramp(np.abs(v - 0.12), 0.14, 0.12))
    bulge = np.abs(np.cos(turn * np.pi)) * 4 * r
    c.shade(envelope, colours, "silk", bump=bulge, sigmas=(2, 9 * r + 2, 30 * r), depth=1.25,
        contact=NONE)  # fmt: skip
    for s in costume.SIDES:
        c.paint(c.line([(x + s * r * 0.2, y + r * 1.3), (x + s * r * 0.13, y + r * 1.72)], 0.012),
            "#5a4636")  # fmt: skip
    box = [(x - r * 0.16, y + r * 1.7), (x + r * 0.16, y + r * 1.7), (x + r * 0.13, y + r * 1.95),
        (x - r * 0.13, y + r * 1.95)]  # fmt: skip
    c.shade(c.area(box, curved=False), "#8a5a30", "leather", sigmas=(2,), contact=NONE)


def _burner(c: Canvas) -> None:
    """Hang the mouth of our balloon, the flame and the steel frame above the head."""
    mouth = c.ellipse(0, -5.25, 4.3, 2.0)
    turn = np.arctan2(c.Y + 6.6, c.X)
    gores = np.sin(turn * 26) > 0
    c.shade(mouth, blend(CRIMSON, CREAM, gores), "silk", bump=np.abs(np.cos(turn * 26)) * 5,
        sigmas=(3, 12), contact=(0, 6, 9, 0.3))  # fmt: skip
    c.paint(c.ellipse(0, -5.2, 1.8, 1.2), "#5a1a16", 0.8)
    c.glow(smooth(c.ellipse(0, -4.9, 1.2, 0.9), 20), "#ff9a3a", 0.7)
    for s in costume.SIDES:
        for top, foot in (((1.25, -3.0), (3.35, 4.0)), ((1.25, -3.0), (2.6, -4.6))):
            c.shade(c.line([(s * top[0], top[1]), (s * foot[0], foot[1])], 0.06),
                "#c9a878", "leather", bump=np.sin(c.Y * 60 + c.X * 40), sigmas=(2,),
                contact=TIGHT)  # fmt: skip
        can = c.area([(s * 0.5 - 0.26, -3.15), (s * 0.5 + 0.26, -3.15), (s * 0.5 + 0.2, -2.78),
            (s * 0.5 - 0.2, -2.78)])  # fmt: skip
        c.shade(can, "#c2c6ce", "metal", contact=CLOSE)
        tall = float(c.chance("flame").uniform(0.8, 1.1))
        for wide, colour in ((0.3, "#ff8a2a"), (0.2, "#ffd060"), (0.1, "#fff6d0")):
            flame = c.area([(s * 0.5 - wide, -3.2), (s * 0.5, -3.1), (s * 0.5 + wide, -3.2),
                (s * 0.5 + wide * 0.6, -3.65), (s * 0.5, -3.3 - tall),
                (s * 0.5 - wide * 0.6, -3.65)])  # fmt: skip
            c.paint(smooth(flame, 2), colour, 0.85)
            c.glow(smooth(flame, 8), colour, 0.35)
    c.shade(c.line([(-1.3, -2.95), (1.3, -2.95)], 0.13), "#b9bec8", "metal", sigmas=(2,),
        contact=CLOSE)  # fmt: skip


def front(c: Canvas) -> None:
    """Draw the coat and the scarf, then the basket before them."""
    _coat(c)
    _scarf(c)
    _basket(c)


def _coat(c: Canvas) -> None:
    tweed = (0.88 + 0.18 * np.sin(c.X * 62) * np.sin(c.Y * 62) + 0.12 * c.fbm("tweed",
        cells=(40, 32)))  # fmt: skip
    body = costume.torso(c, top=2.5, neck=1.0)
    c.shade(body, rgb("#4d6a8c") * tweed[..., None], "cloth", bump=c.folds("coat", 10))
    shirt = c.area(mirrored([(0, 2.3), (0.8, 2.1), (0.85, 3.0), (0, 4.6)]))
    c.shade(shirt, "#f2ead8", "felt", contact=CLOSE)
    for s in costume.SIDES:
        lapel = costume.side([(0.85, 2.3), (1.55, 2.55), (1.75, 3.3), (1.3, 3.45), (1.35, 3.75),
            (0.12, 5.3), (0, 4.6), (0.6, 3.4)], s)  # fmt: skip
        c.shade(c.area(lapel, curved=False), "#33475f", "velvet", sigmas=(2, 6),
            contact=(2, 4, 6, 0.5))  # fmt: skip
        costume.trim(c, costume.side([(1.55, 2.6), (1.74, 3.28), (1.32, 3.44)], s), 0.045,
            "#d9a94a", curved=False)  # fmt: skip
        costume.button(c, s * 2.2, 3.6, radius=0.13, colour="#d9a94a")


def _scarf(c: Canvas) -> None:
    stripes = blend(CRIMSON, CREAM, as_field(np.sin(c.X * 7.5 + c.Y * 2.0) > 0.45))
    y = c.chin
    ring = [(0, y + 0.42), (0.55, y + 0.36), (1.0, y + 0.32), (1.3, 2.7), (0.9, 3.2), (0, 3.35)]
    c.shade(c.area(mirrored(ring)), stripes, "silk",
        bump=np.sin(c.Y * 9 + np.abs(c.X) * 3) * 3 + c.folds("scarf", 5), sigmas=(3, 10),
        contact=(2, 5, 7, 0.5))  # fmt: skip
    tail = [(-0.35, 3.0), (0.3, 3.0), (0.55, 4.0), (0.7, 5.0), (-0.3, 5.05), (-0.25, 4.0)]
    c.shade(c.area(tail), blend(CRIMSON, CREAM, as_field(np.sin(c.Y * 7.5) > 0.45)), "silk",
        bump=np.sin(c.X * 11) * 2, sigmas=(3, 8), contact=(3, 5, 6, 0.5))  # fmt: skip
    knot = c.area([(-0.42, 2.85), (0.36, 2.8), (0.42, 3.25), (-0.34, 3.32)])
    c.shade(knot, CRIMSON, "silk", sigmas=(3, 8), contact=CLOSE)


def _basket(c: Canvas) -> None:
    """Weave the basket across the foot, with a padded leather rim and sandbags."""
    sag = -0.032 * c.X**2
    rim = 4.12
    weave = c.Y - sag
    row = np.floor(weave / 0.15)
    over = np.sin(np.pi * (c.X / 0.3 + row))
    strand = np.abs(np.sin(np.pi * weave / 0.15))
    body = ramp(weave, rim, rim + 0.04)
    tone = 0.7 + 0.3 * strand * (0.6 + 0.4 * over)
    c.shade(body, rgb(WICKER) * tone[..., None], "leather", bump=strand * (2.2 + 1.6 * over),
        sigmas=(3,), contact=(0, -6, 8, 0.4))  # fmt: skip
    band = ramp(np.abs(weave - rim), 0.19, 0.16)
    c.shade(band, "#6d3f24", "leather", sigmas=(3, 8), bump=np.sin(c.X * 26) * 0.7,
        contact=(0, 6, 8, 0.55))  # fmt: skip
    for x in np.arange(-3.6, 3.7, 0.3):
        c.shade(c.line([(float(x), rim - 0.12 - 0.032 * float(x) ** 2),
            (float(x), rim + 0.12 - 0.032 * float(x) ** 2)], 0.025), "#e8c890", "stitch",
            contact=NONE)  # fmt: skip


def opening(c: Canvas) -> Field:
    """End the neck inside the scarf."""
    return c.above(2.75, 0.3)


SCENARIO = Scenario(id="balloonist", behind=behind, front=front, opening=opening, light=DAWN,
    e=66, ey=286, relight=0.6, rim=0.35)  # fmt: skip
