# SPDX-License-Identifier: Apache-2.0
"""What the policy values of the studio do, seen from outside: each where it begins to bite."""

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import select

from consent import lint
from consent.policy import Policy, SelfieRules
from consent.tables import asset, selfie
from consent.words import Purpose, Reason
from generation import identity, inspection, moderation, photographs, selfies
from generation.faces import Face
from generation.identity import Cohort
from generation.inspection import Inspector
from generation.moderation import Failed
from generation.recipes import Likeness
from generation.selfies import Accepted, Attested, Rejected
from generation.studio import Studio
from tests.consent.probes import hospitable, opened
from tests.generation import samples
from tests.generation.house import House
from tests.probes import probe
from tests.rooms import Rooms

SIDE = 200


@cache
def inspector() -> Inspector:
    return inspection.shipped()


@dataclass(frozen=True, slots=True)
class Certain:
    """A scorer that always gives one score: the port's smallest adapter."""

    says: float

    def score(self, pixels: NDArray[np.uint8]) -> float:
        del pixels
        return self.says

    def files(self) -> Mapping[str, str]:
        return {}


def frontal(side: int = SIDE, shift: float = 0.0) -> Face:
    """Place a face whose eyes lie even around its nose, or shifted by a part of their distance."""
    eyes = [(0.7, 0.4), (0.6, 0.4), (0.3, 0.4), (0.4, 0.4)]
    points = np.array([*eyes, (0.5 + shift * 0.4, 0.6)], np.float32) * side
    return Face(box=(0, 0, side, side), landmarks=points)


@cache
def lit(level: float, contrast: float = 0.2) -> NDArray[np.uint8]:
    """Paint a checkered square of one brightness, 0..1, as sharp as its contrast."""
    checks = np.indices((SIDE, SIDE)).sum(axis=0) // 4 % 2
    bright = level * (1 - contrast * (1 - checks))
    return np.repeat(np.clip(bright * 255, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


@probe("selfies.face_pixels", "selfies.yaw_limit")
def sizes_and_turns(policy: Policy) -> object:
    return _sizes_and_turns(policy.selfies)


@cache  # most policies have the same rules, and are changed alike
def _sizes_and_turns(rules: SelfieRules) -> object:
    pixels = lit(0.6)
    sizes = [selfies._fault(pixels, frontal(side), rules) for side in range(20, SIDE, 1)]
    turns = [selfies._fault(pixels, frontal(shift=n / 200), rules) for n in range(-100, 100)]
    return sizes, turns


@probe("selfies.brightness_low", "selfies.brightness_high", "selfies.sharpness")
def light(policy: Policy) -> object:
    return _light(policy.selfies)


@cache
def _light(rules: SelfieRules) -> object:
    levels = [selfies._fault(lit(n / 100), frontal(), rules) for n in range(101)]
    edges = [selfies._fault(lit(0.6, n / 200), frontal(), rules) for n in range(60)]
    return levels, edges


@probe("selfies.nsfw_limit")
def indecent_selfies(policy: Policy) -> object:
    limit = policy.selfies.nsfw_limit
    verdicts = (moderation.judge(Certain(n / 100), lit(0.6), limit) for n in range(101))
    return [isinstance(verdict, Failed) for verdict in verdicts]


@probe("selfies.same_person_distance")
def strangers(policy: Policy) -> object:
    def pair(apart: float) -> list[Accepted]:
        vectors = (np.zeros(128, np.float32), np.eye(128, dtype=np.float32)[0] * apart)
        return [Accepted(likeness=_likeness(vector), content=b"") for vector in vectors]

    limit = policy.selfies.same_person_distance
    judged = (selfies._one_person(pair(n / 100), [], limit) for n in range(101))
    return [isinstance(first, Rejected) for first, _ in judged]


def _likeness(vector: NDArray[np.float32]) -> Likeness:
    return Likeness(
        pixels=lit(0.6),
        box=(0, 0, SIDE, SIDE),
        landmarks=frontal().landmarks,
        vector=vector,
        smile=0.5,
    )


@cache
def padded(size: int) -> bytes:
    file = samples.written(Image.new("RGB", (300, 300), "teal"))
    return file + b"\0" * (size - len(file))


@cache
def wide(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG", compress_level=1)
    return file.getvalue()


@probe("selfies.max_bytes", "selfies.max_pixels")
def files(policy: Policy) -> object:
    return _files(policy.selfies.max_bytes, policy.selfies.max_pixels)


@cache
def _files(max_bytes: int, max_pixels: int) -> object:
    sent = (padded(11_999_999), padded(12_000_001), wide(4_000, 3_900), wide(4_000, 4_100))
    return [
        isinstance(
            photographs.opened(file, max_bytes=max_bytes, max_pixels=max_pixels),
            photographs.Unreadable,
        )
        for file in sent
    ]


@probe("selfies.attest_self", "selfies.attest_adult")
def attestations(policy: Policy) -> object:
    said = [Attested(myself=m, adult=a) for m in (True, False) for a in (True, False)]
    models = inspector()
    return [
        selfies.examine([b"junk"], one, policy.selfies, faces=models.faces, scorer=models.scorer)
        for one in said
    ]


def _studio(rooms: Rooms) -> Studio:
    return Studio(
        ledger=rooms.consent.ledger,
        gate=rooms.consent.gate,
        vault=rooms.consent.vault,
        keys=rooms.consent.keys,
        chance=rooms.chance,
        recipe=samples.Head(),
        inspector=inspector(),
        workers=1,
    )


@probe("selfies.minimum", "selfies.maximum")
def how_many_selfies(policy: Policy) -> object:
    with tempfile.TemporaryDirectory() as folder, opened(policy, folder) as rooms:
        ada, studio = rooms.person("Ada", Purpose.LIKENESS), _studio(rooms)
        sent = ([b"junk"] * n for n in range(1, 23))
        return [studio.enrol(ada, files, samples.TRUE)[0] for files in sent]


@probe("selfies.all_or_nothing", "selfies.retention_seconds")
def an_upload(policy: Policy) -> object:
    roomy = hospitable(policy)
    with tempfile.TemporaryDirectory() as folder, opened(roomy, folder) as rooms:
        ada, studio = rooms.person("Ada", Purpose.LIKENESS), _studio(rooms)
        good = samples.small_file_of(1)
        mixed = [type(one).__name__ for one in studio.enrol(ada, [good, b"junk"], samples.TRUE)]
        studio.enrol(ada, [good], samples.TRUE)
        with rooms.consent.ledger.read() as connection:
            ends = connection.execute(select(selfie.c.expires_at)).scalars().all()
        return mixed, [end - rooms.clock.now() for end in ends]


@probe("portraits.retention_seconds")
def how_long_a_portrait_is_kept(policy: Policy) -> object:
    roomy = hospitable(policy)
    with tempfile.TemporaryDirectory() as folder, opened(roomy, folder) as rooms:
        house = House(rooms, _studio(rooms))
        house.studio.make([house.order(house.sitter(1))])
        with rooms.consent.ledger.read() as connection:
            end = connection.execute(select(asset.c.expires_at)).scalar_one()
        return end - rooms.clock.now()


@probe("moderation.nsfw_limit")
def indecent_portraits(policy: Policy) -> object:
    models = inspector()
    owner = [_likeness(np.zeros(128, np.float32))]
    return [
        Inspector(faces=models.faces, scorer=Certain(n / 20), cohort=models.cohort).inspect(
            np.zeros((64, 64, 3), np.uint8), owner, (), policy
        )
        for n in range(21)
    ]


@probe("moderation.quarantine_seconds", "moderation.quarantine", "moderation.appeals")
def what_is_held_back(policy: Policy) -> object:
    rules = policy.moderation
    held = [rules.held_for(reason) for reason in Reason]
    wrong = [one.detail for one in lint.findings(policy) if one.code == "dead-quarantine"]
    return held, [rules.may_appeal(judged) for judged in range(5)], wrong


@probe("identity")
def likeness(policy: Policy) -> object:
    axis = np.eye(128, dtype=np.float32)[0]
    owner = [np.zeros(128, np.float32)]

    def passes(face: float, cohort: float) -> bool:
        people = Cohort(people=(np.stack([axis * cohort]), np.stack([axis * 5])), sha256="")
        found = identity.judge([axis * face], owner, [], cohort=people, rules=policy.identity)
        return found.passed

    margins = [passes(n / 1_000, 1.0) for n in range(450, 550)]
    doubles = [passes(0.4, n / 100) for n in range(40, 100)]
    return margins, doubles
