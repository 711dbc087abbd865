# SPDX-License-Identifier: Apache-2.0
"""Decide whether a person's selfies can be enrolled, each with its reason when not.

Rules, in the order in which a file meets them; the first it breaks is its reason:
1. the person attests what the policy asks for: it is me, I am an adult       attestation-missing
2. it opens as a photograph (see `photographs`)                               unreadable
3. it shows one face, and that face looks at us                               no-face, multi-face
4. the face is big enough                                                     too-small
5. it is neither too dark nor too bright; the closed list has one word for it  dark
6. it is sharp; in the dark nothing is, so the light comes first               blurred
7. it is safe for work; a model that gives no answer is a no                  nsfw, unavailable
8. it is not the same picture as an earlier one, of this upload or before     duplicate
9. all show the same person, and the one of earlier selfies                   different-person

Pure: files, rules and models in, verdicts out. The figures are the policy's. Knows no storage.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from consent.policy import SelfieRules
from consent.words import Reason
from generation import moderation, parcels, photographs
from generation.faces import Face, Faces, distance
from generation.parcels import Parcel
from generation.recipes import Likeness

KIND: Final = "selfie/1"

_CROP: Final = 160  # sharpness is judged at this face size, so that a big face gains nothing
_LIT: Final = 0.6  # the brightness of a face in ordinary light
_FAINT: Final = 0.12  # below this a face has more noise than features
_BRIGHT: Final = 75  # percentile: a lit quarter of the face is enough, on every skin
_ALIKE_BITS: Final = 4  # of 64
_ALIKE_DISTANCE: Final = 0.1
_FEWEST: Final = 2  # faces that can differ from each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """What the person says about the pictures."""

    myself: bool
    adult: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A selfie that can be enrolled, and the bytes to seal."""

    likeness: Likeness
    content: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A selfie that cannot be enrolled."""

    reason: Reason


ADVICE: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.ATTESTATION_MISSING: "Confirm that this is you and that you are an adult.",
        Reason.UNREADABLE: "Send one JPEG, PNG or WebP photo, in colour, of ordinary size.",
        Reason.NO_FACE: "No face looks into the camera here.",
        Reason.MULTI_FACE: "More than one face is in the picture: send one of you alone.",
        Reason.TOO_SMALL: "Your face is too small here: come closer.",
        Reason.BLURRED: "The face is blurred: hold still and focus on it.",
        Reason.DARK: "The face is too dark or too bright: turn towards even light.",
        Reason.NSFW: "This picture cannot be used: send one with clothes on.",
        Reason.UNAVAILABLE: "The picture could not be checked; nothing was kept. Try again later.",
        Reason.DUPLICATE: "This is the same picture again: send another.",
        Reason.DIFFERENT_PERSON: "Not all pictures show the same person.",
        Reason.QUOTA: "That is one picture too many: delete an older one first.",
        Reason.SELFIES_REQUIRED: "More pictures are needed: send a few at once.",
    }
)
"""What to do about a rejection, in one sentence."""


def examine(
    files: Sequence[bytes],
    attested: Attested,
    rules: SelfieRules,
    *,
    faces: Faces,
    scorer: moderation.Scorer,
    earlier: Sequence[Likeness] = (),
) -> tuple[Accepted | Rejected, ...]:
    """Judge the selfies that one person sends at once, in their order, beside `earlier` ones."""
    if (rules.attest_self and not attested.myself) or (rules.attest_adult and not attested.adult):
        return tuple(Rejected(Reason.ATTESTATION_MISSING) for _ in files)
    alone = tuple(_alone(file, rules, faces, scorer) for file in files)
    fresh = _without_repeats(alone, earlier)
    known = agreeing(earlier, rules.same_person_distance)
    return _one_person(fresh, known, rules.same_person_distance)


def pack(likeness: Likeness) -> bytes:
    """Write a likeness as the bytes to seal: the photograph and its measurements as one."""
    facts = {
        "box": list(likeness.box),
        "landmarks": _text(likeness.landmarks),
        "vector": _text(likeness.vector),
        "smile": likeness.smile,
    }
    picture = photographs.encoded(likeness.pixels)
    return parcels.encode(Parcel(kind=KIND, facts=facts, picture=picture))


def unpack(content: bytes) -> Likeness:
    """Read what `pack` wrote. Errors: Broken when it is something else."""
    parcel = parcels.decode(content, KIND)
    left, top, right, bottom = parcel.facts["box"]
    return Likeness(
        pixels=photographs.kept(parcel.picture),
        box=(left, top, right, bottom),
        landmarks=_array(parcel.facts["landmarks"]).reshape(5, 2),
        vector=_array(parcel.facts["vector"]),
        smile=parcel.facts["smile"],
    )


def sharpness(pixels: NDArray[np.uint8], face: Face) -> float:
    """Measure how sharp a face is: variance of the Laplacian of its grey 160 px crop.

    A dark face counts as if it were lit: else less light, or darker skin, would pass for blur.
    """
    crop = cv2.resize(_crop(pixels, face), (_CROP, _CROP), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    lit = np.clip(_LIT / max(brightness(pixels, face), _FAINT), 1, None)
    return float(cv2.Laplacian(grey, cv2.CV_64F).var() * lit**2)


def brightness(pixels: NDArray[np.uint8], face: Face) -> float:
    """Measure how well a face is lit: the luminance that its brightest quarter exceeds, 0..1."""
    grey = cv2.cvtColor(_crop(pixels, face), cv2.COLOR_RGB2GRAY)
    return float(np.percentile(grey, _BRIGHT) / 255)


def _alone(
    file: bytes, rules: SelfieRules, faces: Faces, scorer: moderation.Scorer
) -> Accepted | Rejected:
    pixels = photographs.opened(file, max_bytes=rules.max_bytes, max_pixels=rules.max_pixels)
    if isinstance(pixels, photographs.Unreadable):
        return Rejected(Reason.UNREADABLE)
    found = faces.find(pixels)
    if len(found) != 1:
        return Rejected(Reason.MULTI_FACE if found else Reason.NO_FACE)
    reason = _fault(pixels, found[0], rules)
    if reason is not None:
        return Rejected(reason)
    verdict = moderation.judge(scorer, pixels, rules.nsfw_limit)
    if isinstance(verdict, moderation.Failed):
        return Rejected(verdict.reason)
    likeness = faces.likeness(pixels, found[0])
    return Accepted(likeness=likeness, content=pack(likeness))


def _fault(pixels: NDArray[np.uint8], face: Face, rules: SelfieRules) -> Reason | None:
    if abs(face.turn) > rules.yaw_limit:
        return Reason.NO_FACE
    if face.side < rules.face_pixels:
        return Reason.TOO_SMALL
    if not rules.brightness_low <= brightness(pixels, face) <= rules.brightness_high:
        return Reason.DARK
    if sharpness(pixels, face) < rules.sharpness:
        return Reason.BLURRED
    return None


def _without_repeats(
    judged: Sequence[Accepted | Rejected], earlier: Sequence[Likeness]
) -> tuple[Accepted | Rejected, ...]:
    kept: list[Accepted | Rejected] = []
    seen = list(earlier)
    for one in judged:
        repeated = isinstance(one, Accepted) and any(_alike(one.likeness, old) for old in seen)
        kept.append(Rejected(Reason.DUPLICATE) if repeated else one)
        if isinstance(one, Accepted):
            seen.append(one.likeness)
    return tuple(kept)


def _alike(one: Likeness, other: Likeness) -> bool:
    prints = (photographs.fingerprint(each.pixels) for each in (one, other))
    differing = (next(prints) ^ next(prints)).bit_count()
    near = distance(one.vector, other.vector) < _ALIKE_DISTANCE
    return near and differing <= _ALIKE_BITS


def _one_person(
    judged: Sequence[Accepted | Rejected], known: Sequence[Likeness], limit: float
) -> tuple[Accepted | Rejected, ...]:
    """Refuse strangers: to who is known here already, or else to each other."""
    vectors = {
        at: one.likeness.vector for at, one in enumerate(judged) if isinstance(one, Accepted)
    }
    if known:
        middle = np.mean([one.vector for one in known], axis=0)
        strangers = frozenset(
            at for at, vector in vectors.items() if distance(vector, middle) > limit
        )
    else:
        strangers = _strangers(vectors, limit)
    return tuple(
        Rejected(Reason.DIFFERENT_PERSON) if at in strangers else one
        for at, one in enumerate(judged)
    )


def _strangers(vectors: Mapping[int, NDArray[np.float32]], limit: float) -> frozenset[int]:
    """Set aside the farthest face until the rest agree; of two, nobody can say which one it is."""
    left = dict(vectors)
    while len(left) >= _FEWEST:
        away = dict(zip(left, strangeness(tuple(left.values())), strict=True))
        farthest = max(left, key=lambda at: away[at])
        if away[farthest] <= limit:
            break
        if len(left) == _FEWEST:
            return frozenset(vectors)
        del left[farthest]
    return frozenset(vectors) - frozenset(left)


def agreeing(likenesses: Sequence[Likeness], limit: float) -> tuple[Likeness, ...]:
    """Keep those of a person's selfies that show one and the same face; none if nobody can say.

    Selfies given for different purposes meet here for the first time.
    """
    vectors = {at: likeness.vector for at, likeness in enumerate(likenesses)}
    strangers = _strangers(vectors, limit)
    return tuple(one for at, one in enumerate(likenesses) if at not in strangers)


def strangeness(vectors: Sequence[NDArray[np.float32]]) -> tuple[float, ...]:
    """Measure each face's distance to the middle of the others (dlib L2); two faces at least.

    The distance to the middle of *all* cannot tell: one stranger among three pulls it over, and
    its median stays below 0.5 in every set tried (200 faces of 10 synthetic people). At 0.5 this
    one refuses 3 % of honest sets of three and misses 7 % of strangers, mostly look-alikes.
    """
    stack = np.stack(vectors)
    others = (stack.sum(axis=0) - stack) / (len(stack) - 1)
    return tuple(float(d) for d in np.linalg.norm(stack - others, axis=1))


def _crop(pixels: NDArray[np.uint8], face: Face) -> NDArray[np.uint8]:
    left, top, right, bottom = face.box
    return pixels[top:bottom, left:right]


def _text(numbers: NDArray[np.float32]) -> str:
    return base64.b64encode(numbers.astype("<f4").tobytes()).decode("ascii")


def _array(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text), dtype="<f4").astype(np.float32)
