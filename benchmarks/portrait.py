# SPDX-License-Identifier: Apache-2.0
"""Time a portrait, part by part, and one by one through the whole studio: `onlyou bench portrait`.

The floor is what the bare model calls of one portrait cost: find, embed and score once each. All
figures are milliseconds of one thread; they depend on the machine, the ratios less so. A portrait
with all its checks, order to seal, is to take at most 600 ms on a quiet core.
"""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import cv2

from benchmarks.conditions import Result, report, timed
from consent import policies
from consent.gate import Ask, Select
from consent.words import ObjectId, Purpose, Step, Subject
from engine import settings, wiring
from engine.rooms import Rooms
from generation import inspection, photographs, provenance, selfies
from generation.portraits import Request, Wish
from generation.recipes import Row
from generation.recipes.photobooth import Photobooth
from generation.recipes.photobooth.cutout import cut_out
from generation.selfies import Accepted, Attested

PACKAGES = ("numpy", "opencv-python-headless", "dlib-bin", "onnxruntime", "pillow")
SCENARIO = "astronaut"
SEED = 1
MODEL = "model: "
TRUE = Attested(myself=True, adult=True)


def run(*, smoke: bool = False, users: int | None = None) -> dict[str, Any]:
    """Measure the parts of one portrait and the whole."""
    del users  # one person is enough
    cv2.setNumThreads(1)
    n = 3 if smoke else 15
    measured = list(parts(n))
    floor = sum(one["value"] for one in measured if one["what"].startswith(MODEL))
    results = [*measured, *whole(n, floor)]
    return report("portrait", smoke=smoke, packages=PACKAGES, results=results)


def selfie() -> bytes:
    """Read the first synthetic person's selfie, as a phone would send it."""
    from openpeople import curated  # noqa: PLC0415

    return Path(curated.list()[0].asset_path("amateur_selfie")).read_bytes()


def parts(n: int) -> Iterator[Result]:
    """Time every step on its own, models and plates warm."""
    policy, models, file = policies.load("strict-opt-in"), inspection.shipped(), selfie()
    faces, scorer, rules = models.faces, models.scorer, policy.selfies
    (kept,) = selfies.examine([file], TRUE, rules, faces=faces, scorer=scorer)
    assert isinstance(kept, Accepted)
    likeness, recipe = kept.likeness, Photobooth()
    row = Row(likenesses=(likeness,), scenario=SCENARIO, seed=SEED)
    (picture,) = recipe.render([row])
    (face,) = faces.find(picture)
    bare = [
        timed(MODEL + "find the face", lambda: faces.find(picture), n=n),
        timed(MODEL + "describe the face", lambda: faces.embed(picture, face), n=n),
        timed(MODEL + "score nakedness", lambda: scorer.score(picture), n=n),
    ]
    floor = sum(one["value"] for one in bare)
    limits = {"max_bytes": rules.max_bytes, "max_pixels": rules.max_pixels}
    yield from bare
    yield timed("in: decode, turn, shrink", lambda: photographs.opened(file, **limits), n=n)
    yield timed(
        "in: a whole selfie judged",
        lambda: selfies.examine([file], TRUE, rules, faces=faces, scorer=scorer),
        n=n,
        floor=floor,
    )
    yield timed("selfie from its parcel", lambda: selfies.unpack(kept.content), n=n)
    yield timed("photobooth, plates warm", lambda: recipe.render([row]), n=n, floor=floor)
    yield timed("of it: cut the head out", lambda: cut_out(likeness), n=n)
    yield timed(
        "out: both gates",
        lambda: models.inspect(picture, [likeness], [], policy),
        n=n,
        floor=floor,
    )
    yield timed("out: fingerprint", lambda: photographs.fingerprint(picture), n=n)
    yield timed("out: marked JPEG", lambda: provenance.marked(picture), n=n)


def whole(n: int, floor: float) -> Iterator[Result]:
    """Time enrolment and single portraits through consent, ledger, vault and disk."""
    with tempfile.TemporaryDirectory() as folder:
        rooms = wiring.install(settings.read(Path(folder), policy="strict-opt-in"))
        subject = rooms.consent.accounts.add("Ada").subject
        for purpose in (Purpose.LIKENESS, Purpose.IMAGINE):
            served = rooms.consent.notices.serve(subject, purpose)
            rooms.consent.grants.grant(subject, purpose, served.served_id)
        rooms.studio.enrol(subject, [selfie()], TRUE)
        numbers = count(1)
        yield timed(
            "studio: one portrait, order to seal",
            lambda: rooms.studio.make([_order(rooms, subject, next(numbers))]),
            n=min(n, 9),
            floor=floor,
        )
        rooms.consent.ledger.engine.dispose()


def _order(rooms: Rooms, subject: Subject, number: int) -> Request:
    """Ask for one portrait as the person would."""
    obj = ObjectId(number)
    ask: Ask[Select] = Ask(
        step=Step.SELECT, subject=subject, purpose=Purpose.IMAGINE, object=obj, request=obj
    )
    wish = Wish(scenario=SCENARIO, seed=SEED)
    (request,) = rooms.studio.order([rooms.consent.gate.ask(ask)], [wish])
    assert isinstance(request, Request)
    return request
