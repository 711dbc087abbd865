# SPDX-License-Identifier: Apache-2.0
"""Beekeeper: a pale suit and a straw hat, the veil thrown back, hives in an orchard."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

SUIT, STRAW, HONEY, WOOD, BRASS = "#e0d5b8", "#d9b263", "#f2a520", "#b9854a", "#d9ab55"
HIVES = ("#6fa3b8", "#e0b04a", "#c9665a", "#8fb08a", "#e8dcc0")
ORCHARDS = (
    ("#bfe0ea", "#f4f2c8", "#7fa648", "#4f7a34"),
    ("#f6dcb8", "#fbeec0", "#9aa64a", "#6a7a34"),
    ("#a8d4e8", "#e6f2d4", "#6f9f52", "#3f7040"),
)
WARM = Light(
    key=(-0.5, -0.65, 0.58), key_colour="#fff0cc", ambient="#7c8a78",
    rim=(0.9, -0.35, -0.15), rim_colour="#ffd98a", rim_power=0.6,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the orchard, painted hives, bees far off, and the veil behind the head."""
    high, low, grass, deep = ORCHARDS[int(c.chance("day").integers(len(ORCHARDS)))]
    scenery.gradient(c, [(0, high), (0.55, low), (0.62, grass), (1, deep)])
    _trees(c, grass, deep)
    scenery.rays(c, "sun", "#fff2b8", count=5, slant=0.45, strength=0.13)
    for k, s in enumerate(costume.SIDES):
        _hive(c, s * 2.95, 3.15, k)
    c.soften(1.5)
    scenery.bokeh(
        c, "leaves", ["#fff4b0", "#d8f0a0"], 16, radius=(6, 16), top=0.25, foot=0.6, strength=0.25
    )
    _veil(c)


def _trees(c: Canvas, grass: str, deep: str) -> None:
    """Round crowns with blossom and apples, far ones pale."""
    chance, leaves = c.chance("trees"), c.fbm("leaves", cells=(16, 13))
    for y, size, amount, count in ((1.0, 0.9, 0.5, 7), (0.6, 1.35, 0.97, 4)):
        crowns, blossom, apples = c.zeros(), c.zeros(), c.zeros()
        for k in range(count):
            x = -3.8 + 7.6 * (k + chance.uniform(0.1, 0.9)) / count
            if count == 4:
                x = (2.3, -2.4, 3.4, -3.5)[k] + float(chance.normal(0, 0.15))
            c.paint(c.line([(x, y), (x + 0.1, y + 1.6)], 0.2 * size), "#5a4030", amount)
            for n in range(30):
                dx, dy = chance.normal(0, 0.55, 2) * size
                at = (x + dx, y - 0.5 + dy * 0.7)
                if n < 10:
                    crowns = np.maximum(crowns, c.ellipse(*at, 0.5 * size))
                else:
                    (blossom if n % 3 else apples)[:] += c.ellipse(*at, 0.07 * size)
        crowns = np.clip(smooth(crowns, 4) * 1.6 + leaves - 0.85, 0, 1)
        tone = np.clip(1.25 - 0.25 * (c.Y - y + 1.2) + (leaves - 0.5), 0.35, 1.3)
        c.paint(crowns, blend(grass, deep, 1 - leaves) * tone[..., None], amount)
        c.paint(np.clip(blossom, 0, 1) * crowns, "#ffe9ee", amount)
        c.paint(np.clip(apples, 0, 1) * crowns, "#e0503a", amount)


def _hive(c: Canvas, x: float, y: float, k: int) -> None:
    """Stack a painted hive: boxes, handholds, a flat roof, a landing board."""
    colours = c.chance(f"hive {k}").permutation(HIVES)
    for n in range(3):
        top = y - 0.62 * (n + 1)
        box = [(x - 0.68, top), (x + 0.68, top), (x + 0.68, top + 0.6), (x - 0.68, top + 0.6)]
        c.shade(c.area(box, curved=False), str(colours[n]), "felt", sigmas=(2, 4))
        c.paint(c.line([(x - 0.16, top + 0.26), (x + 0.16, top + 0.26)], 0.09), "#2a2420", 0.6)
    roof = [(x - 0.82, y - 2.08), (x + 0.82, y - 2.08), (x + 0.78, y - 1.84), (x - 0.78, y - 1.84)]
    c.shade(c.area(roof, curved=False), "#cfd2d0", "metal", sigmas=(2, 5))


def _veil(c: Canvas) -> None:
    """Hang the thrown-back net behind the head: a dark mesh with light through it."""
    net = c.area(mirrored([(0, -1.9), (1.6, -1.6), (2.2, -0.7), (2.25, 0.8), (2.45, 2.1),
                           (2.0, 2.9), (0, 3.2)]))  # fmt: skip
    mesh = np.maximum(np.abs(np.sin(c.X * 34)), np.abs(np.sin(c.Y * 34))) ** 6
    folds = 0.5 + 0.5 * np.sin(c.X * 5.5 + c.fbm("net", octaves=3) * 5)
    c.paint(smooth(net, 1), "#1e2420", 0.5)
    c.paint(net * mesh, "#0e1210", 0.5)
    c.paint(smooth(net, 1) * folds, "#10140f", 0.4)
    edge = net - c.area(mirrored([(0, -1.8), (1.5, -1.5), (2.12, -0.7), (2.17, 0.8), (2.36, 2.08),
                                  (1.9, 2.8), (0, 3.1)]))  # fmt: skip
    c.paint(np.clip(edge, 0, 1), "#0c100c", 0.7)


def front(c: Canvas) -> None:
    """Draw suit, collar, hat, the gathered net, the honeycomb frame and the bees."""
    _suit(c)
    _hat(c)
    _frame(c)
    _bees(c)


def _suit(c: Canvas) -> None:
    y = c.chin
    body = costume.torso(c, top=2.6, neck=1.1, shoulder=2.75)
    weave = c.fbm("weave", octaves=2, cells=(160, 128)) * 0.6
    c.shade(body, SUIT, "cloth", bump=c.folds("suit", 16) + weave)
    c.shade(c.line([(0, 3.2), (0, 7)], 0.3), "#dccfae", "collar", contact=(2, 2, 4, 0.4))
    costume.trim(c, [(0, 3.1), (0, 7)], 0.07, BRASS, curved=False)
    for s in costume.SIDES:
        seam = costume.side([(2.5, 3.2), (2.35, 4.4), (2.3, 6)], s)
        c.darken(smooth(c.line(seam, 0.05), 1.2) * body, 0.4)
        flap = [(0.0, y + 0.78), (0.6, y + 0.55), (1.15, y + 0.3), (1.42, 2.35), (1.6, 2.8),
                (0.9, 3.25), (0.05, 3.45)]  # fmt: skip
        c.shade(c.area(costume.side(flap, s)), "#f6eeda", "felt", sigmas=(2, 6),
                bump=c.folds(f"collar {s}", 4), contact=(1, 5, 6, 0.5))  # fmt: skip
        bound = costume.side([(0.0, y + 0.8), (0.6, y + 0.58), (1.15, y + 0.33)], s)
        c.shade(c.line(bound, 0.08), "#3a3f38", "stitch", contact=NONE)
    costume.button(c, 0, 3.2, radius=0.12, colour=BRASS)


def _hat(c: Canvas) -> None:
    """Set on the straw hat; the net is rolled up on its brim."""
    weave = _straw(c)
    crown = c.area(mirrored([(0, -2.78), (0.75, -2.7), (1.2, -2.35), (1.42, -1.5), (1.4, -1.2),
                             (0, -1.3)]))  # fmt: skip
    c.shade(crown, rgb(STRAW) * (0.82 + 0.22 * weave)[..., None], "knit", bump=weave * 1.6,
            sigmas=(4, 14, 26), contact=(2, 5, 6, 0.45))  # fmt: skip
    band = c.line([(-1.42, -1.42), (-0.75, -1.62), (0, -1.68), (0.75, -1.62), (1.42, -1.42)], 0.34)
    c.shade(band * crown, "#3f4a40", "felt", sigmas=(3,), contact=CLOSE)
    right = [(0, -1.5), (1.4, -1.42), (2.35, -1.2), (2.85, -0.82), (2.3, -0.68), (1.5, -0.8),
             (0.8, -1.0), (0, -1.06)]  # fmt: skip
    brim = c.area(mirrored(right))
    c.shade(brim, rgb(STRAW) * (0.86 + 0.22 * weave)[..., None], "knit", bump=weave * 1.6,
            sigmas=(3, 8), contact=(2, 7, 8, 0.5))  # fmt: skip
    rim = [(-2.85, -0.82), (-2.3, -0.7), (-1.5, -0.82), (-0.8, -1.02), (0, -1.08), (0.8, -1.02),
           (1.5, -0.82), (2.3, -0.7), (2.85, -0.82)]  # fmt: skip
    c.shade(c.line(rim, 0.08), "#a87c3a", "stitch", contact=NONE)
    roll = [(-2.45, -1.12), (-1.5, -1.42), (0, -1.52), (1.5, -1.42), (2.45, -1.12)]
    gather = np.abs(np.sin(c.X * 13 + np.sin(c.Y * 5))) * 3
    c.shade(c.line(roll, 0.3), "#39423a", "knit", bump=as_field(gather), sigmas=(3, 5),
            contact=(1, 4, 5, 0.45))  # fmt: skip


def _straw(c: Canvas) -> Field:
    """Return the plait of straw: rows that follow the crown, 0..1."""
    rows = (c.Y + 0.1 * c.X**2) / 0.13
    over = np.sin((c.X / 0.11 + np.floor(rows) * 0.5) * np.pi) ** 2
    return as_field(np.abs(np.sin(rows * np.pi)) ** 0.6 * (0.45 + 0.55 * over))


def _frame(c: Canvas) -> None:
    """Hold a frame of honeycomb before the chest: wax cells, capped and full of honey."""
    x, y, half, tall = 1.75, 4.75, 1.5, 0.95
    comb = c.area([(x - half, y - tall), (x + half, y - tall + 0.12), (x + half, y + tall + 0.3),
                   (x - half, y + tall + 0.2)], curved=False)  # fmt: skip
    c.cast(comb, (4, 8, 9, 0.55))
    cells, depth = _cells(c)
    capped = ramp(c.fbm("capped", cells=(7, 6)) - 0.12 * (c.Y - y), 0.52, 0.56)
    honey = blend(HONEY, "#c96f0e", ramp(depth, 0.1, 0.5))
    wax = blend(honey, "#f0cf86", capped)
    relief = as_field((1 - depth * (1 - 1.6 * capped)) * 3.4)
    c.shade(comb, blend(wax, "#e8b850", cells), "plastic", bump=relief, sigmas=(2,), contact=NONE)
    shine = ramp(depth, 0.3, 0.42) * (1 - capped) * ramp(c.fbm("shine", cells=(14, 11)), 0.5, 0.7)
    c.paint(comb * shine, "#fff0b8", 0.5)
    bars = (
        [(x - half - 0.35, y - tall - 0.02), (x + half + 0.35, y - tall + 0.1)],
        [(x - half, y - tall), (x - half - 0.02, y + tall + 0.6)],
        [(x + half, y - tall + 0.1), (x + half + 0.02, y + tall + 0.6)],
    )
    grain = c.fbm("grain", octaves=4, cells=(60, 6)) * 2
    for bar in bars:
        c.shade(c.line(list(bar), 0.3), WOOD, "leather", sigmas=(2, 5), bump=grain,
                contact=(2, 4, 5, 0.5))  # fmt: skip
    for k in range(4):
        finger = [(x - half - 0.5, y - 0.35 + 0.3 * k), (x - half + 0.18, y - 0.4 + 0.3 * k)]
        c.shade(c.line(finger, 0.28), "#c9a064", "leather", sigmas=(3, 6), contact=(2, 3, 4, 0.5))


def _cells(c: Canvas) -> tuple[Field, Field]:
    """Return walls (0..1) and how deep inside a cell a pixel lies, on a hexagonal grid."""
    wide, high = 0.24, 0.4157

    def away(dx: float, dy: float) -> Field:
        x = (c.X + dx) % wide - wide / 2
        y = (c.Y + dy) % high - high / 2
        return as_field(np.maximum(np.abs(x), np.abs(x) * 0.5 + np.abs(y) * np.sqrt(3) / 2))

    reach = np.minimum(away(0, 0), away(wide / 2, high / 2)) / np.float32(wide / 2)
    return ramp(as_field(reach), 0.78, 0.9), as_field(1 - reach)


def _bees(c: Canvas) -> None:
    """Let bees fly about, two on the comb, none on the face."""
    chance = c.chance("bees")
    places = [(1.2, 4.35, 0.9), (2.35, 4.9, 0.9)]
    for _ in range(9):
        s = float(chance.choice([-1, 1]))
        places.append((s * chance.uniform(1.9, 3.4), chance.uniform(-3.1, 3.0),
                       chance.uniform(0.6, 1.15)))  # fmt: skip
    for x, y, size in places:
        tilt, way = float(chance.uniform(-0.6, 0.6)), float(chance.choice([-1, 1]))
        _bee(c, (x, y), size * 0.24, tilt, way)


def _bee(c: Canvas, middle: tuple[float, float], size: float, tilt: float, way: float) -> None:
    (x, y), cos, sin = middle, float(np.cos(tilt)), float(np.sin(tilt))

    def at(a: float, b: float) -> tuple[float, float]:
        return x + size * (way * a * cos - b * sin), y + size * (way * a * sin + b * cos)

    for lean in (0.1, -0.45):
        wing = [at(0.05, -0.3), at(lean - 0.3, -1.25), at(lean + 0.25, -1.4), at(0.25, -0.4)]
        c.paint(c.area(wing), "#f4fbff", 0.65)
    body = c.area([at(-0.95, 0.1), at(-0.5, -0.42), at(0.3, -0.42), at(0.75, 0), at(0.3, 0.42),
                   at(-0.5, 0.45)])  # fmt: skip
    along = ((c.X - x) * way * cos + (c.Y - y) * sin) / size
    stripes = blend("#f4b41e", "#2a1c10", ramp(as_field(np.sin(along * 8.5 + 0.6)), -0.1, 0.25))
    c.shade(body, stripes, "plastic", sigmas=(1.5, 3), contact=TIGHT)
    c.shade(c.ellipse(*at(0.78, -0.05), size * 0.3), "#2a1c10", "plastic", sigmas=(1.5,),
            contact=NONE)  # fmt: skip


def opening(c: Canvas) -> Field:
    """Hide the crown under the hat and end the neck in the collar."""
    return c.below(-1.5, 0.2) * c.above(2.6, 0.3)


SCENARIO = Scenario(
    id="beekeeper", behind=behind, front=front, opening=opening, light=WARM, e=68, ey=270,
    covers=Covers.HAIR, relight=0.55, rim=0.45, hat_shadow=Cast(down=13, strength=0.5),
    finish=Finish(bloom=0.3, bloom_over=0.88, bloom_blur=12, vignette=0.35, grain=0.014),
)  # fmt: skip
