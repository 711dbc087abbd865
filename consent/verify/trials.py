# SPDX-License-Identifier: Apache-2.0
"""Rule 12: what is tried on people is there to be read, and is what was said it would be.

An experiment starts with a plan among the files, named by its hash; starting it again changes
nothing of it. What is stopped was started, and has the arm. A day's sums name their experiment,
its plan and their day as their entry does, and days follow each other.
"""

from hashlib import sha256
from typing import Any, Final

from consent.verify.canonical import Folder, read_json
from consent.verify.findings import Findings
from consent.verify.grammar import Entry

_A_PLAN: Final = "experiment-plan"
_A_DAY: Final = "experiment-day"


class Trials:
    """The experiments of a log, from its first entry to its last."""

    def __init__(self, folder: Folder, findings: Findings) -> None:
        self._folder = folder
        self._findings = findings
        self._plans: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self._days: dict[str, int] = {}

    def start(self, seq: int, entry: Entry) -> None:
        """Expect the plan among the files, and the same one whenever it starts again."""
        name, plan = entry["experiment"], self._file(entry["object"])
        if plan is None or plan.get("kind") != _A_PLAN or plan.get("id") != name:
            self._find(seq, entry, "the plan of what is tried is not among the files")
        elif self._names.setdefault(name, entry["object"]) != entry["object"]:
            self._find(seq, entry, "what is tried was started before with another plan")
        else:
            self._plans[name] = plan
            self._has_arm(seq, entry, plan)

    def stop(self, seq: int, entry: Entry) -> None:
        """Expect that what is stopped was started."""
        name = entry["experiment"]
        if self._names.get(name) != entry["object"]:
            self._find(seq, entry, "what is stopped was not started with this plan")
        else:
            self._has_arm(seq, entry, self._plans[name])

    def day(self, seq: int, entry: Entry) -> None:
        """Expect that a day's sums are those of a plan that was started, and of a later day."""
        sums, name = self._file(entry["object"]) or {}, entry.get("experiment")
        told = {"kind": _A_DAY, "experiment": name, "day": entry["day"]}
        plan = self._names.get(str(name))
        if plan is None or any(sums.get(key) != value for key, value in told.items()):
            self._find(seq, entry, "the sums of a day are not those of what its entry names")
        elif sums.get("plan") != plan or entry["day"] <= self._days.get(str(name), 0):
            self._find(seq, entry, "the sums are of another plan, or of a day told before")
        self._days[str(name)] = max(entry["day"], self._days.get(str(name), 0))

    def _has_arm(self, seq: int, entry: Entry, plan: dict[str, Any]) -> None:
        arms = [arm.get("id") for arm in plan.get("arms", ()) if isinstance(arm, dict)]
        if "arm" in entry and entry["arm"] not in arms:
            self._find(seq, entry, "the plan has no such arm")

    def _file(self, sha: str) -> dict[str, Any] | None:
        raw = self._folder.read(f"aggregates/{sha}.json")
        if raw is None or sha256(raw).hexdigest() != sha:
            return None
        read = read_json(raw)
        return read if isinstance(read, dict) else None

    def _find(self, seq: int, entry: Entry, detail: str) -> None:
        file = f"aggregates/{entry['object']}.json"
        self._findings.add("commitment-mismatch", detail, seq=seq, file=file)
