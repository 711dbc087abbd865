# SPDX-License-Identifier: Apache-2.0
"""Who must have cosigned the log, and how lately: the witness policy of an installation.

A TOML file: `threshold`, `seconds`, and a `[[witness]]` each with its `key` (a verifier key line
of a cosignature type) and its `url`. Without one nobody must: then only the operator vouches.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consent import notes
from consent.errors import Misused
from consent.words import Reason

_KEYS: Final = {"threshold", "seconds", "witness"}
_WITNESS: Final = {"key", "url"}
_KINDS: Final = (notes.COSIGNED, notes.QUANTUM_SAFE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One witness: the key it signs with, and where it is asked."""

    key: str
    url: str

    @property
    def name(self) -> str:
        """Return what the witness is called."""
        return notes.read_key(self.key).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """How many of which witnesses must have cosigned. Units: `seconds` since they last did."""

    threshold: int = 0
    seconds: int = 0
    members: tuple[Member, ...] = ()

    def told(self) -> dict[str, Any]:
        """Write what a bundle tells its verifier: keys/witnesses.json."""
        return {"threshold": self.threshold, "keys": [one.key for one in self.members]}

    def good(self, text: str, lines: Mapping[str, str]) -> dict[str, str]:
        """Keep the lines that their witness signed over a text; both by the witness's name."""
        return {
            one.name: lines[one.name]
            for one in self.members
            if one.name in lines and notes.verify_line(text, lines[one.name], one.key)
        }


NOBODY: Final = Quorum()


def read(path: Path) -> Quorum:
    """Read a witness policy. Errors: Misused(unknown-key), the operator's fault, and says why."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
        made = Quorum(
            threshold=told.get("threshold", 0),
            seconds=told.get("seconds", 0),
            members=tuple(_member(one) for one in told.get("witness", ())),
        )
        _check(told, made)
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise Misused(Reason.UNKNOWN_KEY, f"{path.name} is no witness policy: {error}") from error
    return made


def _member(told: Mapping[str, Any]) -> Member:
    if set(told) != _WITNESS:
        raise ValueError(f"a witness has a key and a url, not {', '.join(sorted(told))}")
    member = Member(key=str(told["key"]).strip(), url=str(told["url"]).rstrip("/"))
    if notes.read_key(member.key).kind not in _KINDS:
        raise ValueError(f"the key of {member.name} is not one that cosigns")
    if not member.url.startswith(("http://", "https://")):
        raise ValueError(f"{member.url!r} is no address of a witness")
    return member


def _check(told: Mapping[str, Any], made: Quorum) -> None:
    if unknown := set(told) - _KEYS:
        raise ValueError(f"no such key: {', '.join(sorted(unknown))}")
    if not _numbers(made.threshold, made.seconds):
        raise ValueError("threshold and seconds are whole numbers")
    if made.threshold > len(made.members):
        raise ValueError(f"{made.threshold} must cosign, {len(made.members)} are named")
    if made.threshold and not made.seconds:
        raise ValueError("seconds: after how long does a missing cosignature close the gate?")
    _once([one.name for one in made.members], "name")
    _once([notes.read_key(one.key).public.hex() for one in made.members], "key")


def _numbers(*values: object) -> bool:
    return all(type(value) is int and value >= 0 for value in values)


def _once(values: Sequence[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"two witnesses have the same {what}: each counts once")
