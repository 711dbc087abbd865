# SPDX-License-Identifier: Apache-2.0
"""Ask for known faults of what is installed: `make audit`, or `python -m tests.auditing`.

Every pinned version is looked up by pip-audit. Exit 0 where nothing is known against any, 1 where
something is, 2 where no list of faults can be reached: then nothing was learned, and it says so.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from engine import packages

_SOURCES: Final = ("pypi", "osv")
_SECONDS: Final = 10
CLEAN, FAULTY, UNKNOWN = 0, 1, 2


def audited(source: str, listed: Path) -> Mapping[str, Any] | None:
    """Look every version up in one list; None where it cannot be reached."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "--format", "json"]
    command += ["--vulnerability-service", source, "--timeout", str(_SECONDS)]
    command += ["--progress-spinner", "off", "--requirement", str(listed)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return read(asked.stdout)


def read(said: str) -> Mapping[str, Any] | None:
    """Read an answer; None for what is none."""
    try:
        answer = json.loads(said)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer.get("dependencies") else None


def faults(answer: Mapping[str, Any]) -> Iterator[str]:
    """Name each fault: package, version, its id, and where it is mended."""
    for one in answer["dependencies"]:
        for fault in one.get("vulns", ()):
            mended = ", ".join(fault["fix_versions"]) or "not mended"
            yield f"{one['name']} {one['version']}: {fault['id']} (mended in: {mended})"


def report(answer: Mapping[str, Any] | None) -> tuple[int, str]:
    """Say what was learned, and with which status to end."""
    told = answer["dependencies"] if answer else ()
    looked_up = [one for one in told if "skip_reason" not in one]
    if answer is None or not looked_up:
        said = "no list of known faults can be reached from here: nothing was learned"
        return UNKNOWN, said
    found = sorted(faults(answer))
    if found:
        return FAULTY, "\n".join(found)
    return CLEAN, f"nothing is known against any of {len(looked_up)} packages"


def main() -> int:
    """Ask every list; what any of them knows counts."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pinned.txt"
        pinned = packages.pins().items()
        listed.write_text("".join(f"{name}=={version}\n" for name, version in sorted(pinned)))
        answers = (audited(source, listed) for source in _SOURCES)
        reports = [report(answer) for answer in answers]
        status, said = min(reports, key=lambda one: (one[0] == UNKNOWN, -one[0]))
    sys.stdout.write(f"{said}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
