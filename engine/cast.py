# SPDX-License-Identifier: Apache-2.0
"""The demo's people: ten synthetic faces of the package openpeople, and what each of them wants.

Nobody here exists. Names fit anybody; what somebody does is drawn from the seed, not from a face.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from consent.errors import Misused
from consent.words import Purpose, Reason


class Role(StrEnum):
    """What somebody said yes to."""

    INSERTS = "inserts"  #: likeness, feed inserts, and yes to the card that asks
    ASKS = "asks"  #: likeness and portraits on request, nothing unprompted
    BYSTANDER = "bystander"  #: an account and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of the demo."""

    name: str
    face: str
    role: Role
    leaves: bool = False  #: withdraws feed inserts on the second day
    lets_learn: bool = False  #: also says yes to personalisation
    circle: str = ""  #: who is in the same one are friends
    shows: bool = False  #: shows a portrait to friends on the second day

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """List what they grant, parent first."""
        more = (Purpose.PERSONALISATION,) if self.lets_learn else ()
        match self.role:
            case Role.INSERTS:
                return (Purpose.LIKENESS, Purpose.FEED_INSERT, *more)
            case Role.ASKS:
                return (Purpose.LIKENESS, Purpose.IMAGINE)
            case Role.BYSTANDER:
                return ()

    def selfies(self) -> tuple[bytes, ...]:
        """Read their photographs: a selfie and a studio portrait."""
        folder = _folder() / self.face / "assets"
        return tuple((folder / name).read_bytes() for name in _PICTURES)


_PICTURES: Final = ("amateur_selfie.jpg", "studio_portrait.jpg")
_IN, _ASK, _BY = Role.INSERTS, Role.ASKS, Role.BYSTANDER
_CAST: Final = (
    Member(name="Noa", face="P008", role=_IN, lets_learn=True, circle="reading"),
    Member(name="Robin", face="P002", role=_IN, leaves=True),
    Member(name="Kim", face="P003", role=_ASK, circle="reading", shows=True),
    Member(name="Sasha", face="P001", role=_IN, lets_learn=True, circle="reading"),
    Member(name="Jude", face="P009", role=_BY),
    Member(name="Alex", face="P005", role=_IN),
    Member(name="Toni", face="P006", role=_IN, lets_learn=True),
    Member(name="Mika", face="P007", role=_ASK),
    Member(name="Charlie", face="P004", role=_IN),
    Member(name="Sam", face="P010", role=_IN),
)


def friends_of(member: Member, members: Sequence[Member]) -> tuple[Member, ...]:
    """List who of them is a friend of somebody: it is mutual here."""
    return tuple(one for one in members if one is not member and one.circle == member.circle != "")


def cast(people: int) -> Sequence[Member]:
    """Take the first so many people. Errors: Misused(unknown-key) beyond ten faces."""
    if not 1 <= people <= len(_CAST):
        raise Misused(
            Reason.UNKNOWN_KEY,
            f"the demo has faces for 1 to {len(_CAST)} people, got {people}; "
            "for larger populations there is `onlyou simulate`",
        )
    return _CAST[:people]


_REACTIONS: Final = ("like", "like", "like", "like", "hide", "fewer", "", "", "", "")


def reaction(seed: int, member: Member, day: int) -> str | None:
    """Say how somebody takes the portrait of a day; None for those who just scroll on."""
    digest = hashlib.sha256(f"{seed}|{member.name}|{day}".encode()).digest()
    return _REACTIONS[digest[0] % len(_REACTIONS)] or None


def _folder() -> Path:
    """Find the package's pictures without importing it."""
    found = find_spec("openpeople")
    if found is None or not found.submodule_search_locations:
        raise Misused(Reason.UNAVAILABLE, "the package openpeople is not installed")
    return Path(found.submodule_search_locations[0]) / "data" / "curated"
