# SPDX-License-Identifier: Apache-2.0
"""Rules 8 and 9: decisions of one entry each, and the permits that they leave until spent."""

from typing import Any, Final, NamedTuple

from consent.verify.grammar import KINDS, REASONS, Entry
from consent.verify.library import Cell
from consent.verify.observer import Decided
from consent.verify.openings import Facts
from consent.verify.people import Person
from consent.verify.uses import NOTHING, Pair, Use, most_uses
from consent.verify.verdicts import shown, unrested, wrong
from consent.verify.work import Work

_made: Final = tuple.__new__
"""Make a named tuple in half the time that its own name takes."""
_PERMITS: Final = 100_000
_REASON_OF: Final = {f'["{reason}"]'.encode(): reason for reason in REASONS}
_KIND_OF: Final[dict[bytes | None, str | None]] = {kind.encode(): kind for kind in KINDS}


class Live(NamedTuple):
    """A permit that was not spent yet: what an effect must match."""

    tag: bytes
    step: bytes
    object: bytes
    request: bytes | None
    purpose: str
    epoch: int
    not_after: int
    use: Use | None


class Question(NamedTuple):
    """A decision's own words, as its entry carries them."""

    tag: bytes
    at: int
    basis: str | None
    epoch: int | None
    facts: bytes | None
    not_after: int
    object: bytes
    request: bytes | None
    step: bytes
    reason: str | None


class Decisions:
    """Check decisions and hold what may still be spent."""

    def __init__(self, work: Work) -> None:
        self._library, self._opened, self._uses = work.library, work.opened, work.uses
        self._findings, self._observer = work.findings, work.observer
        self.live: dict[int, Live] = {}
        self._room = _PERMITS
        self.taken = 0
        self.recomputed = 0

    def take(self, seq: int, person: Person, cell: Cell, one: Question) -> None:
        """Check a decision; remember what it allows."""
        self.taken += 1
        if cell.policy is None and not self._library.published(cell.name):
            self._library.policy(seq, cell.name, self._findings)
        opened = self._facts(seq, one.facts) if self._opened.has(seq) else None
        flaw = self._flaw(person, cell, one, opened)
        if flaw is not None:
            self._findings.add("verdict-mismatch", flaw, seq=seq)
        if self._observer is not None:
            self._observer.decision(_told(seq, cell, one, opened))
        if one.reason is None:
            self._allow(seq, cell, one, opened, sound=flaw is None)

    def _facts(self, seq: int, commitment: bytes | None) -> Facts | None:
        """Open the facts behind a decision."""
        facts = self._opened.one(seq, commitment or b"")
        if facts is None:
            detail, file = "it does not open what the entry commits to", f"openings/{seq}.json"
            self._findings.add("commitment-mismatch", detail, seq=seq, file=file)
        else:
            self.recomputed += 1
        return facts

    def _flaw(self, person: Person, cell: Cell, one: Question, opened: Facts | None) -> str | None:
        held = person.held.get(cell.purpose)
        if one.reason is None or one.epoch is not None:
            flaw = unrested(held, one.epoch, one.basis)
            if flaw is not None:
                return flaw
        seen = shown(person, held, cell.purpose, one.at)
        used: tuple[Pair, Pair] = (NOTHING, NOTHING)
        if cell.capped and held is not None:
            used = self._uses.others((one.tag, cell.step, cell.purpose), one.at, one.object)
        return wrong(cell, seen, one.reason, opened, used)

    def _allow(
        self, seq: int, cell: Cell, one: Question, opened: Facts | None, *, sound: bool
    ) -> None:
        if cell.policy is not None and one.not_after > one.at + cell.lasts:
            detail = "its permit lasts longer than its policy says"
            self._findings.add("policy-mismatch", detail, seq=seq)
        use = None
        if cell.capped:
            most = most_uses(cell.policy, cell.purpose, opened) if sound else None
            use = Use(one.at, seq, one.object, most)
            self._uses.add((one.tag, cell.step, cell.purpose), use)
        epoch = seq if one.epoch is None else one.epoch
        about = (one.tag, one.step, one.object, one.request)
        self.live[seq] = _made(Live, (*about, cell.purpose, epoch, one.not_after, use))
        if len(self.live) > self._room:
            self._sweep(one.at)

    def _sweep(self, now: int) -> None:
        """Forget permits that have run out: one that is spent all the same is looked up."""
        self.live = {seq: one for seq, one in self.live.items() if one.not_after > now}
        self._room = max(_PERMITS, 2 * len(self.live))


def _told(seq: int, cell: Cell, one: Question, opened: Facts | None) -> Decided:
    tag, thing = one.tag.decode(), one.object.decode()
    asked = (cell.step, cell.purpose, tag, cell.name, one.reason, thing, opened)
    request = None if one.request is None else one.request.decode()
    return Decided(seq, None, one.at, *asked, request, one.basis)


def question(fields: tuple[Any, ...]) -> Question | None:
    """Read a decision from the groups of its pattern; None: read it exactly."""
    (at, basis, epoch, facts, not_after, thing, _, _, _, reasons, request, _, step, tag, said) = (
        fields
    )
    kind = None if basis is None else _KIND_OF.get(basis, "")
    if said == b"allow":
        if reasons is not None or not kind or epoch is None or not_after is None:
            return None
        asked = (tag, int(at), kind, int(epoch), facts, int(not_after), thing, request, step, None)
        return _made(Question, asked)
    reason = _REASON_OF.get(reasons)
    if said != b"deny" or reason is None or kind == "":
        return None
    held = None if epoch is None else int(epoch)
    until = 0 if not_after is None else int(not_after)
    return _made(Question, (tag, int(at), kind, held, facts, until, thing, request, step, reason))


def exact_question(entry: Entry) -> Question:
    """Read a decision from an entry."""
    allowed = entry["verdict"] == "allow"
    return Question(
        entry["tag"].encode(),
        entry["at"],
        entry.get("basis"),
        entry.get("epoch"),
        _encoded(entry.get("facts")),
        entry.get("not_after", 0),
        entry["object"].encode(),
        _encoded(entry.get("request")),
        entry["step"].encode(),
        None if allowed else entry["reasons"][0],
    )


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
