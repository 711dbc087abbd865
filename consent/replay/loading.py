# SPDX-License-Identifier: Apache-2.0
"""Verify a bundle and read it into columns, in one pass over its log."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from consent import notes, tiles, verify
from consent.errors import Misused
from consent.replay.recorded import Recorded, Told
from consent.replay.recorder import Recorder
from consent.words import Reason

_SERVED: Final = b'"t":"notice.served"'
_ERASED: Final = b'"t":"erase.done"'
"""So it stands in canonical entries, and nowhere in a string: there a quote is escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the verifier found, and the history if it found nothing wrong."""

    report: Mapping[str, Any]
    recorded: Recorded | None


def load(directory: Path) -> Loaded:
    """Verify a bundle; where nothing is wrong, return its history as columns too.

    Errors: Misused(unknown-key) where there is no such directory, the caller's fault.
    """
    if not directory.is_dir():
        raise Misused(Reason.UNKNOWN_KEY, f"there is no bundle in {str(directory)!r}")
    recorder = Recorder()
    report = verify.verify(directory, observer=recorder)
    if not report["ok"]:
        return Loaded(report=report, recorded=None)
    recorded = recorder.columns(_told(directory), _texts(directory))
    return Loaded(report=report, recorded=recorded)


def _told(directory: Path) -> Told:
    head = notes.parse_checkpoint((directory / "checkpoint").read_text("utf-8"))
    served = erased = 0
    for number, width in tiles.spans(head.size):
        bundle = (directory / tiles.entries_path(number, width)).read_bytes()
        served += bundle.count(_SERVED)
        erased += bundle.count(_ERASED)
    return Told(
        origin=head.origin, size=head.size, root=head.root.hex(), served=served, erased=erased
    )


def _texts(directory: Path) -> Mapping[str, str]:
    folder = directory / "policies"
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.toml"))}
