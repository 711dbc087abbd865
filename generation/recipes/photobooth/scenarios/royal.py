# SPDX-License-Identifier: Apache-2.0
"""Royal: a jewelled crown and ermine on a gilt throne, red velvet behind, a touch of oil paint."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Composite, Finish
from generation.recipes.photobooth.geometry import (
    Field,
    Points,
    as_field,
    flipped,
    mirrored,
    smooth,
)
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Mood, Scenario
from generation.recipes.photobooth.styles import canvas_weave, kuwahara

HALL = Light(
    key=(-0.6, -0.55, 0.58), key_colour="#ffecc8", power=1.02, ambient="#4c4252",
    rim=(0.9, -0.2, -0.1), rim_colour="#c08a6a", rim_power=0.3,
)  # fmt: skip
GOLD, RED, BLUE = "#e8b848", "#7d1422", "#22408a"
CURTAINS = ("#8c1a26", "#1c4638", "#5a1f4a", "#74301c")
BAND: Points = [(0, -1.14), (0.75, -1.07), (1.5, -0.84), (1.45, -1.36), (0.75, -1.56), (0, -1.62)]
SPIKES: Points = [
    (1.42, -1.0),
    (1.78, -2.3),
    (1.12, -1.85),
    (0.82, -2.75),
    (0.4, -1.98),
    (0, -3.0),
]
CAPE: Points = [(0, 3.9), (0.5, 3.05), (0.95, 2.1), (1.5, 2.0), (2.6, 2.6), (3.6, 3.3),
                (4.5, 4.8), (3.2, 4.75), (1.9, 4.55), (1.0, 4.9), (0, 5.0)]  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the curtain in window light, the throne and the far side of the crown."""
    cloth = str(c.chance("curtain").choice(CURTAINS))
    waves = c.X * 3.3 + c.fbm("sway", octaves=3, cells=(2, 2)) * 3
    fold = as_field(np.sin(waves) * 9 + np.sin(waves * 2.3 + 1) * 3)
    c.shade(c.zeros() + 1, cloth, "velvet", sigmas=(), depth=1.0, bump=fold, contact=NONE)
    c.darken(np.clip(np.hypot(c.X + 1.1, c.Y - 0.2) / 6.5, 0, 1), 0.8)
    _cord(c)
    c.rgba[..., :3] = kuwahara(np.clip(c.rgba[..., :3], 0, 1), 3)
    c.soften(1.6)
    _throne(c)
    c.soften(0.7)
    back = c.area(mirrored([(0, -2.3), (1.0, -2.2), (1.5, -1.9), (1.4, -1.0), (0, -1.1)]))
    c.shade(back, "#8a6428", "gold")


def _cord(c: Canvas) -> None:
    """Hang a gold cord with a tassel on the curtain."""
    x = c.chance("cord").uniform(2.95, 3.4)
    c.shade(c.line([(x - 0.9, -4.5), (x - 0.25, -2), (x, -0.4)], 0.14), GOLD, "gold")
    c.shade(c.ellipse(x, -0.25, 0.26, 0.3), GOLD, "gold")
    for k in range(7):
        at = x - 0.24 + 0.08 * k
        c.shade(
            c.line([(at, 0), (at + 0.04 * (k - 3), 1.2)], 0.1), "#d8a53c", "gold", contact=TIGHT
        )


def _throne(c: Canvas) -> None:
    outer = [(0, -2.3), (1.3, -2.1), (2.2, -1.5), (2.45, -0.4), (2.5, 6), (0, 6)]
    c.shade(c.area(mirrored(outer)), "#b98a35", "gold", sigmas=(3, 8), contact=(6, 8, 12, 0.55))
    inner = [(0, -1.85), (1.15, -1.68), (1.85, -1.15), (2.08, -0.3), (2.12, 6), (0, 6)]
    quilt = np.zeros_like(c.X)
    for s in costume.SIDES:
        seam = np.abs((c.X + s * c.Y) % 1.1 - 0.55)
        quilt -= 4 * np.exp(-((seam / 0.1) ** 2))
    c.shade(c.area(mirrored(inner)), "#2d3f7a", "velvet", bump=quilt, contact=(0, 4, 7, 0.5))
    for x in np.arange(-4, 5):
        for y in np.arange(-2, 6):
            if abs(x * 0.55) < 1.95 and (x + y) % 2 and (y * 0.55 > -1.4):
                costume.button(c, x * 0.55, y * 0.55, radius=0.075, colour=GOLD)
    for s in costume.SIDES:
        c.shade(c.ellipse(s * 2.35, -1.55, 0.34), GOLD, "gold", sigmas=(3, 8), contact=CLOSE)
        c.shade(c.ellipse(s * 2.35, -1.95, 0.16), GOLD, "gold", contact=CLOSE)


def front(c: Canvas) -> None:
    """Draw robe, tunic, ermine, chain and crown."""
    c.shade(
        costume.torso(c, shoulder=2.75), RED, "robe", bump=costume.pleats(c, "robe", count=2.6)
    )
    tunic = c.area(mirrored([(0, 2.25), (0.8, 2.0), (1.1, 2.9), (0.95, 7.6), (0, 7.6)]))
    brocade = np.sin(c.X * 9) * np.sin(c.Y * 9)
    pattern = rgb(BLUE) * (1 + 0.18 * np.sign(brocade))[..., None]
    c.shade(tunic, pattern, "silk", bump=brocade * 0.8, contact=(0, 3, 5, 0.5))
    costume.trim(c, [(0, 2.5), (0, 7)], 0.09, GOLD)
    collar = [(-0.85, 2.1), (-0.55, 2.5), (0, 2.68), (0.55, 2.5), (0.85, 2.1)]
    c.shade(c.line(collar, 0.2), GOLD, "gold", contact=CLOSE)
    _ermine(c)
    _chain(c)
    _crown(c)


def _ermine(c: Canvas) -> None:
    """Lay the white cape, brush its edges to fur and sew the black tails on."""
    throat = c.area(mirrored([(0, 1.5), (0.93, 1.9), (0.6, 3.0), (0, 3.8)]))
    cape = c.area(mirrored(CAPE)) * (1 - throat)
    soft = c.fbm("fur", cells=(16, 64), octaves=3) * 2.8
    c.shade(cape, "#efe9dd", "knit", sigmas=(4, 12, 24), bump=soft, contact=(2, 8, 9, 0.5))
    for s in costume.SIDES:
        edge = costume.side([(0.5, 3.3), (0.97, 2.15), (1.5, 2.1), (2.6, 2.7), (3.9, 3.7)], s)
        low = costume.side([(4.0, 4.75), (3.2, 4.65), (1.9, 4.45), (1.0, 4.8), (0.1, 4.9)], s)
        for k, path in enumerate((edge, low)):
            costume.fur(
                c, path, 0.16, "#fbf6ea", purpose=f"fur {s} {k}", hairs=1300, length=0.16,
                mess=0.6, clump=0.5,
            )  # fmt: skip
            c.paint(smooth(c.line(path, 0.3), 4), "#f3ede0", 0.6)
        _tails(c, s)


def _tails(c: Canvas, s: int) -> None:
    chance, tails = c.chance(f"tails {s}"), c.zeros()
    for x, y in ((1.35, 2.55), (1.95, 2.85), (1.2, 3.3), (1.8, 3.55), (2.55, 3.35), (0.95, 4.1),
                 (2.4, 4.0), (1.6, 4.2), (3.1, 3.75), (3.1, 4.4)):  # fmt: skip
        a, b = s * x + chance.normal(0, 0.05), y + chance.normal(0, 0.05)
        drop: Points = [
            (a - 0.06, b + 0.18),
            (a, b - 0.14),
            (a + 0.06, b + 0.18),
            (a + 0.02, b + 0.28),
        ]
        tails = np.maximum(tails, c.area(drop))
    c.shade(tails, "#1b1714", "collar", sigmas=(1.5,), contact=TIGHT)


def _chain(c: Canvas) -> None:
    """Hang the chain of office: links of gold, a great sapphire."""
    links: Points = [(-1.62, 2.5), (-1.5, 3.1), (-1.18, 3.72), (-0.66, 4.2), (0.66, 4.2),
                     (1.18, 3.72), (1.5, 3.1), (1.62, 2.5)]  # fmt: skip
    path: Points = [*links[:4], (0, 4.4), *links[4:]]
    c.shade(c.line(path, 0.06), "#c99a3c", "gold", contact=CLOSE)
    for k, (x, y) in enumerate(links):
        c.shade(c.ellipse(x, y, 0.19, 0.19), GOLD, "gold", contact=CLOSE)
        c.shade(c.ellipse(x, y, 0.1), ("#b3202a", "#1f8a5a")[k % 2], "jewel", contact=NONE)
    for k in range(8):
        a = k * np.pi / 4
        ray = [(0, 4.62), (0.52 * float(np.sin(a)), 4.62 - 0.52 * float(np.cos(a)))]
        c.shade(c.line(ray, 0.13), GOLD, "gold", contact=TIGHT)
    costume.jewel(c, 0, 4.62, rx=0.22, ry=0.25, colour="#1d49b8", setting=GOLD)


def _crown(c: Canvas) -> None:
    """Set the crown on the hair: velvet inside, five points with pearls, a jewelled band."""
    inside = c.area(mirrored([(0, -2.5), (0.8, -2.4), (1.3, -2.0), (1.35, -1.2), (0, -1.3)]))
    c.shade(inside, "#8a1a2c", "velvet", sigmas=(4, 14), depth=1.4, contact=(0, 2, 4, 0.4))
    points = c.area(mirrored(SPIKES), curved=False)
    c.shade(points, GOLD, "gold", sigmas=(2, 6, 14), contact=(2, 6, 6, 0.5))
    for s in costume.SIDES:
        costume.trim(c, costume.side(SPIKES, s), 0.06, "#f6d988", curved=False, contact=NONE)
    c.shade(c.area(mirrored(BAND)), GOLD, "gold", sigmas=(2, 6), contact=(0, 4, 5, 0.5))
    for lift in (0, 5):
        rim = [BAND[2], BAND[1], BAND[0]] if not lift else [BAND[3], BAND[4], BAND[5]]
        line = [*rim, *flipped(rim[:2][::-1])]
        costume.trim(c, line, 0.1, "#f6d988")
    for x, y in ((1.78, -2.36), (0.82, -2.82), (0, -3.08)):
        for s in costume.SIDES if x else (1,):
            c.shade(c.ellipse(s * x, y, 0.16), "#fff4da", "jewel", contact=CLOSE)
    for x, colour in (
        (-1.08, BLUE),
        (-0.56, "#1f8a5a"),
        (0, "#c4202f"),
        (0.56, "#1f8a5a"),
        (1.08, BLUE),
    ):
        y, size = -1.37 + 0.13 * abs(x) ** 1.6, 0.17 if x else 0.21
        costume.jewel(c, x, y, rx=size * 0.8, ry=size, colour=colour, setting="#c99a3c")


def opening(c: Canvas) -> Field:
    """Cut the hair inside the crown and end the neck inside the collar."""
    inside = np.where(np.abs(c.X) < 1.5, c.below(-1.75, 0.25), 1)
    return as_field(smooth(as_field(inside), 1) * c.above(3.0, 0.4))


def varnish(composite: Composite) -> Field:
    """Press the weave of a canvas into the picture."""
    return canvas_weave(composite.picture, 0.03, composite.seed)


SCENARIO = Scenario(
    id="royal", behind=behind, front=front, opening=opening, light=HALL, e=68, ey=276,
    mood=Mood.NEUTRAL, covers=Covers.HAIR, relight=0.8, rim=0.2, head_shadow=0.45,
    hat_shadow=Cast(right=3, down=15, blur=8, strength=0.55),
    finish=Finish(style=varnish, bloom=0.25, bloom_over=0.88, vignette=0.5, grain=0.008),
)  # fmt: skip
