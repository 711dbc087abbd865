# SPDX-License-Identifier: Apache-2.0
"""How a yes came about: committed beside each grant, so that its worth can be judged later.

Rules:
1. a person's yes is affirmative, quotes a notice that was shown, and nothing was ticked for them
2. it is unbundled when the policy lets it bring nothing else along
3. what was implied is affirmative in no respect: no notice, no act, on before anybody chose
4. how many acts a yes and a no take is data about the surface (data/surfaces.toml), held to the
   real surface by tests; where a no takes more than a yes, that surface must not ask
Source: GDPR Art. 4(11) and 7(3) as EDPB Guidelines 05/2020 read them (summaries).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from consent.policy import AgeBand

Method = Literal["page", "api", "cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Where a yes is said. Units: acts of a person, from where both yes and no are offered."""

    method: Method
    grant: int
    withdraw: int


@cache
def surfaces() -> Mapping[Method, Surface]:
    """Read how many acts each surface takes."""
    read = tomllib.loads((files("data") / "surfaces.toml").read_text("utf-8"))
    methods: tuple[Method, ...] = ("page", "api", "cli")
    return MappingProxyType({name: Surface(method=name, **read[name]) for name in methods})


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Under which rule book's law, and of whom, a yes was taken; None where nobody knows."""

    jurisdiction: str
    age_band: AgeBand | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """The validity vector of one grant or renewal, and what was attested of the person then."""

    affirmative: bool
    unbundled: bool
    prechecked: bool
    notice_shown: bool
    clicks_grant: int
    clicks_withdraw: int
    method: Method
    around: Around
    language: str | None = None

    def opening(self) -> dict[str, int | str | bool]:
        """Write it as canonical JSON carries it: flat, without nulls."""
        flat = asdict(self)
        flat |= flat.pop("around")
        return {key: value for key, value in flat.items() if value is not None}


def said(method: Method, language: str, around: Around, *, alone: bool) -> Validity:
    """Describe a yes that a person said; `alone` is that it brings nothing else along."""
    surface = surfaces()[method]
    return Validity(
        affirmative=True,
        unbundled=alone,
        prechecked=False,
        notice_shown=True,
        clicks_grant=surface.grant,
        clicks_withdraw=surface.withdraw,
        method=method,
        around=around,
        language=language,
    )


def implied(method: Method, around: Around, *, bundled: bool) -> Validity:
    """Describe what nobody said; `bundled` is that another yes switched it on beforehand."""
    return Validity(
        affirmative=False,
        unbundled=False,
        prechecked=bundled,
        notice_shown=False,
        clicks_grant=0,
        clicks_withdraw=surfaces()[method].withdraw,
        method=method,
        around=around,
    )
