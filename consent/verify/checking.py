# SPDX-License-Identifier: Apache-2.0
"""The whole verification, in the order of its rules, and what it says in the end."""

import os
from pathlib import Path
from typing import Any, Final

from consent.verify.canonical import Folder
from consent.verify.findings import AFTER, DURING, Findings
from consent.verify.heads import checkpoint, kept_head, manifest
from consent.verify.maps import check_map
from consent.verify.observer import Observer
from consent.verify.openings import list_openings, report_left_over
from consent.verify.parts import Part, Task, full_roots, read_all
from consent.verify.signatures import Head, Signatures
from consent.verify.tiles import read_tile
from consent.verify.times import check_times
from consent.verify.tree import WIDTH, Tiles, leaf_hashes, tree_root

_SMALL: Final = 20_000
"""Entries below which starting processes costs more than it saves."""


def verify(
    directory: Path,
    *,
    against: Path | None = None,
    jobs: int | None = 1,
    observer: Observer | None = None,
) -> dict[str, Any]:
    """Verify a bundle and return what `onlyou audit verify --json` prints (CONTRACTS, Finding).

    `against` is a checkpoint kept from before, such as that of a receipt: the log may only have
    grown since, under the same key. Without one, nothing shows that all of it was not made anew.
    `jobs` is how many processes share the work; None says one a processor where that is worth it.
    The report is the same for any number. Processes are forked: ask for them where no threads run.
    """
    folder, findings = Folder(directory), Findings()
    signatures = Signatures(findings)
    head = checkpoint(folder, findings, signatures)
    if head is not None:
        manifest(folder, findings, head)
    kept = kept_head(against, folder, findings, signatures) if against else None
    there, strangers = list_openings(folder)
    size = head.size if head else None
    done = read_all(Task(folder, size, there), _jobs(jobs, size), observer)
    findings.merge(done.noted, done.total)
    _across(folder, size, done, findings)
    root = _roots(folder, done, head, kept, findings)
    report_left_over(there, done.used, strangers, findings)
    return _report(done, root, signatures, findings)


def _jobs(jobs: int | None, size: int | None) -> int:
    if jobs is not None:
        return max(1, jobs)
    return (os.cpu_count() or 1) if size is not None and size >= _SMALL else 1


def _across(folder: Folder, size: int | None, done: Part, findings: Findings) -> None:
    """Check what no single process saw: the times of all tiles, the maps of all people."""
    findings.stage = DURING
    check_times(done.times, lambda number: read_tile(folder, number, size), findings)
    for seq, said, n in done.maps:
        check_map(seq, (said, n), done.made[seq], findings)


def _roots(
    folder: Folder, done: Part, head: Head | None, kept: Head | None, findings: Findings
) -> bytes:
    """Hold the root over all entries against the checkpoint, that over the first against kept."""
    findings.stage = AFTER
    full = full_roots(done.roots)
    Tiles(folder, findings).above(full)
    root = tree_root([*full, tree_root(done.last)] if done.last else full)
    if head is not None and done.size == head.size and root != head.root:
        detail = f"the entries give {root.hex()}, the checkpoint says {head.root.hex()}"
        findings.add("root-mismatch", detail, file="checkpoint")
    if kept is not None:
        _same_log(kept, head, findings)
        if 0 < kept.size <= done.size:
            _grown(folder, full, kept, findings)
    return root


def _same_log(kept: Head, head: Head | None, findings: Findings) -> None:
    if head is not None and (kept.origin != head.origin or kept.size > head.size):
        detail = f"the kept checkpoint is of {kept.origin!a} with {kept.size} entries"
        findings.add("inconsistent-checkpoint", detail)


def _grown(folder: Folder, full: list[bytes], kept: Head, findings: Findings) -> None:
    """Expect the log to begin with what a kept checkpoint says."""
    number, more = divmod(kept.size, WIDTH)
    part = leaf_hashes(read_tile(folder, number, kept.size)) if more else []
    if tree_root([*full[:number], tree_root(part)] if part else full[:number]) != kept.root:
        detail = f"the first {kept.size} entries are not those of the kept checkpoint"
        findings.add("inconsistent-checkpoint", detail, seq=kept.size - 1)


def _report(done: Part, root: bytes, signatures: Signatures, findings: Findings) -> dict[str, Any]:
    counts = dict(done.counts)
    decisions, recomputed = counts.pop("decisions"), counts.pop("recomputed")
    return {
        "ok": not findings.total,
        "size": done.size,
        "root": root.hex(),
        "checked": {
            "entries": done.size,
            "decisions": decisions,
            "recomputed": recomputed,
            "not_recomputable": decisions - recomputed,
            "signatures": signatures.checked,
            **counts,
        },
        "signatures_unchecked": signatures.unchecked > 0,
        "findings": findings.found,
        "findings_omitted": findings.omitted,
    }
