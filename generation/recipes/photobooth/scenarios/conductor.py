# SPDX-License-Identifier: Apache-2.0
"""Conductor: tailcoat, white tie and a raised baton; gold music flows through a concert hall."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, mirrored, smooth
from generation.recipes.photobooth.light import STAGE
from generation.recipes.photobooth.scenario import Mood, Scenario

GOLD, COAT, SILK, IVORY = "#e2b45a", "#1c1c24", "#2b2b36", "#f4f1e8"
WALLS = ("#4a1f16", "#3a2414", "#26223e", "#173530")
TIP, FIST = (3.35, -1.75), (2.75, 2.05)
"""Where the baton ends and where the hand holds it."""


def behind(c: Canvas) -> None:
    """Draw the organ, the balconies with their lamps, and the music in the air."""
    wall = str(c.chance("hall").choice(WALLS))
    scenery.gradient(c, [(0, "#0f0a0a"), (0.35, wall), (0.75, wall), (1, "#0f0a0a")])
    _organ(c)
    for s in costume.SIDES:
        for tier in range(3):
            _balcony(c, s, tier, wall)
    c.soften(2.6)
    c.darken(np.clip(0.35 + (np.hypot(c.X, c.Y) - 1.5) / 6, 0, 1), 0.6)
    scenery.spot(c, 0, -0.4, radius=2.6, colour="#ffc878", strength=0.3)
    scenery.rays(c, "lamps", "#ffe2b0", count=4, slant=0.1, strength=0.1)
    _music(c)


def _organ(c: Canvas) -> None:
    """Stand gilded pipes at the back, tallest at the sides of each group."""
    for k in range(-9, 10):
        x, top = k * 0.34, -2.7 - 0.9 * np.cos(k * 2 * np.pi / 9) - 0.5 * np.cos(k * np.pi / 9)
        pipe = c.area(
            [(x - 0.15, top), (x + 0.15, top), (x + 0.15, 0.9), (x, 1.3), (x - 0.15, 0.9)],
            curved=False,
        )
        c.shade(pipe, "#b08a4a", "gold", sigmas=(3, 6), contact=(3, 0, 4, 0.5))
        c.paint(c.ellipse(x, 0.55, 0.08, 0.14), "#2a1a0e", 0.8)


def _balcony(c: Canvas, s: int, tier: int, wall: str) -> None:
    """Curve a balcony towards the stage, with a gilt rail and a row of lamps."""
    y = -2.9 + 1.75 * tier
    rail: Points = [(s * 1.95, y + 0.5), (s * 2.7, y + 0.34), (s * 4.4, y - 0.35)]
    box = [*rail, (s * 4.4, y + 0.45), (s * 2.7, y + 0.95), (s * 1.95, y + 1.0)]
    c.shade(c.area(box, curved=False), wall, "velvet", contact=(0, 8, 9, 0.6))
    c.shade(c.line(rail, 0.1), GOLD, "gold", contact=CLOSE)
    lamps = c.zeros()
    for x in (2.15, 2.6, 3.1, 3.65):
        drop = y + 0.72 - 0.16 * (x - 1.95) ** 1.5
        lamps = np.maximum(lamps, c.ellipse(s * x, drop, 0.09))
    c.glow(lamps * 0.8 + smooth(lamps, 7) * 3, "#ffb860", 0.9)


def _music(c: Canvas) -> None:
    """Let a stave of light flow from the baton behind the head, notes on its lines."""
    chance = c.chance("music")
    bend, lines = chance.uniform(-0.2, 0.2), c.zeros()

    def at(t: float, off: float) -> tuple[float, float]:
        x = TIP[0] - 7.6 * t
        y = TIP[1] - 1.3 * np.sin(t * 2.6) + (0.3 + bend) * np.sin(t * 9)
        return x, float(y + off * (0.25 + 1.5 * t * (1.4 - t)))

    for k in range(-2, 3):
        lines = np.maximum(lines, c.line([at(t, 0.24 * k) for t in np.linspace(0, 1, 24)], 0.028))
    notes = c.zeros()
    for t in (0.16, 0.27, 0.4, 0.52, 0.63, 0.74, 0.85):
        x, y = at(t + chance.uniform(-0.03, 0.03), 0.24 * int(chance.integers(-2, 3)))
        notes = np.maximum(notes, _note(c, x, y, pair=bool(chance.integers(2))))
    c.shade(notes, GOLD, "gold", contact=NONE)
    light = np.maximum(lines * 0.7, notes * 0.25)
    c.glow(light + smooth(light, 3) + smooth(light, 10) * 1.2, "#ffcf7a", 0.75)


def _note(c: Canvas, x: float, y: float, *, pair: bool) -> Field:
    """Return one note, or two under a beam."""
    mask = c.zeros()
    for dx in (0, 0.42) if pair else (0,):
        head = [(x + dx - 0.17, y + 0.05), (x + dx, y - 0.11), (x + dx + 0.16, y - 0.04),
                (x + dx, y + 0.12)]  # fmt: skip
        stem = c.line([(x + dx + 0.14, y - 0.03), (x + dx + 0.14, y - 0.72)], 0.045)
        mask = np.maximum(mask, np.maximum(c.area(head), stem))
    if pair:
        beam = c.line([(x + 0.14, y - 0.7), (x + 0.56, y - 0.7)], 0.11)
    else:
        beam = c.line([(x + 0.14, y - 0.7), (x + 0.34, y - 0.5), (x + 0.3, y - 0.28)], 0.07)
    return np.maximum(mask, beam)


def front(c: Canvas) -> None:
    """Draw tailcoat, waistcoat, white tie, rose, score and the raised baton."""
    c.shade(costume.torso(c, top=2.6), COAT, "cloth", bump=c.folds("coat", 8))
    shirt = c.area(mirrored([(0, 2.35), (0.75, 2.1), (1.0, 2.7), (0.7, 4.4), (0, 6)]))
    c.shade(shirt, IVORY, "felt", contact=(0, 3, 5, 0.45))
    vest = c.area(
        mirrored([(0, 4.3), (0.5, 3.6), (0.85, 3.0), (0.9, 6.5), (0, 6.5)]), curved=False
    )
    weave = np.sin(c.X * 26) * np.sin(c.Y * 26) * 0.7
    c.shade(vest, "#ece8dc", "felt", bump=weave, contact=(0, 3, 4, 0.45))
    for y in (3.3, 3.75):
        costume.button(c, 0, y, radius=0.075, colour=GOLD)
    for y in (4.6, 5.15):
        costume.button(c, 0, y, radius=0.1, colour="#fbf9f2", material="plastic")
    for s in costume.SIDES:
        _lapel(c, s)
    _tie(c)
    _rose(c, -1.45, 3.4)
    _score(c)
    _arm(c)


def _lapel(c: Canvas, s: int) -> None:
    edge = [(0.95, 2.2), (1.5, 2.5), (2.1, 3.45), (1.6, 3.65), (1.75, 4.0), (0.55, 6.6),
            (0.4, 6.2), (0.72, 4.4)]  # fmt: skip
    c.shade(
        c.area(costume.side(edge, s), curved=False), SILK, "silk", sigmas=(2, 6),
        contact=(2, 5, 6, 0.5),
    )  # fmt: skip


def _tie(c: Canvas) -> None:
    for s in costume.SIDES:
        tip = costume.side([(0.2, 2.72), (0.74, 2.0), (1.0, 2.2), (0.85, 2.8)], s)
        c.shade(c.area(tip, curved=False), "#ffffff", "collar", contact=(1, 3, 4, 0.5))
        wing = costume.side(
            [(0, 2.8), (0.3, 2.6), (0.74, 2.5), (0.82, 2.84), (0.74, 3.18), (0.3, 3.04)], s
        )
        crease = np.sin(c.Y * 14 + s * c.X * 4).astype(np.float32) * 1.2
        c.shade(
            c.area(wing), "#fbf9f4", "silk", sigmas=(2, 7), bump=crease, contact=(1, 4, 6, 0.55)
        )
    knot = c.area([(-0.16, 2.64), (0.16, 2.64), (0.19, 3.0), (-0.19, 3.0)])
    c.shade(knot, "#ffffff", "silk", sigmas=(2, 4), contact=CLOSE)


def _rose(c: Canvas, x: float, y: float) -> None:
    """Pin a red rose on the lapel: petals curl inwards."""
    for angle in (0.5, 2.4, 4.4):
        costume.leaf(c, x, y, angle=angle, length=0.52, width=0.26, colour="#3f7a4a")
    for k, radius in enumerate((0.33, 0.25, 0.16, 0.08)):
        petals = max(2, 5 - k)
        for j in range(petals):
            a = j * 2 * np.pi / petals + 0.9 * k
            px, py = x + radius * 0.45 * float(np.cos(a)), y + radius * 0.45 * float(np.sin(a))
            petal = c.ellipse(px, py, radius * 0.8)
            c.shade(
                petal,
                ("#a81828", "#b81f2e", "#c82a36", "#d83a40")[k],
                "velvet",
                sigmas=(2, 5),
                contact=TIGHT,
            )


def _score(c: Canvas) -> None:
    """Open a score on its stand at the lower left."""
    desk: Points = [(-4.2, 4.25), (-1.35, 4.55), (-1.2, 6), (-4.2, 6)]
    c.shade(c.area(desk, curved=False), "#2a2420", "metal", contact=(4, -3, 8, 0.5))
    for left, right, fall in ((-4.1, -2.75, 0.0), (-2.75, -1.45, 0.14)):
        page = [(left, 4.15 + fall), ((left + right) / 2, 4.02 + fall), (right, 4.2 + fall),
                (right, 6), (left, 6)]  # fmt: skip
        c.shade(c.area(page, curved=False), "#f3ead2", "collar", contact=CLOSE)
        for k in range(10):
            y = 4.42 + fall + 0.09 * (k % 5) + 0.68 * (k // 5)
            c.paint(c.line([(left + 0.15, y - 0.02), (right - 0.15, y)], 0.015), "#4a3a2c", 0.8)
        for k in range(6):
            x, y = left + 0.28 + 0.19 * k, 4.5 + fall + 0.09 * (k * 7 % 4)
            c.paint(c.ellipse(x, y, 0.06, 0.045), "#2a2018")


def _arm(c: Canvas) -> None:
    """Raise a sleeve, a cuff and the baton."""
    x, y = FIST
    sleeve = [(2.25, 3.05), (3.15, 2.85), (3.75, 4.0), (4.3, 6), (2.5, 6), (2.2, 4.4)]
    c.shade(c.area(sleeve), "#22222b", "cloth", bump=c.folds("sleeve", 8), contact=(-4, 5, 9, 0.6))
    cuff = [(2.22, 2.72), (3.08, 2.52), (3.22, 2.95), (2.28, 3.2)]
    c.shade(c.area(cuff, curved=False), "#fbfaf6", "collar", sigmas=(3, 8), contact=CLOSE)
    costume.button(c, 2.98, 2.82, radius=0.08, colour=GOLD)
    cork = c.line([(x - 0.12, y + 0.35), (x + 0.02, y - 0.35)], 0.2)
    c.shade(cork, "#b8794a", "felt", contact=CLOSE)
    (tip, top), thin = TIP, 0.02
    stick = [(x - 0.06, y), (x + 0.04, y), (tip + thin, top), (tip - thin, top)]
    c.shade(c.area(stick, curved=False), "#fbf6e8", "plastic", sigmas=(1.5,), contact=CLOSE)
    _glove(c, x, y)
    scenery.spot(c, *TIP, radius=0.28, colour="#fff0c0", strength=0.8)


def _glove(c: Canvas, x: float, y: float) -> None:
    """Close a white glove round the cork: palm, four fingers, thumb."""
    palm = [(-0.42, 0.2), (0.3, -0.05), (0.48, 0.3), (0.28, 0.72), (-0.35, 0.78)]
    c.shade(c.area([(x + a, y + b) for a, b in palm]), "#efece4", "felt", contact=(2, 5, 6, 0.5))
    for k in range(4):
        low = y + 0.19 * k
        finger = c.line(
            [(x - 0.42 + 0.02 * k, low + 0.02), (x + 0.12 + 0.02 * k, low - 0.12)], 0.22
        )
        c.shade(finger, "#f6f3ec", "collar", sigmas=(2, 5), contact=TIGHT)
    thumb = c.line([(x + 0.36, y + 0.32), (x + 0.32, y - 0.02), (x + 0.14, y - 0.28)], 0.21)
    c.shade(thumb, "#fbf8f2", "collar", sigmas=(2, 5), contact=CLOSE)


def opening(c: Canvas) -> Field:
    """End the neck inside the collar."""
    return c.above(2.8, 0.4)


SCENARIO = Scenario(
    id="conductor", behind=behind, front=front, opening=opening, light=STAGE, e=66, ey=268,
    mood=Mood.NEUTRAL, relight=0.75, rim=0.4, wrap=0.15, finish=Finish(vignette=0.45, grain=0.012),
)  # fmt: skip
