# SPDX-License-Identifier: Apache-2.0
"""Rules 8, 9 and 11 for blocks: many decisions of one moment, one record of 70 bytes each.

A block with a policy holds decisions; one without holds what went with a withdrawal. Records, big
endian: tag 16, commitment 32, epoch 8, seq and slot of the person's entry before it 8 + 4, kind of
the basis 1, verdict 1 (0 allows, else 1 + the place of the reason); all ones stand for none.
"""

from struct import Struct
from typing import Any, Final, NamedTuple

from consent.verify.canonical import read_json
from consent.verify.findings import Findings
from consent.verify.grammar import KINDS, REASONS, Entry
from consent.verify.library import Cell
from consent.verify.observer import Decided
from consent.verify.openings import Facts, named
from consent.verify.past import RECORD
from consent.verify.people import NO_PLACE, Person, place, seq_of
from consent.verify.tree import leaf_hash, tree_root
from consent.verify.uses import NOTHING, Pair, Use
from consent.verify.verdicts import shown, unrested, wrong
from consent.verify.work import Work

_RECORDS: Final = Struct(">16s32sQQIBB")
_NONE: Final = (1 << 64) - 1
_NO_SLOT: Final = (1 << 32) - 1
_KINDS: Final = (None, *KINDS)
_VERDICTS: Final = (None, *REASONS)
Told = tuple[bytes, bytes, int, int, int, int, int]
Openings = dict[int, tuple[bytes, bytes]]
"""Salt and canonical facts of each slot that is disclosed."""


class Slot(NamedTuple):
    """What an effect must know of a decision in a block; a denial ends before all time."""

    step: str
    purpose: str
    epoch: int
    not_after: int


class Said(NamedTuple):
    """What one record says."""

    slot: int
    tag: bytes
    epoch: int | None
    kind: str | None
    reason: str | None


class Meant(NamedTuple):
    """What a block's entry says of all its records."""

    seq: int
    n: int
    at: int
    not_after: int | None
    cell: Cell


class Blocks:
    """Check blocks, and remember of each what may be spent."""

    def __init__(self, work: Work) -> None:
        self._folder, self._share, self._past = work.folder, work.share, work.past
        self._library, self._chains, self._uses = work.library, work.chains, work.uses
        self._findings, self._common = work.findings, work.common
        self._opened, self._observer = work.opened, work.observer
        self._meant: dict[int, Meant] = {}
        self._spent: dict[int, bytearray] = {}
        self._nonces: set[str] = set()
        self.blocks = self.taken = self.recomputed = 0

    def take(self, seq: int, entry: Entry) -> None:
        """Check the records of a block."""
        raw = self._folder.read(f"blocks/{seq}.bin") or b""
        decides = "policy" in entry
        if self._share.mine(seq) or "tag" in entry:
            self._whole(seq, entry, raw, RECORD if decides else None)
        if decides:
            self._decisions(seq, entry, raw)

    def _bad(self, findings: Findings, seq: int, detail: str) -> None:
        findings.add("block-mismatch", detail, seq=seq, file=f"blocks/{seq}.bin")

    def _whole(self, seq: int, entry: Entry, raw: bytes, width: int | None) -> None:
        """Expect as many records as the entry says, under its inner root."""
        n = entry["n"]
        width = len(raw) // n if width is None and n else width or 0
        records = [raw[i : i + width] for i in range(0, len(raw), width)] if width else []
        sound = len(records) == n and len(raw) == n * width
        if not sound or tree_root([leaf_hash(one) for one in records]).hex() != entry["inner"]:
            detail = "the records are not those that the entry commits to"
            self._bad(self._findings, seq, detail)
        if entry["denied"] > n:
            self._bad(self._findings, seq, "it denies more than it decides")

    # decisions

    def _decisions(self, seq: int, entry: Entry, raw: bytes) -> None:
        self.blocks += 1
        if entry["nonce"] in self._nonces:
            self._bad(self._common, seq, "its nonce was used by an earlier block")
        self._nonces.add(entry["nonce"])
        self._library.policy(seq, entry["policy"], self._common)
        cell = self._library.cell_of(entry)
        n = min(entry["n"], len(raw) // RECORD)
        meant = Meant(seq, n, entry["at"], entry.get("not_after"), cell)
        self._meant[seq] = meant
        told = list(_RECORDS.iter_unpack(raw[: n * RECORD]))
        self._term(meant, entry, told)
        openings = self._openings(seq, n) if self._opened.has(seq) else {}
        owns = self._share.owns
        for slot, record in enumerate(told):
            if owns[record[0][0]]:
                self._record(meant, slot, record, openings)

    def _term(self, meant: Meant, entry: Entry, told: list[Any]) -> None:
        allowed = sum(not record[6] for record in told)
        cell, until = meant.cell, meant.not_after
        if len(told) - allowed != entry["denied"]:
            self._bad(self._common, meant.seq, "it says another number of denials")
        if allowed and until is None:
            self._bad(self._common, meant.seq, "it does not say when its permits end")
        if until is not None and cell.policy is not None and until > meant.at + cell.lasts:
            detail = "its permits last longer than its policy says"
            self._common.add("policy-mismatch", detail, seq=meant.seq)

    def _record(self, meant: Meant, slot: int, record: Told, openings: Openings) -> None:
        tag16, commitment, epoch, last, last_slot, kind, verdict = record
        self.taken += 1
        tag, seq = named(tag16), meant.seq
        person = self._chains.person(tag)
        if person.last >= 0 and seq_of(person.last) == seq:
            self._bad(self._findings, seq, f"slot {slot} is this tag's second in the block")
        prev = NO_PLACE if last == _NONE else last
        if last_slot != _NO_SLOT:
            prev = place(last, last_slot)
        self._chains.link(seq, person, prev, here=place(seq, slot))
        if kind >= len(_KINDS) or verdict >= len(_VERDICTS):
            self._bad(self._findings, seq, f"slot {slot} says what no record may say")
            return
        opened = self._facts(seq, slot, commitment, openings[slot]) if slot in openings else None
        rests = None if epoch == _NONE else epoch
        reason = _VERDICTS[verdict]
        said = Said(slot, tag, rests, _KINDS[kind], reason)
        self._judge(meant, person, said, opened)
        if self._observer is not None:
            asked = (meant.cell.step, meant.cell.purpose, tag.decode(), meant.cell.name)
            told = Decided(seq, slot, meant.at, *asked, reason, None, opened, None, _KINDS[kind])
            self._observer.decision(told)

    def _judge(self, meant: Meant, person: Person, said: Said, opened: Facts | None) -> None:
        """Hold one decision's basis and verdict against the log and the policy."""
        cell, (slot, tag, epoch, kind, reason) = meant.cell, said
        held = person.held.get(cell.purpose)
        flaw = unrested(held, epoch, kind) if reason is None or epoch is not None else None
        used: tuple[Pair, Pair] = (NOTHING, NOTHING)
        if flaw is None:
            if cell.capped and held is not None:
                used = self._uses.others((tag, cell.step, cell.purpose), meant.at, b"")
            flaw = wrong(cell, shown(person, held, cell.purpose, meant.at), reason, opened, used)
        if flaw is not None:
            detail = f"slot {slot}: {flaw}"
            self._findings.add("verdict-mismatch", detail, seq=meant.seq)

    # openings

    def _openings(self, seq: int, n: int) -> Openings:
        """Read a block's openings; a finding, and none, where they are not of it."""
        match read_json(self._opened.read(seq)):
            case {"seq": int(own), "facts": list(facts), "slots": list(slots)} if own == seq:
                found = _disclosed([self._opened.text(one) for one in facts], slots, n)
            case _:
                found = None
        if found is None:
            detail, file = "it opens nothing of the block", f"openings/{seq}.json"
            self._common.add("commitment-mismatch", detail, seq=seq, file=file)
        return found or {}

    def _facts(
        self, seq: int, slot: int, commitment: bytes, opening: tuple[bytes, bytes]
    ) -> Facts | None:
        facts = self._opened.held(*opening, commitment)
        if facts is None:
            detail, file = f"slot {slot} is not what it commits to", f"openings/{seq}.json"
            self._findings.add("commitment-mismatch", detail, seq=seq, file=file)
        else:
            self.recomputed += 1
        return facts

    # spending

    def slot(self, seq: int, slot: int, tag: bytes) -> Slot | None:
        """Return the decision of a slot if it is about a person."""
        meant = self._meant.get(seq)
        if meant is None or slot >= meant.n:
            return None
        record = self._past.record(seq, slot)
        if not record:
            return None
        tag16, _, epoch, _, _, _, verdict = _RECORDS.unpack(record)
        if named(tag16) != tag:
            return None
        until = -1 if verdict else meant.not_after or 0
        return Slot(meant.cell.step, meant.cell.purpose, epoch, until)

    def spend(self, seq: int, slot: int) -> bool:
        """Mark a slot as spent; say whether it was already."""
        bits = self._spent.setdefault(seq, bytearray(self._meant[seq].n // 8 + 1))
        before = bits[slot >> 3] >> (slot & 7) & 1
        bits[slot >> 3] |= 1 << (slot & 7)
        return bool(before)

    def goes_on(self, seq: int, of: int, tag: bytes, at: int, thing: bytes) -> None:
        """Count the use of a slot from when it is spent: until then it was nobody's."""
        cell = self._meant[of].cell
        if not cell.capped:
            return
        which = (tag, cell.step, cell.purpose)
        used = self._uses.others(which, at, thing)[0]
        caps = cell.policy.caps.get(cell.purpose) if cell.policy else None
        if caps and (used[0] >= caps[0] or used[1] >= caps[1]):
            detail = f"in the last day and week {used} others were used before it: no more may be"
            self._findings.add("verdict-mismatch", detail, seq=seq)
        use = Use(at, seq, thing, None)
        use.spent = True
        self._uses.add(which, use)


def _disclosed(facts: list[bytes | None], slots: list[Any], n: int) -> Openings | None:
    """Return what is opened of each slot, or None where that cannot be read."""
    found: Openings = {}
    for one in slots:
        match one:
            case [int(slot), str(salt), int(which)] if slot not in found:
                text = facts[which] if 0 <= which < len(facts) else None
                if text is None or not 0 <= slot < n:
                    return None
                found[slot] = (salt.encode(), text)
            case _:
                return None
    return found
