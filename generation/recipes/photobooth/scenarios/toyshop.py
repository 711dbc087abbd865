# SPDX-License-Identifier: Apache-2.0
"""Toyshop: a painted wooden figure in a box with a window, a tin robot and blocks beside it."""

import numpy as np

from generation.recipes.photobooth import costume
from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas
from generation.recipes.photobooth.colour import blend, rgb
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth, star
from generation.recipes.photobooth.light import Light
from generation.recipes.photobooth.scenario import Scenario

SHOP = Light(key=(-0.5, -0.65, 0.57), key_colour="#fffaf0", power=1.05, ambient="#6d7484",
    fill=1.1, rim=(0.9, -0.3, -0.2), rim_colour="#ffffff", rim_power=0.5)  # fmt: skip
RED, YELLOW, SKY, WHITE, GOLD = "#d8322f", "#f9c531", "#6cc0ea", "#fbf6ea", "#e2b04a"
BOXES = ((RED, YELLOW, SKY), ("#1f7fb8", YELLOW, "#f9d9a0"), ("#e8a21f", RED, "#8fd0e6"),
    ("#2f9a7a", YELLOW, "#f7b8a0"))  # fmt: skip
"""Card, print, and back wall of the box."""


def _rounded(
    c: Canvas, left: float, top: float, right: float, bottom: float, *, radius: float
) -> Field:
    """Fill a rectangle with round corners."""
    dx = np.maximum(np.maximum(left + radius - c.X, c.X - right + radius), 0)
    dy = np.maximum(np.maximum(top + radius - c.Y, c.Y - bottom + radius), 0)
    return as_field(np.clip((radius - np.hypot(dx, dy)) * c.e + 0.5, 0, 1))


def _colours(c: Canvas) -> tuple[str, str, str]:
    return BOXES[int(c.chance("box").integers(len(BOXES)))]


def behind(c: Canvas) -> None:
    """Draw the box's printed back wall, its sides, a robot, blocks, and the wind-up key."""
    _, ink, wall = _colours(c)
    angle = np.arctan2(c.Y - 0.4, c.X)
    rays = ramp(np.sin(angle * 12 + c.chance("rays").uniform(0, 6)), -0.08, 0.08)
    c.fill(blend(wall, blend(wall, WHITE, c.zeros() + 0.45), rays))
    chance = c.chance("print")
    for x in np.arange(-3.4, 3.5, 0.85):
        for y in np.arange(-2.7, 3, 0.95):
            at = (float(x) + 0.42 * (int((y + 9) / 0.95) % 2),
                float(y) + chance.uniform(-0.05, 0.05))  # fmt: skip
            c.paint(c.area(star(*at, 0.15, turn=chance.uniform(0, 1)), curved=False), ink, 0.55)
    c.darken(1 - _rounded(c, -3.05, -2.75, 3.05, 6.5, radius=0.1), 0.32)
    c.darken(1 - smooth(_rounded(c, -3.0, -2.7, 3.0, 6.5, radius=0.3), 14), 0.35)
    _robot(c, -2.55, 1.75)
    _blocks(c)
    _key(c)


def _robot(c: Canvas, x: float, y: float) -> None:
    """Press a tin robot: head, antennae, dial, grille, claw arms."""
    tin = str(c.chance("tin").choice(["#7fa6b8", "#c98a5a", "#8fb07a", "#b09ac0"]))
    for s in costume.SIDES:
        c.shade(c.line([(x + s * 0.28, y - 1.5), (x + s * 0.42, y - 1.95)], 0.06), "#c9ccd4",
            "metal", sigmas=(2,), contact=TIGHT)  # fmt: skip
        c.shade(c.ellipse(x + s * 0.43, y - 2.0, 0.11), RED, "plastic", contact=TIGHT)
        c.shade(c.line([(x + s * 0.6, y - 0.25), (x + s * 0.85, y + 0.35),
            (x + s * 0.8, y + 0.7)], 0.17), "#b9bec8", "metal", sigmas=(3,),
            bump=np.sin(c.Y * 50), contact=CLOSE)  # fmt: skip
    head = _rounded(c, x - 0.5, y - 1.55, x + 0.5, y - 0.72, radius=0.14)
    c.shade(head, tin, "plastic", sigmas=(3, 8))
    for s in costume.SIDES:
        c.shade(c.ellipse(x + s * 0.22, y - 1.2, 0.17), GOLD, "gold", contact=TIGHT)
        c.shade(c.ellipse(x + s * 0.22, y - 1.2, 0.11), "#fff2a8", "jewel", contact=NONE)
    c.paint(_rounded(c, x - 0.28, y - 0.95, x + 0.28, y - 0.83, radius=0.03),
        blend("#2a2d34", "#e9e4d8", as_field(np.sin(c.X * 45) > 0)))  # fmt: skip
    c.shade(_rounded(c, x - 0.22, y - 0.75, x + 0.22, y - 0.6, radius=0.05), "#9a9fa8", "metal",
        contact=TIGHT)  # fmt: skip
    c.shade(_rounded(c, x - 0.66, y - 0.62, x + 0.66, y + 0.85, radius=0.16), tin, "plastic",
        sigmas=(3, 10))  # fmt: skip
    c.shade(c.ellipse(x, y - 0.1, 0.34), WHITE, "plastic", contact=CLOSE)
    c.paint(c.line([(x, y - 0.1), (x + 0.16, y - 0.3)], 0.05), RED)
    for k, colour in enumerate((RED, YELLOW, SKY)):
        c.shade(c.ellipse(x - 0.3 + 0.3 * k, y + 0.5, 0.1), colour, "plastic", contact=TIGHT)
    for s in costume.SIDES:
        c.shade(_rounded(c, x + s * 0.33 - 0.22, y + 0.85, x + s * 0.33 + 0.22, y + 1.5,
            radius=0.08), "#8a8f9a", "metal")  # fmt: skip


def _blocks(c: Canvas) -> None:
    """Stack four blocks with a shape on each, never quite straight."""
    chance = c.chance("blocks")
    order = chance.permutation(4)
    for k, (x, y, size) in enumerate(
        ((2.75, 2.35, 0.4), (2.75, 1.6, 0.34), (2.68, 0.95, 0.3), (2.82, 0.4, 0.25))
    ):
        face, sign = ((RED, WHITE), (YELLOW, RED), ("#3f9ad0", WHITE),
            ("#4aa86a", YELLOW))[order[k]]  # fmt: skip
        a = chance.uniform(-0.12, 0.12)
        cos, sin = float(np.cos(a)) * size, float(np.sin(a)) * size
        corners = [(x + p * cos - q * sin, y + p * sin + q * cos) for p,
            q in ((-1, -1), (1, -1), (1, 1), (-1, 1))]  # fmt: skip
        c.shade(smooth(c.area(corners, curved=False), 1.2), face, "plastic", sigmas=(3, 7),
            depth=1.0)  # fmt: skip
        inner = [(x + (p - x) * 0.74, y + (q - y) * 0.74) for p, q in corners]
        c.shade(c.line(inner, 0.045, closed=True, curved=False), sign, "stitch", contact=NONE)
        shape = (star(x, y, size * 0.55), [(x, y - size * 0.5), (x + size * 0.5, y + size * 0.4),
            (x - size * 0.5, y + size * 0.4)])[k % 2]  # fmt: skip
        c.paint(c.area(shape, curved=False) if k < 3 else c.ellipse(x, y, size * 0.42), sign)


def _key(c: Canvas) -> None:
    """Put the wind-up key in the back: its wings stand out behind the shoulder."""
    x, y = 1.95, 2.5
    c.shade(c.line([(1.4, 2.9), (x, y)], 0.2), GOLD, "gold", sigmas=(3,), contact=CLOSE)
    for dx, dy in ((0.38, 0.32), (0.1, -0.42)):
        wing = np.clip(c.ellipse(x + dx, y + dy, 0.42) - c.ellipse(x + dx, y + dy, 0.17), 0, 1)
        c.shade(as_field(wing), GOLD, "gold", sigmas=(3, 6))


def front(c: Canvas) -> None:
    """Draw the figure, then the box's card and the window before it."""
    _body(c)
    for s in costume.SIDES:
        _arm(c, s)
    _collar(c)
    _card(c)
    _window(c)


def _body(c: Canvas) -> None:
    """Turn a body from wood and paint a jacket on it."""
    block = c.area(mirrored([(0, 2.6), (1.0, 2.62), (1.55, 2.85), (1.8, 3.4), (1.85, 4.6),
        (1.95, 7), (0, 7)]))  # fmt: skip
    sash = ramp(np.abs(c.Y - 4.6), 0.26, 0.24)
    panel = ramp(np.abs(c.X), 0.64, 0.62) * c.above(4.35, 0.01)
    paint = blend(blend("#d6302c", "#2c5fa8", panel), YELLOW, sash)
    grain = 0.95 + 0.08 * c.fbm("grain", cells=(6, 70))
    c.shade(block, paint * grain[..., None], "plastic", sigmas=(4, 16, 40), depth=1.25)
    for k in range(3):
        y = 3.15 + 0.42 * k
        braid = c.line([(-0.56, y), (0, y + 0.1), (0.56, y)], 0.09)
        c.shade(braid, YELLOW, "gold", contact=TIGHT)
        for s in costume.SIDES:
            costume.button(c, s * 0.56, y, radius=0.13, colour=GOLD)
    c.shade(_rounded(c, -0.32, 4.31, 0.32, 4.89, radius=0.08), GOLD, "gold", contact=CLOSE)


def _arm(c: Canvas, s: int) -> None:
    """Hang an arm on a peg; one of them waves."""
    shoulder, elbow = (s * 2.12, 3.2), (s * 2.5, 4.3)
    hand = (s * 2.62, 5.4)
    c.shade(c.line([shoulder, elbow, hand], 0.82), "#d6302c", "plastic", sigmas=(4, 14, 22),
        depth=1.25, contact=(2, 6, 8, 0.5))  # fmt: skip
    c.shade(c.ellipse(s * 2.1, 3.1, 0.52, 0.4), YELLOW, "plastic", sigmas=(3, 9), contact=CLOSE)
    costume.button(c, s * 2.1, 3.1, radius=0.14, colour=GOLD)
    c.shade(c.line([(s * 2.22, 4.55), (s * 2.95, 4.5)], 0.2), YELLOW, "plastic", sigmas=(2, 4),
        contact=TIGHT)  # fmt: skip


def _collar(c: Canvas) -> None:
    """Fit a turned ring where the head is pegged on."""
    y = c.chin + 0.52
    for dy, rx, ry, colour in ((0.42, 1.2, 0.36, "#2c5fa8"), (0.2, 1.0, 0.32, YELLOW),
        (0.02, 0.84, 0.26, WHITE)):  # fmt: skip
        disc = c.ellipse(0, y + dy, rx, ry) * c.below(y + dy - ry * 0.75, 0.12)
        c.shade(disc, colour, "plastic", sigmas=(3, 9), contact=(1, 5, 6, 0.5))


def _card(c: Canvas) -> None:
    """Print the box's front: stars round the window, a badge, and the slot to hang it by."""
    card, ink, _ = _colours(c)
    hole = _rounded(c, -3.42, -3.05, 3.42, 4.85, radius=0.55)
    front_ = as_field(1 - hole)
    fibre = 0.96 + 0.06 * c.fbm("card", cells=(60, 50))
    c.shade(front_, rgb(card) * fibre[..., None], "felt", sigmas=(2, 5), contact=(7, 10, 11, 0.55))
    edge = np.clip(_rounded(c, -3.54, -3.17, 3.54, 4.97, radius=0.65) - _rounded(c, -3.48, -3.11,
        3.48, 4.91, radius=0.6), 0, 1)  # fmt: skip
    c.shade(as_field(edge), ink, "trim", contact=NONE)
    for k in range(9):
        x = -3.3 + 0.825 * k
        if abs(x) > 1.3:
            c.shade(c.area(star(x, -3.7 + 0.1 * (k % 2), 0.26), curved=False), ink, "felt",
                sigmas=(2,), contact=TIGHT)  # fmt: skip
        colour = (ink, WHITE, "#8fd0f0")[k % 3]
        c.shade(c.ellipse(x, 5.13, 0.12) if k % 2 else c.area(star(x, 5.13, 0.17), curved=False),
            colour, "felt", sigmas=(2,), contact=TIGHT)  # fmt: skip
    slot = np.maximum(_rounded(c, -0.85, -3.78, 0.85, -3.52, radius=0.13),
        c.ellipse(0, -3.78, 0.3))  # fmt: skip
    c.paint(slot, "#2b2a30")
    c.paint(np.clip(slot - smooth(slot, 2), 0, 1), "#ffffff", 0.2)


def _window(c: Canvas) -> None:
    """Stretch clear film over the window: two soft streaks, thin before the face."""
    hole = _rounded(c, -3.42, -3.05, 3.42, 4.85, radius=0.55)
    across = c.X * 0.8 + c.Y * 0.6
    streak = np.maximum(ramp(np.abs(across + 2.35), 0.42, 0.36),
        ramp(np.abs(across + 1.5), 0.16, 0.12))  # fmt: skip
    other = ramp(np.abs(across - 4.1), 0.5, 0.44)
    film = (smooth(as_field(np.maximum(streak, other * 0.7)),
        1.2) * hole * (1 - 0.9 * c.face(1.6, 2.2, 14)))  # fmt: skip
    c.paint(film, "#ffffff", 0.26)
    c.glow(np.clip(smooth(as_field(1 - hole), 5), 0, 1) * hole, "#ffffff", 0.12)


def opening(c: Canvas) -> Field:
    """End the neck in its ring; let long hair fall beside it."""
    beside = ramp(np.abs(c.X), 1.0, 1.25)
    return as_field(np.maximum(c.above(c.chin + 0.62, 0.15), beside * c.above(2.9, 0.5)))


SCENARIO = Scenario(id="toyshop", behind=behind, front=front, opening=opening, light=SHOP, e=64,
    ey=284, relight=0.55, rim=0.3, wrap=0.12)  # fmt: skip
