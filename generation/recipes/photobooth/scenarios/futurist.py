# SPDX-License-Identifier: Apache-2.0
"""Futurist: a pearl white suit with glowing seams, slender towers and two moons behind."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario

MOONLIGHT = Light(key=(-0.5, -0.65, 0.6), key_colour="#fbf3ff", ambient="#6f74a6",
    rim=(0.9, -0.25, -0.2), rim_colour="#7fe6f5", rim_power=0.75)  # fmt: skip
AQUA, PEARL = "#63f0ff", "#ebe6f2"
SKIES = (("#191a45", "#5a4a9c", "#c79ad6", "#bfe6ea"),
    ("#10264a", "#3c6aa0", "#9fb4e4", "#e6cfe8"), ("#24163f", "#6a4690", "#d993bd", "#f2d3c9"),
    ("#132244", "#4a559f", "#8fc3d6", "#d9efe6"))  # fmt: skip


def behind(c: Canvas) -> None:
    """Draw dusk, two moons, three rows of towers, lanes of light and the collar's back."""
    sky = SKIES[int(c.chance("sky").integers(len(SKIES)))]
    scenery.gradient(c, list(zip((0, 0.34, 0.62, 0.8), sky, strict=True)))
    scenery.stars(c, "stars", 130, foot=0.4)
    _moons(c)
    for k, (count, rise, opacity) in enumerate(((12, 2.9, 0.4), (7, 3.4, 0.62), (5, 2.6, 0.92))):
        _towers(c, f"row {k}", count, rise, near=k,
            colour=blend(sky[2], "#2a2658", c.zeros() + opacity * 0.9))  # fmt: skip
        scenery.spot(c, 0, 3.2, radius=3.4, colour=sky[3], strength=0.12)
    _lanes(c)
    c.soften(1.1)
    _rim(c, behind=True)


def _rim(c: Canvas, *, behind: bool) -> None:
    """Draw one half of the clear collar: a ring of glass that flares from the seam."""
    y, rx, ry = c.chin + 0.02, 1.95, 0.5
    angle = np.linspace(np.pi, 2 * np.pi if behind else 0, 17)
    edge = [(rx * float(np.cos(a)), y + ry * float(np.sin(a))) for a in angle]
    foot = [(1.2, 2.85), (0.6, 3.05), (0, 3.12), (-0.6, 3.05), (-1.2, 2.85)]
    pane = c.area([*edge, *foot], curved=False)
    c.paint(pane, "#d9f2ff", 0.16 if behind else 0.13)
    c.glow(np.clip(pane - smooth(pane, 5), 0, 1) * c.below(y, 0.3), "#bfefff", 0.5)
    c.paint(c.line(edge, 0.075), "#e9fbff", 0.5 if behind else 0.75)
    c.glow(smooth(c.line(edge, 0.05), 2.5), AQUA, 0.5)


def _moons(c: Canvas) -> None:
    chance = c.chance("moons")
    x, y = chance.uniform(1.9, 2.7), chance.uniform(-2.6, -1.5)
    for mx, my, radius in ((x, y, 0.98), (x - chance.uniform(4.2, 5.0), y - 0.5, 0.42)):
        u, v = (c.X - mx) / radius, (c.Y - my) / radius
        lit = np.clip(0.72 - 0.55 * u - 0.5 * v, 0.12, 1.1)
        craters = 0.86 + 0.28 * c.fbm(f"craters {radius}", octaves=6, cells=(9, 8))
        scenery.spot(c, mx, my, radius=radius * 1.7, colour="#d9d0ff", strength=0.35)
        c.paint(c.ellipse(mx, my, radius), rgb("#f4eefc") * (lit * craters)[..., None], 0.96)


def _towers(c: Canvas, purpose: str, count: int, rise: float, *, colour: Field, near: int) -> None:
    """Raise needles with ring platforms; the nearer ones have lit windows."""
    chance, row = c.chance(purpose), c.zeros()
    for k in range(count):
        x = -4 + 8 * (k + chance.uniform(0.15, 0.85)) / count
        if near == 2 and abs(x) < 1.7:
            continue
        half, top = (chance.uniform(0.12, 0.24) * (1 + 0.5 * near),
            1.1 - chance.uniform(0.35, 1) * rise)  # fmt: skip
        needle = [(x, top - 1.0), (x + half * 0.12, top - 0.35), (x + half * 0.55, top),
            (x + half, 1.6), (x + half * 1.7, 6), (x - half * 1.7, 6), (x - half, 1.6),
            (x - half * 0.55, top), (x - half * 0.12, top - 0.35)]  # fmt: skip
        row = np.maximum(row, c.area(needle, curved=False))
        for at in chance.uniform(top + 0.2, 1.8, 2):
            row = np.maximum(row, c.ellipse(x, float(at), half * 1.9, 0.09 + 0.03 * near))
    side = np.clip(1.12 - 0.5 * smooth(row, 3) + 0.35 * (smooth(row, 2) - np.roll(smooth(row, 2),
        4, 1)), 0.5, 1.4)  # fmt: skip
    c.paint(row, colour * side[..., None])
    columns = np.sin(c.X * c.e / (1.5 + near)) > 0.6
    floors = c.fbm(f"{purpose} lights", octaves=2, cells=(60, 70)) > 0.68
    lights = smooth(as_field(row * columns * floors), 0.9) * (1 - 0.7 * c.face(2.2, 2.6, 20))
    c.glow(lights, "#9ff4ff" if near != 1 else "#ffd9f0", 0.3 + 0.2 * near)


def _lanes(c: Canvas) -> None:
    """Let small craft fly along two lanes of light."""
    chance = c.chance("lanes")
    for colour in ("#8ff2ff", "#ffb8e6"):
        y, bend = chance.uniform(-0.8, 1.4), chance.uniform(-0.6, 0.6)
        path = [(-4.2, y), (-1.5, y + bend * 0.4), (1.5, y + bend), (4.2, y + bend * 0.5)]
        line = c.line(path, 0.03)
        c.glow(smooth(line, 1.2) + smooth(line, 6) * 1.5, colour, 0.5)


def front(c: Canvas) -> None:
    """Draw the suit, its seams, the clear collar and a hologram."""
    _suit(c)
    for s in costume.SIDES:
        _shoulder(c, s)
    _chest(c)
    _collar(c)
    _hologram(c)


def _seam(c: Canvas, points: Points, width: float = 0.05, *, curved: bool = True) -> None:
    """Cut a groove and let it glow."""
    c.shade(c.line(points, width * 2.1, curved=curved), "#8f93b5", "stitch", contact=NONE)
    tube = c.line(points, width, curved=curved)
    c.paint(tube, "#d8fdff")
    c.glow(smooth(tube, 2) * 0.8 + smooth(tube, 8) * 1.2, AQUA, 0.75)


def _nacre(c: Canvas) -> Field:
    """Return pearl with a breath of lilac and aqua."""
    wave = 0.5 + 0.5 * np.sin(c.X * 1.1 + c.Y * 1.7 + c.fbm("nacre", octaves=2) * 5)
    return blend(blend(PEARL, "#d3cdf0", wave * 0.6), "#cdeef0", np.clip(0.7 - wave, 0, 1) * 0.7)


def _suit(c: Canvas) -> None:
    y = c.chin
    throat = c.area(mirrored([(0, y + 0.5), (0.6, y + 0.42), (0.95, 2.4), (1.25, 3.1), (0, 3.3)]))
    c.shade(throat, "#3d4267", "leather", bump=np.sin(c.Y * 26) * 1.4)
    body = costume.torso(c, top=2.75, neck=1.15, shoulder=2.3) * (1 - c.ellipse(0, 2.35, 1.0,
        0.62))  # fmt: skip
    c.shade(body, _nacre(c), "jacket")
    for s in costume.SIDES:
        _seam(c, costume.side([(1.1, 2.85), (1.6, 3.6), (1.45, 4.5), (1.1, 5.8)], s))
        _seam(c, costume.side([(2.5, 4.0), (2.3, 4.8), (2.35, 6)], s), 0.04)


def _shoulder(c: Canvas, s: int) -> None:
    points = [(1.6, 2.9), (2.2, 2.78), (2.85, 3.1), (3.3, 3.75), (3.2, 4.2), (2.5, 3.75),
        (1.8, 3.3)]  # fmt: skip
    shell = costume.side(points, s)
    c.shade(c.area(shell), _nacre(c), "plastic", sigmas=(3, 9, 20), depth=1.15)
    _seam(c, costume.side([(1.7, 3.2), (2.5, 3.62), (3.15, 4.1)], s), 0.045)


def _chest(c: Canvas) -> None:
    """Set a raised panel with a prism of light in the middle."""
    panel = c.area(mirrored([(0, 3.3), (0.62, 3.2), (0.8, 3.7), (0.42, 4.9), (0, 5.4)]),
        curved=False)  # fmt: skip
    c.shade(smooth(panel, 1), "#c9c4e2", "plastic", sigmas=(2, 6), depth=1.1, contact=CLOSE)
    prism = c.area([(0, 3.55), (0.2, 4.0), (0, 4.75), (-0.2, 4.0)], curved=False)
    c.shade(prism, "#7fdcf2", "jewel", contact=CLOSE)
    c.glow(prism * 0.35 + smooth(prism, 9) * 0.9, AQUA, 0.8)
    c.paint(c.area([(0, 3.55), (0.2, 4.0), (0, 4.05), (-0.2, 4.0)], curved=False), "#ffffff", 0.5)


def _collar(c: Canvas) -> None:
    """Close the clear collar: only its rim and its reflections show."""
    _rim(c, behind=False)
    for s in costume.SIDES:
        shine = costume.side([(1.3, 2.75), (1.72, 1.95), (1.56, 2.02), (1.14, 2.8)], s)
        c.paint(smooth(c.area(shine), 1.5), "#ffffff", 0.5)
    _seam(c, [(-1.25, 2.78), (-0.6, 3.05), (0, 3.12), (0.6, 3.05), (1.25, 2.78)], 0.06)


def _hologram(c: Canvas) -> None:
    """Let a small world of light turn above the hand side."""
    x, y, tilt = 2.75, 1.35, float(c.chance("hologram").uniform(0.2, 0.5))
    angle = np.linspace(0, 2 * np.pi, 25)[:-1]
    light = c.zeros()
    for rx, ry in ((0.62, 0.62), (0.62, 0.2), (0.24, 0.62)):
        light = np.maximum(light, c.line([(x + rx * np.cos(a),
            y + ry * np.sin(a)) for a in angle], 0.022, closed=True))  # fmt: skip
    orbit = [(x + 0.98 * np.cos(a), y + 0.3 * np.sin(a) - tilt * 0.5 * np.cos(a)) for a in angle]
    light = np.maximum(light, c.line(orbit, 0.03, closed=True))
    beam = c.area([(x - 0.1, 3.1), (x + 0.1, 3.1), (x + 0.75, 1.5), (x - 0.75, 1.5)], curved=False)
    c.glow(smooth(beam, 5) * c.above(3.1, 1.8), AQUA, 0.16)
    c.glow(light * 0.9 + smooth(light, 3) * 0.9 + c.ellipse(x, y, 0.62) * 0.1, AQUA, 0.8)
    c.glow(c.ellipse(*orbit[int(3 + tilt * 20)], 0.09), "#ffffff", 0.9)


def opening(c: Canvas) -> Field:
    """End the neck inside the dark throat piece."""
    return c.above(2.55, 0.3)


SCENARIO = Scenario(id="futurist", behind=behind, front=front, opening=opening,
    light=MOONLIGHT, e=68, ey=266, mood=Mood.HALF, relight=0.65, rim=0.4, wrap=0.12,
    finish=Finish(bloom=0.4))  # fmt: skip
