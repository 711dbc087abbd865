# SPDX-License-Identifier: Apache-2.0
"""Rules 4 to 12, entry by entry: read each, and hold it against all before it.

One process looks after a share of the people: what is about others it only passes over. What is
about nobody (policies, notices, self-tests, blocks, maps) every process reads, and the first one
reports.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from consent.verify.blocks import Blocks
from consent.verify.decisions import Decisions, exact_question, question
from consent.verify.effects import Effects, effect, exact_effect
from consent.verify.findings import AFTER
from consent.verify.grammar import Entry, read_entry
from consent.verify.maps import check_aggregate, map_leaves
from consent.verify.observer import Changed
from consent.verify.people import place_in, place_of
from consent.verify.standing import Standing
from consent.verify.swift import decision_fields, effect_fields, swift_entry
from consent.verify.trials import Trials
from consent.verify.work import Work

_TAILS: Final = (b'","v":1}', b'","v":1,"verdict":"allow"}', b'","v":1,"verdict":"deny"}')
_CHANGES: Final = frozenset({"grant", "renew", "withdraw", "expire"})


class History:
    """One share of the people of a log, followed from the first entry to the last."""

    def __init__(self, work: Work) -> None:
        self._work, self._observer = work, work.observer
        self._chains, self._library = work.chains, work.library
        self._findings, self._common = work.findings, work.common
        self._standing = Standing(work)
        self._decisions, self._blocks = Decisions(work), Blocks(work)
        self._effects = Effects(work, self._decisions, self._blocks, self._standing)
        self._trials = Trials(work.folder, work.common)
        self._shared: dict[str, Callable[[int, Entry], None]] = {
            "policy.publish": self._library.publish_policy,
            "notice.publish": self._library.publish_notice,
            "block": self._blocks.take,
            "aggregate": self._aggregate,
            "experiment.start": self._trials.start,
            "experiment.stop": self._trials.stop,
            "selftest": self._selftest,
        }
        self.maps: list[tuple[int, str, int]] = []

    def take(self, first: int, entries: Sequence[bytes]) -> None:
        """Check the entries of one tile that are this share's."""
        owns, everybody = self._work.share.owns_tag, self._work.share.all
        for seq, raw in enumerate(entries, first):
            start = raw.rfind(b',"tag":"') + 8
            tail = raw[start + 22 :]
            if tail not in _TAILS:
                self._exactly(seq, raw)
            elif everybody or owns[raw[start]]:
                self._swiftly(seq, raw, tail)

    def _swiftly(self, seq: int, raw: bytes, tail: bytes) -> None:
        """Read an entry about somebody by its pattern, and exactly where that does not fit."""
        if tail is not _TAILS[0] and tail != _TAILS[0]:
            if (match := decision_fields(raw)) is None or not self._decided(seq, match.groups()):
                self._own(seq, raw)
        elif (match := effect_fields(raw)) is None or not self._effected(seq, match.groups()):
            entry = swift_entry(raw)
            if entry is None:
                self._own(seq, raw)
            else:
                self._about(seq, entry)

    def _decided(self, seq: int, fields: tuple[Any, ...]) -> bool:
        one = question(fields)
        cell = None if one is None else self._library.cell(fields[6], one.step, fields[8])
        if one is None or cell is None:
            return False
        person = self._chains.person(one.tag)
        self._chains.link(seq, person, place_in(fields[7]))
        self._decisions.take(seq, person, cell, one)
        return True

    def _effected(self, seq: int, fields: tuple[Any, ...]) -> bool:
        one = effect(fields)
        if one is None:
            return False
        person = self._chains.person(one.tag)
        self._chains.link(seq, person, place_in(one.prev))
        self._effects.take(seq, person, one)
        return True

    # exactly

    def _own(self, seq: int, raw: bytes) -> None:
        """Read what is certainly this share's, in the exact way."""
        entry = read_entry(raw)
        if isinstance(entry, str):
            self._findings.add("entry-malformed", entry, seq=seq)
        else:
            self._about(seq, entry)

    def _exactly(self, seq: int, raw: bytes) -> None:
        """Read what is about nobody, or has no common form."""
        entry = read_entry(raw)
        if isinstance(entry, str):
            self._common.add("entry-malformed", entry, seq=seq)
        elif "tag" not in entry:
            if (rule := self._shared.get(entry["t"])) is not None:
                rule(seq, entry)
        elif self._work.share.owns_tag[ord(entry["tag"][0])]:
            self._about(seq, entry)

    def _about(self, seq: int, entry: Entry) -> None:
        """Check an entry about a person."""
        tag = entry["tag"].encode()
        person = self._chains.person(tag)
        self._chains.link(seq, person, place_of(entry.get("prev")))
        match entry["t"]:
            case "decision":
                cell = self._library.cell_of(entry)
                self._decisions.take(seq, person, cell, exact_question(entry))
            case "effect":
                self._effects.take(seq, person, exact_effect(entry))
            case t if t in self._standing.rules:
                self._standing.rules[t](seq, entry, person)
            case t if t in self._shared:
                self._shared[t](seq, entry)
            case _:
                pass
        if self._observer is not None and entry["t"] in _CHANGES:
            kind, until = entry.get("kind"), entry.get("not_after")
            who = (entry["tag"], entry["purpose"])
            self._observer.change(Changed(seq, entry["at"], entry["t"], *who, kind, until))

    def _aggregate(self, seq: int, entry: Entry) -> None:
        if self._work.share.mine(seq) or "tag" in entry:
            check_aggregate(self._work.folder, seq, entry, self._findings)
        if "day" in entry:
            self._trials.day(seq, entry)
        if "map" in entry:
            self.maps.append((seq, entry["map"], entry["n"]))
            self._work.leaves(seq, map_leaves(self._chains.people))

    def _selftest(self, seq: int, entry: Entry) -> None:
        """Expect the card of what was tried among the files."""
        self._library.recipe(seq, entry["recipe"], self._common)

    # time, and the end

    def finish(self) -> None:
        """Check what can only be said at the end."""
        self._findings.stage = self._common.stage = AFTER
        self._standing.finish()
        self._work.uses.finish()

    def counts(self) -> dict[str, int]:
        """Say how much was checked."""
        seen, blocks = self._effects.seen, self._blocks
        return {
            "decisions": self._decisions.taken + blocks.taken,
            "recomputed": self._decisions.recomputed + blocks.recomputed,
            "effects": self._effects.taken,
            "views": seen["view"],
            "inserts": seen["insert"],
            "shares": seen["share"],
            "blocks": blocks.blocks if self._work.share.number == 0 else 0,
            "maps": len(self.maps) if self._work.share.number == 0 else 0,
        }
