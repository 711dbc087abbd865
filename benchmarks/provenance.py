# SPDX-License-Identifier: Apache-2.0
"""What the marks on a portrait survive, how often they cry wolf, what they cost.

`onlyou bench provenance`: portraits of the photobooth, marked, attacked and asked about; portraits
and photographs without a mark, asked about under many keys; every part timed. The copies are found
under one key, by the same code that answers `POST /v1/verify`.
"""

import importlib.util
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.conditions import Result, report, timed
from generation import payloads, provenance, watermark
from generation.authority import Authority
from generation.credentials import Credentials, Statement
from generation.faces import Faces
from generation.fingerprints import NEAR, Fingerprints
from generation.recipes import Row
from generation.recipes.photobooth import Photobooth, Unsuitable
from generation.watermark import Watermark

PACKAGES = ("numpy", "opencv-python-headless", "pillow", "c2pa-python", "cryptography")
Pixels = NDArray[np.uint8]
Attack = Callable[[Pixels], Pixels]
SHAPE = Photobooth.size
PEOPLE = range(1, 11)
KEY = b"benchmark".ljust(32)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure on 60 marked portraits and 500 unmarked pictures; smoke: 2 and 6."""
    del users
    cv2.setNumThreads(1)
    many, unmarked, keys = (2, 6, 2) if smoke else (60, 500, 10)
    drawn = list(islice(portraits(), max(many, unmarked - (6 if smoke else 60))))
    plain = [*drawn, *photographs()][:unmarked]
    results = [
        *survival(drawn[:many]),
        *alarms(plain, keys),
        *looks(drawn),
        *times(drawn[0], 3 if smoke else 30),
    ]
    return report("provenance", smoke=smoke, packages=PACKAGES, results=results)


# --- pictures


def portraits() -> Iterator[Pixels]:
    """Draw all scenarios of all people, one scenario after the other; then with other seeds."""
    booth, faces = Photobooth(), Faces()
    people = {who: faces.measure(_photograph(who, "amateur_selfie")) for who in PEOPLE}
    names = sorted(booth.scenarios)
    for turn in range(20):
        for place, name in enumerate(names):
            who = 1 + (place + turn) % len(people)
            row = Row(likenesses=(people[who],), scenario=name, seed=turn)
            try:
                yield booth.render([row])[0]
            except Unsuitable:
                continue


def photographs() -> Iterator[Pixels]:
    """Read every photograph of the synthetic people."""
    kinds = ("amateur_selfie", "studio_portrait", "emotions_sheet", "character_sheet")
    for kind in (*kinds, "amateur_posture", "studio_posture"):
        for who in PEOPLE:
            yield _photograph(who, kind)


def _photograph(who: int, kind: str) -> Pixels:
    found = importlib.util.find_spec("openpeople")
    assert found is not None
    assert found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0]) / "data" / "curated"
    with Image.open(folder / f"P{who:03}" / "assets" / f"{kind}.jpg") as image:
        image.thumbnail((1400, 1400))
        return np.array(image.convert("RGB"))


# --- attacks


def saved(quality: int, kind: str = "JPEG") -> Attack:
    """Encode and decode."""

    def attack(pixels: Pixels) -> Pixels:
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, kind, quality=quality)
        return np.array(Image.open(file).convert("RGB"))

    return attack


def scaled(by: float) -> Attack:
    """Bring to another size."""

    def attack(pixels: Pixels) -> Pixels:
        image = Image.fromarray(pixels)
        return np.array(image.resize((round(image.width * by), round(image.height * by))))

    return attack


def cut(left: float, top: float, right: float, bottom: float) -> Attack:
    """Cut shares of the sides off."""

    def attack(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        rows = slice(round(top * height), height - round(bottom * height))
        return pixels[rows, round(left * width) : width - round(right * width)]

    return attack


def levels(change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Attack:
    """Change every level alike."""
    return lambda pixels: np.clip(np.rint(change(pixels.astype(float))), 0, 255).astype(np.uint8)


def turned(degrees: float) -> Attack:
    """Turn around the middle."""

    def attack(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        return np.asarray(cv2.warpAffine(pixels, turn, (width, height)), np.uint8)

    return attack


def then(*attacks: Attack) -> Attack:
    """Do one after the other."""

    def attack(pixels: Pixels) -> Pixels:
        for one in attacks:
            pixels = one(pixels)
        return pixels

    return attack


def noisy(pixels: Pixels) -> Pixels:
    """Add noise of 6 levels."""
    noise = np.random.default_rng(1).normal(0, 6, pixels.shape)
    return levels(lambda level: level + noise)(pixels)


ATTACKS: dict[str, Attack] = {
    "none": lambda pixels: pixels,
    "JPEG q75": saved(75),
    "JPEG q50": saved(50),
    "JPEG q30": saved(30),
    "WebP q60": saved(60, "WEBP"),
    "50 % size, JPEG q75": then(scaled(0.5), saved(75)),
    "25 % size": scaled(0.25),
    "25 % size, JPEG q75": then(scaled(0.25), saved(75)),
    "200 % size": scaled(2),
    "brighter by 20 %": levels(lambda level: level * 1.2),
    "brighter by 40 %": levels(lambda level: level * 1.4),
    "darker by 20 %": levels(lambda level: level * 0.8),
    "contrast by 30 %": levels(lambda level: (level - 128) * 1.3 + 128),
    "gamma 1.2": levels(lambda level: 255 * (level / 255) ** 1.2),
    "greyscale": lambda p: np.dstack([p.mean(axis=2).astype(np.uint8)] * 3),
    "noise of 6 levels": noisy,
    "blurred, sigma 1": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 1), np.uint8),
    "blurred, sigma 2": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 2), np.uint8),
    "mirrored": lambda p: p[:, ::-1],
    "turned by 90 degrees": lambda p: np.asarray(np.rot90(p)),
    "cut by 1 % at each side": cut(0.01, 0.01, 0.01, 0.01),
    "cut by 5 % at each side": cut(0.05, 0.05, 0.05, 0.05),
    "cut by 10 % at each side": cut(0.1, 0.1, 0.1, 0.1),
    "cut to a square, middle": cut(0, 0.1, 0, 0.1),
    "cut to a square, anywhere": cut(0, 0.07, 0, 0.13),
    "cut to a square, 50 % size, q75": then(cut(0, 0.1, 0, 0.1), scaled(0.5), saved(75)),
    "cut to 9:16": cut(0.1484, 0, 0.1484, 0),
    "cut to 16:9": cut(0, 0.275, 0, 0.275),
    "cut unevenly by 2, 5, 0, 3 %": cut(0.02, 0.05, 0, 0.03),
    "turned by 2 degrees": turned(2),
    "framed in 20 black pixels": lambda p: np.pad(p, ((20, 20), (20, 20), (0, 0))),
}


def survival(drawn: Sequence[Pixels]) -> Iterator[Result]:
    """Count the copies that are found, by watermark and by fingerprint."""
    mark, look, chance = Watermark(KEY), Fingerprints(KEY), np.random.default_rng(7)
    numbers = [int(one) for one in chance.integers(0, 1 << 32, len(drawn))]
    marked = [mark.write(one, number) for one, number in zip(drawn, numbers, strict=True)]
    faint = [_decibel(one, other) for one, other in zip(drawn, marked, strict=True)]
    yield _row("likeness to the unmarked picture, mean", float(np.mean(faint)), "dB", len(drawn))
    yield _row("likeness to the unmarked picture, least", min(faint), "dB", len(drawn))
    files = [_decoded(provenance.marked(one)) for one in marked]
    for name, attack in ATTACKS.items():
        copies = [np.ascontiguousarray(attack(one)) for one in files]
        read = sum(
            number in mark.readings(copy, SHAPE)
            for copy, number in zip(copies, numbers, strict=True)
        )
        near = sum(
            _apart(look.of(copy), look.of(one)) <= NEAR
            for copy, one in zip(copies, files, strict=True)
        )
        yield _row(f"watermark found: {name}", read, "of n", len(drawn))
        yield _row(f"fingerprint found: {name}", near, "of n", len(drawn))
    hard = [then(scaled(0.25), saved(75)), levels(lambda v: v * 1.4), cut(0.1, 0.1, 0.1, 0.1)]
    copies = [np.ascontiguousarray(one(file)) for file in files for one in hard]
    yield from _hard(mark, copies, [number for number in numbers for _ in hard])


def _hard(mark: Watermark, copies: Sequence[Pixels], numbers: Sequence[int]) -> Iterator[Result]:
    """Count what is found of the hardest copies by how many unsure bits are tried both ways."""
    found = dict.fromkeys(UNSURE, 0)
    for copy, number in zip(copies, numbers, strict=True):
        scores = [mark.scores(guess) for guess in watermark.guesses(copy, SHAPE)]
        for unsure in UNSURE:
            found[unsure] += any(number in payloads.readings(one, unsure) for one in scores)
    for unsure, count in found.items():
        yield _row(f"hard copies found, {unsure} unsure bits", count, "of n", len(copies))


# --- false alarms

UNSURE = range(7)


def alarms(plain: Sequence[Pixels], keys: int) -> Iterator[Result]:
    """Count readings in pictures without a mark, under many keys, by how many bits may be unsure.

    A reading is an alarm only if its reference was given out: with N of 2^32 given out, N / 2^32
    of the readings.
    """
    marks = [Watermark(bytes([number]) * 32) for number in range(keys)]
    readings, alarmed = dict.fromkeys(UNSURE, 0), 0
    chance = np.random.default_rng(11)
    known = set(map(int, chance.integers(0, 1 << 32, 1_000_000)))
    for picture in plain:
        guessed = list(watermark.guesses(picture, SHAPE))
        for mark in marks:
            scores = [mark.scores(guess) for guess in guessed]
            for unsure in UNSURE:
                found = [r for one in scores for r in payloads.readings(one, unsure)]
                readings[unsure] += len(found)
                if unsure == payloads.UNSURE:
                    alarmed += bool(known.intersection(found))
    asked = len(plain) * keys
    for unsure, count in readings.items():
        yield _row(f"readings in unmarked pictures, {unsure} unsure bits", count, "", asked)
    yield _row("unmarked pictures found, a million references given out", alarmed, "of n", asked)


# --- fingerprints


def looks(drawn: Sequence[Pixels]) -> Iterator[Result]:
    """Count pairs of different portraits that fingerprints take for one."""
    look = Fingerprints(KEY)
    prints = np.array([np.frombuffer(look.of(one), np.uint64)[0] for one in drawn])
    apart = np.bitwise_count(prints[:, None] ^ prints[None])
    names = len(Photobooth().scenarios)
    place = np.arange(len(drawn))
    above = place[:, None] < place[None]
    people = (place % names + place // names) % len(PEOPLE)
    alike = (place[:, None] % names == place[None] % names) & above
    strangers = alike & (people[:, None] != people[None])
    other = above & ~alike
    for what, pairs in (("same scenario, two people", strangers), ("two scenarios", other)):
        total = int(pairs.sum())
        for near in (0, 2, 4, 6, 8):
            mixed = int((apart[pairs] <= near).sum())
            yield _row(f"pairs within {near} bits: {what}", mixed, "of n", total)


# --- times


def times(picture: Pixels, n: int) -> Iterator[Result]:
    """Time every part; the floor of the three marks is the bare encoding."""
    mark, look, signer = Watermark(KEY), Fingerprints(KEY), Credentials(Authority(KEY))
    said = Statement(
        name=KEY[:16], source_type=provenance.SOURCE_TYPE, label="AI", receipt="0" * 64
    )
    marked = mark.write(picture, 7)
    encoded = provenance.marked(marked)
    file = signer.sign(encoded, provenance.MEDIA_TYPE, said)
    bare = timed("encode the file", lambda: provenance.marked(picture), n=n)
    yield bare
    yield timed("write the watermark", lambda: mark.write(picture, 7), n=n, floor=bare["value"])
    yield timed("take the fingerprint", lambda: look.of(marked), n=n)
    yield timed(
        "sign the credential",
        lambda: signer.sign(encoded, provenance.MEDIA_TYPE, said),
        n=n,
        floor=bare["value"],
    )
    yield timed("read the credential", lambda: signer.read(file, provenance.MEDIA_TYPE), n=n)
    yield timed("find the watermark", lambda: 7 in mark.readings(marked, SHAPE), n=n)
    yield timed("find no watermark", lambda: list(mark.readings(picture, SHAPE)), n=n)
    yield _row("bytes that the credential adds", len(file) - len(encoded), "bytes", 1)


def _row(what: str, value: float, unit: str, n: int) -> Result:
    number = round(float(value), 1) if unit == "dB" else int(value)
    return {
        "what": what,
        "value": number,
        "unit": unit,
        "floor": None,
        "ratio": None,
        "n": n,
        "spread": None,
    }


def _decoded(file: bytes) -> Pixels:
    return np.array(Image.open(io.BytesIO(file)).convert("RGB"))


def _decibel(one: Pixels, other: Pixels) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def _apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
