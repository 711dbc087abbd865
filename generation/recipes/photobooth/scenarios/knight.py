# SPDX-License-Identifier: Apache-2.0
"""Knight: chain mail, polished plate and a gold brow band before a castle at dusk."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.geometry import Field, flipped, mirrored, smooth, star
from generation.recipes.photobooth.light import WARM
from generation.recipes.photobooth.scenario import Covers, Mood, Scenario

STEEL, GOLD = "#a9b0bd", "#dcb25a"
DUSKS = (
    ("#2b2f4a", "#8a5560", "#e39a5c"),
    ("#1f2a4a", "#56507a", "#d98a7a"),
    ("#26324a", "#7a5a4a", "#f0b060"),
)
TOWERS = ((20, 60, 330, False), (90, 36, 290, True), (128, 70, 350, False), (400, 46, 280, True),
          (450, 70, 330, False))  # fmt: skip
"""Left, width and top in pixels, and whether a tower has a pointed roof."""


def behind(c: Canvas) -> None:
    """Draw dusk, the castle, the cape and the dark inside of the coif."""
    top, middle, low = DUSKS[int(c.chance("dusk").integers(len(DUSKS)))]
    scenery.gradient(c, [(0, top), (0.35, middle), (0.55, low), (0.75, "#6a4a45"), (1, "#2a2226")])
    scenery.haze(c, "glow", low, top=0, foot=0.6)
    scenery.haze(c, "cloud", "#3a3550", top=-0.1, foot=0.4, strength=0.8)
    _castle(c)
    c.soften(1.2)
    cape = c.area(mirrored([(0, 2.2), (1.6, 2.3), (3.3, 3.0), (4.3, 5), (4.6, 7.6), (0, 7.6)]))
    c.shade(cape, "#9c1f28", "velvet", bump=costume.pleats(c, "cape", count=5, strength=5))
    c.paint(_coif(c), "#15161c")


def _castle(c: Canvas) -> None:
    """Draw towers with battlements and pointed roofs; the seed moves them."""
    chance = c.chance("castle")
    shapes: list[list[tuple[float, float]]] = []
    for left, width, top, roof in TOWERS:
        x, y = left + chance.uniform(-10, 10), top + chance.uniform(-45, 30)
        shapes += [_box(x, y, width, 640), _box(x - 4, y, width + 8, 10)]
        if roof:
            peak = (x + width / 2, y - chance.uniform(55, 85))
            shapes.append([(x - 6, y), peak, (x + width + 6, y)])
        else:
            step = (width + 8) / 9
            shapes += [_box(x - 4 + k * step, y - 12, step, 14) for k in range(0, 9, 2)]
    c.paint(
        scenery.silhouette(c, shapes, blur=2.0), rgb("#3a2a35") * (0.85 + 0.08 * c.Y)[..., None]
    )
    for _ in range(7):
        x = float(chance.choice([-1, 1])) * chance.uniform(2.2, 3.4)
        c.glow(smooth(c.ellipse(x, chance.uniform(1.6, 2.8), 0.05, 0.09), 1.5), "#ffb860", 0.9)


def _box(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def front(c: Canvas) -> None:
    """Draw mail, breastplate, shoulders, gorget and the skull cap."""
    _mail(c)
    _breastplate(c)
    for s in costume.SIDES:
        _shoulder(c, s)
    _gorget(c)
    _cap(c)


def _coif(c: Canvas) -> Field:
    return c.area(mirrored([(0, -2.15), (1.2, -1.8), (1.75, -0.6), (1.75, 0.9), (2.0, 2.2),
                            (2.7, 3.3), (0, 4)]))  # fmt: skip


def _mail(c: Canvas) -> None:
    rings = costume.chain_mail(c)
    pattern = rgb("#8d929c") * (0.35 + 0.75 * rings)[..., None]
    edge = costume.face_outline(c)
    hole = c.area(mirrored(edge))
    mail = _coif(c) * (1 - hole)
    c.shade(mail, pattern, "plate", bump=rings * 3.5, sigmas=(3, 12, 30), depth=1.1)
    band = c.line([*edge, *flipped(edge[1:-1])[::-1]], 0.10, closed=True)
    c.shade(band, "#7a4a28", "leather", sigmas=(2, 4), contact=(1, 3, 5, 0.6))


def _breastplate(c: Canvas) -> None:
    """Hammer a plate with a middle edge and a gold star."""
    plate = c.area(mirrored([(0, 2.9), (1.2, 2.75), (2.3, 3.2), (2.7, 4.6), (2.5, 7.6), (0, 7.6)]))
    ridge = -np.abs(c.X) * 9 - c.X**2 * 5
    c.shade(plate, STEEL, "plate", bump=ridge, contact=(2, 2, 8, 0.45))
    costume.trim(c, [(0, 3.3), (0, 7.6)], 0.07, GOLD, within=plate)
    c.shade(c.area(star(0, 4.45, 0.52, tips=8, waist=0.55), curved=False), GOLD, "gold")
    costume.jewel(c, 0, 4.45, rx=0.15, ry=0.15, colour="#b3202a")


def _shoulder(c: Canvas, s: int) -> None:
    """Lay a dome over two lames; convex outlines with gold edges, never claws."""
    for y, wide in ((5.05, 1.12), (4.72, 1.2)):
        lame = c.area(costume.side(_dome(2.95, y, wide, 0.72), s))
        c.shade(lame, STEEL, "metal", sigmas=(3, 10), contact=(1, 5, 5, 0.55))
        costume.trim(c, costume.side(_dome(2.95, y, wide, 0.72)[4:9], s), 0.06, GOLD)
    dome = _dome(2.85, 4.3, 1.32, 1.1)
    c.shade(c.area(costume.side(dome, s)), "#b4bac6", "helmet", sigmas=(4, 14, 34), depth=1.3)
    costume.trim(c, costume.side(dome[4:9], s), 0.09, GOLD)
    c.shade(c.line(costume.side([(2.2, 3.75), (2.85, 3.55), (3.5, 3.8)], s), 0.05), GOLD, "trim")


def _dome(x: float, y: float, wide: float, high: float) -> list[tuple[float, float]]:
    """Outline a rounded shoulder piece, clockwise from the left end of its lower edge."""
    shape = ((-1, 0), (-0.85, -0.5), (0, -0.85), (0.85, -0.5), (1, 0), (0.7, 0.2), (0, 0.32),
             (-0.7, 0.2), (-1, 0))  # fmt: skip
    return [(x + a * wide, y + b * high) for a, b in shape]


def _gorget(c: Canvas) -> None:
    """Close the neck with three rings of plate: convex bands, so that they read as a collar."""
    for k, half in enumerate((1.62, 1.42, 1.24)):
        y, deep = c.chin + 1.24 - 0.3 * k, 0.62 - 0.08 * k
        low = [(half + 0.1, y), (half * 0.6, y + deep * 0.62), (0, y + deep * 0.8),
               (-half * 0.6, y + deep * 0.62), (-half - 0.1, y)]  # fmt: skip
        top = [(-half, y - 0.34), (-half * 0.55, y - 0.16), (0, y - 0.08), (half * 0.55, y - 0.16),
               (half, y - 0.34)]  # fmt: skip
        c.shade(c.area([*top, *low]), "#b4bac6", "metal", sigmas=(2, 6), contact=(1, 5, 6, 0.5))
        costume.trim(c, low, 0.07, GOLD)


def _cap(c: Canvas) -> None:
    """Set the skull cap on: its lower edge crosses the hairline."""
    rim = [(1.72, -0.75), (1.62, -0.62), (1.2, -1.02), (0.6, -1.22), (0, -1.28)]
    cap = c.area(mirrored([(0, -2.75), (0.75, -2.5), (1.45, -1.75), *rim]))
    c.shade(cap, "#b4bac6", "helmet", sigmas=(4, 14, 34), depth=1.25, contact=(2, 8, 9, 0.5))
    half = [(0, -1.34), (0.6, -1.28), (1.2, -1.08), (1.66, -0.72)]
    c.shade(c.line([*flipped(half[:0:-1]), *half], 0.16), GOLD, "gold", contact=(0, 4, 5, 0.45))
    c.shade(c.line([(0, -2.75), (0, -2.0), (0, -1.35)], 0.12), GOLD, "gold", contact=CLOSE)
    for k, colour in ((-1, "#e8dcc0"), (0, "#b3202a"), (1, "#e8dcc0")):
        c.shade(c.ellipse(0.75 * k, -1.3 + abs(k) * 0.07, 0.1), colour, "plastic", contact=TIGHT)


def opening(c: Canvas) -> Field:
    """Let the face show through the coif."""
    return smooth(c.area(mirrored(costume.face_outline(c))), 1)


SCENARIO = Scenario(
    id="knight", behind=behind, front=front, opening=opening, light=WARM, e=72, ey=256,
    mood=Mood.NEUTRAL, covers=Covers.HEAD, long_hair=False, relight=0.7, rim=0, wrap=0,
    inside=0.75, head_shadow=0,
)  # fmt: skip
