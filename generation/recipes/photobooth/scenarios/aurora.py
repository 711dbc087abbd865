# SPDX-License-Identifier: Apache-2.0
"""Aurora: a bobble hat, a patterned jumper and a long scarf under green northern lights."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import NONE, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

CREAM, RED, BLUE = "#f3ead8", "#b3273a", "#2c4a7a"
LIGHTS = (
    (("#3dffa0", "#7a4dff"), ("#30e0c0", "#c04dff"), ("#8dff7a", "#3a6aff")),
    (("#54ffb8", "#3a8aff"), ("#9dff8a", "#30c0ff"), ("#3dffa0", "#9a5aff")),
    (("#4dffa8", "#ff5ab0"), ("#30e8b0", "#7a4dff"), ("#a8ff8a", "#c04dff")),
)
NIGHT = Light(
    key=(-0.45, -0.55, 0.65), key_colour="#f4f6ff", power=0.98, ambient="#3f6a78",
    rim=(0.85, -0.5, -0.1), rim_colour="#4dffb0", rim_power=0.95,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw night, northern lights, a snowy valley with firs and a lit cabin."""
    chance = c.chance("lights")
    scenery.gradient(c, [(0, "#040a1c"), (0.5, "#0c2440"), (0.75, "#1c4a5c"), (1, "#1c4a5c")])
    scenery.stars(c, "stars", 300, foot=0.7)
    bands = LIGHTS[int(chance.integers(len(LIGHTS)))]
    places = ((0.42, 60), (0.3, 46), (0.52, 40))
    scenery.aurora(c, "curtain", [(*at, *lit) for at, lit in zip(places, bands, strict=True)])
    scenery.mountains(c, [(0.62, 0.09, "#24405c"), (0.69, 0.04, "#4f86a0")], snow=False)
    plain = scenery.ridge(c, "snow", 0.70, 0.02)
    c.paint(plain, blend("#bfe0e4", "#4a7c92", ramp(c.Y, 3.0, 5)))
    _firs(c)
    _cabin(c, float(chance.choice([-1, 1])) * 3.1, 3.0)
    c.soften(1.5)


def _cabin(c: Canvas, x: float, y: float) -> None:
    """Set a log cabin in the valley, its window lit."""
    wall = [(x - 0.42, y), (x - 0.42, y - 0.38), (x + 0.42, y - 0.38), (x + 0.42, y)]
    c.paint(c.area(wall, curved=False), "#2a1c1a")
    roof = [(x - 0.56, y - 0.32), (x, y - 0.72), (x + 0.56, y - 0.32)]
    c.paint(c.area(roof, curved=False), "#d4ecf0")
    c.paint(c.area([(x - 0.13, y - 0.28), (x + 0.13, y - 0.28), (x + 0.13, y - 0.05),
                    (x - 0.13, y - 0.05)], curved=False), "#ffd070")  # fmt: skip
    scenery.spot(c, x, y - 0.15, radius=0.45, colour="#ffb050", strength=0.55)


def _firs(c: Canvas) -> None:
    chance, tiers = c.chance("firs"), []
    for x in [*range(8, 120, 22), *range(396, 512, 22)]:
        tall, foot = chance.uniform(60, 135), 470 + chance.uniform(0, 26)
        for j in range(7):
            wide, y = (j + 1) * tall * 0.055, foot - tall + j * tall / 7
            tiers.append([(x, y - 8), (x - wide, y + tall / 7 + 6), (x + wide, y + tall / 7 + 6)])
    c.paint(scenery.silhouette(c, tiers, blur=0.8), "#0c2430")


def front(c: Canvas) -> None:
    """Draw jumper, scarf, hat, bobble and snow."""
    _jumper(c)
    _scarf(c)
    _hat(c)
    scenery.snow(c, "snow", 110, strength=0.55)


def _jumper(c: Canvas) -> None:
    """Knit bands of diamonds, crosses and dots: one pattern a seed."""
    body = costume.torso(c, top=2.7, neck=1.1, shoulder=2.75)
    y = c.Y + 0.035 * c.X**2
    cells = tuple(as_field(np.floor(at / 0.1) * 0.1 + 0.05) for at in (c.X, y))
    wool = blend(BLUE, CREAM, _pattern(*cells))
    red = np.abs(cells[1] - 4.85) < 0.22
    wool = np.where((red & (_diamond(cells[0], cells[1] - 4.85) < 0.3))[..., None], rgb(RED), wool)
    c.shade(body, smooth(wool, 0.7), "cloth", bump=costume.knitting(c, 0.2))


def _pattern(x: Field, y: Field) -> Field:
    """Return 1 where the jumper's cream wool shows."""
    big = _diamond(x, y - 4.0) < 0.4
    heart = _diamond(x, y - 4.0) < 0.14
    rows = sum(np.abs(y - at) < 0.06 for at in (3.45, 4.5, 5.2))
    dots = (np.abs(y - 3.2) < 0.06) & (np.floor(x / 0.1) % 2 == 0)
    return as_field(np.clip((big & ~heart) + rows + dots, 0, 1))


def _diamond(x: Field, y: Field) -> Field:
    cell = 0.6
    return as_field(np.abs((x / cell) % 1 - 0.5) * 2 * cell * 0.75 + np.abs(y))


def _scarf(c: Canvas) -> None:
    y, stitches = c.chin, costume.knitting(c, 0.19)
    tail = c.area([(0.45, 3.0), (1.25, 2.9), (1.5, 4.5), (1.45, 5.05), (0.55, 5.1), (0.42, 4.2)])
    stripes = blend("#e8dcc4", RED, _stripes(c.Y, (4.25, 4.6), 0.1))
    c.shade(tail, stripes, "knit", bump=stitches, contact=(3, 6, 8, 0.5))
    for k in range(9):
        x = 0.62 + 0.1 * k
        fringe = c.line([(x, 5.0), (x + 0.01 * (k - 4), 5.32)], 0.07)
        c.shade(fringe, "#e8dcc4", "stitch", contact=(1, 2, 2, 0.4))
    wrap = c.area(mirrored([(0, y + 0.46), (0.85, y + 0.28), (1.5, y + 0.5), (1.8, 2.8),
                            (1.3, 3.35), (0, 3.55)]))  # fmt: skip
    drape = np.sin(c.Y * 6 + c.X * 1.5) * 4
    c.shade(wrap, "#e8dcc4", "knit", bump=stitches + drape, contact=(2, 6, 8, 0.5))


def _stripes(y: Field, rows: tuple[float, ...], width: float) -> Field:
    """Return 1 on stripes at these heights."""
    return as_field(np.clip(sum(np.abs(y - row) < width for row in rows), 0, 1))


def _hat(c: Canvas) -> None:
    """Pull the hat over the hairline: zigzag and stripes, a ribbed cuff, a bobble."""
    cap = c.area([(-1.56, -0.9), (-1.62, -1.7), (-1.18, -2.6), (0, -3.0), (1.18, -2.6),
                  (1.62, -1.7), (1.56, -0.9), (0.8, -1.1), (0, -1.16), (-0.8, -1.1)])  # fmt: skip
    y = c.Y - 0.1 * c.X**2
    zigzag = np.abs((c.X * 2.4) % 1 - 0.5) * 0.36
    cream = _stripes(y, (-2.0, -2.78), 0.05) + (np.abs(y + 2.5 - zigzag) < 0.065)
    wool = smooth(blend(RED, CREAM, np.clip(cream, 0, 1)), 0.7)
    c.shade(cap, wool, "knit", bump=costume.knitting(c), sigmas=(4, 14, 30))
    cuff = c.area(mirrored([(0, -1.84), (0.85, -1.75), (1.66, -1.42), (1.6, -0.72), (0.8, -0.98),
                            (0, -1.05)]))  # fmt: skip
    ribs = np.abs(np.sin(c.X * 11)) ** 0.8 * 3.2 + costume.knitting(c, 0.14) * 0.3
    c.shade(cuff, "#f0e6d4", "knit", bump=ribs, sigmas=(3, 9), contact=(0, 4, 6, 0.45))
    _bobble(c, 0, -3.2)


def _bobble(c: Canvas, x: float, y: float) -> None:
    c.shade(smooth(c.ellipse(x, y, 0.52, 0.48), 1.5), "#b8a88c", "felt", contact=NONE)
    ring = [(x - 0.22, y), (x, y - 0.2), (x + 0.22, y), (x, y + 0.2)]
    for width, colour, hairs in ((0.34, "#cdb893", 1100), (0.3, "#f2e6cc", 1100),
                                 (0.2, "#fffaf0", 900)):  # fmt: skip
        costume.fur(c, ring, width, colour, purpose=colour, hairs=hairs, length=0.26, mess=0.9,
                    closed=True, clump=1.2)  # fmt: skip


def opening(c: Canvas) -> Field:
    """Hide the crown under the hat and end the neck in the scarf."""
    return c.below(-1.7, 0.15) * c.above(2.6, 0.3)


SCENARIO = Scenario(
    id="aurora", behind=behind, front=front, opening=opening, light=NIGHT, e=67, ey=276,
    covers=Covers.HAIR, relight=0.55, rim=0.7, wrap=0.25,
    hat_shadow=Cast(right=2, down=10, blur=8, strength=0.5),
    finish=Finish(bloom=0.4, bloom_over=0.8, bloom_blur=16, vignette=0.4, grain=0.016),
)  # fmt: skip
