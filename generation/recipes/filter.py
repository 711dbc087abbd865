# SPDX-License-Identifier: Apache-2.0
"""Style only: the person's own photograph, upright, cropped round the head, with a look.

Nothing is generated and no network runs: this is what a portrait is compared with, and what is
left to somebody who wants a look and no picture of what never was.
Rules:
1. The same row gives the same picture, bit for bit; a row's picture depends on that row alone.
2. The look follows from the scenario: its finish chooses the brush, its palette the colours.
3. Inside the face only the lightness changes: a and b of the skin stay the photograph's, and no
   brush is as strong there as elsewhere.
"""

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.recipes import CannotRender, Likeness, ModelFile, Row, prompts
from generation.recipes.photobooth import alignment, colour, styles
from generation.recipes.photobooth.finish import Composite, Finish, finish
from generation.recipes.photobooth.geometry import Field, Frame, as_field, ramp, smooth
from generation.recipes.prompts import Idea

_USED: Final = ("alignment", "colour", "finish", "geometry", "noise", "styles")
"""The photobooth's files that decide pixels here."""
_EYES: Final = (72.0, 80.0, 90.0, 102.0, 116.0)
"""Distances of the eyes in pixels of 512, widest crop first."""
_WHOLE: Final = 0.992  # of a crop must lie inside the photograph
_MOODS: Final[Mapping[str, float]] = {"smile": 0.9, "half": 0.5, "neutral": 0.1}
_TINT: Final = 0.5  # how far a colour moves to the palette's
_DARK: Final = (
    12.0,
    42.0,
)  # lightness: nothing is tinted below, all above; black hair stays black
_BEND: Final = 0.14  # how much lights and shadows part
_LIKE_SKIN: Final = (8.0, 15.0)  # distance from the cheeks' a and b: surely skin, surely not
_ON_THE_FACE: Final = 0.3  # of a brush's strength elsewhere
_INK: Final = 0.75
_CHEEKS: Final = (
    0.75,
    0.55,
    0.4,
)  # half their width, their place below the eyes, half their height


class Filter:
    """Grade photographs to 512 x 640 on the CPU. One instance may be shared by threads."""

    id = "filter"
    size = (512, 640)
    #: a word of IPTC's vocabulary `digitalsourcetype`: a photograph, changed by an algorithm
    source_type = "algorithmicallyEnhanced"

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self.scenarios = frozenset(prompts.ideas())

    @cached_property
    def version(self) -> str:
        """Return the sha256 over the code, the colours and the catalogue's looks."""
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for name in _USED:
            digest.update((files("generation.recipes.photobooth") / f"{name}.py").read_bytes())
        digest.update((files("data") / "colours.toml").read_bytes())
        looks = sorted((i.id, i.finish, i.mood, i.palette) for i in prompts.ideas().values())
        digest.update(repr(looks).encode())
        return digest.hexdigest()

    @property
    def models(self) -> tuple[ModelFile, ...]:
        """Name no model: none runs."""
        return ()

    def render(self, rows: Sequence[Row]) -> tuple[NDArray[np.uint8], ...]:
        """Grade one photograph a row. Errors: CannotRender for a scenario nobody knows."""
        return tuple(self._graded(row) for row in rows)

    def _graded(self, row: Row) -> NDArray[np.uint8]:
        idea = prompts.ideas().get(row.scenario)
        if idea is None or not row.likenesses:
            raise CannotRender(f"expected a selfie and a known scenario, got {row.scenario!r}")
        likeness = min(row.likenesses, key=lambda one: abs(one.smile - _MOODS[idea.mood]))
        photo, frame, chin = crop(likeness)
        whole = np.ones(photo.shape[:2], np.float32)
        composite = Composite(
            frame=frame, picture=photo, head=whole, body=np.zeros_like(whole),
            face=skin(photo, frame, chin), seed=row.seed, chin=chin,
        )  # fmt: skip
        look = _FINISHES[idea.finish](idea)
        return np.asarray(np.rint(finish(composite, look) * 255), np.uint8)


def crop(likeness: Likeness) -> tuple[Field, Frame, float]:
    """Turn a photograph upright and cut it round the head: as wide as it has pixels for.

    Shapes: (640, 512, 3) RGB 0..1; also its frame, and where the chin is in units of it.
    """
    where = alignment.place(likeness)
    width, height = Filter.size
    for eyes in _EYES:
        frame = Frame(e=eyes, ex=width / 2, ey=0.43 * height, width=width, height=height)
        picture, valid = alignment.view(likeness.pixels, where, frame)
        if eyes == _EYES[-1] or float(valid.mean()) >= _WHOLE:
            return picture, frame, where.chin
    raise AssertionError("the last crop is taken as it is")


def face(frame: Frame, chin: float) -> Field:
    """Say where the face is, soft-edged. Shapes: (640, 512), 0..1."""
    across, down = frame.X / 1.0, (frame.Y - 0.4 * chin) / (0.86 * chin)
    return as_field(smooth(ramp(np.hypot(across, down), 1.05, 0.85), frame.e * 0.08))


def skin(photo: Field, frame: Frame, chin: float) -> Field:
    """Say where the person's skin is: the face, and below and beside it what has its colour.

    Shapes: (640, 512), 0..1.
    """
    inside = face(frame, chin)
    lab = colour.to_lab(photo)
    cheeks = np.hypot(frame.X / _CHEEKS[0], (frame.Y - _CHEEKS[1]) / _CHEEKS[2]) < 1
    usual = np.median(lab[cheeks], axis=0)
    away = np.linalg.norm(lab[..., 1:] - usual[1:], axis=-1)
    light = as_field(lab[..., 0] / max(float(usual[0]), 1.0))
    near = ramp(np.hypot(frame.X / 1.7, (frame.Y - 0.3 * chin) / (1.6 * chin)), 1.0, 0.8)
    alike = smooth(ramp(away, _LIKE_SKIN[1], _LIKE_SKIN[0]), 2) * near
    return as_field(np.maximum.reduce([inside, alike, _forehead(light, frame)]))


def _forehead(light: Field, frame: Frame) -> Field:
    """Say where a forehead shines: not the cheeks' colour any more, but no hair by its lightness.

    Shapes: `light` (H, W) is the lightness in units of the cheeks'.
    """
    where = ramp(np.hypot(frame.X / 0.95, (frame.Y + 0.4) / 1.05), 1.0, 0.8)
    return as_field(where * smooth(ramp(light, 0.4, 0.7), 2))


# --- colours


@cache
def colours() -> Mapping[str, NDArray[np.float32]]:
    """Read what the catalogue's colour words look like, in Lab."""
    table = tomllib.loads((files("data") / "colours.toml").read_text("utf-8"))
    return {name: _lab(written) for name, written in table.items()}


def _lab(written: str) -> NDArray[np.float32]:
    return np.asarray(colour.to_lab(colour.rgb(written)[None, None])[0, 0], np.float32)


def toned(picture: Field, palette: Sequence[str], amount: float = _TINT) -> Field:
    """Move shadows, middle and lights towards the palette's colours, dark to light."""
    lab = colour.to_lab(picture)
    steps = sorted((colours()[name] for name in palette), key=lambda one: float(one[0]))
    places = np.linspace(12, 88, len(steps))
    light = np.clip(lab[..., 0], 0, 100)
    weight = amount * ramp(as_field(light), *_DARK)
    for axis in (1, 2):
        wanted = np.interp(light, places, [float(step[axis]) for step in steps])
        lab[..., axis] += (wanted - lab[..., axis]) * weight
    bent = light / 100 - 0.5
    lab[..., 0] = light + 100 * _BEND * bent * (1 - np.abs(2 * bent))
    return colour.from_lab(as_field(lab))


def _flattened(picture: Field, palette: Sequence[str]) -> Field:
    """Bring the lightness to few steps and their colours to the palette's: sheets of paper."""
    lab = colour.to_lab(styles.brushed(smooth(picture, 2.5), 10))
    steps = np.linspace(10, 92, 5)
    which = np.abs(lab[..., 0, None] - steps).argmin(-1)
    lab[..., 0] = smooth(steps[which].astype(np.float32), 0.8)
    return toned(colour.from_lab(as_field(lab)), palette, 0.85)


# --- finishes


def _photo(idea: Idea) -> Finish:
    return Finish(
        style=lambda c: _graded(c, idea.palette),
        bloom=0.25, bloom_over=0.85, bloom_blur=14, vignette=0.35, grain=0.014,
    )  # fmt: skip


def _painted(idea: Idea) -> Finish:
    def paint(composite: Composite) -> Field:
        graded = _graded(composite, idea.palette)
        broad = styles.strokes(styles.brushed(graded, 6), 9, composite.seed, density=0.9)
        fine = styles.strokes(broad, 5, composite.seed + 1, jitter=0.015, guide=graded)
        return styles.canvas_weave(_weaker(fine, graded, composite), 0.03, composite.seed)

    return Finish(style=paint, bloom=0.12, vignette=0.3, grain=0.004)


def _inked(idea: Idea) -> Finish:
    def ink(composite: Composite) -> Field:
        graded = _graded(composite, idea.palette, 0.65)
        flat = styles.bilateral(styles.brushed(graded, 5), 2)
        line = styles.outlines(smooth(graded, 0.7), sigma=1.3, phi=45)[..., None]
        weak = _weaker(flat, graded, composite)
        strength = _INK * (1 - (1 - _ON_THE_FACE) * composite.face[..., None])
        return as_field(weak * ((1 - strength) + strength * line))

    return Finish(style=ink, bloom=0, vignette=0.12, grain=0.008)


def _paper(idea: Idea) -> Finish:
    def cut(composite: Composite) -> Field:
        graded = _graded(composite, idea.palette)
        sheets = _flattened(graded, idea.palette)
        return styles.canvas_weave(_weaker(sheets, graded, composite), 0.02, composite.seed)

    return Finish(style=cut, bloom=0, vignette=0.15, grain=0.01)


def _weaker(styled: Field, graded: Field, composite: Composite) -> Field:
    """Mix a brush's work with what it painted over, so that the face stays the photograph's."""
    keep = ((1 - _ON_THE_FACE) * composite.face)[..., None]
    return as_field(styled * (1 - keep) + graded * keep)


def _graded(composite: Composite, palette: Sequence[str], amount: float = _TINT) -> Field:
    """Grade a photograph, its skin less: neither darker nor lighter than it was by much."""
    return _weaker(toned(composite.picture, palette, amount), composite.picture, composite)


_FINISHES: Final[Mapping[str, Callable[[Idea], Finish]]] = {
    "photo": _photo,
    "painted": _painted,
    "inked": _inked,
    "paper": _paper,
}
