# SPDX-License-Identifier: Apache-2.0
"""Parts that many costumes share: bodies, face openings, buttons, fur, weaves, leaves, flowers."""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.canvas import CLOSE, NONE, TIGHT, Canvas, Contact
from generation.recipes.photobooth.colour import rgb
from generation.recipes.photobooth.geometry import (
    Field,
    Points,
    Values,
    as_field,
    mirrored,
    shift,
    smooth,
    spline,
)
from generation.recipes.photobooth.light import unit

SIDES = (-1, 1)
"""Draw a thing on both sides: ``for s in SIDES: c.area([(s * x, y), ...])``."""


def side(points: Points, s: int) -> Points:
    """Put an outline of the right half on side `s`."""
    return [(s * x, y) for x, y in points]


def torso(c: Canvas, *, top: float = 2.5, neck: float = 1.0, shoulder: float = 2.65) -> Field:
    """Return the body from the collar down to the picture's foot."""
    right = [
        (0, top), (neck, top - 0.15), (neck + 0.5, 2.75), (shoulder - 0.3, 3.1),
        (shoulder + 0.45, 3.55), (shoulder + 0.85, 4.6), (shoulder + 1.05, 7.6), (0, 7.6),
    ]  # fmt: skip
    return c.area(mirrored(right))


def face_outline(c: Canvas) -> Points:
    """Outline the opening that hides all hair and fits every face, beard included (right half)."""
    return [
        (0, -1.12), (0.70, -1.02), (1.12, -0.45), (1.16, 0.35), (1.0, 1.15), (0.62, c.chin + 0.02),
        (0, c.chin + 0.22),
    ]  # fmt: skip


def button(
    c: Canvas, x: float, y: float, *, radius: float, colour: str, material: str = "gold"
) -> None:
    """Sew on a round button."""
    c.shade(c.ellipse(x, y, radius), colour, material, contact=CLOSE)


def trim(
    c: Canvas, points: Points, width: float, colour: str = "#dcb25a", *, curved: bool = True,
    within: Field | None = None, contact: Contact = TIGHT,
) -> None:  # fmt: skip
    """Run a metal edge along a path: the cheapest way to look expensive."""
    line = c.line(points, width, curved=curved)
    c.shade(line if within is None else line * within, colour, "trim", contact=contact)


def jewel(
    c: Canvas, x: float, y: float, *, rx: float, ry: float, colour: str, setting: str = "#e8bb52"
) -> None:
    """Set a stone in gold, with a spark."""
    c.shade(c.ellipse(x, y, rx * 1.45, ry * 1.45), setting, "gold", contact=CLOSE)
    c.shade(c.ellipse(x, y, rx, ry), colour, "jewel", contact=NONE)
    c.paint(c.ellipse(x - rx * 0.35, y - ry * 0.4, rx * 0.22, ry * 0.18), "#ffffff", 0.85)


def chain_mail(c: Canvas, pitch: float = 0.115) -> Field:
    """Return the height of rings in a brick grid, 0..1."""
    rows = np.floor(c.Y / pitch)
    across = c.X / pitch + 0.5 * (rows % 2)
    x, y = across - np.floor(across) - 0.5, c.Y / pitch - rows - 0.5
    return as_field(np.exp(-(((np.hypot(x, y * 1.1) - 0.34) / 0.13) ** 2)))


def knitting(c: Canvas, pitch: float = 0.17) -> Field:
    """Return the height of rows of V-shaped stitches, in pixels."""
    across = c.X / pitch
    v = np.abs(across - np.floor(across) - 0.5) * 2
    rows = np.abs(np.sin(np.pi * (c.Y / pitch * 0.8 + v * 0.9)))
    return as_field(rows * 1.8 + (1 - np.abs(v - 0.5) * 2) * 1.1)


def curls(c: Canvas, purpose: str, size: float = 0.1) -> Field:
    """Return the height of tight round curls (sheepskin, moss, bubbles of wool), in pixels."""
    chance, apart = c.chance(purpose), np.ones((c.height, c.width), np.uint8)
    step = max(2, round(size * c.e * 1.5))
    rows, columns = np.mgrid[0 : c.height : step, 0 : c.width : step]
    rows = rows + chance.integers(-step // 2, step // 2 + 1, rows.shape)
    columns = columns + chance.integers(-step // 2, step // 2 + 1, columns.shape)
    apart[np.clip(rows, 0, c.height - 1), np.clip(columns, 0, c.width - 1)] = 0
    reach = np.asarray(cv2.distanceTransform(apart, cv2.DIST_L2, 5), np.float32)
    return smooth(np.sqrt(np.clip(step**2 - reach**2, 0, None)), 0.8)


def pleats(
    c: Canvas, purpose: str, *, count: float = 3, lean: float = 0.6, strength: float = 6
) -> Field:
    """Return hanging folds: `count` waves an e, leaning with height, never quite regular."""
    waves = c.X * np.float32(count) + c.Y * np.float32(lean) + c.fbm(purpose, octaves=3) * 3
    return np.sin(waves).astype(np.float32) * np.float32(strength)


def fur(
    c: Canvas, path: Points, width: float, colour: str, *, purpose: str, hairs: int = 2000,
    length: float = 0.3, mess: float = 0.5, closed: bool = False, clump: float = 0.0,
) -> None:  # fmt: skip
    """Brush hairs outwards from a path, the far ones first; darker at the root.

    `clump` bends neighbouring hairs together, in radians: fine locks instead of straw.
    """
    chance = c.chance(purpose)
    spine = spline(c.pixels(path), 24, closed=closed)
    along = np.gradient(spine, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-6
    where, off = chance.integers(0, len(spine), hairs), chance.uniform(-1, 1, hairs)
    order = np.argsort(-np.abs(off))
    where, off = where[order], off[order]
    out: Values = across[where] * (np.sign(off) * np.abs(off) ** 0.7)[:, None] + chance.normal(
        0, mess, (hairs, 2)
    )
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-6
    root = spine[where] + across[where] * (off * width * c.e)[:, None]
    if clump:
        out = _bent(c, root, out, purpose, clump)
    tip = root + out * (length * c.e * chance.uniform(0.6, 1.3, hairs))[:, None]
    tone = (
        0.55
        + 0.5 * chance.random(hairs)
        + 0.25 * (out @ unit(c.light.key)[:2])
        - 0.18 * np.abs(off)
    )
    widths = chance.integers(1, 2 if clump else 3, hairs)
    _hairs(c, root, tip, np.clip(tone, 0, 1.2)[:, None] * rgb(colour), widths)


def _bent(c: Canvas, root: Values, out: Values, purpose: str, clump: float) -> Values:
    """Turn hairs by a noise of their place, so that near ones lie alike."""
    field = c.fbm(f"{purpose} locks", octaves=3, cells=(16, 13))
    column, row = np.clip(root, 0, (c.width - 1, c.height - 1)).astype(int).T
    turn = (field[row, column] - 0.5) * 2 * clump
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([out[:, 0] * cos - out[:, 1] * sin, out[:, 0] * sin + out[:, 1] * cos], 1)


def _hairs(
    c: Canvas, root: Values, tip: Values, colours: Values, widths: NDArray[np.int64]
) -> None:
    """Draw antialiased lines, coverage included; only pixels they touch become eight-bit."""
    sheet = np.asarray(np.clip(c.rgba, 0, 1) * 255, np.uint8)
    before = sheet.copy()
    starts, ends = (np.asarray(np.round(at * 8), np.int32).tolist() for at in (root, tip))
    inks = np.clip(colours * 255, 0, 255).tolist()
    for start, end, ink, width in zip(starts, ends, inks, widths.tolist(), strict=True):
        cv2.line(sheet, start, end, (*ink, 255.0), width, cv2.LINE_AA, 3)
    touched = (sheet != before).any(2)
    c.rgba[touched] = as_field(sheet[touched] / 255)


def leaf(
    c: Canvas, x: float, y: float, *, angle: float, length: float, width: float, colour: str
) -> None:
    """Lay a leaf with its veins; the angle is in radians, 0 points right, positive downwards."""
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    shape = [
        (0, 0),
        (0.25, 0.42),
        (0.55, 0.5),
        (0.85, 0.25),
        (1, 0),
        (0.85, -0.25),
        (0.55, -0.5),
        (0.25, -0.42),
    ]
    mask = c.area(
        [
            (x + cos * a * length - sin * b * width, y + sin * a * length + cos * b * width)
            for a, b in shape
        ]
    )
    veins, box = c.zeros(), c.window(x, y, length + width)
    right, down = c.X[box] - x, c.Y[box] - y
    along, across = (right * cos + down * sin) / length, (down * cos - right * sin) / width
    veins[box] = -3 * np.exp(-((across / 0.05) ** 2)) + 0.9 * np.sin(
        (along * 9 - np.abs(across) * 5) * 3.1
    )
    c.shade(mask, colour, "silk", bump=veins, sigmas=(2, 5), contact=(3, 5, 5, 0.4))


def flower(
    c: Canvas, x: float, y: float, *, radius: float, colour: str, petals: int = 6,
    turn: float = 0.0, heart: str = "#f0c04a",
) -> None:  # fmt: skip
    """Lay a paper-clay flower."""
    for k in range(petals):
        a = turn + k * 2 * np.pi / petals
        rim = [(0.75, a - 0.42), (1.0, a - 0.15), (1.0, a + 0.15), (0.75, a + 0.42)]
        edge = [
            (x + radius * r * float(np.cos(t)), y + radius * r * float(np.sin(t))) for r, t in rim
        ]
        c.shade(c.area([(x, y), *edge]), colour, "collar", depth=1.3, contact=(1, 2, 3, 0.3))
    c.shade(c.ellipse(x, y, radius * 0.26), heart, "collar", depth=1.5, contact=TIGHT)


def plume(
    c: Canvas, spine: Points, width: float, colour: str, *, purpose: str, barbs: int = 900
) -> None:
    """Curl a feather along its spine: soft barbs sweep forwards and shorten towards both ends."""
    chance = c.chance(purpose)
    path = spline(c.pixels(spine), 60 // len(spine) + 8, closed=False)
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-6
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    where = np.sort(chance.integers(0, len(path), barbs))
    place, s = where / len(path), chance.choice([-1.0, 1.0], barbs)
    reach = width * c.e * np.sin(np.pi * np.clip(place * 0.93 + 0.05, 0, 1)) ** 0.6
    reach *= chance.uniform(0.75, 1.05, barbs)
    tip = (
        path[where]
        + across[where] * (s * reach * 0.85)[:, None]
        + along[where] * (reach * 0.7)[:, None]
    )
    tip += chance.normal(0, 1.5, tip.shape)
    tone = (
        0.6
        + 0.45 * chance.random(barbs)
        + 0.2 * ((tip - path[where]) @ unit(c.light.key)[:2]) / (reach + 1)
    )
    inks = np.clip(tone, 0, 1.3)[:, None] * rgb(colour)
    _hairs(c, path[where], tip, inks, chance.integers(1, 3, barbs))
    c.shade(c.line(spine, 0.05), "#f3e6cf", "stitch", contact=NONE)


def epaulette(
    c: Canvas, s: int, *, x: float = 2.75, y: float = 3.45, colour: str = "#d9a743"
) -> None:
    """Put a gold shoulder board with a fringe of cords on side `s`."""
    for k in range(13):
        at = x - 0.72 + 0.135 * k
        foot = y + 0.72 + 0.16 * np.sin(k / 12 * np.pi)
        cord = c.line(side([(at, y), (at + 0.05 * (k - 6) / 3, float(foot))], s), 0.115)
        c.shade(cord, colour, "gold", sigmas=(2,), contact=TIGHT)
    board = [(x - 0.95, y - 0.05), (x - 0.6, y - 0.42), (x + 0.1, y - 0.45), (x + 0.75, y - 0.2),
             (x + 1.0, y + 0.15), (x + 0.4, y + 0.28), (x - 0.4, y + 0.22)]  # fmt: skip
    c.shade(c.area(side(board, s)), colour, "gold", sigmas=(3, 7), contact=(1, 4, 5, 0.5))
    trim(c, side([*board, board[0]], s), 0.07, "#f2d27c")


def ground_shadow(c: Canvas, mask: Field, *, down: float = 8, strength: float = 0.4) -> None:
    """Darken below a soft thing (fur, feathers) that has no outline of its own."""
    c.darken(smooth(shift(mask, 0, down), down), strength)
