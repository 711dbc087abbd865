# SPDX-License-Identifier: Apache-2.0
"""Rule 5: each person's entries form one chain without a gap. And who a person is meanwhile."""

from typing import Any, Final, NamedTuple

from consent.verify.findings import Findings

NO_PLACE: Final = -1
_SLOT: Final = 64
_SEQ: Final = (1 << _SLOT) - 1
TAG: Final = 22
"""Characters of a tag."""


class Basis(NamedTuple):
    """What one person's grant of one purpose amounts to now."""

    epoch: int
    kind: str
    not_after: int


class Person:
    """What is remembered of one tag. `gone` says of what ended whether it ran out, by its kind.

    `stopped` is until when everything is paused, by the pause in entry `stopper`.
    """

    __slots__ = ("asked", "erased", "gone", "held", "last", "stopped", "stopper")

    def __init__(self) -> None:
        self.last = NO_PLACE
        self.erased = -1
        self.asked = False
        self.held: dict[str, Basis] = {}
        self.gone: dict[str, str | None] | None = None
        self.stopped = 0
        self.stopper = -1

    def prev(self) -> int | list[int] | None:
        """Write what the next entry of this person must name as the one before it."""
        if self.last < 0:
            return None
        seq, slot = self.last & _SEQ, (self.last >> _SLOT) - 1
        return seq if slot < 0 else [seq, slot]


def place(seq: int, slot: int) -> int:
    """Write the place of a record of a block as one number; that of an entry is its seq."""
    return slot + 1 << _SLOT | seq


def place_of(prev: Any) -> int:  # noqa: ANN401 - None, an int, or a list of two
    """Read what `prev` names."""
    if isinstance(prev, list):
        return place(prev[0], prev[1])
    return NO_PLACE if prev is None else int(prev)


def place_in(text: bytes | None) -> int:
    """Read what `prev` names from its canonical bytes."""
    if text is None:
        return NO_PLACE
    if text[:1] != b"[":
        return int(text)
    seq, slot = text[1:-1].split(b",")
    return place(int(seq), int(slot))


def seq_of(named: int) -> int:
    """Return the entry of a place, -1 for none."""
    return named & _SEQ if named >= 0 else -1


def told(named: int) -> str:
    """Say a place as entries write it."""
    if named < 0:
        return "None"
    return f"{named & _SEQ}" if named <= _SEQ else f"[{named & _SEQ},{(named >> _SLOT) - 1}]"


class Chains:
    """The people of a log, and what is wrong in their chains."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.people: dict[bytes, Person] = {}

    def person(self, tag: bytes) -> Person:
        """Return whom a tag names; a new one begins a chain."""
        found = self.people.get(tag)
        if found is None:
            found = self.people[tag] = Person()
        return found

    def link(self, seq: int, person: Person, prev: int, *, here: int | None = None) -> None:
        """Expect an entry to name its person's one before, and its person not to be erased.

        `here` is its own place where that is not its seq.
        """
        if prev != person.last:
            self._broken(seq, person.last, prev)
        if person.erased >= 0:
            detail = f"this person was erased at entry {person.erased}"
            self._findings.add("erasure-false", detail, seq=seq)
        person.last = seq if here is None else here

    def _broken(self, seq: int, last: int, prev: int) -> None:
        detail = f"it names {told(prev)} as this person's entry before it, which is {told(last)}"
        self._findings.add("chain-broken", detail, seq=seq)
        hidden = max(seq_of(last), seq_of(prev))
        if hidden < seq:
            detail = f"the chain from entry {seq} back passes this one over or misnames it"
            self._findings.add("chain-hidden", detail, seq=max(hidden, 0), at=seq)
