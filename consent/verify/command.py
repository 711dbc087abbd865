# SPDX-License-Identifier: Apache-2.0
"""The command line of the verifier, and its report in words."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from consent.verify.checking import verify
from consent.verify.findings import where


def text(report: Mapping[str, Any]) -> str:
    """Write a report for people."""
    checked = report["checked"]
    signed = f"{checked['signatures']} signatures checked"
    if report["signatures_unchecked"]:
        signed += ", signatures unchecked (install or renew the package cryptography)"
    lines = [
        f"{checked['entries']} entries, root {report['root']}, {signed}",
        f"{checked['decisions']} decisions: {checked['recomputed']} recomputed from "
        f"their facts, {checked['not_recomputable']} not re-computable",
        f"{checked['views']} views, {checked['inserts']} inserts, {checked['shares']} shares, "
        "each held against the person whose portrait it is",
        f"{checked['blocks']} blocks of decisions, {checked['maps']} maps of last entries",
        *map(where, report["findings"]),
    ]
    if report["findings_omitted"]:
        lines.append(f"and {report['findings_omitted']} more findings")
    return "\n".join([*lines, "nothing wrong was found" if report["ok"] else "NOT in order"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify DIR. Exit status: 0 nothing found, 1 findings, 2 there is no DIR."""
    parser = argparse.ArgumentParser(description="Verify an Onlyou bundle offline.")
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--against", type=Path, metavar="NOTE", help="a checkpoint you kept")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes; else one a processor")
    chosen = parser.parse_args(arguments)
    if not chosen.directory.exists():
        sys.stderr.write(f"there is no {str(chosen.directory)!a}\n")
        return 2
    report = verify(chosen.directory, against=chosen.against, jobs=chosen.jobs)
    told = json.dumps(report) if chosen.json else text(report)
    sys.stdout.write(told.encode("ascii", "backslashreplace").decode() + "\n")
    return 0 if report["ok"] else 1
