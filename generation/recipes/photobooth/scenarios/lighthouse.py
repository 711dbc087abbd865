# SPDX-License-Identifier: Apache-2.0
"""Lighthouse keeper: a navy coat, a knitted cap and a lit lantern, the tower's beam at dusk."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Mood, Scenario

NAVY, BRASS, LAMP = "#22345a", "#dcb25a", "#ffd98a"
DUSKS = (
    ("#0b1738", "#28487c", "#c77f6a", "#2a4a6a", "#0b1c34"),
    ("#101434", "#43407c", "#d8868a", "#3a4470", "#10163a"),
    ("#0a1c34", "#1f5670", "#d8a468", "#2a5a68", "#0a2030"),
)
"""Sky from above to the horizon, then sea."""
CAPS = ("#b8452f", "#c98f2c", "#3f7a68")
HORIZON = 1.9
DUSK = Light(
    key=(-0.6, -0.35, 0.65), key_colour="#ffe6c0", ambient="#4c6088",
    rim=(0.9, -0.3, -0.2), rim_colour="#ffd890", rim_power=0.75,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw dusk, sea, rocks, the tower with its beam, and the back of the collar."""
    high, middle, low, near, deep = DUSKS[int(c.chance("dusk").integers(len(DUSKS)))]
    scenery.gradient(c, [(0, high), (0.38, middle), (0.7, low), (1, low)])
    scenery.stars(c, "stars", 170, foot=0.45)
    scenery.haze(c, "cloud", "#4a4a70", top=0.25, foot=0.75, strength=0.75)
    scenery.haze(c, "afterglow", low, top=0.45, foot=0.78, strength=0.7)
    _sea(c, near, deep)
    x, top = c.chance("tower").uniform(2.45, 2.65), c.chance("height").uniform(-2.75, -2.35)
    _rocks(c, x)
    _beam(c, x, top)
    _tower(c, x, top)
    c.soften(1.1)
    back = c.area(mirrored([(0, 1.3), (1.15, 1.25), (1.75, 1.75), (1.75, 2.9), (0, 3.3)]))
    c.shade(back, rgb(NAVY) * 0.7, "felt")


def _sea(c: Canvas, near: str, deep: str) -> None:
    water, depth = c.below(HORIZON, 0.03), np.clip(c.Y - HORIZON, 0, None)
    wave = np.sin(np.sqrt(depth) * 24 + c.fbm("swell", cells=(10, 3)) * 16)
    c.paint(water, blend(near, deep, ramp(c.Y, HORIZON, 3.6)) * (1 + 0.16 * wave)[..., None])
    path = np.exp(-np.abs(c.X + 2.4) / (0.5 + 0.4 * depth)) * water
    c.glow(path * np.clip(wave - 0.1, 0, 1), "#ffc890", 0.35)


def _rocks(c: Canvas, x: float) -> None:
    """Pile the headland below the tower, foam at its foot."""
    rough = (c.fbm("rock", octaves=6, cells=(6, 6)) - 0.5) * np.float32(1.3)
    hill = 1.55 + 0.28 * np.clip(np.abs(c.X - x) - 0.5, 0, None) ** 1.5 + rough * 0.7
    land = ramp(as_field(c.Y - hill), 0, 0.06)
    tone = np.clip(0.55 - rough * 0.9 - 0.1 * (c.Y - 1.5), 0.15, 1.1)
    c.paint(land, rgb("#5a5568") * tone[..., None])
    foam = np.exp(-(((c.Y - hill - 0.02) / 0.06) ** 2)) * c.below(HORIZON + 0.15, 0.2)
    c.paint(as_field(foam), "#cfe0ea", 0.55)


def _beam(c: Canvas, x: float, y: float) -> None:
    """Sweep two beams out of the lamp; the nearer one widens across the sky."""
    tilt = c.chance("beam").uniform(-0.06, 0.16)
    for s, width, strength in ((-1, 0.17, 0.85), (1, 0.12, 0.5)):
        out = np.clip((c.X - x) * s, 0, None)
        reach = np.abs(c.Y - y - tilt * out * s * -1) / (0.14 + width * out)
        light = np.exp(-(reach**2) * 1.5) * np.exp(-out / 6.5) * ramp(out, 0, 0.25)
        c.glow(as_field(light), "#ffe9b0", strength)


def _tower(c: Canvas, x: float, y: float) -> None:
    """Build the tower: red and white bands, a gallery, the lantern room with its lamp."""
    body: Points = [(x - 0.42, y + 0.5), (x + 0.42, y + 0.5), (x + 0.72, 2.3), (x - 0.72, 2.3)]
    bands = ramp(as_field(np.abs(((c.Y - y - 0.5) / 1.15) % 1 - 0.5)), 0.24, 0.26)
    colour = blend("#f2ece0", "#c0392f", bands)
    c.shade(c.area(body, curved=False), colour, "cloth", sigmas=(5, 16), depth=1.4)
    for at in (0.95, 2.15, 3.3):
        c.paint(c.ellipse(x, y + at, 0.07, 0.11), "#2a2030")
        c.glow(smooth(c.ellipse(x, y + at, 0.05, 0.08), 1.5), LAMP, 0.7)
    rail = [(x - 0.62, y + 0.36), (x + 0.62, y + 0.36), (x + 0.55, y + 0.54), (x - 0.55, y + 0.54)]
    c.shade(c.area(rail, curved=False), "#2c3040", "metal", contact=CLOSE)
    for k in range(7):
        post = x - 0.57 + 0.19 * k
        c.paint(c.line([(post, y + 0.16), (post, y + 0.4)], 0.03), "#1c2030")
    c.paint(c.line([(x - 0.6, y + 0.16), (x + 0.6, y + 0.16)], 0.04), "#1c2030")
    room = [(x - 0.32, y - 0.28), (x + 0.32, y - 0.28), (x + 0.32, y + 0.36), (x - 0.32, y + 0.36)]
    c.paint(c.area(room, curved=False), "#ffdf9a")
    for dx in (-0.3, -0.1, 0.1, 0.3):
        c.paint(c.line([(x + dx, y - 0.28), (x + dx, y + 0.36)], 0.03), "#2c2430", 0.8)
    dome = [(x - 0.42, y - 0.26), (x - 0.3, y - 0.52), (x, y - 0.68), (x + 0.3, y - 0.52),
            (x + 0.42, y - 0.26)]  # fmt: skip
    c.shade(c.area(dome), "#b5362c", "metal", contact=TIGHT)
    c.shade(c.ellipse(x, y - 0.74, 0.08), BRASS, "gold", contact=TIGHT)
    for radius, strength in ((0.22, 1.0), (0.75, 0.55), (1.9, 0.22)):
        scenery.spot(c, x, y + 0.02, radius=radius, colour="#fff0c0", strength=strength)


def front(c: Canvas) -> None:
    """Draw scarf, coat, cap, and the lantern held up in a mitten."""
    _scarf(c)
    _coat(c)
    _cap(c)
    _lantern(c, -2.3, 3.85)


def _scarf(c: Canvas) -> None:
    y = c.chin
    wrap = c.area(mirrored([(0, y + 0.5), (0.65, y + 0.36), (1.1, y + 0.5), (1.4, 2.9), (0.9, 3.9),
                            (0, 4.8)]))  # fmt: skip
    drape = np.sin((c.Y - y) * 4.2 + c.X * 1.6) * 4.5
    wool = blend("#ddd6c6", "#8f9bb0", _checks(c))
    c.shade(wrap, wool, "knit", bump=costume.knitting(c, 0.16) + drape, contact=(1, 5, 6, 0.5))


def _checks(c: Canvas) -> Field:
    """Return two thin stripes a hand, bent with the wrap."""
    at = (c.Y + 0.12 * c.X**2 - c.X * 0.15) % 0.8
    return ramp(np.minimum(np.abs(at - 0.3), np.abs(at - 0.5)), 0.06, 0.03)


def _coat(c: Canvas) -> None:
    """Cut a heavy double-breasted coat: broad lapels, a tall collar, brass buttons."""
    body = costume.torso(c, top=2.6, neck=1.1, shoulder=2.8) * (
        1 - c.area([(-1.0, 2.0), (1.0, 2.0), (0.75, 3.2), (0, 4.5), (-0.75, 3.2)])
    )
    nap = (c.fbm("nap", octaves=3, cells=(120, 96)) - 0.5) * 1.6
    c.shade(body, NAVY, "cloth", bump=as_field(c.folds("coat", 12) + nap), contact=CLOSE)
    for s in costume.SIDES:
        seam = costume.side([(2.55, 3.2), (2.35, 4.4), (2.3, 6)], s)
        c.darken(smooth(c.line(seam, 0.06), 1.2), 0.45)
        lapel = costume.side([(0.95, 2.85), (1.85, 2.75), (2.25, 3.5), (1.75, 3.75), (1.95, 4.05),
                              (0.35, 5.4), (-0.05, 4.6), (0.5, 3.8)], s)  # fmt: skip
        c.shade(c.area(lapel, curved=False), "#2b4170", "felt", bump=nap, sigmas=(2, 7),
                contact=(2, 6, 7, 0.55))  # fmt: skip
        collar = costume.side([(0.85, 1.95), (1.25, 1.6), (1.75, 1.9), (2.3, 2.85), (1.95, 3.2),
                               (1.2, 3.3), (0.92, 2.8)], s)  # fmt: skip
        c.shade(c.area(collar), "#2f4778", "felt", bump=nap, sigmas=(2, 7),
                contact=(2, 7, 8, 0.5))  # fmt: skip
        piping = costume.side([(1.22, 1.7), (1.65, 1.98), (2.15, 2.82), (1.9, 3.08)], s)
        costume.trim(c, piping, 0.045, BRASS)
        for y in (4.55, 5.2):
            _button(c, s * (1.05 - 0.1 * (y - 4.5)), y)


def _button(c: Canvas, x: float, y: float) -> None:
    costume.button(c, x, y, radius=0.18, colour=BRASS)
    c.shade(c.ring(x, y, 0.13, 0.09), "#b5893a", "trim", contact=NONE)


def _cap(c: Canvas) -> None:
    """Pull on a ribbed cap with a deep turned-up cuff."""
    wool = CAPS[int(c.chance("cap").integers(len(CAPS)))]
    cap = c.area(mirrored([(0, -2.72), (0.7, -2.62), (1.3, -2.2), (1.56, -1.5), (1.52, -0.9),
                           (0, -1.1)]))  # fmt: skip
    ribs = np.abs(np.sin(c.X * (8.5 - 0.9 * np.clip(c.Y + 1.4, -1.3, 0)))) ** 0.8 * 3.4
    stitches = costume.knitting(c, 0.12) * 0.35
    c.shade(cap, wool, "knit", bump=as_field(ribs + stitches), sigmas=(4, 14, 30),
            contact=(2, 5, 6, 0.45))  # fmt: skip
    cuff = c.area(mirrored([(0, -1.78), (0.85, -1.7), (1.58, -1.42), (1.56, -0.74), (0.85, -0.98),
                            (0, -1.05)]))  # fmt: skip
    c.shade(cuff, rgb(wool) * 1.12, "knit", bump=as_field(ribs + stitches), sigmas=(3, 9),
            contact=(0, -5, 6, 0.6))  # fmt: skip


def _lantern(c: Canvas, x: float, y: float) -> None:
    """Hold up a brass lantern: its flame warms coat and mitten."""
    bail = [(x - 0.42, y - 0.42), (x - 0.4, y - 0.95), (x, y - 1.2), (x + 0.4, y - 0.95),
            (x + 0.42, y - 0.42)]  # fmt: skip
    c.shade(c.line(bail, 0.06), BRASS, "trim", contact=CLOSE)
    for top, foot, wide in ((-0.72, -0.5, 0.3), (0.72, 1.0, 0.56)):
        block = [(x - wide * 0.75, y + top), (x + wide * 0.75, y + top), (x + wide, y + foot),
                 (x - wide, y + foot)]  # fmt: skip
        c.shade(c.area(block, curved=False), BRASS, "gold", sigmas=(2, 7), contact=(2, 5, 6, 0.5))
    glass = c.area([(x - 0.28, y - 0.5), (x + 0.28, y - 0.5), (x + 0.46, y + 0.1),
                    (x + 0.38, y + 0.74), (x - 0.38, y + 0.74), (x - 0.46, y + 0.1)])  # fmt: skip
    c.paint(glass, blend("#ffe6a0", "#b86a20", ramp(np.hypot(c.X - x, c.Y - y - 0.25), 0.05, 0.6)),
            0.92)  # fmt: skip
    flame = c.area([(x, y - 0.12), (x + 0.12, y + 0.22), (x + 0.07, y + 0.5), (x - 0.07, y + 0.5),
                    (x - 0.12, y + 0.22)])  # fmt: skip
    c.paint(smooth(flame, 1.2), "#fffbe8")
    c.paint(smooth(c.ellipse(x - 0.28, y - 0.05, 0.05, 0.28), 1.2), "#ffffff", 0.7)
    for side in (-0.44, 0.44):
        c.shade(c.line([(x + side * 0.75, y - 0.52), (x + side, y + 0.12), (x + side * 0.85,
                y + 0.78)], 0.055), BRASS, "trim", contact=TIGHT)  # fmt: skip
    c.shade(
        c.line([(x - 0.46, y + 0.14), (x + 0.46, y + 0.14)], 0.04), BRASS, "trim", contact=NONE
    )
    _mitten(c, x, y - 1.2)
    for radius, strength in ((0.3, 0.6), (0.9, 0.4), (2.0, 0.16)):
        scenery.spot(c, x, y + 0.2, radius=radius, colour="#ffb850", strength=strength)


def _mitten(c: Canvas, x: float, y: float) -> None:
    """Close a knitted mitten round the lantern's handle; the sleeve comes up from the foot."""
    sleeve = c.area([(x - 1.9, y + 2.6), (x - 1.15, y + 0.7), (x - 0.62, y + 0.2),
                     (x - 0.12, y + 0.62), (x - 0.7, y + 1.6), (x - 0.9, y + 3.2)])  # fmt: skip
    c.shade(sleeve, "#3a588c", "jacket", sigmas=(4, 14), bump=c.folds("sleeve", 8),
            contact=(3, 6, 8, 0.6))  # fmt: skip
    hand = c.area([(x - 0.62, y + 0.45), (x - 0.5, y - 0.1), (x - 0.12, y - 0.3),
                   (x + 0.32, y - 0.2), (x + 0.38, y + 0.12), (x + 0.05, y + 0.3),
                   (x - 0.2, y + 0.62)])  # fmt: skip
    c.shade(hand, "#e4d8bf", "knit", bump=costume.knitting(c, 0.12), contact=(2, 5, 6, 0.5))
    thumb = c.area([(x - 0.3, y - 0.05), (x + 0.02, y + 0.02), (x + 0.12, y + 0.3),
                    (x - 0.05, y + 0.4), (x - 0.32, y + 0.2)])  # fmt: skip
    c.shade(thumb, "#efe4cc", "knit", bump=costume.knitting(c, 0.12), contact=CLOSE)


def opening(c: Canvas) -> Field:
    """Hide the crown under the cap and end the neck in the scarf."""
    return c.below(-1.6, 0.2) * c.above(2.45, 0.3)


SCENARIO = Scenario(
    id="lighthouse", behind=behind, front=front, opening=opening, light=DUSK, e=68, ey=272,
    mood=Mood.NEUTRAL, covers=Covers.HAIR, relight=0.55, rim=0.55,
    hat_shadow=Cast(down=11, strength=0.5),
    finish=Finish(bloom=0.4, bloom_over=0.8, vignette=0.45, grain=0.016),
)  # fmt: skip
