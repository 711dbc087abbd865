# SPDX-License-Identifier: Apache-2.0
"""Aviator: a leather cap and brass goggles above the clouds, a red biplane far off."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, flipped, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Covers, Scenario

TAN, DEEP, BRASS = "#7a4a26", "#5a3218", "#cfa45c"
SKIES = (
    (("#2f78b8", "#8cc4e4", "#f6dcb0"), ("#fffaf0", "#e8c4a4")),
    (("#3a5f9c", "#c79ab0", "#ffd09a"), ("#fff0e0", "#c79aa6")),
    (("#2a86a8", "#9ad6d8", "#f4f0c8"), ("#ffffff", "#b9cdd4")),
)
MORNING = Light(
    key_colour="#fff2dc", ambient="#6f8098", rim=(0.92, -0.25, -0.1), rim_colour="#ffd9a0",
    rim_power=0.6,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the sky, clouds, a biplane and the back of the cap."""
    chance = c.chance("sky")
    (top, middle, low), (lit, shaded) = SKIES[int(chance.integers(len(SKIES)))]
    scenery.gradient(c, [(0, top), (0.5, middle), (0.85, low), (1, low)])
    scenery.cumulus(c, "clouds", 11, top=0.3, foot=1.0, lit=lit, shaded=shaded, size=1.1)
    side = float(chance.choice([-1, 1]))
    _biplane(c, side * chance.uniform(2.5, 2.7), chance.uniform(-2.9, -1.7), -side)
    c.soften(1.1)
    c.shade(_cap(c), DEEP, "leather")


def _biplane(c: Canvas, x: float, y: float, way: float) -> None:
    """Let a red biplane fly to the `way` side: wings, struts, tail and a whirling propeller."""

    def put(points: Points) -> Field:
        turned = [(x + way * 0.85 * a, y + 0.85 * b - 0.12 * a) for a, b in points]
        return c.area(turned, curved=False)

    red, dark = "#b8382c", "#7c241f"
    c.paint(put([(-0.72, 0.26), (0.62, 0.2), (0.66, 0.27), (-0.7, 0.34)]), dark)
    for a in (-0.5, -0.2, 0.2, 0.46):
        c.paint(
            put([(a, -0.26), (a + 0.03, -0.26), (a + 0.06, 0.28), (a + 0.03, 0.28)]), "#4a2a20"
        )
    body = [(0.6, -0.1), (0.66, 0.02), (0.6, 0.14), (0, 0.16), (-0.95, 0.02), (-0.95, -0.04),
            (0, -0.12)]  # fmt: skip
    c.paint(put(body), red)
    c.paint(put([(-0.78, -0.02), (-1.02, -0.34), (-1.1, -0.34), (-1.02, 0)]), red)
    c.paint(put([(-0.78, 0), (-1.2, 0.06), (-1.2, 0.1), (-0.8, 0.05)]), dark)
    c.paint(put([(-0.78, -0.34), (0.7, -0.34), (0.74, -0.26), (-0.76, -0.25)]), "#cf4a38")
    c.paint(put([(0.66, -0.42), (0.72, -0.42), (0.72, 0.46), (0.66, 0.46)]), "#fff4e0", 0.45)
    c.paint(put([(-0.1, -0.12), (0.02, -0.22), (0.12, -0.2), (0.14, -0.1)]), "#3a2a24")


def _cap(c: Canvas) -> Field:
    return c.area(mirrored([(0, -2.3), (1.1, -2.0), (1.66, -1.0), (1.64, 0.4), (1.48, 1.45),
                            (1.12, 1.9), (0.8, 1.5), (0, 1.5)]))  # fmt: skip


def _hole_edge(c: Canvas) -> Points:
    """Outline the face: the cap's edge above, open to the scarf below (right half)."""
    return [
        (0, -1.0),
        (0.75, -0.92),
        (1.13, -0.4),
        (1.16, 0.4),
        (1.03, 1.2),
        (0.72, c.chin - 0.05),
    ]


def _hole(c: Canvas) -> Field:
    return c.area(mirrored([*_hole_edge(c), (0.72, 2.7), (0, 2.9)]))


def front(c: Canvas) -> None:
    """Draw cap, goggles, jacket, scarf and the sheepskin collar."""
    _leather_cap(c)
    _goggles(c)
    _jacket(c)
    _scarf(c)
    for s in costume.SIDES:
        _sheepskin(c, s)


def _leather_cap(c: Canvas) -> None:
    grain = (c.fbm("grain", octaves=6, cells=(20, 20)) - 0.5) * 7
    cap = _cap(c) * (1 - _hole(c))
    c.shade(cap, "#7c4a24", "leather", sigmas=(4, 12, 26), bump=grain, contact=(1, 5, 6, 0.45))
    for x in (0.0, 0.82):
        for s in costume.SIDES[: 2 if x else 1]:
            seam = costume.side([(x * 0.75, -2.25), (x * 1.05, -1.7), (x * 1.08, -1.0)], s)
            c.darken(smooth(c.line(seam, 0.035), 0.8) * cap, 0.55)
    edge = _hole_edge(c)
    c.shade(c.line([*flipped(edge[:0:-1]), *edge], 0.12), "#96643a", "leather", sigmas=(2, 4),
            contact=(0, 3, 5, 0.5))  # fmt: skip
    for s in costume.SIDES:
        strap = costume.side([(1.12, 1.2), (0.98, 1.95), (0.78, 2.6)], s)
        c.shade(c.line(strap, 0.2), DEEP, "leather", sigmas=(2,), contact=CLOSE)
        c.shade(c.ellipse(s * 1.4, 0.42, 0.34, 0.42), DEEP, "leather", sigmas=(3, 6))
        c.shade(c.ellipse(s * 1.4, 0.42, 0.2, 0.26), "#4a2a14", "leather", sigmas=(2, 4),
                contact=NONE)  # fmt: skip
        costume.button(c, s * 1.06, 1.62, radius=0.1, colour=BRASS)


def _goggles(c: Canvas) -> None:
    """Push the goggles up: brass rims, glass that mirrors the sky, a leather band."""
    band = c.line([(-1.7, -1.0), (-1.0, -1.35), (0, -1.5), (1.0, -1.35), (1.7, -1.0)], 0.24)
    c.shade(band, "#3a2414", "leather", sigmas=(2, 5), contact=(1, 4, 5, 0.5))
    c.shade(c.ellipse(0, -1.47, 0.17, 0.11), BRASS, "gold", contact=CLOSE)
    for s in costume.SIDES:
        x, y = s * 0.7, -1.52
        c.shade(c.ellipse(x, y, 0.72, 0.56), "#4a2c18", "leather", contact=(2, 8, 7, 0.55))
        c.shade(c.ellipse(x, y, 0.64, 0.48), BRASS, "gold", sigmas=(2, 5), contact=TIGHT)
        lens = c.ellipse(x, y, 0.51, 0.36)
        glass = blend("#1d4560", "#ffc987", ramp(c.Y, y - 0.3, y + 0.36))
        c.paint(lens, glass)
        c.paint(smooth(c.ellipse(x - 0.05, y + 0.36, 0.44, 0.2), 1.2) * lens, "#fff0d8", 0.75)
        c.darken((lens - smooth(lens, 4)).clip(0, 1), 0.9)
        shine = [(x - 0.36, y + 0.02), (x - 0.2, y - 0.26), (x + 0.04, y - 0.3), (x - 0.17, y)]
        c.paint(smooth(c.area(shine), 1.2) * lens, "#ffffff", 0.75)


def _jacket(c: Canvas) -> None:
    body = costume.torso(c, top=2.6, neck=1.1, shoulder=2.75)
    grain = (c.fbm("hide", cells=(24, 24)) - 0.5) * 4
    c.shade(body, TAN, "jacket", bump=c.folds("jacket", 11) + grain)
    for s in costume.SIDES:
        seam = costume.side([(2.2, 3.1), (2.5, 4.3), (2.35, 7)], s)
        c.darken(smooth(c.line(seam, 0.05), 1) * body, 0.45)
    c.shade(c.line([(0, 4.4), (0, 7.6)], 0.12), BRASS, "trim", contact=CLOSE)
    c.shade(c.area([(-0.1, 4.95), (0.1, 4.95), (0.13, 5.3), (-0.13, 5.3)]), BRASS, "gold",
            contact=CLOSE)  # fmt: skip


def _scarf(c: Canvas) -> None:
    """Wind white silk round the neck, one end hanging."""
    y = c.chin
    waves = c.Y * 6.5 + c.X * 2.2 + c.fbm("drape", octaves=3, cells=(3, 3)) * 7
    drape = np.abs(np.sin(waves)) ** 0.7 * 5
    tail = c.area([(-0.55, 3.2), (0.35, 3.2), (0.5, 4.4), (0.42, 5.6), (-0.45, 5.6), (-0.4, 4.3)])
    hang = np.abs(np.sin(c.X * 7 + c.Y * 0.5 + c.fbm("hang", octaves=3) * 3)) * 4
    c.shade(tail, "#e9dfc8", "silk", bump=hang, contact=(1, 5, 6, 0.5))
    wrap = c.area(mirrored([(0, y + 0.52), (0.6, y + 0.46), (1.1, y + 0.5), (1.32, 2.9),
                            (0.95, 3.35), (0, 3.6)]))  # fmt: skip
    c.shade(wrap, "#f4ecd8", "silk", bump=drape, contact=(1, 5, 6, 0.5))


def _sheepskin(c: Canvas, s: int) -> None:
    """Fold the collar open: thick curls of wool."""
    flap = [(0.15, 5.0), (0.5, 3.9), (0.98, 3.0), (1.15, 2.25), (1.7, 2.15), (2.35, 2.85),
            (2.15, 3.7), (1.2, 4.5)]  # fmt: skip
    shape, outer = c.area(costume.side(flap, s)), costume.side([*flap[4:], flap[0]], s)
    costume.ground_shadow(c, shape, strength=0.5)
    costume.fur(c, outer, 0.05, "#d9bd8c", purpose=f"edge {s}", hairs=700, length=0.12, mess=0.5,
                clump=1.5)  # fmt: skip
    wool = costume.curls(c, f"wool {s}", 0.085) + c.fbm("lock", octaves=4, cells=(40, 32)) * 3
    c.shade(shape, "#f0dcb4", "knit", bump=wool, sigmas=(4, 12), contact=(1, 3, 4, 0.3))
    inner = costume.side(flap[:4], s)
    costume.fur(c, inner, 0.04, "#f8e9c8", purpose=f"lip {s}", hairs=500, length=0.1, mess=0.7,
                clump=1.5)  # fmt: skip


def opening(c: Canvas) -> Field:
    """Let the face show through the cap, the neck down to the scarf."""
    return smooth(_hole(c), 0.8)


SCENARIO = Scenario(
    id="aviator", behind=behind, front=front, opening=opening, light=MORNING, e=68, ey=258,
    covers=Covers.HEAD, long_hair=False, relight=0.6, rim=0, wrap=0, inside=0.6, head_shadow=0.3,
    finish=Finish(bloom=0.3, bloom_over=0.88, bloom_blur=12, vignette=0.35, grain=0.016),
)  # fmt: skip
