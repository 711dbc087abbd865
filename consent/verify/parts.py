# SPDX-License-Identifier: Apache-2.0
"""Work on a log in as many processes as are wanted: the people are shared out by their tags.

Every process reads all tiles and follows its own people; each tile's hashes and times are looked
at by one of them. What comes out is put together in the order of the log, so that it is the same
for any number of processes.
"""

import multiprocessing
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any, Final

from consent.verify.canonical import Folder
from consent.verify.findings import DURING, Findings, Noted
from consent.verify.history import History
from consent.verify.library import Library
from consent.verify.maps import map_root
from consent.verify.observer import Observer
from consent.verify.openings import Bits, Opened
from consent.verify.past import Past
from consent.verify.people import Chains
from consent.verify.tiles import read_tiles
from consent.verify.times import Span, span
from consent.verify.tree import WIDTH, Tiles, tree_root
from consent.verify.uses import Uses
from consent.verify.work import Leaves, Share, Work


@dataclass(slots=True)
class Part:
    """What one process found, or all of them together."""

    size: int = 0
    noted: list[Noted] = field(default_factory=list)
    total: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    last: list[bytes] = field(default_factory=list)
    times: list[Span] = field(default_factory=list)
    used: Bits = field(default_factory=Bits)
    maps: list[tuple[int, str, int]] = field(default_factory=list)
    made: dict[int, tuple[str, int]] = field(default_factory=dict)

    def add(self, other: "Part") -> None:
        """Take what another process found."""
        self.size = max(self.size, other.size)
        self.noted += other.noted
        self.total += other.total
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.roots |= other.roots
        self.last = self.last or other.last
        self.times += other.times
        self.used.take(other.used)
        self.maps = self.maps or other.maps


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be read: a bundle, how many entries of it, which openings it holds."""

    folder: Folder
    size: int | None
    there: Bits


def read_all(task: Task, jobs: int, observer: Observer | None = None) -> Part:
    """Read the whole log in some processes; in this one if they fail, or for an observer."""
    if jobs > 1 and observer is None:
        done = _in_processes(task, jobs)
        if done is not None:
            return done
    made: dict[int, tuple[str, int]] = {}

    def leaves(seq: int, hashes: bytes) -> None:
        made[seq] = map_root(hashes)

    done = read_part(task, Share(), leaves, observer)
    done.made = made
    return done


def read_part(task: Task, share: Share, leaves: Leaves, observer: Observer | None = None) -> Part:
    """Follow one share of the people from the first entry to the last."""
    work = _work_on(task, share, leaves, observer)
    history, done, tiles = History(work), Part(), Tiles(task.folder, work.findings)
    for number, entries in enumerate(read_tiles(task.folder, task.size, work.common)):
        if share.mine(number):
            hashes = tiles.leaves(number, entries)
            done.times.append(span(number, entries))
            if len(hashes) == WIDTH:
                done.roots[number] = tree_root(hashes)
            else:
                done.last = hashes
        history.take(number * WIDTH, entries)
        done.size += len(entries)
    history.finish()
    done.noted, done.total = work.findings.noted(), work.findings.total
    done.counts, done.maps, done.used = history.counts(), history.maps, work.opened.used
    return done


def _work_on(task: Task, share: Share, leaves: Leaves, observer: Observer | None) -> Work:
    findings = Findings(DURING)
    common = findings if share.number == 0 else Findings(DURING)
    return Work(
        folder=task.folder,
        opened=Opened(task.folder, task.there),
        past=Past(task.folder, task.size),
        share=share,
        leaves=leaves,
        findings=findings,
        common=common,
        library=Library(task.folder, common),
        chains=Chains(findings),
        uses=Uses(findings),
        observer=observer,
    )


# --- processes


_CONTEXT: Final = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"


def _in_processes(task: Task, jobs: int) -> Part | None:
    """Start a process a share and put together what they send; None if one does not answer."""
    context: BaseContext = multiprocessing.get_context(_CONTEXT)
    started, ends = [], []
    for number in range(jobs):
        here, there = context.Pipe(duplex=False)
        process = context.Process(  # type: ignore[attr-defined]
            target=_send_part, args=(task, number, jobs, there), daemon=True
        )
        process.start()
        there.close()
        started.append(process)
        ends.append(here)
    try:
        return _collect(ends)
    except EOFError:
        return None
    finally:
        for process in started:
            process.terminate()
            process.join()


def _send_part(task: Task, number: int, jobs: int, end: "Connection[Any, Any]") -> None:
    """Do one process's share: send the leaves of each map, then what was found."""
    done = read_part(task, Share(number, jobs), lambda seq, leaves: end.send((seq, leaves)))
    end.send(done)
    end.close()


def _collect(ends: "Sequence[Connection[Any, Any]]") -> Part:
    """Take what the processes send: all of them come to the same maps in the same order."""
    whole = Part()
    while True:
        told: list[Any] = [end.recv() for end in ends]
        if isinstance(told[0], Part):
            for part in told:
                whole.add(part)
            whole.times.sort()
            return whole
        whole.made[told[0][0]] = map_root(b"".join(leaves for _, leaves in told))


def full_roots(roots: dict[int, bytes]) -> list[bytes]:
    """Return the roots of the full tiles in order."""
    return [roots[number] for number in sorted(roots)]
