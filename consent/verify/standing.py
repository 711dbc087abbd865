# SPDX-License-Identifier: Apache-2.0
"""Rules 7 and 10: what holds and on what notice, what has ended, and what is left of it."""

from collections.abc import Callable
from typing import Final

from consent.verify.grammar import PURPOSES, ROOTS, Entry
from consent.verify.people import TAG, Basis, Person
from consent.verify.policy import DAY, Policy
from consent.verify.work import Work

_PARENT: Final = "likeness"
LASTING: Final = ("share", "store", "enrol", "moderate")
"""Steps whose effects stay until they are destroyed, in the order in which they go.

Of `moderate` only pictures that are held back, until they are destroyed or pass."""
_RANKS: Final = {step: rank for rank, step in enumerate(LASTING)}
_RANK: Final = 2
_SHARE: Final = _RANKS["share"]
_LOWEST: Final = (1 << _RANK) - 1
"""A thing that is kept is one number: the epoch it hangs on, and the rank of its step."""
_SERVINGS: Final = 100_000
_FOREVER: Final = 1 << 53
_End = tuple[int, str]


class Standing:
    """Fold grants and withdrawals into what holds, keys and kept things into what is left."""

    def __init__(self, work: Work) -> None:
        self._library, self._opened, self._past = work.library, work.opened, work.past
        self._people, self._findings = work.chains.people, work.findings
        self._ended: dict[tuple[bytes, int], _End] = {}
        self._served: dict[int, tuple[str, str, str, int]] = {}
        self._kept: dict[bytes, int | tuple[int, ...]] = {}
        self._room = _SERVINGS
        self.rules: dict[str, Callable[[int, Entry, Person], None]] = {
            "notice.served": self._serve,
            "grant": self._grant,
            "renew": self._grant,
            "withdraw": self._end,
            "expire": self._end,
            "pause": self._pause,
            "resume": self._resume,
            "key.destroy": self._shred,
            "destroy": self._destroy,
            "erase.request": self._ask,
            "erase.done": self._erase,
        }

    # grants

    def _serve(self, seq: int, entry: Entry, _person: Person) -> None:
        """Remember what a person was shown, for a grant to quote; after a day it is looked up."""
        self._library.notice(seq, entry["notice"], self._findings)
        self._served[seq] = (entry["tag"], entry["purpose"], entry["notice"], entry["at"])
        if len(self._served) > self._room:
            recent = entry["at"] - DAY
            self._served = {s: one for s, one in self._served.items() if one[3] > recent}
            self._room = max(_SERVINGS, 2 * len(self._served))

    def _grant(self, seq: int, entry: Entry, person: Person) -> None:
        """Begin or renew a basis."""
        purpose = entry["purpose"]
        policy = self._library.policy(seq, entry["policy"], self._findings)
        if entry["kind"] != "implied":
            self._quote(seq, entry)
        if policy is not None:
            self._allowed(seq, entry, policy)
        held = person.held.get(purpose)
        if (entry["t"] == "renew") != (held is not None):
            said = "renews what is not held" if held is None else "grants what is held already"
            self._findings.add("entry-malformed", f"it {said}", seq=seq)
        if purpose not in ROOTS and _PARENT not in person.held:
            detail = f"{purpose} is granted while {_PARENT} is not"
            self._findings.add("grant-backdated", detail, seq=seq)
        epoch = held.epoch if held else seq
        person.held[purpose] = Basis(epoch, entry["kind"], entry["not_after"])
        if person.gone:
            person.gone.pop(purpose, None)
        self._attested(seq, entry)

    def _attested(self, seq: int, entry: Entry) -> None:
        """Expect what was attested with a grant to be what it commits to, where it is opened."""
        if self._opened.has(seq):
            commitment = entry.get("facts", "").encode()
            if self._opened.one(seq, commitment) is None:
                detail = "it does not open what the entry commits to"
                file = f"openings/{seq}.json"
                self._findings.add("commitment-mismatch", detail, seq=seq, file=file)

    def _quote(self, seq: int, entry: Entry) -> None:
        add = self._findings.add
        served = entry.get("served")
        if served is None or "notice" not in entry:
            add("notice-unserved", "the grant quotes no notice that was served", seq=seq)
            return
        if served >= seq:
            add("grant-backdated", f"it stands before entry {served}, which it quotes", seq=seq)
            return
        tag, purpose, notice, at = self._served.get(served) or self._serving(seq, entry)
        if tag != entry["tag"]:
            detail = f"entry {served} served nothing to this person that was not yet quoted"
            add("notice-unserved", detail, seq=seq)
            return
        self._served.pop(served, None)
        if (purpose, notice) != (entry["purpose"], entry["notice"]):
            add("notice-mismatch", f"entry {served} served another notice", seq=seq)
        if entry["at"] < at:
            add("grant-backdated", f"its time is before that of entry {served}", seq=seq)

    def _serving(self, seq: int, entry: Entry) -> tuple[str, str, str, int]:
        """Look up a serving that was forgotten, or quoted before: then it is none."""
        nothing, served = ("", "", "", 0), entry["served"]
        found = self._past.entry(served)
        if found is None or found["t"] != "notice.served" or found["tag"] != entry["tag"]:
            return nothing
        for before, one in self._past.chain(seq, entry):
            if before <= served:
                break
            if one["t"] in {"grant", "renew"} and one.get("served") == served:
                return nothing
        return found["tag"], found["purpose"], found["notice"], found["at"]

    def _allowed(self, seq: int, entry: Entry, policy: Policy) -> None:
        if entry["not_after"] > entry["at"] + policy.term:
            self._findings.add("policy-mismatch", "it lasts longer than its policy says", seq=seq)
        if entry["kind"] == "implied" and entry["purpose"] not in policy.implied:
            self._findings.add("policy-mismatch", "its policy implies no such thing", seq=seq)

    # ends

    def _end(self, seq: int, entry: Entry, person: Person) -> None:
        """End a basis. A withdrawal of what was never granted names no epoch and ends nothing."""
        purpose = entry["purpose"]
        held = person.held.pop(purpose, None)
        if (held.epoch if held else None) != entry.get("epoch"):
            detail = f"it ends {entry.get('epoch')}, but what holds is {held and held.epoch}"
            self._findings.add("erasure-false", detail, seq=seq)
        if held is not None:
            self._ended[entry["tag"].encode(), held.epoch] = (seq, purpose)
            person.gone = person.gone or {}
            person.gone[purpose] = held.kind if entry["t"] == "expire" else None
        if purpose == _PARENT:
            self._end_children(seq, entry["tag"], person)

    def _end_children(self, seq: int, tag: str, person: Person) -> None:
        for purpose in sorted(PURPOSES - ROOTS):
            if (child := person.held.pop(purpose, None)) is not None:
                self._ended[tag.encode(), child.epoch] = (seq, purpose)
                detail = f"{purpose} (epoch {child.epoch}) ends with it and has no entry"
                self._findings.add("erasure-false", detail, seq=seq)

    def _pause(self, seq: int, entry: Entry, person: Person) -> None:
        """Stop everything of a person until a time, or until they resume."""
        person.stopped, person.stopper = entry.get("not_after", _FOREVER), seq
        if person.stopped <= entry["at"]:
            self._findings.add("entry-malformed", "it ends before it begins", seq=seq)

    def _resume(self, _seq: int, _entry: Entry, person: Person) -> None:
        person.stopped = 0

    def _shred(self, seq: int, entry: Entry, _person: Person) -> None:
        """Destroy the key of a basis that has ended."""
        key = (entry["tag"].encode(), entry["epoch"])
        if self._ended.get(key, (0, ""))[1] == entry["purpose"]:
            del self._ended[key]
            return
        detail = f"no basis that ended at an earlier entry has a key of epoch {key[1]} left"
        self._findings.add("erasure-false", detail, seq=seq)

    def end_of(self, seq: int, entry: Entry, epoch: int) -> tuple[int | None, int | None]:
        """Say at which entries a basis ended and its key went, where they did, before an entry."""
        known = self._ended.get((entry["tag"].encode(), epoch))
        if known is not None:
            return known[0], None
        ended, shredded = None, None
        for before, one in self._past.chain(seq, entry):
            if before <= epoch:
                break
            if one.get("epoch") == epoch and one["t"] in {"withdraw", "expire"}:
                ended = before
            elif one.get("epoch") == epoch and one["t"] == "key.destroy":
                shredded = before
        return ended, shredded

    # things

    def keep(self, thing: bytes, step: str, epoch: int) -> None:
        """Remember a selfie, portrait or share until it is destroyed: whose, and its name."""
        code, kept = epoch << _RANK | _RANKS[step], self._kept.get(thing)
        self._kept[thing] = code if kept is None else (*_codes(kept), code)

    def hold(self, thing: bytes, epoch: int) -> None:
        """Remember a picture that a gate held back; once, however often a gate says so again."""
        if not self.keeps(thing, "moderate"):
            self.keep(thing, "moderate", epoch)

    def passed(self, thing: bytes) -> None:
        """Forget that a picture was held back."""
        held = _RANKS["moderate"]
        for code in _codes(self._kept.get(thing, ())):
            if code & _LOWEST == held:
                self._drop(thing, code)

    def keeps(self, thing: bytes, step: str) -> bool:
        """Say whether somebody has such a thing now."""
        kept, rank = self._kept.get(thing), _RANKS[step]
        if type(kept) is int:
            return kept & _LOWEST == rank
        return kept is not None and any(code & _LOWEST == rank for code in _codes(kept))

    def _destroy(self, seq: int, entry: Entry, _person: Person) -> None:
        """Destroy one thing that was kept; of equal names a share goes before its portrait.

        An entry with an epoch destroys the share that hung on it: a portrait may have several.
        """
        thing = (entry["tag"] + entry["object"]).encode()
        kept = _codes(self._kept.get(thing, ()))
        if "epoch" in entry:
            kept = tuple(code for code in kept if code == entry["epoch"] << _RANK | _SHARE)
        if not kept:
            self._findings.add("erasure-false", "it destroys what was not kept", seq=seq)
            return
        self._drop(thing, min(kept, key=lambda code: code & _LOWEST))

    def _drop(self, thing: bytes, code: int) -> None:
        """Forget one thing that is kept under a name."""
        left = list(_codes(self._kept.pop(thing)))
        left.remove(code)
        if left:
            self._kept[thing] = left[0] if len(left) == 1 else tuple(left)

    def _ask(self, _seq: int, _entry: Entry, person: Person) -> None:
        person.asked = True

    def _erase(self, seq: int, _entry: Entry, person: Person) -> None:
        """Expect nothing of a person to be left when their erasure is said to be done."""
        if left := sorted(person.held):
            self._findings.add("erasure-false", f"{', '.join(left)} still holds", seq=seq)
        person.erased = seq
        person.asked = True

    def finish(self) -> None:
        """Expect of every basis that ended that its key and what was kept under it are gone."""
        for (_, epoch), (seq, _) in self._ended.items():
            detail = f"the key of epoch {epoch} was never destroyed"
            self._findings.add("erasure-false", detail, seq=seq)
        for thing, kept in self._kept.items():
            person = self._people[thing[:TAG]]
            held = {basis.epoch for basis in person.held.values()}
            for code in _codes(kept):
                if code >> _RANK not in held:
                    self._left(thing[:TAG], person, code & _LOWEST, code >> _RANK)

    def _left(self, tag: bytes, person: Person, rank: int, epoch: int) -> None:
        last: Entry = {"tag": tag.decode(), "prev": person.prev()}
        ended, _ = self.end_of(1 << 62, last, epoch)
        if ended is not None:
            detail = f"what {LASTING[rank]} left under epoch {epoch} was never destroyed"
            self._findings.add("erasure-false", detail, seq=ended)


def _codes(kept: int | tuple[int, ...]) -> tuple[int, ...]:
    return (kept,) if isinstance(kept, int) else kept
