# SPDX-License-Identifier: Apache-2.0
"""Photos that somebody gives on a page: kept, or of each why not and how to do better.

What comes back by URL is a list of reason codes in the photos' order, and chooses among our words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import UploadFile

from consent.words import Purpose, Reason
from engine.api import selfies
from engine.web.visitors import Visitor
from generation.selfies import ADVICE

_GOOD = "good"
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What became of one photo; `reason` is None for one that was good."""

    number: int
    reason: Reason | None

    @property
    def words(self) -> str:
        """Say what to do about it."""
        if self.reason is None:
            return "Good. It is kept when the others are."
        return ADVICE.get(self.reason, "It was not kept.")


def sent(
    viewer: Visitor, files: Sequence[UploadFile], *, attest_self: str, attest_adult: str
) -> str | None:
    """Check photos and keep them; else say of each what was wrong, as codes for an address."""
    outcome = selfies.enrol(
        viewer.rooms,
        viewer.subject,
        [one.file.read() for one in files],
        attest_self=attest_self == "true",
        attest_adult=attest_adult == "true",
    )
    if all(one["accepted"] for one in outcome):
        return None
    return ",".join(str(one.get("reason", _GOOD)) for one in outcome)


def checked(reasons: str) -> tuple[Check, ...]:
    """Read the codes of an address; what is no code of ours is left out."""
    known = set(Reason)
    codes = [code for code in reasons.split(",")[:_MOST] if code == _GOOD or code in known]
    return tuple(
        Check(number=number, reason=None if code == _GOOD else Reason(code))
        for number, code in enumerate(codes, 1)
    )


def photos(viewer: Visitor) -> dict[str, Any]:
    """Describe what was given so far and what may be given."""
    held = viewer.rooms.consent.grants.show(viewer.subject)
    return {
        "given": selfies.listed(viewer.rooms, viewer.subject),
        "rules": viewer.rooms.consent.policy.selfies,
        "may_enrol": Purpose.LIKENESS in held,
    }
