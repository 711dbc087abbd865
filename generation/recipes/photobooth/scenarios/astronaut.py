# SPDX-License-Identifier: Apache-2.0
"""Astronaut: a glass sphere on a white suit, Earth rising behind."""

import numpy as np

from generation.recipes.photobooth import costume, scenery
from generation.recipes.photobooth.canvas import CLOSE, Canvas
from generation.recipes.photobooth.geometry import Field, as_field, mirrored, ramp, smooth
from generation.recipes.photobooth.light import COLD
from generation.recipes.photobooth.scenario import Scenario

BUTTONS = ("#e8503a", "#f2b632", "#49b36b", "#3e7fd6")
GLASS = (0, -0.1, 2.72)


def behind(c: Canvas) -> None:
    """Draw space, the Earth, the inside of the helmet and the back of its ring."""
    chance = c.chance("place")
    scenery.gradient(c, [(0, "#050816"), (0.6, "#0b1638"), (1, "#0a1a40")])
    scenery.nebula(c, "nebula", str(chance.choice(["#5a3a9a", "#2a5a9a", "#7a3a6a"])))
    scenery.stars(c, "stars", 330)
    scenery.planet(
        c, chance.uniform(3.2, 4.4), chance.uniform(0.6, 3.2), radius=chance.uniform(3.2, 4.2)
    )
    c.paint(c.ellipse(0, -0.1, 2.55, 2.6), "#0d1426", 0.5)
    c.shade(c.ellipse(0, 2.35, 1.95, 0.75), "#9aa2b0", "metal")
    c.paint(c.ellipse(0, 2.33, 1.6, 0.52), "#20242c")


def front(c: Canvas) -> None:
    """Draw the suit, its ring, the control box and the glass."""
    _suit(c)
    _box(c)
    _glass(c)


def _suit(c: Canvas) -> None:
    liner = c.area(mirrored([(0, 2.2), (1.0, 2.05), (1.5, 2.4), (1.7, 3.2), (0, 3.2)]))
    c.shade(liner, "#2b3140", "leather")
    outline = [(0, 2.85), (1.4, 2.6), (2.3, 2.75), (3.2, 3.2), (3.9, 4.2), (4.2, 7.6), (0, 7.6)]
    suit = c.area(mirrored(outline)) * (1 - c.ellipse(0, 2.3, 1.75, 0.62))
    c.shade(suit, "#e4e7ec", "cloth", bump=c.folds("suit", 12) + _padding(c))
    for s in costume.SIDES:
        stripe = c.line([(s * 1.5, 2.75), (s * 1.75, 4.2), (s * 1.7, 7)], 0.16) * suit
        c.shade(stripe, "#d8432f", "felt", sigmas=(2,), contact=CLOSE)
        seam = c.line([(s * 2.75, 3.2), (s * 2.6, 5), (s * 2.55, 7)], 0.06) * suit
        c.shade(seam, "#9aa0aa", "stitch", contact=(0, 2, 3, 0.5))
        c.shade(c.ellipse(s * 3.05, 4.35, 0.36), "#2f63b8", "collar", contact=CLOSE)
        c.paint(c.ring(s * 3.05, 4.35, 0.36, 0.29), "#e9c45a")
    ring = np.clip(c.ellipse(0, 2.42, 2.02, 0.82) - c.ellipse(0, 2.30, 1.72, 0.60), 0, 1)
    c.shade(ring * c.below(2.2, 0.2), "#c9cdd6", "metal", sigmas=(2, 5), contact=(0, 6, 6, 0.45))


def _padding(c: Canvas) -> Field:
    """Return soft horizontal rolls at the arms: pressure suits are quilted there."""
    arm = ramp(np.abs(c.X), 2.5, 3.0)
    return as_field(np.abs(np.sin(c.Y * 4.2)) ** 0.6 * 7 * arm)


def _box(c: Canvas) -> None:
    box = c.area([(-1.05, 4.35), (1.05, 4.35), (1.15, 6.6), (-1.15, 6.6)], curved=False)
    c.shade(box, "#c7ccd4", "plastic", sigmas=(2, 5), depth=1.0)
    for k, colour in enumerate(c.chance("buttons").permutation(BUTTONS)):
        costume.button(
            c, -0.72 + 0.48 * k, 4.8, radius=0.15, colour=str(colour), material="plastic"
        )
    screen = c.area([(-0.75, 5.15), (0.75, 5.15), (0.75, 5.5), (-0.75, 5.5)], curved=False)
    c.shade(screen, "#16324a", "plastic", sigmas=(2,), contact=CLOSE)
    pulse = [(-0.65, 5.35), (-0.3, 5.35), (-0.2, 5.23), (-0.1, 5.45), (0, 5.35), (0.65, 5.35)]
    c.glow(c.line(pulse, 0.03, curved=False), "#63e0ff", 0.8)


def _glass(c: Canvas) -> None:
    x, y, radius = GLASS
    reach = np.hypot(c.X - x, c.Y - y) / radius
    sphere = np.clip((1 - reach) * 40, 0, 1) * c.above(2.55, 0.3)
    edge = np.clip((reach - 0.72) / 0.28, 0, 1) ** 2.2 * sphere
    c.darken(edge, 0.5)
    c.glow(edge, "#a9d2ff", 0.7)
    window = c.area(
        [(-1.75, -1.75), (-0.9, -2.25), (-0.2, -2.4), (-0.75, -2.05), (-1.5, -1.35), (-1.95, -0.5)]
    )
    c.paint(smooth(window, 3), "#ffffff", 0.5)
    glint = c.area([(2.1, 0.4), (2.3, 1.0), (1.85, 1.75), (2.02, 1.05)])
    c.paint(smooth(glint, 3), "#cfe6ff", 0.5)
    rim = np.clip(1 - np.abs(reach - 1) * radius * c.e / 1.6, 0, 1) * c.above(2.5, 0.3)
    c.paint(rim, "#dff0ff", 0.75)


def opening(c: Canvas) -> Field:
    """Let the head show inside the sphere and above the ring."""
    return ramp(np.hypot(c.X, c.Y + 0.1), 2.62, 2.5) * c.above(2.15, 0.15)


SCENARIO = Scenario(
    id="astronaut", behind=behind, front=front, opening=opening, light=COLD, e=66, ey=262,
    relight=0.55, rim=0.55,
)  # fmt: skip
