# SPDX-License-Identifier: Apache-2.0
"""What becomes of a picture that does not pass: held back where the policy says so, else gone.

Rules:
1. every gate must say yes; one that raises or gives no answer has not said yes (`judged`)
2. a reason that the policy lists is held back for the policy's time, sealed apart under its
   owner's key; any other is a refusal, and nothing of the picture is kept
3. what is held back has no asset: nobody sees it, it is in no list of portraits, no feed, nothing
   learns from it. Its owner may have it judged again (`appeals`)
4. what comes nearer to somebody else of its batch than to its owner is destroyed at once: it may
   be theirs, and their no would not find it. Of them nothing is kept but how near they came
"""

import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from consent import effects, faults
from consent.errors import Denied
from consent.gate import Denial, Moderate, Permit, S
from consent.policy import ModerationRules, Policy
from consent.quarantine import Held
from consent.vault import Vault
from consent.words import SECOND, ObjectId, Reason
from consent.writing import Writing
from generation import frames, parcels
from generation.batching import Batch
from generation.identity import Cohort, Identity
from generation.inspection import Inspector
from generation.parcels import Parcel
from generation.portraits import HeldBack
from generation.provenance import Provenance, provenance
from generation.recipes import Likeness
from generation.tables import quarantined

KIND: Final = "held/1"
Pixels = NDArray[np.uint8]

#: what the identity gate has found of a picture that it has not seen
UNJUDGED: Final = Identity(
    faces=0,
    owner=float("inf"),
    cohort=float("inf"),
    batch=float("inf"),
    compared=0,
    margin=0.0,
)

_log = logging.getLogger(__name__)


class Judge(Protocol):
    """All gates at once, whichever models they hold: `Inspector`, or a second opinion."""

    @property
    def cohort(self) -> Cohort:
        """Say whom owners are told apart from."""
        ...

    def inspect(
        self,
        picture: Pixels,
        owner: Sequence[Likeness],
        others: Sequence[Likeness],
        policy: Policy,
    ) -> Identity | Reason:
        """Judge a picture; a reason is a no."""
        ...

    def files(self) -> Mapping[str, str]:
        """Name every model file by its sha256."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Resembles:
    """How near a picture comes to its owner and to the other people of its batch. Units: L2."""

    owner: float
    others: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Failed:
    """A picture that did not pass, still or moving, and what is known of it."""

    picture: Pixels
    provenance: Provenance
    card_sha256: str
    #: None where it was drawn beside nobody, or nobody could say
    resembles: Resembles | None = None

    @property
    def theirs(self) -> bool:
        """Say whether it comes nearer to somebody else, whose picture it then is."""
        return self.resembles is not None and self.resembles.others <= self.resembles.owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A picture that lies in the quarantine, and why; nobody opens it until its row lands."""

    held: Held
    reason: Reason
    scenario: str


def judged(
    judge: Judge,
    picture: Pixels,
    owner: Sequence[Likeness],
    others: Sequence[Likeness],
    policy: Policy,
) -> Identity | Reason:
    """Ask all gates about every frame of a picture, closed when any of them breaks.

    Of one that moves every frame must pass; what is found is that of the frame least its owner's.
    """
    worst: Identity | None = None
    for frame in frames.each(picture):
        found = _judged(judge, frame, owner, others, policy)
        if isinstance(found, Reason):
            return found
        worst = found if worst is None or found.owner > worst.owner else worst
    return Reason.UNAVAILABLE if worst is None else worst


def _judged(
    judge: Judge,
    picture: Pixels,
    owner: Sequence[Likeness],
    others: Sequence[Likeness],
    policy: Policy,
) -> Identity | Reason:
    try:
        faults.point("moderate.before")
        return judge.inspect(picture, owner, others, policy)
    except Exception:  # noqa: BLE001  # whatever a model raises, it has not said yes
        _log.exception("a gate gave no answer")
        return Reason.UNAVAILABLE


def resembles(
    inspector: Inspector, picture: Pixels, owner: Sequence[Likeness], others: Sequence[Likeness]
) -> Resembles | None:
    """Say of the face in a picture that is least the owner's whom it resembles.

    None where that cannot be said.
    """
    if not others:
        return None
    try:
        found = [
            inspector.faces.embed(frame, face)
            for frame in frames.each(picture)
            for face in inspector.faces.find(frame)
        ]
        each = [
            Resembles(owner=_nearest(one, owner), others=_nearest(one, others)) for one in found
        ]
    except Exception:  # noqa: BLE001  # the picture did not pass, whomever it shows
        _log.exception("nobody could say whom a picture resembles")
        return None
    return min(each, key=lambda one: one.others - one.owner, default=None)


def _nearest(face: NDArray[np.float32], people: Sequence[Likeness]) -> float:
    return min(float(np.linalg.norm(one.vector - face)) for one in people)


def seal(
    vault: Vault,
    rules: ModerationRules,
    batch: Batch,
    permits: Mapping[ObjectId, Permit[Moderate]],
    failed: Mapping[ObjectId, Failed],
) -> dict[ObjectId, Sealed]:
    """Seal the pictures that the policy holds back; whoever withdrew meanwhile drops out."""
    kept: dict[ObjectId, Sealed] = {}
    for obj, one in failed.items():
        reason, permit = batch.refused[obj], permits[obj]
        if one.theirs or not rules.held_for(reason):
            continue
        try:
            held = vault.quarantine.seal(permit, pack(one))
        except Denied as denied:
            batch.outcomes[obj] = denial(permit, denied)
        else:
            kept[obj] = Sealed(held=held, reason=reason, scenario=one.provenance.scenario)
    return kept


def denial(permit: Permit[S], refused: Denied) -> Denial:
    """Answer a permit with the reason for which what it is for went meanwhile."""
    return replace(effects.too_late(permit), reason=refused.reason)


def land(
    writing: Writing,
    batch: Batch,
    permits: Mapping[ObjectId, Permit[Moderate]],
    sealed: Mapping[ObjectId, Sealed],
    rules: ModerationRules,
) -> None:
    """Write the rows of what is held back, in the open transaction; each gets its outcome."""
    mine = [one for one in batch.requests if one.id in sealed.keys() - batch.outcomes.keys()]
    rows = [_row(sealed[one.id], writing, rules) for one in mine]
    reasons = [sealed[one.id].reason for one in mine]
    spending = [permits[one.id] for one in mine]
    done = effects.spend(writing, spending, quarantined, rows, reasons=reasons)
    for one, ended, why in zip(mine, done, reasons, strict=True):
        held = HeldBack(request=one, reason=why)
        batch.outcomes[one.id] = ended if isinstance(ended, Denial) else held


def pack(failed: Failed) -> bytes:
    """Write a picture as the bytes to seal: every pixel of it, and how it came to be.

    The frames of one that moves stand below each other.
    """
    file = io.BytesIO()
    whole = np.concatenate(frames.each(failed.picture))
    Image.fromarray(whole).save(file, "PNG", compress_level=1)
    facts = {
        "frames": len(failed.picture) if frames.moving(failed.picture) else 0,
        "made": failed.provenance.facts(),
        "card": failed.card_sha256,
        "resembles": asdict(failed.resembles) if failed.resembles else None,
    }
    return parcels.encode(Parcel(kind=KIND, facts=facts, picture=file.getvalue()))


def unpack(content: bytes) -> Failed:
    """Read what `pack` wrote. Errors: Broken for anything else."""
    parcel = parcels.decode(content, KIND)
    beside = parcel.facts["resembles"]
    with Image.open(io.BytesIO(parcel.picture)) as image:
        picture = np.asarray(image.convert("RGB"))
    if count := parcel.facts.get("frames", 0):
        picture = picture.reshape(count, -1, *picture.shape[1:])
    return Failed(
        picture=picture,
        provenance=provenance(parcel.facts["made"]),
        card_sha256=parcel.facts["card"],
        resembles=None if beside is None else Resembles(**beside),
    )


def _row(sealed: Sealed, writing: Writing, rules: ModerationRules) -> dict[str, object]:
    return sealed.held.columns() | {
        "reason": sealed.reason,
        "about": sealed.scenario,
        "expires_at": writing.now + rules.held_for(sealed.reason) * SECOND,
    }
