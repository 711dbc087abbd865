# SPDX-License-Identifier: Apache-2.0
"""Noir: a fedora and a trench coat, light through a blind on the wall; colour stays."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Mood, Scenario

STREET = Light(
    key=(0.68, -0.5, 0.52), key_colour="#ffe8c4", power=1.1, ambient="#3a4452",
    rim=(-0.95, -0.2, -0.1), rim_colour="#7f9cc4", rim_power=0.6,
)  # fmt: skip
COAT, FELT = "#a3855c", "#5c5048"
LAMPS = ("#1d5a3c", "#7a3a20", "#1f4f6a", "#5a2038")
BRIM: Points = [
    (-2.62, -0.86), (-1.7, -1.26), (0, -1.42), (1.7, -1.26), (2.62, -0.86), (2.1, -0.62),
    (1.1, -0.74), (0, -0.86), (-1.1, -0.74), (-2.1, -0.62),
]  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the wall, the window's light on it, a desk lamp and the turned-up collar's back."""
    plaster = c.fbm("plaster") * 0.5 + c.fbm("grain", cells=(40, 32)) * 0.12
    c.fill(rgb("#46505e") * (0.3 + 0.42 * plaster)[..., None])
    light = smooth(_blind(c) * _window(c), 1.6)
    c.glow(light * (0.6 + 0.5 * plaster), "#ffdca4", 0.75)
    scenery.spot(c, 1.9, -0.9, radius=3.6, colour="#ffcf90", strength=0.16)
    c.soften(1.4)
    _lamp(c, -2.65)
    c.soften(0.9)
    back = c.area(mirrored([(0, 1.4), (1.2, 1.35), (1.8, 1.8), (1.75, 2.9), (0, 3.4)]))
    c.shade(back, "#77603f", "felt")


def _blind(c: Canvas) -> Field:
    """Return the bright gaps between slats."""
    row = (c.Y + 0.24 * c.X) / 0.56
    return ramp(np.abs(row - np.floor(row) - 0.5), 0.34, 0.26)


def _window(c: Canvas) -> Field:
    """Return the slanted window on the wall, with its cross bars."""
    left = float(c.chance("window").uniform(-0.4, 0.2))
    across = c.X + 0.12 * c.Y
    frame = ramp(across, left, left + 0.06) * ramp(across, 3.7, 3.6)
    bars = ramp(np.abs(across - (left + 3.65) / 2), 0.07, 0.11)
    edge = c.Y + 0.24 * c.X
    return as_field(frame * bars * ramp(edge, -3.2, -3.1) * ramp(edge, 3.6, 3.4))


def _lamp(c: Canvas, x: float) -> None:
    """Stand a glass-shaded brass lamp on the left, glowing below its shade."""
    glass = LAMPS[int(c.chance("lamp").integers(len(LAMPS)))]
    cone = ramp(np.abs(c.X - x), 0.55 + 0.5 * np.clip(c.Y - 1.5, 0, 3), 0.2) * ramp(c.Y, 1.6, 1.75)
    c.glow(smooth(cone * ramp(c.Y, 3.6, 1.6), 7), "#ffd890", 0.4)
    c.shade(c.line([(x, 1.4), (x + 0.02, 4.2)], 0.13), "#a87c3a", "gold", sigmas=(2,))
    bowl = c.area(
        [(x - 1.05, 1.62), (x - 1.0, 1.25), (x - 0.6, 0.98), (x + 0.6, 0.98), (x + 1.0, 1.25),
         (x + 1.05, 1.62)]
    )  # fmt: skip
    c.shade(bowl, glass, "plastic", sigmas=(2, 7), depth=0.9)
    c.glow(bowl * ramp(c.Y, 1.2, 1.62), "#ffd890", 0.3)
    c.shade(c.line([(x - 1.02, 1.62), (x + 1.02, 1.62)], 0.08), "#c99a4a", "gold")
    c.shade(c.ellipse(x, 0.95, 0.14, 0.1), "#c99a4a", "gold")


def front(c: Canvas) -> None:
    """Draw coat, shirt, tie, lapels and hat; the blind's light falls across the coat."""
    body = costume.torso(c, shoulder=2.7)
    c.shade(body, COAT, "cloth", bump=c.folds("coat", 10, cells=(4, 4)))
    shirt = c.area(mirrored([(0, 2.2), (0.75, 2.0), (0.95, 2.6), (0.5, 4.6), (0, 5.2)]))
    c.shade(shirt, "#dfe0e0", "felt", contact=(0, 3, 5, 0.45))
    _tie(c)
    for s in costume.SIDES:
        _flap(c, s)
        _lapel(c, s)
    for x, y in ((-0.95, 5.0), (0.75, 5.0)):
        costume.button(c, x, y, radius=0.17, colour="#4a3420", material="plastic")
    gap = smooth(_blind(c), 2.5) * c.below(2.2, 1.0) * ramp(c.X, -2.6, 1.5)
    stripes = np.clip(c.rgba[..., 3], 0, 1) * gap
    c.glow(stripes, "#ffd49a", 0.16)
    c.darken(body * c.below(2.6, 0.8) * (1 - gap), 0.25)
    _hat(c)


def _tie(c: Canvas) -> None:
    tie = c.area(mirrored([(0.0, 2.95), (0.17, 3.05), (0.36, 4.5), (0, 5.1)]), curved=False)
    weave = np.sin((c.X * 0.8 + c.Y) * 14).astype(np.float32)
    stripe = rgb("#7a1f2a") * (1 + 0.22 * np.sign(weave))[..., None]
    c.shade(tie, stripe, "silk", sigmas=(2, 6), contact=(1, 3, 4, 0.5))
    knot = c.area(mirrored([(0, 2.6), (0.27, 2.62), (0.19, 3.02), (0, 3.08)]))
    c.shade(knot, "#82222e", "silk", sigmas=(2, 6), contact=CLOSE)
    costume.trim(c, [(-0.42, 3.95), (0.42, 3.9)], 0.07, "#d9b25a", contact=CLOSE)


def _flap(c: Canvas, s: int) -> None:
    """Lay the storm flap and the shoulder strap of a trench coat."""
    cape = [(1.35, 2.85), (2.2, 2.95), (3.1, 3.4), (3.3, 4.3), (2.3, 4.55), (1.5, 4.35)]
    c.shade(
        c.area(costume.side(cape, s)), COAT, "felt", bump=c.folds("flap", 5),
        contact=(1, 5, 5, 0.5),
    )  # fmt: skip
    strap = [(1.75, 2.98), (2.5, 3.1), (3.2, 3.5)]
    c.shade(c.line(costume.side(strap, s), 0.3), "#b3956a", "collar", contact=CLOSE)
    costume.button(c, s * 1.95, 3.02, radius=0.1, colour="#4a3420", material="plastic")


def _lapel(c: Canvas, s: int) -> None:
    wing = [(0.3, 2.5), (0.74, 1.98), (0.98, 2.15), (0.95, 2.95), (0.4, 3.1)]
    c.shade(
        c.area(costume.side(wing, s), curved=False), "#f0f0ee", "collar", contact=(1, 4, 5, 0.45)
    )
    lapel = [(0.85, 2.3), (1.55, 2.6), (2.3, 3.55), (1.75, 3.85), (1.95, 4.2), (0.5, 6.4),
             (0.2, 5.2), (0.62, 3.8)]  # fmt: skip
    c.shade(
        c.area(costume.side(lapel, s), curved=False), "#b3956a", "felt", bump=c.folds("lapel", 3),
        contact=(2, 6, 7, 0.5),
    )  # fmt: skip
    collar = [(0.78, 2.02), (1.12, 1.3), (1.7, 1.65), (2.35, 2.9), (1.35, 3.4), (0.95, 2.75)]
    c.shade(
        c.area(costume.side(collar, s), curved=False), "#bb9c70", "collar", contact=(2, 6, 7, 0.5)
    )
    seam = [(1.14, 1.42), (1.62, 1.74), (2.2, 2.85), (1.38, 3.27)]
    c.shade(c.line(costume.side(seam, s), 0.03, curved=False), "#8d7350", "stitch", contact=NONE)


def _hat(c: Canvas) -> None:
    crown = c.area(
        [(-1.6, -1.2), (-1.55, -2.1), (-1.15, -2.85), (-0.5, -3.0), (0, -2.72), (0.5, -3.0),
         (1.15, -2.85), (1.55, -2.1), (1.6, -1.2), (0, -1.42)]
    )  # fmt: skip
    dent = smooth(c.ellipse(0, -2.85, 0.5, 0.6), 9) * 14
    pinch = sum(smooth(c.ellipse(s * 0.95, -2.35, 0.22, 0.5), 8) for s in costume.SIDES) * 6
    nap = c.fbm("felt", cells=(30, 24)) * 2.5
    c.shade(
        crown, FELT, "felt", sigmas=(4, 16, 34), depth=1.5, bump=nap - dent - pinch,
        contact=(0, 4, 6, 0.45),
    )  # fmt: skip
    band = mirrored(
        [(0, -1.38), (0.8, -1.32), (1.64, -1.1), (1.58, -1.6), (0.8, -1.8), (0, -1.86)]
    )
    c.shade(c.area(band), "#5a1a22", "silk", sigmas=(2, 6), contact=TIGHT)
    bow = c.area([(-1.5, -1.25), (-1.15, -1.38), (-1.1, -1.72), (-1.48, -1.66), (-1.3, -1.48)])
    c.shade(bow, "#6a222a", "silk", sigmas=(2, 4), contact=CLOSE)
    c.shade(
        c.area(BRIM), FELT, "felt", sigmas=(3, 9), depth=1.6, bump=nap, contact=(-2, 6, 6, 0.5)
    )
    front = [(-2.55, -0.82), (-2.1, -0.66), (-1.1, -0.78), (0, -0.9), (1.1, -0.78), (2.1, -0.66),
             (2.55, -0.82)]  # fmt: skip
    c.shade(c.line(front, 0.05), "#7a6c60", "stitch", contact=NONE)


def opening(c: Canvas) -> Field:
    """End the hair inside the crown and the neck inside the collar."""
    return c.below(-1.55, 0.2) * c.above(2.55, 0.3)


SCENARIO = Scenario(
    id="noir", behind=behind, front=front, opening=opening, light=STREET, e=72, ey=268,
    mood=Mood.HALF, covers=Covers.HAIR, relight=0.6, rim=0.35, wrap=0.1, head_shadow=0.5, neck=0.5,
    hat_shadow=Cast(right=-3, down=19, blur=9, strength=0.6),
    finish=Finish(bloom=0.3, bloom_over=0.8, bloom_blur=12, vignette=0.6, grain=0.02),
)  # fmt: skip
