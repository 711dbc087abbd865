# SPDX-License-Identifier: Apache-2.0
"""Pirate: a tricorn with a plume and a burgundy coat, a ship on a teal sea at sunset."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import Colour, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, flipped, mirrored, ramp
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Mood, Scenario

SUNSET = Light(
    key=(-0.65, -0.45, 0.6), key_colour="#ffe2b8", ambient="#55627c",
    rim=(0.95, -0.1, -0.2), rim_colour="#6fa8ff", rim_power=0.6,
)  # fmt: skip
GOLD, COAT, HAT = "#dba847", "#7a1824", "#3a281d"
SKIES = (
    ("#20304e", "#5a5a78", "#f0a860", "#ffcf82"),
    ("#2a2450", "#7a4a70", "#f08a60", "#ffc08a"),
    ("#1c3c58", "#4f7c88", "#f4bc6c", "#ffe2a0"),
)
PARROTS = (("#2a86c4", "#3fa060"), ("#c8362c", "#e06a3a"), ("#3f9a54", "#e8c04a"))
HORIZON = 0.6
EDGE: Points = [(0, -1.06), (0.8, -1.14), (1.5, -1.08), (2.2, -0.84), (2.78, -0.9)]
"""The hat's lower edge, right half; it crosses the hairline."""
CREST: Points = [(2.86, -1.2), (2.5, -1.85), (1.75, -2.5), (0.9, -2.62), (0, -2.32)]


def behind(c: Canvas) -> None:
    """Draw the sunset, the sea, the ship and the far side of the hat."""
    chance = c.chance("evening")
    top, high, low, line = SKIES[int(chance.integers(len(SKIES)))]
    scenery.gradient(
        c, [(0, top), (0.24, high), (0.47, low), (HORIZON, line), (HORIZON + 0.005, "#2f6470"),
            (0.8, "#1b3f4c"), (1, "#10242e")],
    )  # fmt: skip
    scenery.haze(c, "glow", low, top=0, foot=0.55)
    scenery.haze(c, "cloud", high, top=-0.1, foot=0.36, strength=0.8)
    _sun(c, chance.uniform(-2.1, -1.8))
    _ship(c, 424 + chance.uniform(-22, 22), chance.uniform(0.95, 1.25))
    c.soften(1.3)
    crown = c.area(mirrored([(0, -3.0), (0.9, -2.85), (1.6, -2.3), (1.7, -1.2), (0, -1.2)]))
    c.shade(crown, HAT, "felt", sigmas=(4, 14))


def _sun(c: Canvas, x: float) -> None:
    y = float(HORIZON * c.height - c.ey) / c.e
    scenery.spot(c, x, y - 0.55, radius=1.5, colour="#ffdf9a", strength=0.3)
    c.paint(c.ellipse(x, y - 0.5, 0.52) * c.above(y, 0.02), "#fff3cf", 0.95)
    depth = np.clip(c.Y - y, 0, None)
    ripple = np.sin(np.sqrt(depth * c.e) * 9 + c.fbm("waves", cells=(8, 3)) * 14)
    path = np.exp(-np.abs(c.X - x) / (0.5 + 0.45 * depth)) * (y < c.Y)
    c.glow(np.clip(ripple - 0.3, 0, 1) * path, "#ffcf8a", 0.9)
    c.glow(np.clip(ripple - 0.55, 0, 1) * (y < c.Y), "#8fd0d0", 0.1)


def _ship(c: Canvas, x: float, scale: float) -> None:
    """Set a three-master on the horizon."""
    foot, shapes = HORIZON * 640 + 4, []

    def add(*points: tuple[float, float]) -> None:
        shapes.append([(x + a * scale, foot + b * scale) for a, b in points])

    add((-60, -26), (-52, -18), (40, -18), (46, -34), (64, -36), (50, 6), (-44, 6))
    for at, top, wide in ((-32, -116, 18), (4, -138, 22), (38, -112, 16)):
        add((at - 1.5, top - 14), (at + 1.5, top - 14), (at + 2, -18), (at - 2, -18))
        add((at + 1, top - 14), (at + 13, top - 10), (at + 1, top - 6))
        for share, deep in ((0.0, 0.3), (0.36, 0.42)):
            y, half = top * (1 - share), wide * (0.75 + share)
            low = y - deep * top
            add((at - half, y), (at + half, y), (at + half + 4, low - 8), (at + half, low),
                (at, low - 7), (at - half, low), (at - half + 5, low - 8))  # fmt: skip
    add((-60, -26), (-92, -44), (-58, -22))
    add((-88, -43), (-36, -104), (-52, -30))
    mask = scenery.silhouette(c, shapes, blur=1.2)
    c.paint(mask, rgb("#2a2030") * (1.0 + 0.12 * np.clip(2 - c.Y, 0, 3))[..., None], 0.93)


def front(c: Canvas) -> None:
    """Draw coat, lapels, strap, lace, shoulders, plume and the hat."""
    c.shade(costume.torso(c), COAT, "cloth", bump=c.folds("coat", 9))
    shirt = c.area(mirrored([(0, 2.2), (0.65, 2.0), (1.0, 2.6), (0.75, 4.2), (0.35, 7), (0, 7)]))
    c.shade(shirt, "#efe8d8", "cloth", sigmas=(3, 10), bump=c.folds("shirt", 6))
    for s in costume.SIDES:
        _lapel(c, s)
        costume.epaulette(c, s, x=2.8, y=3.4)
    _strap(c)
    _lace(c)
    _parrot(c, -2.72, 3.1)
    costume.plume(
        c, [(1.1, -1.9), (1.5, -2.8), (2.2, -3.45), (2.95, -3.45), (3.35, -2.85)], 0.52, "#e0453a",
        purpose="plume",
    )  # fmt: skip
    _hat(c)


def _lapel(c: Canvas, s: int) -> None:
    wing = [(0.6, 2.1), (1.05, 1.9), (1.6, 2.4), (2.15, 3.4), (1.4, 5.2), (1.0, 7), (0.5, 7),
            (0.78, 4.2)]  # fmt: skip
    c.shade(c.area(costume.side(wing, s)), "#8e2030", "velvet", contact=(2, 5, 7, 0.5))
    edge = costume.side([(1.05, 1.95), (1.58, 2.42), (2.1, 3.4), (1.38, 5.2), (1.0, 7)], s)
    c.shade(c.line(edge, 0.12), GOLD, "gold", contact=TIGHT)
    for y in (3.35, 4.1, 4.85):
        costume.button(c, s * (1.5 - 0.18 * (y - 3.35)), y, radius=0.15, colour="#e2b450")


def _strap(c: Canvas) -> None:
    """Sling a leather strap across the coat, with a brass buckle."""
    path: Points = [(2.1, 2.3), (1.95, 3.2), (1.15, 4.4), (-0.4, 5.9)]
    body = costume.torso(c)
    grain = c.fbm("strap", cells=(20, 16)) * 3
    belt = c.line(path, 0.5) * body
    c.shade(belt, "#5f3c22", "leather", sigmas=(2,), bump=grain, contact=(3, 6, 7, 0.55))
    for off in (-0.17, 0.17):
        seam = c.line([(x + off, y + off * 0.7) for x, y in path], 0.03) * body
        c.shade(seam, "#c79a5a", "stitch", contact=NONE)
    frame = [(1.0, 4.0), (1.68, 4.35), (1.3, 4.95), (0.62, 4.55)]
    c.shade(c.line(frame, 0.13, closed=True, curved=False), GOLD, "gold", contact=CLOSE)


def _parrot(c: Canvas, x: float, y: float) -> None:
    """Perch a parrot on the shoulder; it looks at the captain."""
    coat, cap = PARROTS[int(c.chance("parrot").integers(len(PARROTS)))]

    def part(*points: tuple[float, float]) -> Field:
        return c.area([(x + a * 1.14, y + b * 1.14) for a, b in points])

    def feathers(colour: Colour, mask: Field, scale: float = 8) -> None:
        rows = np.sin(c.Y * scale * 2 + np.abs(np.sin(c.X * scale)) * 1.6) * 1.3
        c.shade(mask, colour, "felt", bump=rows, contact=(2, 4, 5, 0.45))

    feathers(coat, part((-0.3, -0.1), (-0.1, 0.1), (-0.42, 1.05), (-0.62, 1.15), (-0.6, 0.5)))
    feathers("#f0b430", part((0.22, 0.06), (0.44, -0.5), (0.42, -1.0), (0.36, -1.5), (-0.2, -1.5),
                             (-0.42, -0.9), (-0.42, -0.2)))  # fmt: skip
    wing = part((-0.28, -1.2), (0.0, -1.1), (0.1, -0.7), (-0.1, -0.1), (-0.42, 0.5), (-0.55, -0.2),
                (-0.5, -0.8))  # fmt: skip
    band = ramp(np.abs(c.Y - y + 0.45 + 0.4 * (c.X - x)), 0.16, 0.08)[..., None]
    feathers(rgb(coat) * (1 - band) + rgb("#f0c848") * band, wing, 7)
    feathers(coat, part((0.4, -1.35), (0.46, -1.75), (0.2, -2.05), (-0.15, -1.95), (-0.32, -1.5),
                        (-0.3, -1.05), (-0.1, -1.3), (0.1, -1.35)), 13)  # fmt: skip
    feathers(cap, part((0.44, -1.8), (0.3, -2.02), (0.05, -2.06), (0.15, -1.85)), 13)
    _parrots_face(c, x + 0.27, y - 1.83)
    for k in (0, 1):
        claw = [(x + 0.02 + 0.18 * k, y - 0.02), (x + 0.05 + 0.18 * k, y + 0.14)]
        c.shade(c.line(claw, 0.1), "#6a5a4a", "collar", contact=TIGHT)


def _parrots_face(c: Canvas, x: float, y: float) -> None:
    c.shade(c.ellipse(x, y, 0.19, 0.22), "#f4f0e6", "collar", contact=NONE)
    c.paint(c.ellipse(x - 0.04, y - 0.07, 0.07), "#16120e")
    c.paint(c.ellipse(x - 0.06, y - 0.09, 0.022), "#ffffff")
    beak = [(0.16, -0.2), (0.41, -0.16), (0.53, 0.1), (0.43, 0.35), (0.32, 0.16), (0.16, 0.16)]
    c.shade(c.area([(x + a, y + b) for a, b in beak]), "#2b2622", "plastic", contact=CLOSE)


def _lace(c: Canvas) -> None:
    """Tier three falls of lace below the collar, a red stone on top."""
    for y, half, deep in ((3.35, 0.66, 0.95), (2.8, 0.6, 0.85), (2.25, 0.52, 0.8)):
        waves = [(half * k / 4, y + deep + (0.1 if k % 2 else -0.04)) for k in (4, 3, 2, 1)]
        tier = mirrored([(0, y), (half * 0.7, y), *waves, (0, y + deep + 0.06)])
        drape = np.sin(c.X * (7.5 / half) + np.sin(c.Y * 3 + y) * 0.7).astype(np.float32) * 2
        c.shade(c.area(tier), "#f8f2e4", "collar", bump=drape, contact=(0, 5, 6, 0.5))
    collar = c.area(mirrored([(0, 2.2), (0.62, 1.92), (0.86, 2.0), (0.8, 2.45), (0, 2.72)]))
    wraps = np.sin((c.Y + 0.25 * np.abs(c.X)) * 17).astype(np.float32) * 1.4
    c.shade(collar, "#fbf6ea", "collar", bump=wraps, contact=(0, 4, 5, 0.45))
    costume.jewel(c, 0, 2.55, rx=0.17, ry=0.21, colour="#b01f2e")


def _hat(c: Canvas) -> None:
    """Fold the brim up, edge it with gold, fix the skull and bones."""
    flap = c.area(mirrored([*EDGE, *CREST]))
    dip = -6 * np.exp(-((c.X / 0.5) ** 2)).astype(np.float32)
    bump = c.fbm("felt", cells=(12, 10)) * 5 + dip
    c.shade(flap, HAT, "felt", sigmas=(4, 14, 34), bump=bump, contact=(2, 6, 8, 0.5))
    braid = [EDGE[-1], *CREST]
    for rim in (braid, flipped(braid)):
        c.shade(c.line(rim, 0.17), GOLD, "gold", contact=(0, 4, 4, 0.5))
        inner = [(x * 0.93, y * 0.93 - 0.02) for x, y in rim[1:]]
        costume.trim(c, inner, 0.04, GOLD, within=flap)
    _skull(c, 0, -1.78)


def _skull(c: Canvas, x: float, y: float) -> None:
    bone, hollow = "#efe6d2", c.zeros()
    for s in costume.SIDES:
        c.shade(c.line([(x - 0.55 * s, y - 0.1), (x + 0.55 * s, y + 0.5)], 0.1), bone, "collar")
        for a, b in ((-0.58, -0.06), (-0.52, -0.17), (0.58, 0.46), (0.52, 0.57)):
            c.shade(c.ellipse(x + a * s, y + b, 0.085), bone, "collar", contact=NONE)
        hollow = np.maximum(hollow, c.ellipse(x + 0.13 * s, y + 0.03, 0.09, 0.1))
    jaw = c.area(
        [(x - 0.19, y + 0.12), (x + 0.19, y + 0.12), (x + 0.15, y + 0.42), (x - 0.15, y + 0.42)]
    )
    c.shade(np.maximum(jaw, c.ellipse(x, y, 0.34, 0.31)), bone, "collar", sigmas=(3, 6))
    for k in (-1, 0, 1):
        hollow = np.maximum(
            hollow, c.line([(x + 0.07 * k, y + 0.3), (x + 0.07 * k, y + 0.41)], 0.022)
        )
    nose = c.area([(x, y + 0.12), (x + 0.05, y + 0.2), (x - 0.05, y + 0.2)], curved=False)
    c.paint(np.maximum(hollow, nose), "#2a1c14", 0.95)


def opening(c: Canvas) -> Field:
    """End the hair inside the hat and the neck inside the lace."""
    return c.below(-1.75, 0.2) * c.above(2.9, 0.4)


SCENARIO = Scenario(
    id="pirate", behind=behind, front=front, opening=opening, light=SUNSET, e=68, ey=286,
    mood=Mood.HALF, covers=Covers.HAIR, relight=0.75, rim=0.45, head_shadow=0.4,
    hat_shadow=Cast(right=4, down=17, blur=10, strength=0.7),
    finish=Finish(bloom=0.25, grain=0.012),
)  # fmt: skip
