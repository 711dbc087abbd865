# SPDX-License-Identifier: Apache-2.0
"""Animation: a soft candy world with a floating island, and somebody small on the shoulder."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas, Contact
from generation.recipes.photobooth.colour import Colour, blend, rgb
from generation.recipes.photobooth.finish import Composite, Finish
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Scenario
from generation.recipes.photobooth.styles import bilateral

SOFT_LIGHT = Light(key=(-0.45, -0.6, 0.66), key_colour="#fff6e4", ambient="#8f8fa6", fill=1.1,
    rim=(0.9, -0.3, -0.2), rim_colour="#fff0c0", rim_power=0.4)  # fmt: skip
MINT, CORAL, BUTTER, INK = "#8fd9be", "#f2836b", "#fbd873", "#6a4a5a"
SKIES = (("#7cc8e8", "#c9f0e4", "#ffe9c2"), ("#a5b8f0", "#f6cfe0", "#fff0cf"),
    ("#74cfd2", "#c4f2d4", "#fff6c8"), ("#f0a9a0", "#fbd6a8", "#fff2cf"))  # fmt: skip
FURS = ("#7fcfe0", "#f6a58c", "#b9a2ec", "#9ad98c", "#f7c75e")


def toon(
    c: Canvas,
    mask: Field,
    colour: Colour,
    material: str = "cloth",
    *,
    bump: Field | None = None,
    sigmas: tuple[float, ...] | None = None,
    contact: Contact = CLOSE,
) -> None:
    """Draw a soft solid thing with a coloured ink line round it."""
    c.paint(np.clip(smooth(mask, 1.8) * 2.6, 0, 1), INK, 0.75)
    c.shade(mask, colour, material, bump=bump, sigmas=sigmas, contact=contact)


def behind(c: Canvas) -> None:
    """Draw the sky, its clouds, the island and the hills."""
    high, middle, low = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, [(0, high), (0.45, middle), (0.75, low), (1, low)])
    x = float(c.chance("sun").uniform(-2.7, -2.0))
    for radius, power in ((1.5, 0.18), (1.05, 0.3), (0.7, 1.0)):
        c.paint(c.ellipse(x, -2.4, radius), "#fff3b8", power)
    _clouds(c)
    _hills(c)
    c.soften(0.8)
    island = c.chance("island")
    _island(c, float(island.uniform(2.35, 2.65)), float(island.uniform(-0.9, -0.2)))
    _flyer(c, -2.75, float(island.uniform(-0.6, 0.3)))


def _clouds(c: Canvas) -> None:
    """Pile up round clouds; two of them look pleased."""
    chance = c.chance("clouds")
    for k, (left, top, size) in enumerate(((3.0, -2.9, 0.75), (-3.1, -1.2, 0.6),
        (-2.9, 1.2, 0.85), (3.3, 1.6, 0.8), (0.4, -3.5, 0.55))):  # fmt: skip
        x, y = left + chance.uniform(-0.3, 0.3), top + chance.uniform(-0.2, 0.2)
        puff = c.zeros()
        for dx, dy, radius in ((-0.95, 0.12, 0.5), (-0.4, -0.25, 0.62), (0.3, -0.4, 0.7),
            (0.95, 0.05, 0.52), (0, 0.2, 0.6)):  # fmt: skip
            puff = np.maximum(puff, c.ellipse(x + dx * size, y + dy * size, radius * size))
        puff = np.minimum(puff, c.above(y + 0.45 * size, 0.25))
        c.shade(puff, blend("#ffffff", "#ffe3e0", ramp(c.Y, y - 0.5 * size, y + 0.6 * size)),
            "cloth", sigmas=(4, 12), contact=(2, 6, 10, 0.15))  # fmt: skip
        if k in (0, 3):
            _smile(c, x + 0.05, y - 0.05, 0.62 * size)


def _smile(c: Canvas, x: float, y: float, size: float) -> None:
    """Give a thing two eyes, two cheeks and a small smile."""
    for s in costume.SIDES:
        c.paint(c.ellipse(x + s * size * 0.42, y, size * 0.12, size * 0.17), "#3a2a38")
        c.paint(c.ellipse(x + s * size * 0.42 - size * 0.04, y - size * 0.06, size * 0.05),
            "#ffffff")  # fmt: skip
        c.paint(smooth(c.ellipse(x + s * size * 0.72, y + size * 0.22, size * 0.17, size * 0.11),
            1.5), "#f78a80", 0.65)  # fmt: skip
    mouth = [(x - size * 0.17, y + size * 0.14), (x, y + size * 0.27),
        (x + size * 0.17, y + size * 0.14)]  # fmt: skip
    c.paint(c.line(mouth, max(0.03, size * 0.06)), "#3a2a38")


def _hills(c: Canvas) -> None:
    phase = float(c.chance("hills").uniform(0, 6))
    for k, (y, colour) in enumerate(((2.1, "#bfe6b8"), (2.75, "#95d3a0"), (3.5, "#6fbd8c"))):
        line = y + 0.35 * np.sin(c.X * (0.75 + 0.2 * k) + phase + k * 2)
        hill = ramp(c.Y, 0, 0.03) * 0 + ramp(c.Y - line, -0.01, 0.02)
        c.shade(hill, colour, "cloth", sigmas=(4, 14), contact=(0, -4, 9, 0.15))
        for x in c.chance(f"trees {k}").uniform(-3.7, 3.7, 5):
            foot = y + 0.35 * float(np.sin(x * (0.75 + 0.2 * k) + phase + k * 2))
            size = 0.2 + 0.09 * k
            c.paint(c.line([(float(x), foot), (float(x), foot - size)], 0.06), "#a8705a")
            c.shade(c.ellipse(float(x), foot - size * 1.7, size),
                (CORAL, BUTTER, "#58b088")[int(x * 10) % 3], "cloth", sigmas=(3, 8),
                contact=CLOSE)  # fmt: skip


def _island(c: Canvas, x: float, y: float) -> None:
    """Let an island float: rock below, meadow above, small houses and a round tree."""
    rock = c.area([(x - 1.2, y), (x + 1.2, y), (x + 0.95, y + 0.55),
        (x + 0.5, y + 0.75), (x + 0.25, y + 1.4), (x - 0.15, y + 1.0),
        (x - 0.5, y + 1.05), (x - 0.9, y + 0.5)])  # fmt: skip
    toon(c, rock, blend("#d9a582", "#9a7a9c", ramp(c.Y, y, y + 1.2)), "felt",
        bump=c.folds("rock", 6))  # fmt: skip
    for dx, tall, wall, roof in ((-0.55, 0.55, "#fff3d8", CORAL),
        (0.2, 0.8, "#ffe3c8", "#6aa9d8"), (0.72, 0.42, "#fdf6e6", BUTTER)):  # fmt: skip
        house = c.area([(x + dx - 0.22, y), (x + dx - 0.22, y - tall), (x + dx + 0.22, y - tall),
            (x + dx + 0.22, y)], curved=False)  # fmt: skip
        toon(c, house, wall, "collar", contact=TIGHT)
        cap = c.area([(x + dx - 0.34, y - tall + 0.06), (x + dx, y - tall - 0.5),
            (x + dx + 0.34, y - tall + 0.06)], curved=False)  # fmt: skip
        toon(c, smooth(cap, 0.8), roof, "felt", sigmas=(2, 5), contact=TIGHT)
        c.paint(c.ellipse(x + dx, y - tall * 0.62, 0.08, 0.1), "#ffcf5a")
        c.paint(c.ring(x + dx, y - tall * 0.62, 0.11, 0.08), INK, 0.6)
    toon(c, c.ellipse(x - 1.0, y - 0.55, 0.34), "#58b88c", "cloth", sigmas=(3, 9))
    c.paint(c.line([(x - 1.0, y), (x - 1.0, y - 0.35)], 0.07), "#9a6a55")
    meadow = c.area([(x - 1.35, y + 0.02), (x - 0.7, y - 0.16), (x + 0.6, y - 0.16),
        (x + 1.35, y + 0.02), (x + 0.9, y + 0.28), (x + 0.3, y + 0.18), (x - 0.3, y + 0.32),
        (x - 0.9, y + 0.2)])  # fmt: skip
    toon(c, meadow, MINT, "cloth", sigmas=(3, 9))


def _flyer(c: Canvas, x: float, y: float) -> None:
    """Let a round bird hover, too small for its own wings."""
    colour = FURS[int(c.chance("bird").integers(len(FURS)))]
    for s in costume.SIDES:
        wing = c.area([(x + s * 0.3, y), (x + s * 0.85, y - 0.5), (x + s * 0.98, y - 0.12),
            (x + s * 0.7, y + 0.15)])  # fmt: skip
        toon(c, wing, rgb(colour) * 0.9, "felt", contact=NONE)
    toon(c, c.ellipse(x, y, 0.46, 0.43), colour, "cloth", sigmas=(4, 12))
    c.paint(smooth(c.ellipse(x, y + 0.2, 0.28, 0.2), 2), "#fff6e2", 0.9)
    _smile(c, x, y - 0.06, 0.36)
    c.paint(c.line([(x, y - 0.42), (x + 0.08, y - 0.62)], 0.05), INK, 0.8)


def front(c: Canvas) -> None:
    """Draw the jumper, the dungarees and the two who came along."""
    _jumper(c)
    _dungarees(c)
    chance = c.chance("friends")
    first, second = chance.permutation(len(FURS))[:2]
    _friend(c, 2.35, 2.42, 0.68, FURS[first])
    _friend(c, -2.75, 4.75, 0.95, FURS[second])


def _jumper(c: Canvas) -> None:
    stripes = ramp(np.sin(c.Y * 5.2), 0.25, 0.45)
    body = costume.torso(c, top=2.5, neck=1.05, shoulder=2.4)
    toon(c, body, blend(BUTTER, "#fff3d2", stripes), "knit",
        bump=costume.knitting(c, 0.2) + c.folds("jumper", 6), sigmas=(5, 16, 44))  # fmt: skip
    y = c.chin
    roll = c.area(mirrored([(0, y + 0.36), (0.62, y + 0.3), (1.1, y + 0.42), (1.3, 2.7),
        (0.75, 3.12), (0, 3.2)]))  # fmt: skip
    toon(c, roll, BUTTER, "knit", bump=as_field(np.sin(c.X * 21) * 1.6), sigmas=(4, 13))


def _dungarees(c: Canvas) -> None:
    body = costume.torso(c, top=2.5, neck=1.05, shoulder=2.4)
    bib = c.area(mirrored([(0, 3.6), (0.95, 3.58), (1.1, 3.75), (1.25, 4.6), (2.2, 5.1), (2.4, 7),
        (0, 7)]))  # fmt: skip
    for s in costume.SIDES:
        toon(c, c.line(costume.side([(1.0, 3.9), (1.4, 3.2), (1.65, 2.6)], s), 0.36) * body,
            rgb(CORAL) * 0.95, "felt")  # fmt: skip
    toon(c, bib, CORAL, "cloth", bump=c.folds("bib", 6), sigmas=(4, 14))
    hem = c.line([(-0.88, 3.75), (0.88, 3.75)], 0.035)
    c.paint(hem, "#ffe0d0", 0.8)
    for s in costume.SIDES:
        toon(c, c.ellipse(s * 0.95, 3.85, 0.2), MINT, "plastic")
    pocket = c.area(mirrored([(0, 4.1), (0.55, 4.1), (0.6, 4.7), (0.3, 4.98), (0, 5.02)]))
    toon(c, pocket, "#ff9c82", "felt", sigmas=(2, 6))
    toon(c, c.ellipse(0, 4.52, 0.27), BUTTER, "plastic")
    _smile(c, 0, 4.48, 0.28)


def _friend(c: Canvas, x: float, y: float, size: float, colour: str) -> None:
    """Seat a round woolly creature with soft ears."""
    fur = rgb(colour) * (0.9 + 0.2 * c.fbm("wool", cells=(40, 32)))[..., None]
    for s in costume.SIDES:
        ear = c.area([(x + s * size * 0.3, y - size * 0.7),
            (x + s * size * 0.5, y - size * 1.5), (x + s * size * 0.85, y - size * 1.35),
            (x + s * size * 0.8, y - size * 0.5)])  # fmt: skip
        toon(c, ear, fur, "cloth", sigmas=(3, 9))
        c.paint(smooth(c.ellipse(x + s * size * 0.62, y - size * 1.05, size * 0.13, size * 0.25),
            1.5), "#ffd0c8", 0.8)  # fmt: skip
    body = c.area([(x + size * a, y + size * b) for a,
        b in mirrored([(0, -0.98), (0.6, -0.85), (0.95, -0.3), (1.08, 0.4), (0.75, 0.9),
        (0, 1.0)])])  # fmt: skip
    toon(c, body, fur, "cloth", bump=c.fbm("wool", cells=(40, 32)) * 2, sigmas=(5, 15, 26 * size),
        contact=(2, 5, 7, 0.4))  # fmt: skip
    c.paint(smooth(c.ellipse(x, y + size * 0.5, size * 0.6, size * 0.42), 3), "#fff6e2", 0.85)
    _smile(c, x, y - size * 0.18, size * 0.8)


def celluloid(composite: Composite) -> Field:
    """Calm the head's small detail and draw a soft line round it."""
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    flat = bilateral(photo, 2, colour=0.07)
    mix = (0.6 * composite.head)[..., None]
    edge = np.clip(smooth(composite.head, 1.6) * 2.2, 0, 1) * (1 - composite.head)
    line = (0.42 * edge * (1 - composite.body))[..., None]
    return as_field((photo * (1 - mix) + flat * mix) * (1 - line) + rgb(INK) * 0.6 * line)


def opening(c: Canvas) -> Field:
    """End the neck inside the rolled collar."""
    return c.above(2.75, 0.3)


SCENARIO = Scenario(id="animation", behind=behind, front=front, opening=opening, light=SOFT_LIGHT,
    e=70, ey=272, relight=0.5, rim=0.25, finish=Finish(style=celluloid, bloom=0.3, vignette=0.2,
    grain=0.008))  # fmt: skip
