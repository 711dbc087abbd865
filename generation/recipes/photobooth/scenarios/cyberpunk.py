# SPDX-License-Identifier: Apache-2.0
"""Cyberpunk: black leather with cyan and pink light, neon and rain in a night street."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.finish import Finish
from generation.recipes.photobooth.geometry import Field, Points, as_field, mirrored, smooth
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Mood, Scenario

NIGHT = Light(
    key=(-0.7, -0.35, 0.55), key_colour="#e8f4ff", ambient="#4a3a70",
    rim=(0.92, -0.15, -0.15), rim_colour="#ff3fa8", rim_power=1.0,
)  # fmt: skip
CYAN, PINK, YELLOW, VIOLET = "#2fe6ff", "#ff3fb0", "#ffd23f", "#9a5bff"
TUBES = (CYAN, PINK, YELLOW, VIOLET)
WINDOWS = ("#ffcf7a", "#58e0ff", "#ff6ad0")


def behind(c: Canvas) -> None:
    """Draw the canyon of towers, neon signs, rain and the back of the collar."""
    scenery.gradient(c, [(0, "#0a0a20"), (0.5, "#34104c"), (0.75, "#1a1038"), (1, "#080814")])
    glow = np.exp(-((c.X / 1.7) ** 2) - ((c.Y - 1) / 2.9) ** 2)
    c.glow(as_field(glow), str(c.chance("haze").choice(["#ff4fa8", "#8a4fff", "#2f8aff"])), 0.75)
    for s in costume.SIDES:
        _canyon(c, s)
    _signs(c)
    c.soften(1.3)
    scenery.rain(c, "rain")
    _hologram(c)
    back = c.area(mirrored([(0, 1.9), (1.2, 1.25), (1.8, 1.3), (1.85, 2.6), (0, 3.2)]))
    c.shade(back, "#16161f", "leather")


def _canyon(c: Canvas, s: int) -> None:
    """Recede four towers on one side, some windows lit."""
    chance = c.chance(f"canyon {s}")
    for k in range(4):
        wide = int((2.2 - 0.48 * k) * c.e)
        top = int((0.3 + 1.05 * k + chance.uniform(-0.25, 0.25)) * c.e)
        left, right = (0, wide) if s < 0 else (c.width - wide, c.width)
        tower = c.rgba[top:, left:right, :3]
        tower[:] = tower * 0.25 + rgb("#14122e") * np.float32((1 + 0.35 * k) * 0.75)
        for y in range(top + 10, c.height, 16):
            for x in range(left + 6, right - 8, 12):
                if chance.random() < 0.22:
                    light = rgb(WINDOWS[int(chance.integers(3))]) * np.float32(
                        chance.uniform(0.3, 0.8)
                    )
                    c.rgba[y : y + 7, x : x + 6, :3] = light


def _signs(c: Canvas) -> None:
    """Hang framed neon pictures on both sides; the seed shuffles pictures and colours."""
    chance = c.chance("signs")
    pictures = chance.permutation(len(PICTURES))
    colours = chance.permutation(4)
    for k, (x, y, size) in enumerate(((-2.8, -1.9, 0.58), (3.05, -2.3, 0.6), (-2.85, 0.55, 0.62),
                                      (3.0, 0.9, 0.46))):  # fmt: skip
        frame = [(x - size * 1.15, y - size * 1.3), (x + size * 1.15, y - size * 1.3),
                 (x + size * 1.15, y + size * 1.3), (x - size * 1.15, y + size * 1.3)]  # fmt: skip
        tubes = c.zeros()
        if k in (0, 3):
            c.paint(c.area(frame, curved=False), "#0a0a16", 0.7)
            tubes = c.line(frame, 0.05, closed=True, curved=False)
        for path in PICTURES[int(pictures[k])]:
            shape = [(x + a * size, y + b * size) for a, b in path]
            tubes = np.maximum(tubes, c.line(shape, 0.055))
        scenery.neon(c, tubes, TUBES[int(colours[k])], 0.9)


def _ring(
    x: float, y: float, rx: float, ry: float, turn: tuple[float, float] = (0, 6.283)
) -> Points:
    """Return an arc as points; angles in radians, clockwise from the right."""
    turns = np.linspace(*turn, 17)
    return [(x + rx * float(np.cos(t)), y + ry * float(np.sin(t))) for t in turns]


PICTURES: tuple[tuple[Points, ...], ...] = (
    # a bowl of noodles
    (_ring(0, 0.1, 0.8, 0.75, (0, 3.14)), [(-0.85, 0.1), (0.85, 0.1)], [(0.1, 0), (0.7, -0.95)],
     [(-0.3, -0.15), (-0.15, -0.45), (-0.4, -0.7), (-0.25, -1)]),
    # a cat
    ([(-0.7, -0.9), (-0.35, -0.5), (0.35, -0.5), (0.7, -0.9), (0.8, 0.1), (0, 0.85), (-0.8, 0.1),
      (-0.7, -0.9)], _ring(-0.3, 0, 0.1, 0.14), _ring(0.3, 0, 0.1, 0.14),
     [(-0.1, 0.35), (0.1, 0.35)]),
    # a planet with its ring
    (_ring(0, 0, 0.55, 0.55), [(-0.95, 0.35), (-0.5, 0.42), (0.5, -0.1), (0.95, -0.45)]),
    # a flash
    ([(0.2, -1), (-0.45, 0.1)], [(-0.45, 0.1), (0.35, 0.02)], [(0.35, 0.02), (-0.2, 1)]),
    # a fish
    ([(-0.55, 0), (0, -0.5), (0.8, 0), (0, 0.5), (-0.55, 0)], [(-0.55, 0), (-0.95, -0.45)],
     [(-0.55, 0), (-0.95, 0.45)], _ring(0.42, -0.08, 0.07, 0.07)),
    # arrows downwards
    ([(-0.6, -0.8), (0, -0.3)], [(0, -0.3), (0.6, -0.8)], [(-0.6, -0.1), (0, 0.4)],
     [(0, 0.4), (0.6, -0.1)]),
)  # fmt: skip


def _hologram(c: Canvas) -> None:
    """Float thin arcs of light beside the head."""
    lines = c.zeros()
    for radius, turn in ((2.45, (-0.62, 0.32)), (2.65, (-0.4, 0.12))):
        lines = np.maximum(lines, c.line(_ring(0, 0.1, radius, radius, turn), 0.03))
    for a in np.linspace(-0.55, 0.25, 8):
        cos, sin = float(np.cos(a)), float(np.sin(a))
        tick = [(2.3 * cos, 0.1 + 2.3 * sin), (2.4 * cos, 0.1 + 2.4 * sin)]
        lines = np.maximum(lines, c.line(tick, 0.025))
    c.glow(lines * 0.9 + smooth(lines, 3), CYAN)


def front(c: Canvas) -> None:
    """Draw jacket, shoulder plates, collar with its strips of light, zip and ear-piece."""
    body = costume.torso(c, shoulder=2.7)
    grain = c.fbm("grain", cells=(60, 48), octaves=2) * 0.8
    c.shade(body, "#23232f", "jacket", bump=c.folds("jacket", 11) + grain)
    neck = c.area(mirrored([(0, 2.2), (0.8, 2.0), (1.0, 2.6), (0.6, 4.6), (0, 5.2)]))
    ribs = np.abs(np.sin(c.Y * 9)) * 2
    c.shade(neck, "#14141c", "knit", bump=as_field(ribs), contact=(0, 3, 5, 0.5))
    lights = {-1: c.zeros(), 1: c.zeros()}
    for s in costume.SIDES:
        lights[s] = np.maximum(_shoulder(c, s), _collar(c, s))
    zip_ = c.line([(0, 4.35), (0, 6)], 0.11)
    c.shade(zip_, "#9a9aa8", "metal", sigmas=(2,), bump=np.sin(c.Y * 60) * 0.8, contact=CLOSE)
    _circuit(c, lights)
    for s, colour in ((-1, CYAN), (1, PINK)):
        scenery.neon(c, lights[s], colour, 0.75)
    _ear_piece(c, -1.24, 0.14)


def _shoulder(c: Canvas, s: int) -> Field:
    """Rivet on a steel plate; return its strip of light."""
    plate = [(1.95, 2.95), (2.75, 2.95), (3.5, 3.65), (3.45, 4.35), (2.5, 3.9), (2.05, 3.5)]
    c.shade(
        c.area(costume.side(plate, s), curved=False), "#4a4c5e", "metal", contact=(1, 5, 6, 0.55)
    )
    low = [(2.3, 4.15), (3.4, 4.6), (3.5, 5.1), (2.45, 4.6)]
    c.shade(
        c.area(costume.side(low, s), curved=False), "#3c3e50", "metal", contact=(1, 5, 6, 0.55)
    )
    for x, y in ((2.15, 3.1), (3.3, 4.15), (2.6, 3.78)):
        costume.button(c, s * x, y, radius=0.07, colour="#c0c4d0", material="metal")
    return c.line(costume.side([(2.2, 3.22), (2.7, 3.22), (3.25, 3.78)], s), 0.06, curved=False)


def _collar(c: Canvas, s: int) -> Field:
    """Raise the collar; return the light along its edge."""
    wing = [(0.62, 2.55), (1.22, 1.5), (1.75, 1.25), (2.0, 2.5), (1.5, 3.5), (0.7, 4.6),
            (0.1, 5.2), (0.1, 4.0)]  # fmt: skip
    c.shade(c.area(costume.side(wing, s)), "#2c2c3a", "leather", contact=(1, 6, 7, 0.55))
    seam = [(1.72, 1.5), (1.85, 2.5), (1.4, 3.35), (0.7, 4.35)]
    c.shade(c.line(costume.side(seam, s), 0.03), "#5a5a70", "stitch", contact=NONE)
    for y in (3.0, 3.5):
        costume.button(
            c, s * (1.35 - 0.55 * (y - 3)), y, radius=0.08, colour="#b8bcc8", material="metal"
        )
    return c.line(costume.side([(1.24, 1.42), (0.7, 2.6), (0.32, 4.2), (0.28, 4.85)], s), 0.06)


def _circuit(c: Canvas, lights: dict[int, Field]) -> None:
    """Run a thin circuit over each side of the chest."""
    for s in costume.SIDES:
        wire = [(1.2, 4.2), (1.75, 4.2), (2.05, 4.5), (2.05, 5.5)]
        lines = c.line(costume.side(wire, s), 0.028, curved=False)
        for x, y in (wire[0], wire[2]):
            lines = np.maximum(lines, c.ellipse(s * x, y, 0.07))
        lights[s] = np.maximum(lights[s], lines * 0.8)


def _ear_piece(c: Canvas, x: float, y: float) -> None:
    """Clip a small radio over the ear, with a ring of light and a boom along the jaw."""
    c.shade(
        c.line([(x + 0.02, y + 0.2), (x + 0.16, y + 0.85), (x + 0.5, y + 1.2)], 0.075),
        "#3a3c4a",
        "metal",
        contact=CLOSE,
    )
    c.shade(c.ellipse(x, y, 0.24, 0.34), "#2a2c38", "metal", sigmas=(2, 5), contact=(2, 3, 4, 0.5))
    ring = np.clip(c.ellipse(x, y, 0.17, 0.25) - c.ellipse(x, y, 0.11, 0.18), 0, 1)
    c.glow(ring + smooth(ring, 3), CYAN, 0.9)
    c.shade(c.ellipse(x + 0.52, y + 1.22, 0.075), "#20222c", "plastic", contact=TIGHT)


def opening(c: Canvas) -> Field:
    """End the neck inside the collar."""
    return c.above(2.75, 0.4)


SCENARIO = Scenario(
    id="cyberpunk", behind=behind, front=front, opening=opening, light=NIGHT, e=70, ey=264,
    mood=Mood.NEUTRAL, relight=0.8, rim=0.7, wrap=0.35, head_shadow=0.4, neck=0.5,
    finish=Finish(bloom=0.5, bloom_over=0.75, vignette=0.4, grain=0.018),
)  # fmt: skip
