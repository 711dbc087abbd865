# SPDX-License-Identifier: Apache-2.0
"""Fresco: a mantle of lapis and rose before an arch and a river, painted into cracked plaster."""

import numpy as np

from generation.recipes.photobooth import costume, noise, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Composite, Finish
from generation.recipes.photobooth.geometry import (
    Field,
    Points,
    as_field,
    mirrored,
    ramp,
    shift,
    smooth,
)
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario
from generation.recipes.photobooth.styles import paint_plate, strokes

EVEN = Light(key=(-0.5, -0.55, 0.67), key_colour="#fff3de", ambient="#77726a", fill=1.1,
    rim=(0.9, -0.2, -0.2), rim_colour="#d8c8a0", rim_power=0.15)  # fmt: skip
STONE, LAPIS, ROSE, GOLD = "#cdbb9d", "#33528f", "#c2757a", "#d3a850"
SKIES = (("#7fa3bb", "#e9dcc0"), ("#8aa8ae", "#f0d9b4"), ("#6f95b8", "#f3e6cf"),
    ("#93a6b8", "#eccfb8"))  # fmt: skip


def behind(c: Canvas) -> None:
    """Paint the river, then the arcade round it."""
    _landscape(c)
    _arcade(c)
    _brush(c, 6)


def _brush(c: Canvas, width: int) -> None:
    """Work the sheet over with small strokes and leave some of the drawing under them."""
    drawn = c.rgba.copy()
    paint_plate(c, (width,))
    c.rgba = c.rgba * np.float32(0.6) + drawn * np.float32(0.4)


def _landscape(c: Canvas) -> None:
    high, low = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, [(0, high), (0.55, low), (1, low)])
    scenery.cumulus(c, "cloud", 4, top=0.08, foot=0.3, lit="#fbf3e2", shaded="#c9c6bd", size=0.7)
    for k, (base, rise, colour) in enumerate(
        ((0.5, 0.08, "#8fa5b0"), (0.56, 0.07, "#7f9792"), (0.63, 0.05, "#7d8a5c"))
    ):
        hill = scenery.ridge(c, f"hill {k}", base, rise)
        c.paint(hill, rgb(colour) * (0.85 + 0.3 * c.fbm(f"meadow {k}", cells=(9, 7)))[..., None])
    _town(c)
    deep = np.maximum(c.Y - 1.0, 0.05)
    bend = float(c.chance("river").uniform(-0.6, 0.6))
    river = np.abs(c.X - 1.5 - 1.1 * np.sin(deep * 1.9 + bend)) < 0.05 + deep * 0.16
    c.paint(smooth(as_field(river), 1.5) * c.below(1.05, 0.2),
        blend("#a9c3c4", "#f1e7cf", ramp(c.Y, 2.6, 1.0)), 0.95)  # fmt: skip
    _trees(c)


def _trees(c: Canvas) -> None:
    """Plant trees on both banks, smaller with distance."""
    chance, trunks, crowns = c.chance("trees"), c.zeros(), c.zeros()
    for x, y in zip(chance.uniform(-2.6, 2.6, 26), chance.uniform(0.9, 2.4, 26), strict=True):
        if abs(x) > 1.25:
            tall = float(chance.uniform(0.5, 1) * (0.25 + 0.4 * (y - 0.8)))
            trunks = np.maximum(trunks, c.line([(x, y), (x, y - tall)], 0.04))
            crowns = np.maximum(crowns, c.ellipse(x, y - tall * 1.15, tall * 0.32, tall * 0.75))
    ragged = 0.7 + 0.6 * c.fbm("leaf", cells=(60, 50))
    c.paint(trunks, "#4a3f2c")
    green = rgb("#64743c") * ragged[..., None]
    c.shade(np.clip(crowns * ragged, 0, 1), green, "felt", contact=CLOSE)


def _town(c: Canvas) -> None:
    """Build a small town on the far hill."""
    chance = c.chance("town")
    x = -2.3
    for _ in range(7):
        wide, tall = chance.uniform(0.1, 0.22), chance.uniform(0.2, 0.75)
        wall = c.area([(x, 1.15), (x, 1.05 - tall), (x + wide, 1.05 - tall), (x + wide, 1.15)],
            curved=False)  # fmt: skip
        c.paint(wall, blend("#e9d5b4", "#b3977a", ramp(c.X, x, x + wide)))
        c.paint(c.area([(x - 0.03, 1.06 - tall), (x + wide / 2, 0.92 - tall),
            (x + wide + 0.03, 1.06 - tall)], curved=False), "#a85f48")  # fmt: skip
        x += wide + 0.02


def _arcade(c: Canvas) -> None:
    """Frame the view with an arch on two pilasters."""
    inner = mirrored([(0, -3.05), (0.95, -2.88), (1.75, -2.3), (2.3, -1.5), (2.5, -0.6)])
    half = len(inner) // 2
    hole = c.area([*inner[:half], (2.5, 0.4), (2.5, 7), (-2.5, 7), (-2.5, 0.4), *inner[half:]])
    wall = 1 - hole
    mottle = 0.88 + 0.24 * c.fbm("stone", octaves=6, cells=(7, 6))
    c.shade(wall, rgb(STONE) * mottle[..., None], "felt", sigmas=(3, 8), contact=(6, 8, 9, 0.55))
    for out, wide, tone in ((0.12, 0.1, "#e6d8bb"), (0.36, 0.05, "#9c8768"),
        (0.52, 0.1, "#e0d0b0")):  # fmt: skip
        arc: Points = [(x * (1 + out / 2.5), y - out * 0.9) for x, y in inner]
        c.shade(c.line(arc, wide) * c.above(-0.55, 0.02), tone, "collar", contact=TIGHT)
    for s in costume.SIDES:
        panel = c.area(costume.side([(2.85, 0.3), (3.45, 0.3), (3.45, 7), (2.85, 7)], s),
            curved=False)  # fmt: skip
        c.shade(panel, rgb("#b98a80") * mottle[..., None], "collar", contact=NONE)
        c.shade(c.line(costume.side([(2.8, 6), (2.8, 0.25), (3.5, 0.25), (3.5, 6)], s), 0.06,
            curved=False), "#e6d8bb", "collar", contact=TIGHT)  # fmt: skip
        for y, reach in ((-0.52, 2.38), (-0.3, 2.44), (-0.08, 2.5)):
            c.shade(c.area(costume.side([(reach, y - 0.1), (4.2, y - 0.1),
                (4.2, y + 0.1), (reach, y + 0.1)], s), curved=False), "#dfcfae",
                "collar", contact=CLOSE)  # fmt: skip
        c.shade(c.ellipse(s * 2.95, -2.72, 0.46), "#e6d8bb", "collar", contact=CLOSE)
        c.shade(c.ellipse(s * 2.95, -2.72, 0.36),
            rgb("#5a7a68" if s > 0 else "#94504a") * mottle[..., None], "collar",
            contact=NONE)  # fmt: skip


def front(c: Canvas) -> None:
    """Paint tunic and mantle, then let the plaster age, less over the face."""
    _tunic(c)
    for s in costume.SIDES:
        _mantle(c, s)
    _brush(c, 5)
    _cracks(c)
    _losses(c)


def _tunic(c: Canvas) -> None:
    gathers = np.sin(c.X * 10 + c.fbm("gathers", octaves=2) * 4) * 3.5 * c.below(2.9, 0.5)
    body = costume.torso(c, top=2.45, neck=1.15)
    c.shade(body, ROSE, "robe", bump=gathers + c.folds("tunic", 8))
    y = c.chin
    shift_ = c.area(mirrored([(0, y + 0.5), (0.5, y + 0.44), (0.86, y + 0.3), (1.1, 2.4),
        (1.15, 2.8), (0, 3.0)]))  # fmt: skip
    c.shade(shift_, "#efe6d2", "felt", bump=np.sin(c.X * 24) * 2, contact=CLOSE)
    band = [(-1.3, 2.62), (-0.7, 2.92), (0, 3.02), (0.7, 2.92), (1.3, 2.62)]
    c.shade(c.line(band, 0.3), "#6c2a3c", "velvet", sigmas=(2, 5), contact=CLOSE)
    for dy in (-0.14, 0.14):
        c.shade(c.line([(x, v + dy) for x, v in band], 0.055), GOLD, "gold", contact=NONE)
    for x in np.linspace(-1.05, 1.05, 8):
        c.shade(c.ellipse(float(x), 3.02 - 0.24 * float(x) ** 2, 0.055), "#f3e3b4", "jewel",
            contact=TIGHT)  # fmt: skip


def _mantle(c: Canvas, s: int) -> None:
    """Drape one side of the mantle; its folds fall from the shoulder."""
    outline = [(1.05, 2.5), (1.9, 2.55), (2.7, 2.95), (3.35, 3.6), (3.75, 5.0), (3.9, 7.4),
        (0.7, 7.4), (0.6, 5.8), (1.3, 4.4), (1.35, 3.4)]  # fmt: skip
    outline = outline if s > 0 else [(x - 0.55 if y > 4 and x < 1.4 else x, y) for x, y in outline]
    cloth = c.area(costume.side(outline, s))
    fan = np.arctan2(c.X * s - 1.0, c.Y - 1.4)
    waves = np.sin(fan * 17 + c.fbm(f"fall {s}", octaves=3, cells=(3, 3)) * 5)
    dyed = rgb(LAPIS) * (1 + 0.24 * waves)[..., None]
    folds = waves * 9 + c.folds(f"mantle {s}", 12)
    c.shade(cloth, dyed, "robe", bump=folds, contact=(3, 6, 9, 0.5))
    edge = costume.side([(1.08, 2.5), (1.36, 3.4), (1.3, 4.4), (outline[7][0], 5.8)], s)
    c.shade(c.line(edge, 0.13), GOLD, "gold", contact=CLOSE)
    if s < 0:
        costume.jewel(c, -1.28, 3.05, rx=0.17, ry=0.2, colour="#8f2436")


def _cracks(c: Canvas) -> None:
    """Let fine cracks run in from the edges and fork; none reaches the face."""
    chance, lines = c.chance("cracks"), c.zeros()
    for _ in range(10):
        turn = chance.uniform(0, 2 * np.pi)
        start = (3.9 * float(np.cos(turn)), 0.7 + 4.6 * float(np.sin(turn)))
        heading = turn + np.pi + chance.uniform(-0.6, 0.6)
        path = _jagged(chance, start, heading, steps=int(chance.integers(8, 20)))
        fork = heading + float(chance.choice([-1, 1])) * chance.uniform(0.6, 1.1)
        twig = _jagged(chance, path[len(path) // 2], fork, steps=int(chance.integers(4, 9)))
        lines = np.maximum(lines, c.line(path, chance.uniform(0.012, 0.022), curved=False))
        lines = np.maximum(lines, c.line(twig, 0.012, curved=False))
    lines = as_field(lines * (1 - c.face(1.75, 2.35, 8)))
    c.paint(shift(lines, 1, 1), "#f3ead6", 0.4)
    c.paint(lines, "#4a3a2a", 0.55)


def _jagged(
    chance: np.random.Generator, start: tuple[float, float], heading: float, *, steps: int
) -> Points:
    """Break a path that keeps its heading in the long run."""
    turns = heading + chance.normal(0, 0.6, steps)
    long = chance.uniform(0.1, 0.24, steps)
    x = start[0] + np.cumsum(long * np.cos(turns))
    y = start[1] + np.cumsum(long * np.sin(turns))
    return [start, *zip(x.tolist(), y.tolist(), strict=True)]


def _losses(c: Canvas) -> None:
    """Lose some paint near the edges, down to the rough plaster."""
    rim = np.maximum(np.abs(c.X) / 3.7, np.abs(c.Y - 0.8) / 4.7)
    bare = ramp(c.fbm("loss", octaves=6, cells=(5, 4)) + 0.62 * ramp(rim, 0.62, 1.05), 1.02, 1.04)
    grit = 0.85 + 0.3 * c.fbm("grit", octaves=5, cells=(60, 48))
    c.paint(bare, rgb("#d9ccb2") * grit[..., None])
    inside = np.clip(bare - shift(smooth(bare, 1), 2, 3), 0, 1)
    c.darken(inside * ramp(rim, 1.02, 0.99), 0.5)


def tempera(composite: Composite) -> Field:
    """Paint fine strokes on the head, veil the picture with lime and mottle it."""
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    painted = strokes(photo, 4, composite.seed, mask=smooth(composite.head, 5), jitter=0.012)
    back = (smooth(composite.head, 3) * 0.62)[..., None]
    mixed = painted * (1 - back) + photo * back
    cloud = noise.fbm(photo.shape[:2], noise.generator(composite.seed, "lime"), octaves=6,
        cells=(6, 5))  # fmt: skip
    grain = noise.generator(composite.seed, "sand").standard_normal(photo.shape[:2],
        dtype=np.float32)  # fmt: skip
    lime = 0.93 + 0.12 * cloud + 0.018 * smooth(grain, 0.8) * 2
    return as_field((mixed * 0.9 + 0.055) * lime[..., None])


def opening(c: Canvas) -> Field:
    """End the neck inside the shift."""
    return c.above(2.75, 0.3)


SCENARIO = Scenario(id="fresco", behind=behind, front=front, opening=opening, light=EVEN, e=68,
    ey=262, mood=Mood.NEUTRAL, relight=0.7, rim=0.1, wrap=0.15, head_shadow=0.4,
    finish=Finish(style=tempera, bloom=0.1, vignette=0.3, grain=0.012))  # fmt: skip
