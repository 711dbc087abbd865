# SPDX-License-Identifier: Apache-2.0
"""Scenes: far (sky), middle (silhouettes), near (particles). Every draw is seeded."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.colour import Colour, blend, rgb
from generation.recipes.photobooth.geometry import Field, Values, as_field, ramp, shift, smooth

Stops = Sequence[tuple[float, str]]
"""Heights 0 (top) to 1 (foot) and the colours there."""


def gradient(c: Canvas, stops: Stops) -> None:
    """Cover the sheet with a vertical gradient."""
    heights, colours = [at for at, _ in stops], np.stack([rgb(colour) for _, colour in stops])
    y = np.linspace(0, 1, c.height)
    column = np.stack([np.interp(y, heights, colours[:, k]) for k in range(3)], -1).astype(
        np.float32
    )
    c.fill(np.repeat(column[:, None], c.width, 1))


def spot(
    c: Canvas, x: float, y: float, *, radius: float, colour: Colour, strength: float = 1.0
) -> None:
    """Add a soft round light: a sun, a lamp, a glow behind the head. Head units."""
    reach = np.hypot(c.X - x, c.Y - y) / radius
    c.glow(np.exp(-(reach**2)).astype(np.float32), colour, strength)


def nebula(c: Canvas, purpose: str, colour: str, strength: float = 1.1) -> None:
    """Add a faint cloud of light."""
    c.glow(np.clip(c.fbm(purpose, cells=(3, 2)) - 0.5, 0, 1), colour, strength)


def stars(c: Canvas, purpose: str, count: int = 300, *, foot: float = 1.0) -> None:
    """Scatter stars of very different brightness down to `foot` (0..1 of the height)."""
    chance, sky = c.chance(purpose), c.zeros()
    x, y = chance.random(count) * (c.width - 1), chance.random(count) * (c.height * foot - 1)
    sky[y.astype(int), x.astype(int)] = (chance.random(count) ** 3 * 1.6 + 0.25).astype(np.float32)
    c.glow(sky + smooth(sky, 1) * 2.2 + smooth(sky, 4) * 3, "#e6f2ff")


def planet(
    c: Canvas, x: float, y: float, *, radius: float, sea: str = "#1d5fb8", land: str = "#3f8a55"
) -> None:
    """Hang a living planet with clouds, a day side and a blue breath of air. Head units."""
    reach = np.hypot(c.X - x, c.Y - y)
    day = np.clip(((x - c.X) * 0.55 + (y - c.Y) * 0.75) / radius + 0.15, 0.03, 1)
    ground = blend(sea, land, ramp(c.fbm("land", octaves=6, cells=(5, 4)), 0.5, 0.6))
    clouds = np.clip((c.fbm("weather", octaves=6, cells=(8, 5)) - 0.5) * 4, 0, 1)
    surface = blend(ground, "#f7f7f7", clouds) * day[..., None]
    c.paint(np.clip((radius - reach) * c.e + 0.5, 0, 1), surface)
    air = np.exp(-np.abs(reach - radius) * c.e / 14) * np.clip(day * 1.5, 0, 1)
    c.glow(air.astype(np.float32), "#5aa8ff", 0.8)


def haze(
    c: Canvas, purpose: str, colour: str, *, top: float, foot: float, strength: float = 0.9
) -> None:
    """Draw streaks of evening cloud between two heights (0..1), lit from the upper left."""
    y = np.asarray(c.Y - c.Y[0, 0], np.float32) / np.float32(c.height / c.e)
    field = c.fbm(purpose, octaves=6, cells=(3, 2))
    mask = (
        np.clip((field - 0.47) * 3.2, 0, 1) * ramp(y, top, top + 0.1) * ramp(y, foot, foot - 0.15)
    )
    lit = np.clip(0.75 + (field - shift(field, -6, -5)) * 5, 0.4, 1.3)
    lit[:, -8:] = lit[:, -9:-8]
    lit[-8:] = lit[-9:-8]
    c.paint(mask, rgb(colour) * lit[..., None], strength)


def cumulus(
    c: Canvas, purpose: str, count: int = 9, *, top: float = 0.3, foot: float = 0.95,
    lit: str = "#fffdf6", shaded: str = "#c9cfdc", size: float = 1.0,
) -> None:  # fmt: skip
    """Heap up clouds: clusters of discs eroded by noise, white above and grey below."""
    chance, scale = c.chance(purpose), 4
    width, height = c.width // scale, c.height // scale
    rows = np.mgrid[0:height, 0:width][0]
    for _ in range(count):
        x, y = chance.uniform(-0.1, 1.1) * width, chance.uniform(top, foot) * height
        grown = size * (0.5 + y / height)
        disc = np.zeros((height, width), np.uint8)
        for _ in range(16):
            at = chance.uniform(-1, 1)
            up = (1 - at * at) * 9 * grown * chance.random() - 3 * chance.random()
            cv2.circle(
                disc,
                (int(x + at * 26 * grown), int(y - up)),
                int(chance.uniform(4, 9) * grown),
                255,
                -1,
            )
        edge = cv2.resize(c.fbm(f"{purpose}{x:.1f}", cells=(12, 10)), (width, height))
        solid = smooth(disc.astype(np.float32) / 255, 1.6)
        body = np.clip((solid + (edge - 0.5) * 0.7 - 0.25) * 1.8, 0, 1) * ramp(solid, 0.02, 0.12)
        under = np.clip((rows - (y - 10 * grown)) / (20 * grown), 0, 1).astype(np.float32)
        c.paint(_enlarged(body, c), blend(lit, shaded, _enlarged(under, c)), 0.92)


def ridge(c: Canvas, purpose: str, base: float, rise: float) -> Field:
    """Return the mask below a noisy mountain line; `base` and `rise` are 0..1 of the height."""
    line = base - rise * (c.fbm(purpose, octaves=6, cells=(1, 3))[c.height // 2] - 0.5) * 2
    y = np.arange(c.height, dtype=np.float32)[:, None]
    return as_field(np.clip(y - line[None] * c.height, 0, 1))


def mountains(c: Canvas, layers: Sequence[tuple[float, float, str]], *, snow: bool = True) -> None:
    """Stack ridges from far to near as (base, rise, colour); all but the nearest carry snow."""
    for k, (base, rise, colour) in enumerate(layers):
        mask, rock = ridge(c, f"ridge {k}", base, rise), c.fbm(f"rock {k}", octaves=6)
        slope = as_field(cv2.Sobel(smooth(rock, 1.5), cv2.CV_32F, 1, 0))
        slope = smooth(slope, 1) * np.float32(0.09 / max(float(slope.std()), 1e-6))
        surface = rgb(colour) * np.clip(0.8 - slope * 3.2, 0.45, 1.35)[..., None]
        if snow and k < len(layers) - 1:
            depth = np.cumsum(mask, 0) / c.height
            cover = np.clip(
                (1 - depth / (0.11 * (1 - 0.25 * k)) + (rock - 0.5) * 1.8 - 0.45) * 5, 0, 1
            )
            white = rgb("#edf5ff") * np.clip(0.88 - slope * 2.4, 0.55, 1.15)[..., None]
            surface = blend(surface, white, cover.astype(np.float32))
        c.paint(mask, surface)


def aurora(c: Canvas, purpose: str, bands: Sequence[tuple[float, float, str, str]]) -> None:
    """Hang curtains of light: (base 0..1, wave in pixels, low colour, high colour)."""
    chance = c.chance(purpose)
    x, y = np.arange(c.width, dtype=np.float32), np.arange(c.height, dtype=np.float32)[:, None]
    for k, (base, wave, low, high) in enumerate(bands):
        phase = chance.uniform(0, 6)
        line = (
            c.height * base
            + wave * np.sin(x / 70 + k * 2 + phase)
            + wave * 0.5 * np.sin(x / 31 + k)
        )
        rays = np.clip(
            (c.fbm(f"{purpose} {k}", octaves=6, cells=(1, 14))[c.height // 2] - 0.25) * 1.6, 0, 1
        )
        up = line[None] - y
        tall = c.height * (0.16 + 0.22 * rays[None])
        power = (
            np.where(up > 0, np.exp(-np.maximum(up, 0) / tall), np.exp(np.minimum(up, 0) / 10))
            * rays[None]
        )
        c.glow(
            power.astype(np.float32),
            blend(low, high, np.clip(up / (c.height * 0.4), 0, 1).astype(np.float32)),
            0.75,
        )


def rays(
    c: Canvas,
    purpose: str,
    colour: str,
    *,
    count: int = 6,
    slant: float = 0.4,
    strength: float = 0.15,
) -> None:
    """Let wedges of light fall from above."""
    chance = c.chance(purpose)
    y = np.arange(c.height, dtype=np.float32)[:, None]
    x = np.arange(c.width, dtype=np.float32)[None]
    for k in range(count):
        centre = (k + 0.5 + chance.uniform(-0.4, 0.4)) * c.width / count - c.width * 0.15
        width = chance.uniform(9, 15) + y * chance.uniform(0.05, 0.07)
        beam = np.clip(1 - np.abs(x - centre - y * slant) / width, 0, 1) * np.clip(
            1 - y / (c.height * 0.85), 0, 1
        )
        c.glow(beam.astype(np.float32), colour, strength)


def bokeh(
    c: Canvas, purpose: str, colours: Sequence[str], count: int = 30, *,
    radius: tuple[float, float] = (8, 24), top: float = 0.0, foot: float = 1.0,
    strength: float = 0.5,
) -> None:  # fmt: skip
    """Scatter out-of-focus lights, every other one with a brighter ring; radii in pixels."""
    chance, light = c.chance(purpose), np.zeros((c.height, c.width, 3), np.float32)
    for k in range(count):
        size, power = chance.uniform(*radius), chance.uniform(0.25, 1)
        x, y = chance.uniform(0, c.width), chance.uniform(top, foot) * c.height
        reach = np.hypot((c.X - c.X[0, 0]) * c.e - x, (c.Y - c.Y[0, 0]) * c.e - y)
        disc = np.clip(size - reach, 0, 1)
        disc = disc * 0.5 + disc * ramp(reach, size - 3.5, size - 1) * 0.5 if k % 2 else disc
        light += (
            disc[..., None] * rgb(colours[int(chance.integers(len(colours)))]) * np.float32(power)
        )
    c.glow(np.ones((c.height, c.width), np.float32), smooth(light, 1.2), strength)


def snow(c: Canvas, purpose: str, count: int = 150, *, strength: float = 0.6) -> None:
    """Let snow fall before everything, thinly over the face."""
    chance, flakes = c.chance(purpose), c.zeros()
    x, y = chance.integers(0, c.width, count), chance.integers(0, c.height, count)
    flakes[y, x] = chance.random(count).astype(np.float32) * 4
    c.glow(
        (smooth(flakes, 0.9) + smooth(flakes, 2.5) * 3) * (1 - 0.75 * c.face()),
        "#ffffff",
        strength,
    )


def rain(
    c: Canvas, purpose: str, count: int = 240, *, colour: str = "#a8c8ff", strength: float = 0.45
) -> None:
    """Draw thin slanting rain."""
    chance, drops = c.chance(purpose), np.zeros((c.height, c.width), np.uint8)
    for x, y, long, bright in zip(
        chance.random(count) * c.width, chance.random(count) * c.height,
        chance.uniform(10, 34, count), chance.uniform(40, 150, count), strict=True,
    ):  # fmt: skip
        cv2.line(drops, (int(x), int(y)), (int(x - 3), int(y + long)), int(bright), 1, cv2.LINE_AA)
    c.glow(drops.astype(np.float32) / 255, colour, strength)


def sparks(
    c: Canvas, purpose: str, colours: Sequence[str], count: int = 50, *,
    size: tuple[float, float] = (2, 14), strength: float = 0.8,
) -> None:  # fmt: skip
    """Scatter fireflies, embers or magic, never on the face; sizes in pixels squared."""
    chance = c.chance(purpose)
    away = 1 - c.face(1.5, 2.0, 6)
    for k in range(count):
        x, y, wide = chance.uniform(-4, 4), chance.uniform(-4, 5.5), chance.uniform(*size)
        box = c.window(x, y, 2.2 * float(np.sqrt(wide * 14)) / c.e)
        square = ((c.X[box] - x) ** 2 + (c.Y[box] - y) ** 2) * np.float32(c.e**2)
        light = np.exp(-square / np.float32(wide)) + np.exp(-square / np.float32(wide * 14)) * 0.3
        colour = rgb(colours[k % len(colours)]) * np.float32(strength)
        c.rgba[box][..., :3] += (light * away[box])[..., None] * colour


def neon(c: Canvas, lines: Values, colour: str, strength: float = 1.0) -> None:
    """Light up a mask of tubes: core, halo, and the glow in the street."""
    light = smooth(lines, 1.6) * 1.2 + smooth(lines, 9) * 1.1 + smooth(lines, 30) * 1.6
    c.glow(light, colour, strength)
    c.glow(lines, "#ffffff", 0.35 * strength)


def silhouette(
    c: Canvas, polygons: Sequence[Sequence[tuple[float, float]]], *, blur: float = 1.5
) -> Field:
    """Return the mask of straight-edged shapes in pixels of 512 x 640: towers, ships, trees."""
    image = np.zeros((c.height, c.width), np.uint8)
    scale = c.width / 512
    for polygon in polygons:
        points: NDArray[np.int32] = np.asarray(np.round(np.asarray(polygon) * scale * 8), np.int32)
        cv2.fillPoly(image, [points], 255, cv2.LINE_AA, 3)
    return smooth(image.astype(np.float32) / 255, blur)


def _enlarged(field: Values, c: Canvas) -> Field:
    """Bring a quarter-size field to the sheet's size."""
    big = cv2.resize(field, (c.width, c.height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(big, np.float32), 0, 1)
