# SPDX-License-Identifier: Apache-2.0
"""Mountaineer: mirrored goggles pushed up, a red rope and an ice axe among snowy summits."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Scenario

ROPE, STEEL, GOLD = "#d8362c", "#b8c0cc", "#e2b64e"
JACKETS = (("#1f6f9c", "#f2c230"), ("#2f7d5c", "#f0a030"), ("#5a4a9a", "#f2c230"))
"""Jacket and accents."""
SKIES = (
    ("#0f3f94", "#4f94d8", "#cfe6f6"),
    ("#123a7c", "#6a86c8", "#f6d8c8"),
    ("#0f4f8c", "#5fb0d8", "#f4ecd0"),
)
HIGH = Light(
    key=(-0.55, -0.65, 0.55), key_colour="#fff7ea", power=1.02, ambient="#7f9ac4",
    rim=(0.9, 0.1, -0.2), rim_colour="#cfe8ff", rim_power=0.65,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the sky, three ridges, a sea of cloud, the rucksack and the ice axe."""
    top, middle, low = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, [(0, top), (0.45, middle), (0.68, low), (1, low)])
    _summits(c)
    scenery.cumulus(c, "sea", 7, top=0.7, foot=0.86, lit="#ffffff", shaded="#c4d4ea")
    c.soften(1.3)
    _rucksack(c)
    _axe(c)


def _summits(c: Canvas) -> None:
    """Fold faceted peaks: a sunlit and a shaded side each, snow running down the gullies."""
    chance = c.chance("peaks")
    for k, (count, base, tall, rock, shade) in enumerate((
        (5, 1.5, 2.4, "#a9c3e2", "#7f9cc8"), (4, 2.3, 2.9, "#dfeaf6", "#5a7cae"),
        (4, 3.3, 2.2, "#f4f8fd", "#48689c"),
    )):  # fmt: skip
        for n in range(count):
            x = -4.2 + 8.4 * (n + 0.5 + chance.uniform(-0.3, 0.3)) / count
            high = tall * chance.uniform(0.65, 1.1) * (0.72 + 0.14 * min(abs(x), 2.6))
            half = high * chance.uniform(0.62, 0.85)
            _peak(c, f"peak {k} {n}", (x, base - high), half=half, colours=(rock, shade))
        haze = c.below(base - 1.2, 2.2)
        c.paint(haze, "#d4e4f4", 0.28 - 0.06 * k)


def _peak(
    c: Canvas, purpose: str, tip: tuple[float, float], *, half: float, colours: tuple[str, str]
) -> None:  # fmt: skip
    x, y = tip
    rough = (c.fbm(purpose, octaves=5, cells=(8, 7)) - 0.5) * np.float32(0.75)
    down = c.Y - y
    reach = np.abs(c.X - x + rough * 0.35) * np.float32(1.25) - down * half / 2.2
    cover = np.clip(-reach * c.e * 0.6 + rough * 6, 0, 1) * np.clip(down * c.e, 0, 1)
    crest = (c.X - x) - rough * 1.1 * np.clip(down, 0, 1.4) - 0.12 * down
    shaded = ramp(as_field(crest), -0.04, 0.05)
    streak = ramp(as_field(np.sin((c.X - x) * 5 + rough * 14) + rough * 2 - 0.1 * down), 0.35, 0.6)
    surface = blend(colours[0], colours[1], shaded * (1 - 0.35 * streak))
    rock = ramp(as_field(rough + 0.16 * down), 0.42, 0.5) * (1 - streak * 0.6)
    surface = blend(surface, rgb("#5f6f8c") * (1 - 0.45 * shaded)[..., None], rock * 0.85)
    c.paint(cover, surface)


def _rucksack(c: Canvas) -> None:
    pack = c.area(mirrored([(0, 1.3), (1.4, 1.35), (2.15, 1.75), (2.3, 3.2), (2.2, 5), (0, 5)]))
    c.shade(pack, "#33404f", "jacket", bump=c.folds("pack", 6))
    roll = c.area(mirrored([(0, 0.95), (1.7, 0.95), (2.05, 1.2), (2.05, 1.6), (1.7, 1.85),
                            (0, 1.85)]))  # fmt: skip
    c.shade(roll, "#c9822e", "leather", sigmas=(3, 12), bump=as_field(np.sin(c.X * 9) * 0.8))
    for s in costume.SIDES:
        c.shade(c.line([(s * 1.35, 0.9), (s * 1.38, 1.9)], 0.16), "#20262e", "felt", contact=CLOSE)


def _axe(c: Canvas) -> None:
    """Carry the ice axe on the pack: pick and adze above the shoulder."""
    c.shade(c.line([(2.25, 0.35), (2.62, 4.2)], 0.15), "#c98a45", "leather", sigmas=(2, 4))
    for a in (0.25, 0.42):
        c.shade(c.line([(2.25 + 0.37 * a, 0.35 + 3.85 * a - 0.12), (2.25 + 0.37 * a + 0.02,
                0.35 + 3.85 * a + 0.12)], 0.19), "#22303c", "felt", sigmas=(2,))  # fmt: skip
    head = [(1.5, 0.62), (1.62, 0.32), (2.0, 0.02), (2.3, -0.06), (2.62, 0.0), (3.05, 0.1),
            (3.12, 0.42), (2.9, 0.38), (2.6, 0.26), (2.3, 0.26), (1.95, 0.3)]  # fmt: skip
    c.shade(c.area(head), STEEL, "metal", sigmas=(2, 5), contact=(3, 5, 6, 0.45))
    c.shade(c.ellipse(2.27, 0.1, 0.08), "#3a424c", "trim", contact=NONE)


def front(c: Canvas) -> None:
    """Draw the shell jacket, straps, rope, carabiner, cap and goggles."""
    shell, accent = JACKETS[int(c.chance("jacket").integers(len(JACKETS)))]
    _jacket(c, shell, accent)
    _rope(c)
    _collar(c, shell, accent)
    _cap(c, accent)
    _goggles(c)
    scenery.snow(c, "spindrift", 60, strength=0.4)


def _jacket(c: Canvas, shell: str, accent: str) -> None:
    body = costume.torso(c, top=2.6, neck=1.1, shoulder=2.75)
    c.shade(body, shell, "jacket", bump=c.folds("shell", 13))
    yoke = c.area(mirrored([(0, 2.4), (1.2, 2.3), (2.4, 3.0), (3.3, 3.7), (2.6, 3.95), (0, 3.55)]))
    c.shade(yoke * body, rgb(shell) * 0.62, "felt", sigmas=(2,), bump=c.folds("yoke", 6),
            contact=(1, 3, 4, 0.35))  # fmt: skip
    c.shade(c.line([(0, 3.0), (0, 7)], 0.12), "#1b222b", "stitch", contact=CLOSE)
    c.shade(c.line([(0, 3.0), (0, 7)], 0.035), accent, "stitch", contact=NONE)
    for s in costume.SIDES:
        strap: Points = [(s * 1.5, 2.5), (s * 1.85, 3.6), (s * 1.9, 7)]
        c.shade(c.line(strap, 0.42), "#2b333d", "felt", sigmas=(3,), contact=(2, 4, 6, 0.5))
        c.shade(c.line([(s * 1.68, 2.75), (s * 2.02, 3.6), (s * 2.08, 7)], 0.04), accent, "stitch",
                contact=NONE)  # fmt: skip
    c.shade(c.line([(-1.9, 4.45), (1.9, 4.45)], 0.16), "#2b333d", "felt", contact=CLOSE)
    clip = [(-0.2, 4.28), (0.2, 4.28), (0.2, 4.62), (-0.2, 4.62)]
    c.shade(c.area(clip, curved=False), "#14181d", "plastic", contact=CLOSE)


def _rope(c: Canvas) -> None:
    """Sling the coiled rope over one shoulder, a gold carabiner on it."""
    body = ramp(smooth(costume.torso(c, top=2.6, neck=1.1, shoulder=2.75), 3), 0.1, 0.3)
    for k in range(4):
        d = 0.2 * k
        turn = [(-2.75 - d * 0.55, 2.6 + d * 0.35), (-1.5 - d * 0.2, 3.75 + d),
                (0.3, 4.75 + d), (2.4, 5.3 + d)]  # fmt: skip
        _strand(c, turn, body)
    ring: Points = [(0.62, 4.62), (0.95, 4.5), (1.28, 4.7), (1.2, 5.25), (0.85, 5.3), (0.6, 5.05)]
    c.shade(c.line(ring, 0.11, closed=True), GOLD, "trim", sigmas=(2, 3), contact=CLOSE)
    c.shade(c.line([(0.63, 4.7), (0.61, 5.02)], 0.14), STEEL, "trim", contact=TIGHT)


def _strand(c: Canvas, path: Points, body: Field) -> None:
    """Lay one rope: twisted strands and a pale fleck."""
    mask = c.line(path, 0.2) * body
    along = c.X * 0.78 + c.Y * 0.62
    twist = np.sin((along + (c.Y - c.X) * 0.9) * 21)
    fleck = ramp(as_field(np.sin((along + (c.Y - c.X) * 0.9) * 10.5)), 0.75, 0.9)
    c.shade(mask, blend(ROPE, "#ffe9c8", fleck), "knit", bump=as_field(twist * 0.9), sigmas=(2, 4),
            contact=(2, 4, 4, 0.5))  # fmt: skip


def _collar(c: Canvas, shell: str, accent: str) -> None:
    y = c.chin
    for s in costume.SIDES:
        flap = [(0, y + 0.62), (0.6, y + 0.42), (1.12, y + 0.1), (1.22, 2.2), (1.5, 2.75),
                (1.3, 3.15), (0.6, 3.35), (0, 3.4)]  # fmt: skip
        c.shade(c.area(costume.side(flap, s), curved=False), shell, "felt", contact=(1, 5, 6, 0.5),
                bump=c.folds(f"collar {s}", 7))  # fmt: skip
        edge = costume.side([(0, y + 0.62), (0.6, y + 0.42), (1.12, y + 0.1)], s)
        c.shade(c.line(edge, 0.08, curved=False), accent, "stitch", contact=CLOSE)
        seam = costume.side([(1.22, 2.2), (0.65, 2.62), (0.12, 2.75)], s)
        c.darken(smooth(c.line(seam, 0.05), 1), 0.4)
    c.shade(c.line([(0, y + 0.66), (0, 3.6)], 0.12), "#1b222b", "stitch", contact=CLOSE)
    costume.trim(c, [(0, 3.0), (0, 3.35)], 0.1, GOLD)


def _cap(c: Canvas, accent: str) -> None:
    """Pull a knitted cap over the hairline."""
    cap = c.area(mirrored([(0, -2.6), (0.75, -2.5), (1.4, -2.0), (1.58, -1.3), (1.5, -0.78),
                           (0.85, -0.98), (0, -1.05)]))  # fmt: skip
    y = c.Y - 0.12 * c.X**2
    band = ramp(as_field(np.abs(y + 2.2)), 0.14, 0.1) + ramp(as_field(np.abs(y + 1.9)), 0.06, 0.03)
    wool = smooth(blend("#24303e", accent, np.clip(band, 0, 1)), 0.7)
    c.shade(cap, wool, "knit", bump=costume.knitting(c, 0.15), sigmas=(4, 12, 26),
            contact=(2, 5, 6, 0.45))  # fmt: skip
    cuff = c.area(mirrored([(0, -1.5), (0.85, -1.42), (1.57, -1.18), (1.54, -0.74), (0.85, -0.97),
                            (0, -1.02)]))  # fmt: skip
    ribs = np.abs(np.sin(c.X * 12)) ** 0.8 * 2.4
    c.shade(cuff, "#2d3b4b", "knit", bump=as_field(ribs), sigmas=(3, 7), contact=(0, 3, 5, 0.45))


def _goggles(c: Canvas) -> None:
    """Push big goggles up: a soft frame, one wide lens that mirrors snow and sun."""
    strap = [(-1.5, -1.42), (-0.9, -1.7), (0.9, -1.7), (1.5, -1.42)]
    c.shade(c.line(strap, 0.36), ROPE, "felt", sigmas=(3,), contact=(1, 4, 5, 0.45))
    right = [(0, -2.28), (0.7, -2.3), (1.3, -2.1), (1.46, -1.7), (1.25, -1.3), (0.7, -1.16),
             (0.3, -1.28), (0, -1.36)]  # fmt: skip
    c.shade(c.area(mirrored(right)), "#eef2f6", "plastic", sigmas=(3, 8), depth=1.1,
            contact=(2, 8, 8, 0.5))  # fmt: skip
    lens = c.area(mirrored([(x * 0.88, -1.76 + (y + 1.76) * 0.76) for x, y in right]))
    c.paint(smooth(lens, 1), "#1a2430")
    lens = c.area(mirrored([(x * 0.85, -1.76 + (y + 1.76) * 0.7) for x, y in right]))
    sky = blend("#ff9a2e", "#e0402e", ramp(c.Y - 0.08 * c.X, -2.2, -1.72))
    ground = blend(sky, "#5a2a8a", ramp(c.Y - 0.25 * np.abs(c.X - 0.5) % 0.3, -1.72, -1.66))
    c.paint(lens, ground)
    peaks: Points = [(-1.2, -1.5), (-0.8, -1.82), (-0.5, -1.62), (-0.1, -1.95), (0.35, -1.6),
                     (0.75, -1.86), (1.2, -1.5), (1.2, -1.2), (-1.2, -1.2)]  # fmt: skip
    c.paint(c.area(peaks, curved=False) * lens, "#3a1f5e", 0.75)
    c.darken(np.clip(lens - smooth(lens, 4), 0, 1), 0.8)
    shine = [(-1.05, -1.75), (-0.85, -2.05), (-0.45, -2.12), (-0.7, -1.75)]
    c.paint(smooth(c.area(shine), 1.5) * lens, "#ffffff", 0.7)
    glint = [(0.35, -2.1), (0.5, -2.1), (0.3, -1.75), (0.15, -1.75)]
    c.paint(smooth(c.area(glint), 1.5) * lens, "#ffffff", 0.4)


def opening(c: Canvas) -> Field:
    """Hide the crown under the cap and end the neck in the collar."""
    return c.below(-1.55, 0.2) * c.above(2.5, 0.3)


SCENARIO = Scenario(
    id="mountaineer", behind=behind, front=front, opening=opening, light=HIGH, e=70, ey=268,
    covers=Covers.HAIR, relight=0.55, rim=0.5, hat_shadow=Cast(down=11, strength=0.5),
    finish=Finish(bloom=0.25, bloom_over=0.9, bloom_blur=12, vignette=0.35, grain=0.014),
)  # fmt: skip
