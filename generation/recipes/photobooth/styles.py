# SPDX-License-Identifier: Apache-2.0
"""Painted and inked looks, weaker on the head; `finish` puts the skin's colour back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes.photobooth import noise
from generation.recipes.photobooth.canvas import Canvas
from generation.recipes.photobooth.colour import grey, rgb
from generation.recipes.photobooth.composite import neck_outline
from generation.recipes.photobooth.finish import Composite
from generation.recipes.photobooth.geometry import Field, Values, as_field, mirrored, ramp, smooth

_STEPS = 4
_EYES = 1.20
_INK = "#3a2a20"
_CHANGED = 0.22  # a stroke ends where the colour has changed by this much


def oil(composite: Composite) -> Field:
    """Paint fine strokes on the head and the bright cloth round it.

    The plates bring their own broad strokes (`paint_plate`).
    """
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    cloth = ramp(grey(photo), 0.35, 0.6) * composite.body
    near = np.clip(smooth(composite.head, 7) * 1.2 + cloth * 0.9, 0, 1)
    painted = strokes(photo, 7, composite.seed, mask=near, jitter=0.015, density=0.8)
    painted = strokes(
        painted,
        4,
        composite.seed + 1,
        mask=np.clip(smooth(composite.head, 6) + cloth, 0, 1),
        jitter=0.01,
        guide=photo,
    )
    back = np.clip(smooth(composite.head, 4) * 0.72 + smooth(cloth, 3) * 0.5, 0, 0.78)[..., None]
    mixed = painted * (1 - back) + photo * back
    return canvas_weave(mixed, 0.03, composite.seed)


def comic(composite: Composite) -> Field:
    """Ink the outlines, draw a contour round the costume and print halftone dots behind it."""
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    flat = bilateral(photo, 2)
    ink = outlines(smooth(flat, 0.6))[..., None]
    skin = _person(composite)[..., None]
    mix = 0.5 - 0.2 * skin
    drawn = photo * (1 - mix) + flat * mix
    line = 0.55 * (1 - 0.7 * skin)
    costume = ramp(composite.body, 0.9, 1)
    edge = smooth(costume, 1.8)
    contour = ramp(edge, 0.16, 0.3) * ramp(edge, 0.66, 0.5) * (1 - skin[..., 0]) * 0.75
    figure = smooth(np.maximum(skin[..., 0], costume), 1.8)
    drawn = drawn * (1 - _halftone(photo, figure)[..., None]) * ((1 - line) + line * ink)
    return np.asarray(drawn * (1 - contour[..., None]), np.float32)


def _person(composite: Composite) -> Field:
    """Return where head or drawn neck show."""
    neck = composite.frame.area(mirrored(neck_outline(composite.chin)))
    return as_field(np.maximum(composite.head, neck * (1 - np.clip(composite.body, 0, 1))))


def gouache(composite: Composite) -> Field:
    """Melt all but the head into flat brush marks on rough paper."""
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    keep = (0.35 + 0.6 * smooth(composite.head, 4))[..., None]
    return canvas_weave(brushed(photo, 4) * (1 - keep) + photo * keep, 0.025, composite.seed)


def inked(composite: Composite) -> Field:
    """Posterise the head and draw its lines, for scenes where everything is inked."""
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    flat = bilateral(photo, 3, colour=0.09, space=6)
    line = outlines(smooth(photo, 0.5), sigma=1.1, phi=60)[..., None]
    head_only = (flat * 0.75 + photo * 0.25) * (0.5 + 0.5 * line)
    head = composite.head[..., None]
    neck = composite.frame.area(mirrored(neck_outline(composite.chin)))
    figure = smooth(np.maximum(composite.head, neck), 2.2)
    edge = ramp(figure, 0.24, 0.34) * ramp(figure, 0.62, 0.52) * (1 - composite.body)
    drawn = photo * (1 - head) + head_only * head
    ink = 0.92 * edge[..., None]
    return np.asarray(drawn * (1 - ink) + rgb(_INK) * ink, np.float32)


def storybook(composite: Composite) -> Field:
    """Smooth the skin and open the eyes by a fifth, as picture books do."""
    photo = np.clip(composite.picture, 0, 1, dtype=np.float32)
    wide = _wide_eyes(photo, composite)
    detail = (wide - smooth(wide, 2)) * np.float32(0.35)
    soft = np.clip(bilateral(wide, 2, colour=0.10) + detail, 0, 1)
    head = smooth(composite.head, 4)[..., None]
    return np.asarray(photo * (1 - head) + soft * head, np.float32)


def _wide_eyes(picture: Field, composite: Composite) -> Field:
    """Enlarge both eyes where the head shows; more than 1.3 would be uncanny."""
    frame = composite.frame
    across, down = frame.X.copy(), frame.Y.copy()
    for s in (-0.5, 0.5):
        reach = np.hypot((frame.X - s) / 0.52, (frame.Y - 0.02) / 0.42)
        weight = np.clip(1 - reach, 0, 1)
        pull = (1 - 1 / _EYES) * weight * weight * (3 - 2 * weight)
        across -= (frame.X - s) * pull
        down -= (frame.Y - 0.02) * pull
    rows, columns = as_field(down * frame.e + frame.ey), as_field(across * frame.e + frame.ex)
    return as_field(
        cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    )


def paint_plate(c: Canvas, widths: tuple[int, ...] = (13, 7)) -> None:
    """Turn what is on the sheet into brush strokes, broad ones first; coverage keeps its shape.

    Plates are painted once and cached, so broad strokes cost a portrait nothing.
    """
    cover = c.rgba[..., 3:]
    colour = np.where(cover > 0.02, c.rgba[..., :3] / np.maximum(cover, 0.02), 0).astype(
        np.float32
    )
    spread = smooth(c.rgba[..., :3], 9) / np.maximum(smooth(c.rgba[..., 3], 9), 0.02)[..., None]
    guide = np.clip(np.where(cover > 0.5, colour, spread), 0, 1).astype(np.float32)
    painted = guide
    for k, width in enumerate(widths):
        painted = strokes(painted, width, c.seed + k, density=0.8, guide=guide)
    c.rgba[..., :3] = painted * cover


def strokes(
    picture: Values, width: int, seed: int, *, mask: Values | None = None, jitter: float = 0.03,
    density: float = 1.0, guide: Field | None = None,
) -> Field:  # fmt: skip
    """Lay strokes along lines of equal brightness; they stop where the colour changes."""
    chance = noise.generator(seed, f"strokes {width}")
    colours = smooth(picture if guide is None else guide, max(0.8, width * 0.35))
    x, y = _starts(colours.shape[:2], width, density, chance)
    if mask is not None:
        chosen = mask[y, x] >= chance.random(len(x))
        x, y = x[chosen], y[chosen]
    order = chance.permutation(len(x))
    paths, alive = _paths(colours, x[order], y[order], width)
    tone = colours[y[order], x[order]] * (1 + chance.normal(0, jitter, (len(x), 1)))
    tone = np.clip(tone + chance.normal(0, jitter * 0.5, tone.shape), 0, 1) * 255
    sheet = np.asarray(np.clip(picture, 0, 1) * 255, np.uint8)
    for path, length, paint in zip(
        np.asarray(np.round(paths * 8), np.int32), alive, tone, strict=True
    ):
        red, green, blue = (float(v) for v in paint)
        cv2.polylines(
            sheet, [path[: length + 1]], False, (red, green, blue), max(1, width), cv2.LINE_AA, 3
        )
    return as_field(sheet / 255)


def _starts(
    shape: tuple[int, ...], width: int, density: float, chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a jittered grid of starting pixels."""
    step = max(2, int(width * 0.8 / density))
    ys, xs = np.mgrid[step // 2 : shape[0] : step, step // 2 : shape[1] : step]
    half = step // 2
    y = np.clip(ys + chance.integers(-half, half + 1, ys.shape), 0, shape[0] - 1).ravel()
    x = np.clip(xs + chance.integers(-half, half + 1, xs.shape), 0, shape[1] - 1).ravel()
    return x, y


def _paths(
    colours: Field, x: NDArray[np.int64], y: NDArray[np.int64], width: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Walk all strokes at once; return their points (n, steps + 1, 2) and their lengths."""
    value = grey(colours)
    gx = smooth(np.asarray(cv2.Sobel(value, cv2.CV_32F, 1, 0), np.float32), width * 0.6 + 1)
    gy = smooth(np.asarray(cv2.Sobel(value, cv2.CV_32F, 0, 1), np.float32), width * 0.6 + 1)
    at = np.stack([x, y], 1).astype(np.float64)
    points, first = [at], colours[y, x]
    walking, taken = np.ones(len(x), bool), np.zeros(len(x), np.int64)
    last = np.zeros_like(at)
    top = np.asarray([colours.shape[1] - 1, colours.shape[0] - 1])
    for _ in range(_STEPS):
        col, row = np.clip(at, 0, top).astype(int).T
        walking &= np.abs(colours[row, col] - first).sum(1) <= _CHANGED
        way = np.stack([-gy[row, col], gx[row, col]], 1).astype(np.float64)
        norm = np.linalg.norm(way, axis=1, keepdims=True)
        way = np.where(norm < 1e-4, [[0.8, 0.6]], way / np.maximum(norm, 1e-9))
        way = np.where((way * last).sum(1, keepdims=True) < 0, -way, way)
        last, at = way, np.clip(at + way * width * walking[:, None], 0, top)
        taken += walking
        points.append(at)
    return np.stack(points, 1), np.maximum(taken, 1)


def canvas_weave(picture: Field, strength: float, seed: int) -> Field:
    """Press the weave of a canvas and the relief of the paint into a picture."""
    grain = noise.generator(seed, "weave").random(picture.shape[:2], dtype=np.float32)
    weave = cv2.GaussianBlur(grain, (1, 7), 0.01, sigmaY=2) + cv2.GaussianBlur(grain, (7, 1), 2)
    weave = np.asarray((weave - weave.mean()) / weave.std(), np.float32)
    relief = np.asarray(
        cv2.Sobel(smooth(grey(picture), 0.8), cv2.CV_32F, 1, 1), np.float32
    ) * np.float32(0.35)
    return np.asarray(
        picture * (1 + strength * 0.5 * weave[..., None]) + relief[..., None], np.float32
    )


def kuwahara(picture: Field, radius: int = 4) -> Field:
    """Give each pixel the mean of its calmest quarter neighbourhood."""
    side = radius + 1
    mean = np.asarray(cv2.boxFilter(picture, -1, (side, side)), np.float32)
    square = np.asarray(cv2.boxFilter(picture * picture, -1, (side, side)), np.float32)
    unrest = (square - mean * mean).sum(2)
    half = (radius + 1) // 2
    padded_mean = cv2.copyMakeBorder(mean, half, half, half, half, cv2.BORDER_REPLICATE)
    padded = cv2.copyMakeBorder(unrest, half, half, half, half, cv2.BORDER_REPLICATE)
    rows, columns = picture.shape[:2]
    corners = [
        np.s_[dy : dy + rows, dx : dx + columns] for dy in (0, 2 * half) for dx in (0, 2 * half)
    ]
    best, calm = np.asarray(padded_mean[corners[0]]).copy(), np.asarray(padded[corners[0]]).copy()
    for corner in corners[1:]:
        better = padded[corner] < calm
        best[better], calm[better] = padded_mean[corner][better], padded[corner][better]
    return np.asarray(best, np.float32)


def brushed(picture: Field, radius: int = 4) -> Field:
    """Weigh the four quarter neighbourhoods by their calm: Kuwahara without its jagged edges."""
    side = radius + 1
    mean = np.asarray(cv2.boxFilter(picture, -1, (side, side)), np.float32)
    square = np.asarray(cv2.boxFilter(picture * picture, -1, (side, side)), np.float32)
    unrest = np.maximum((square - mean * mean).sum(2), 0)  # rounding may take it below 0
    calm = 1 / (smooth(unrest, 1) + np.float32(1e-3)) ** 3
    half = (radius + 1) // 2
    total, weight = np.zeros_like(picture), np.zeros(picture.shape[:2], np.float32)
    for dx in (-half, half):
        for dy in (-half, half):
            move = np.asarray([[1, 0, dx], [0, 1, dy]], np.float32)
            size = (picture.shape[1], picture.shape[0])
            near, at = (
                cv2.warpAffine(
                    field, move, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE
                )
                for field in (calm, mean)
            )
            weight += near
            total += np.asarray(at, np.float32) * np.asarray(near, np.float32)[..., None]
    return np.asarray(total / weight[..., None], np.float32)


def bilateral(picture: Field, passes: int, *, colour: float = 0.12, space: float = 5) -> Field:
    """Flatten small differences and keep edges."""
    flat = np.asarray(picture, np.float32)
    for _ in range(passes):
        flat = np.asarray(cv2.bilateralFilter(flat, 7, colour, space), np.float32)
    return flat


def outlines(
    picture: Field, *, sigma: float = 1.2, k: float = 1.6, p: float = 0.985, phi: float = 50
) -> Field:
    """Return 1 on paper and less on ink: the difference of two blurs."""
    value = grey(picture)
    edge = smooth(value, sigma) - p * smooth(value, sigma * k)
    return np.where(edge > 0, 1, 1 + np.tanh(phi * edge)).astype(np.float32)


def _halftone(photo: Field, figure: Field) -> Field:
    """Return printed dots, the larger the darker, where nobody stands."""
    rows, columns = np.mgrid[0 : photo.shape[0], 0 : photo.shape[1]].astype(np.float32)
    dots = np.cos((columns + rows) * 0.45) * np.cos((columns - rows) * 0.45)
    dark = np.clip(0.75 - smooth(grey(photo), 4), 0, 1)
    return ramp(dots + 1.5 * dark, 0.75, 1.35) * (1 - figure) * np.float32(0.3)
