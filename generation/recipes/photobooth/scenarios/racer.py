# SPDX-License-Identifier: Apache-2.0
"""Racer: a cream and red suit, an open helmet with goggles up, the start grid behind."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.geometry import Field, as_field, flipped, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Cast, Covers, Mood, Scenario

NOON = Light(key=(-0.45, -0.75, 0.55), key_colour="#fff6e6", power=1.05, ambient="#66707c",
    rim=(0.9, -0.3, -0.2), rim_colour="#fff0d0", rim_power=0.45)  # fmt: skip
CREAM, RED, LEATHER = "#f2e8d2", "#c8202a", "#6b3d22"
CROWD = ("#e8dcc8", "#c24a3a", "#3f6a8a", "#e0b040", "#f4f1ea", "#58755a", "#8a5a6a", "#2e3a4c")


def behind(c: Canvas) -> None:
    """Draw sky, grandstand, grid, the car, the start lights, and the helmet's dark inside."""
    scenery.gradient(c, [(0, "#7fb6e2"), (0.3, "#d5e9f5"), (1, "#d5e9f5")])
    _grandstand(c)
    _asphalt(c)
    c.soften(2.6)
    _flag(c)
    _car(c)
    c.soften(1.1)
    _lights(c)
    y = c.chin
    lining = [(0, -1.6), (1.2, -1.3), (1.6, 0.2), (1.12, 1.2), (0.68, y + 0.05), (0, y + 0.2)]
    c.paint(c.area(mirrored(lining)), "#20160f")


def _grandstand(c: Canvas) -> None:
    """Fill rows with a crowd of soft dots under an awning."""
    chance = c.chance("crowd")
    stripe = str(chance.choice(["#c43a3a", "#3a6f9a", "#3f7f5c", "#d9932f"]))
    stand = c.below(-2.2, 0.05) * c.above(0.75, 0.05)
    c.paint(stand, rgb("#6b6870") * (0.8 + 0.12 * np.sin(c.Y * 14))[..., None])
    across, rows = c.X / 0.23 + c.fbm("seats", octaves=1) * 2, np.floor(c.Y / 0.24)
    columns = np.floor(across)
    seat = (rows.astype(int) % 64, (columns + 7 * rows).astype(int) % 64)
    pick = chance.integers(0, len(CROWD), (64, 64))[seat]
    up = c.Y / 0.24 - rows - 0.5 + np.sin(columns * 5.3 + rows * 3.7) * 0.15
    heads = as_field((across - columns - 0.5) ** 2 + up**2 < 0.16)
    people = np.stack([rgb(colour) for colour in CROWD])[pick]
    shade = 0.8 + 0.2 * c.fbm("shade", cells=(30, 30))
    c.paint(heads * stand, people * shade[..., None], 0.9)
    awning = c.below(-2.75, 0.03) * c.above(-2.12, 0.03)
    wave = np.abs(np.sin(c.X * 2.6)) * 0.22
    hem = ramp(wave - (c.Y + 2.12), 0, 0.03) * c.below(-2.2, 0.02)
    c.paint(np.maximum(awning, hem), blend("#f4eee0", stripe, np.sin(c.X * 5.2) > 0))
    c.darken(c.below(-2.1, 0.1) * c.above(-1.4, 0.7), 0.35)
    c.paint(c.below(0.72, 0.03) * c.above(1.2, 0.03),
        blend("#f4f1ea", "#c8342f", np.sin(c.X * 2.2 + 0.6) > 0))  # fmt: skip


def _asphalt(c: Canvas) -> None:
    """Lay the road, with the white boxes of the grid running to the far end."""
    road = c.below(1.18, 0.05)
    grain = 0.85 + 0.3 * c.fbm("road", octaves=6, cells=(30, 24))
    c.paint(road, rgb("#74777c") * grain[..., None])
    deep = np.maximum(c.Y - 0.9, 0.2)
    lanes = np.abs(np.abs(c.X / deep) - 1.35) < 0.05
    c.paint(smooth(as_field(lanes), 0.8) * road, "#f2f2ee", 0.9)


def _flag(c: Canvas) -> None:
    """Wave a chequered flag beside the helmet."""
    chance = c.chance("flag")
    phase = chance.uniform(0, 6)
    x0, y0 = -3.45, chance.uniform(-2.9, -2.5)
    u = (c.X - x0) / 1.75
    wave = np.sin(u * 5.5 + phase) * 0.13 * (0.3 + u)
    v = (c.Y - y0 - wave - u * 0.28) / 1.25
    cloth = ramp(u, 0, 0.02) * ramp(u, 1, 0.98) * ramp(v, 0, 0.02) * ramp(v, 1, 0.98)
    squares = (np.floor(u * 6) + np.floor(v * 4)) % 2
    light = 0.9 + 0.35 * np.cos(u * 5.5 + phase)
    c.shade(c.line([(x0, y0 - 0.2), (x0 + 0.05, 3.4)], 0.1), "#b08a58", "leather", contact=NONE)
    c.paint(cloth, blend("#f7f4ec", "#17181c", squares) * np.clip(light, 0.55, 1.15)[..., None])


def _car(c: Canvas) -> None:
    """Park an old single-seater nose-on beside the driver."""
    x, y = 2.62, 1.55
    paint = str(c.chance("car").choice([RED, "#1f5a3c", "#2a5ea8", "#d9932f"]))
    for s in costume.SIDES:
        wheel = c.ellipse(x + s * 0.98, y + 0.42, 0.3, 0.62)
        c.shade(c.line([(x, y + 0.4), (x + s * 0.9, y + 0.42)], 0.07), "#9a9da4", "metal")
        c.shade(wheel, "#26262a", "leather", sigmas=(3, 9))
        c.shade(c.ellipse(x + s * 1.0, y + 0.42, 0.1, 0.24), "#c9ccd2", "metal", contact=NONE)
    screen = c.area([(x - 0.36, y - 0.55), (x - 0.26, y - 0.95), (x + 0.26, y - 0.95),
        (x + 0.36, y - 0.55)])  # fmt: skip
    c.paint(screen, "#cfe4ee", 0.75)
    c.shade(c.ellipse(x, y, 0.74, 0.7), paint, "plastic", sigmas=(4, 12, 26))
    mouth = c.ellipse(x, y + 0.16, 0.36, 0.3)
    c.shade(c.ellipse(x, y + 0.16, 0.43, 0.37), "#d6d8dc", "metal", contact=CLOSE)
    c.paint(mouth, rgb("#1c1d20") + (np.sin(c.X * 70) > 0.3)[..., None] * rgb("#55585e"))
    stripe = (c.ellipse(x, y, 0.74, 0.7) * (np.abs(c.X - x) < 0.13) * (1 - c.ellipse(x, y + 0.16,
        0.44, 0.38)))  # fmt: skip
    c.paint(smooth(stripe, 0.8), CREAM, 0.9)


def _lights(c: Canvas) -> None:
    """Hang the start lights; the seed says how many are on."""
    on = int(c.chance("lights").integers(3, 6))
    bar = c.area([(-2.2, -3.86), (2.2, -3.86), (2.2, -3.16), (-2.2, -3.16)], curved=False)
    c.shade(smooth(bar, 1), "#2a2c32", "plastic", sigmas=(2, 5))
    for k in range(5):
        x = -1.76 + 0.88 * k
        c.shade(c.ellipse(x, -3.5, 0.29), "#4a4d55", "metal", contact=CLOSE)
        c.shade(c.ellipse(x, -3.5, 0.23), RED if k < on else "#4a1416", "jewel", contact=NONE)
        if k < on:
            c.glow(smooth(c.ellipse(x, -3.5, 0.2), 3) + smooth(c.ellipse(x, -3.5, 0.3), 14) * 0.7,
                "#ff3020", 0.85)  # fmt: skip


def front(c: Canvas) -> None:
    """Draw the suit, the strap and the helmet with its goggles."""
    _suit(c)
    _helmet(c)
    _goggles(c)


def _suit(c: Canvas) -> None:
    body = costume.torso(c, top=2.55, neck=1.05)
    c.shade(body, CREAM, "cloth", bump=c.folds("suit", 10))
    for s in costume.SIDES:
        yoke = costume.side([(1.15, 2.5), (2.4, 2.9), (3.2, 3.5), (3.55, 4.3), (3.0, 4.25),
            (2.3, 3.6), (1.0, 3.2)], s)  # fmt: skip
        quilt = np.sin((c.X * s * 0.55 + c.Y) * 15) * 1.5
        c.shade(c.area(yoke) * body, RED, "leather", bump=quilt, sigmas=(2, 6), contact=CLOSE)
        c.shade(c.line(costume.side([(1.0, 3.22), (2.3, 3.62), (3.0, 4.28), (3.3, 6)], s),
            0.07) * body, "#fffaf0", "stitch", contact=TIGHT)  # fmt: skip
        c.shade(c.line(costume.side([(0.62, 2.9), (0.62, 6)], s), 0.03) * body, "#cbbfa6",
            "stitch", contact=TIGHT)  # fmt: skip
    top = c.chin + 0.34
    scarf = c.area(mirrored([(0, top), (0.8, top - 0.28), (1.12, 2.3), (1.25, 2.95), (0, 3.3)]))
    c.shade(scarf, "#fbf7ee", "knit", bump=np.sin(c.X * 34) * 1.1 + c.folds("roll", 5),
        sigmas=(3, 10))  # fmt: skip
    for s in costume.SIDES:
        flap = costume.side([(0.02, 3.12), (0.75, 2.78), (1.22, 2.35), (1.5, 2.62), (1.2, 3.2),
            (0.12, 3.62)], s)  # fmt: skip
        c.shade(c.area(flap), RED, "collar", sigmas=(2, 6), contact=(1, 4, 5, 0.5))
        c.shade(c.line(costume.side([(0.14, 3.6), (1.2, 3.2), (1.48, 2.65)], s), 0.05), "#fffaf0",
            "stitch", contact=TIGHT)  # fmt: skip
    zip_ = c.line([(0, 3.45), (0, 6)], 0.1)
    c.shade(zip_, "#b9bcc4", "metal", bump=np.sin(c.Y * 70) * 0.8, sigmas=(2,), contact=CLOSE)
    c.shade(c.area([(-0.07, 3.5), (0.07, 3.5), (0.1, 3.95), (-0.1, 3.95)]), "#d9a94a", "gold",
        contact=CLOSE)  # fmt: skip


def _helmet(c: Canvas) -> None:
    """Polish a cream dome with a red stripe; leather lines its edge and holds the chin."""
    edge = [(0, -1.17), (0.74, -1.06), (1.15, -0.48), (1.17, 0.35), (1.1, 1.0)]
    strap = [(1.16, 0.8), (1.0, 1.2), (0.66, c.chin + 0.08), (0, c.chin + 0.27)]
    c.shade(c.line([*strap, *flipped(strap[:-1])[::-1]], 0.15), LEATHER, "leather", sigmas=(2, 4),
        contact=(1, 3, 4, 0.5))  # fmt: skip
    dome = [(0, -2.68), (0.85, -2.5), (1.55, -1.85), (1.87, -0.9), (1.85, 0.1), (1.62, 0.9),
        (1.22, 1.3)]  # fmt: skip
    shell = c.area(mirrored([*dome, *edge[::-1]]))
    stripe = ramp(np.abs(c.X), 0.36, 0.34)
    thin = ramp(np.abs(np.abs(c.X) - 0.5), 0.05, 0.03)
    c.shade(shell, blend(CREAM, RED, np.maximum(stripe, thin)), "plastic", sigmas=(4, 16, 46),
        depth=1.4, contact=(2, 8, 9, 0.5))  # fmt: skip
    c.shade(c.line([*flipped(edge[:0:-1]), *edge], 0.13), LEATHER, "leather", sigmas=(2, 4),
        contact=(1, 4, 5, 0.55))  # fmt: skip
    for s in costume.SIDES:
        costume.button(c, s * 1.42, 0.75, radius=0.11, colour="#d9b060")


def _goggles(c: Canvas) -> None:
    strap = [(1.84, -1.1), (1.3, -1.42), (0.6, -1.62), (0, -1.66)]
    c.shade(c.line([*flipped(strap[:-1]), *strap[::-1]], 0.26), LEATHER, "leather", sigmas=(2, 5),
        contact=(1, 4, 5, 0.5))  # fmt: skip
    for s in costume.SIDES:
        c.shade(c.ellipse(s * 0.6, -1.68, 0.58, 0.44), "#5a3320", "leather",
            contact=(1, 4, 5, 0.5))  # fmt: skip
        c.shade(c.ellipse(s * 0.6, -1.68, 0.5, 0.37), "#d9b060", "gold", contact=NONE)
        lens = c.ellipse(s * 0.6, -1.68, 0.42, 0.3)
        c.paint(lens, blend("#2c4a60", "#a8d4ea", ramp(c.Y, -1.4, -1.98)))
        c.paint(smooth(c.area([(s * 0.6 - 0.26, -1.62), (s * 0.6 - 0.1, -1.9),
            (s * 0.6 + 0.06, -1.9), (s * 0.6 - 0.14, -1.58)]), 1), "#ffffff", 0.65)  # fmt: skip
    c.shade(c.line([(-0.14, -1.68), (0.14, -1.68)], 0.12), "#d9b060", "gold", contact=TIGHT)


def opening(c: Canvas) -> Field:
    """Let the face and the throat show, no hair."""
    face = c.area(mirrored([(x * 1.02, min(y, y * 1.08)) for x, y in costume.face_outline(c)]))
    throat = c.area(mirrored([(0, 0.9), (0.98, 0.9), (0.9, 2.6), (0, 2.7)]), curved=False)
    return smooth(np.maximum(face, throat), 1)


SCENARIO = Scenario(id="racer", behind=behind, front=front, opening=opening, light=NOON, e=70,
    ey=282, mood=Mood.HALF, covers=Covers.HEAD, long_hair=False, relight=0.6, rim=0, wrap=0,
    inside=0.25, head_shadow=0, hat_shadow=Cast(down=10, strength=0.35))  # fmt: skip
