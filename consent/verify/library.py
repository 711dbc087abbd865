# SPDX-License-Identifier: Apache-2.0
"""Rule 6: policies, notices and recipes are what their hash says, published before their use."""

import hashlib
from typing import Final

from consent.verify.canonical import Folder
from consent.verify.findings import Code, Findings
from consent.verify.grammar import PURPOSES, STEPS, Entry
from consent.verify.policy import CAPPED, Policy, read_policy

_Question = tuple[bytes, bytes, bytes]


class Cell:
    """One step for one purpose under one published policy, and what it was found to decide."""

    __slots__ = ("capped", "lasts", "memo", "name", "policy", "purpose", "step")

    def __init__(self, name: str, policy: Policy | None, step: str, purpose: str) -> None:
        self.name = name
        self.policy = policy
        self.step = step
        self.purpose = purpose
        self.capped = step in CAPPED
        self.lasts = -1 if policy is None else policy.lasts(step)
        self.memo: dict[tuple[object, ...], str | None] = {}


class Library:
    """What the log has published so far, held against the files."""

    def __init__(self, folder: Folder, common: Findings) -> None:
        """Report what is wrong with a publication to `common`: it is nobody's own entry."""
        self._folder = folder
        self._common = common
        self._policies: dict[str, Policy | None] = {}
        self._notices: set[str] = set()
        self._cells: dict[_Question, Cell] = {}
        self._recipes: dict[str, tuple[Code, str] | None] = {}

    def publish_policy(self, seq: int, entry: Entry) -> None:
        """Take a policy into force."""
        sha256 = entry["policy"]
        file = f"policies/{sha256}.toml"
        raw = self._checked(seq, sha256, file, "policy-mismatch")
        policy = None if raw is None else read_policy(raw)
        if raw is not None and policy is None:
            self._common.add("policy-mismatch", "the file is no policy", seq=seq, file=file)
        self._policies[sha256] = policy
        self._cells.clear()

    def publish_notice(self, seq: int, entry: Entry) -> None:
        """Take a notice into force."""
        sha256 = entry["notice"]
        self._checked(seq, sha256, f"notices/{sha256}.md", "notice-mismatch")
        self._notices.add(sha256)

    def _checked(self, seq: int, sha256: str, file: str, code: Code) -> bytes | None:
        wrong = self._flaw(raw := self._folder.read(file), sha256, code)
        if wrong is not None:
            self._common.add(*wrong, seq=seq, file=file)
        return raw if wrong is None else None

    @staticmethod
    def _flaw(raw: bytes | None, sha256: str, code: Code) -> tuple[Code, str] | None:
        if raw is None:
            return "bundle-unreadable", "the file is missing"
        if hashlib.sha256(raw).hexdigest() != sha256:
            return code, "the file is not what its hash says"
        return None

    def policy(self, seq: int, sha256: str, findings: Findings) -> Policy | None:
        """Return the policy that an entry names; a finding where it was not published before."""
        if sha256 not in self._policies:
            detail = f"policy {sha256} is published by no earlier entry"
            findings.add("policy-unpublished", detail, seq=seq)
        return self._policies.get(sha256)

    def published(self, sha256: str) -> bool:
        """Say whether a policy was published before."""
        return sha256 in self._policies

    def cell(self, policy: bytes, step: bytes, purpose: bytes) -> Cell | None:
        """Return what a question asks; None where a word of it is none."""
        question = (policy, step, purpose)
        found = self._cells.get(question)
        if found is None and step.decode() in STEPS and purpose.decode() in PURPOSES:
            return self._new(question)
        return found

    def cell_of(self, entry: Entry) -> Cell:
        """Return what an entry asks whose words are known to be some."""
        policy, step, purpose = (entry[name].encode() for name in ("policy", "step", "purpose"))
        question = (policy, step, purpose)
        return self._cells.get(question) or self._new(question)

    def _new(self, question: _Question) -> Cell:
        name, step, purpose = (part.decode() for part in question)
        if len(self._cells) >= _MOST_CELLS:
            self._cells.clear()
        found = self._cells[question] = Cell(name, self._policies.get(name), step, purpose)
        return found

    def notice(self, seq: int, sha256: str, findings: Findings) -> None:
        """Expect the notice that an entry names to be published before."""
        if sha256 not in self._notices:
            detail = f"notice {sha256} is published by no earlier entry"
            findings.add("notice-mismatch", detail, seq=seq)

    def recipe(self, seq: int, sha256: str, findings: Findings) -> None:
        """Expect the recipe that an entry names among the files, as its hash says."""
        file = f"recipes/{sha256}.toml"
        if sha256 not in self._recipes:
            raw = self._folder.read(file)
            self._recipes[sha256] = self._flaw(raw, sha256, "commitment-mismatch")
        wrong = self._recipes[sha256]
        if wrong is not None:
            findings.add(*wrong, seq=seq, file=file)


_MOST_CELLS: Final = 10_000
"""Policies that nobody published could fill the memory."""
