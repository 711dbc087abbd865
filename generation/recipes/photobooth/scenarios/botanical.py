# SPDX-License-Identifier: Apache-2.0
"""Botanical: a wreath of paper-clay leaves and blossoms on a cream plate, painted in gouache."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import CLOSE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario
from generation.recipes.photobooth.styles import gouache

GREENS = ("#2f6b4a", "#4f8a55", "#7fae72", "#27584a", "#8fb08a")
SETS = (
    ("#f6c9b0", "#8fa9b8", ("#e8745a", "#f2b3a0", "#f7ead8")),
    ("#bcd5dc", "#e2d6b8", ("#f0c04a", "#f7ead8", "#e88a5a")),
    ("#e6d3a4", "#94a88e", ("#c9506a", "#f7ead8", "#8a6ab0")),
    ("#cfdcc0", "#a9a0b8", ("#d85a7a", "#f6b8c0", "#f7ead8")),
)
"""The arch, the linen and the blossoms that go with it."""
WREATH = ((-2.3, -1.45, 0.66), (2.38, -1.15, 0.6), (1.62, -2.35, 0.5), (-1.2, -2.72, 0.54),
          (2.78, 0.35, 0.48), (-2.78, 0.2, 0.5), (0.25, -3.02, 0.36))  # fmt: skip
POSY = ((-1.72, 2.62, 0.5), (1.72, 2.62, 0.5), (-2.35, 3.0, 0.4), (2.35, 3.0, 0.4),
        (-2.6, 3.6, 0.74), (-1.7, 4.25, 0.6), (2.55, 3.7, 0.72), (1.65, 4.3, 0.62),
        (-3.0, 4.6, 0.55), (3.0, 4.65, 0.56), (0.05, 4.55, 0.64), (-0.85, 4.8, 0.42),
        (0.9, 4.8, 0.44))  # fmt: skip
"""Where blossoms sit: x, y, radius."""
EVEN = Light(
    key=(-0.5, -0.6, 0.65), key_colour="#fffaf0", power=0.95, ambient="#8a8f88",
    rim=(0.9, -0.3, -0.1), rim_colour="#ffe0c0", rim_power=0.2,
)  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw the paper, the arch and the upper wreath."""
    arch, _, blossoms = SETS[int(c.chance("set").integers(len(SETS)))]
    tooth = c.fbm("paper", octaves=3, cells=(60, 48))
    c.fill(rgb("#f3ead6") * (0.97 + 0.05 * tooth)[..., None])
    wash = smooth(np.clip((c.fbm("wash", cells=(3, 3)) - 0.42) * 4, 0, 1), 3)
    c.paint(wash, "#d3e2cf", 0.55)
    _arch(c, arch)
    _wreath(c)
    _blossoms(c, "wreath", WREATH, blossoms)
    _butterfly(c)


def _arch(c: Canvas, colour: str) -> None:
    """Cut an arch into the plate, edged in gold."""
    top, foot = c.ellipse(0, -0.1, 2.8, 2.95), c.zeros()
    foot[(np.abs(c.X) < 2.8) & (c.Y > -0.1)] = 1
    arch = np.maximum(top, foot)
    c.paint(arch, rgb(colour) * (1.02 - 0.04 * (c.Y + 2))[..., None])
    c.darken(np.clip(arch - smooth(arch, 7), 0, 1) * ramp(c.X - c.Y, 2, -2), 0.5)
    edge = np.clip(arch - np.maximum(c.ellipse(0, -0.1, 2.74, 2.89), foot * (np.abs(c.X) < 2.74)),
                   0, 1)  # fmt: skip
    c.shade(edge, "#d6b066", "trim", contact=TIGHT)


def _wreath(c: Canvas) -> None:
    """Lay sprays of leaves along the arch: small pale ones first, big dark ones over them."""
    chance = c.chance("leaves")
    for layer, (count, size) in enumerate(((20, 1.3), (26, 1.0))):
        for k in range(count):
            along = (k + chance.uniform(-0.3, 0.3)) / (count - 1)
            a = np.pi * (0.9 + 1.2 * along)
            reach = chance.uniform(2.15, 2.75)
            x, y = reach * float(np.cos(a)), -0.1 + reach * 1.03 * float(np.sin(a))
            turn = a + float(chance.choice([-1, 1])) * chance.uniform(0.35, 1.25)
            if abs(x) < 1.5 and np.sin(turn) > 0:
                turn = -turn
            costume.leaf(
                c, x, y, angle=turn, length=size * chance.uniform(0.8, 1.25),
                width=size * chance.uniform(0.36, 0.58),
                colour=GREENS[int(chance.integers(2 * layer, 3 + 2 * layer)) % 5],
            )  # fmt: skip


def _blossoms(
    c: Canvas, purpose: str, places: tuple[tuple[float, float, float], ...],
    colours: tuple[str, ...],
) -> None:  # fmt: skip
    """Set flowers, and a twig of berries beside every other one."""
    chance = c.chance(purpose)
    for k, (x, y, radius) in enumerate(places):
        if k % 2:
            turn = float(chance.uniform(0, 6.28))
            _berries(c, x, y, angle=turn, radius=radius, colour=colours[0])
        costume.flower(
            c, x + float(chance.normal(0, 0.05)), y + float(chance.normal(0, 0.05)),
            radius=radius, colour=colours[k % len(colours)], petals=6 + k % 2,
            turn=float(chance.uniform(0, 3)), heart="#8a5a2c" if k % 3 == 2 else "#f0c04a",
        )  # fmt: skip


def _berries(c: Canvas, x: float, y: float, *, angle: float, radius: float, colour: str) -> None:
    for k, turn in enumerate((-0.5, 0, 0.5)):
        a, reach = angle + turn, radius * (1.5 + 0.2 * (k % 2))
        at = (x + reach * float(np.cos(a)), y + reach * float(np.sin(a)))
        c.shade(c.line([(x, y), at], 0.035), "#6a7a4a", "stitch", contact=TIGHT)
        c.shade(c.ellipse(*at, 0.11), colour, "plastic", contact=CLOSE)


def _butterfly(c: Canvas) -> None:
    """Let one paper butterfly rest on the wreath; the seed says where."""
    chance = c.chance("butterfly")
    x, y = float(chance.choice([-1, 1])) * chance.uniform(2.4, 2.7), chance.uniform(1.0, 1.8)
    wing = str(chance.choice(["#4a86b8", "#e8a03a", "#8a5ab0"]))
    for s in costume.SIDES:
        for shape in (
            ((0, 0.02), (0.2, 0.36), (0.46, 0.42), (0.5, 0.14), (0.3, -0.02)),
            ((0, -0.02), (0.22, -0.42), (0.62, -0.56), (0.66, -0.2), (0.36, 0.04)),
        ):
            edge = [(x + s * a, y + b) for a, b in shape]
            c.shade(c.area(edge), wing, "collar", contact=CLOSE)
            (ax, ay) = np.mean(edge[1:], axis=0)
            c.paint(c.ellipse(float(ax), float(ay), 0.09), "#fbf3dc")
        feeler = [(x, y - 0.3), (x + s * 0.1, y - 0.5), (x + s * 0.22, y - 0.58)]
        c.paint(c.line(feeler, 0.03), "#3a2a24")
    c.shade(c.ellipse(x, y, 0.06, 0.34), "#3a2a24", "plastic", contact=TIGHT)


def front(c: Canvas) -> None:
    """Draw the linen dress, the posy before it and the plate's border."""
    _, linen, blossoms = SETS[int(c.chance("set").integers(len(SETS)))]
    _linen(c, linen)
    _posy(c)
    _blossoms(c, "posy", POSY, blossoms)
    _border(c)


def _linen(c: Canvas, linen: str) -> None:
    """Cut a plain linen dress with an embroidered neckline."""
    y = c.chin
    body = c.area(mirrored([(0, y + 0.62), (0.72, y + 0.5), (1.1, 2.35), (1.9, 2.75),
                            (2.6, 3.2), (3.3, 4.4), (3.5, 7.6), (0, 7.6)]))  # fmt: skip
    weave = (np.sin(c.X * 62) + np.sin(c.Y * 62)) * 0.22
    c.shade(body, linen, "cloth", bump=as_field(c.folds("linen", 15, cells=(2, 3)) + weave))
    neckline = [(-1.25, 2.42), (-0.72, y + 0.56), (0, y + 0.64), (0.72, y + 0.56), (1.25, 2.42)]
    c.shade(c.line(neckline, 0.2), "#f6eedb", "collar", contact=(0, 4, 5, 0.5))
    costume.trim(c, [(x, at + 0.16) for x, at in neckline], 0.04, "#d6b066")
    for x, lean in ((-1.5, -0.3), (-0.8, -0.15), (0.75, 0.2), (1.45, 0.3)):
        fold = c.line([(x * 0.7, 2.7), (x, 3.6), (x * 1.2 + lean, 4.8)], 0.09)
        c.darken(smooth(fold, 6), 0.3)
    c.shade(c.line([(0, y + 0.75), (0, 6)], 0.34), linen, "collar", contact=(2, 2, 4, 0.4))
    for k in range(3):
        costume.button(c, 0, 2.85 + 0.55 * k, radius=0.1, colour="#d6b066")
    for x in np.linspace(-1.1, 1.1, 15):
        drop = float(np.interp(abs(x), (0, 0.72, 1.25), (y + 0.64, y + 0.56, 2.42)))
        c.shade(c.ellipse(float(x), drop, 0.045), "#c9506a", "plastic", contact=TIGHT)


def _posy(c: Canvas) -> None:
    """Heap leaves at the foot of the plate, higher at the sides, and pin some to the shoulders."""
    chance = c.chance("posy leaves")
    for s in costume.SIDES:
        for x, y, angle in ((1.5, 2.7, 2.0), (1.8, 2.4, -1.7), (2.1, 2.75, -0.6), (2.4, 3.1, 0.3)):
            costume.leaf(
                c, s * x, y, angle=angle if s > 0 else np.pi - angle, length=0.8, width=0.42,
                colour=GREENS[int(chance.integers(5))],
            )  # fmt: skip
    for k in range(40):
        x = -3.7 + 7.4 * ((k * 13) % 40 + chance.uniform(0, 1)) / 40
        y = chance.uniform(4.75, 5.6) - abs(x) * 0.44
        turn = -np.pi / 2 + np.sign(x) * chance.uniform(-0.3, 1.1)
        costume.leaf(
            c, x, y, angle=float(turn), length=chance.uniform(0.8, 1.4),
            width=chance.uniform(0.4, 0.62), colour=GREENS[int(chance.integers(5))],
        )  # fmt: skip


def _border(c: Canvas) -> None:
    column, row = np.arange(c.width)[None], np.arange(c.height)[:, None]
    inset = np.minimum(np.minimum(column, c.width - 1 - column),
                       np.minimum(row, c.height - 1 - row))  # fmt: skip
    c.darken(ramp(as_field(inset), 24, 16), 0.2)
    c.paint(as_field(inset < 17), blend("#faf5e8", "#efe6d0", c.fbm("border")))
    c.shade(as_field((inset > 15) & (inset < 19)), "#d6b066", "trim", contact=TIGHT)


def opening(c: Canvas) -> Field:
    """End the neck inside the dress."""
    return c.above(2.75, 0.4)


SCENARIO = Scenario(
    id="botanical", behind=behind, front=front, opening=opening, light=EVEN, e=70, ey=272,
    mood=Mood.HALF, relight=0.5, rim=0.1, wrap=0.1, neck=0.66,
    finish=Finish(style=gouache, bloom=0, vignette=0.1, grain=0.01),
)  # fmt: skip
