# SPDX-License-Identifier: Apache-2.0
"""Write down which files an installation is made of: `make lock`, or `python -m tests.locking`.

Which versions belong together stands in `constraints.txt`; this finds, for each, the file that
pip takes for Python 3.11 on x86-64 Linux and its SHA-256, as the package index says it, and writes
`locks/build.txt` (what builds packages), `locks/base.txt` (what the engine needs),
`locks/postgres.txt` (what it needs besides in a container) and `locks/dev.txt` (with the tests and
their tools). With `--require-hashes` pip takes these files or none.
torch is apart: which of its builds fits is a matter of the machine. No index is named here.
It writes `docs/licences.md` too, from what the installed packages say of themselves.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine import packages

ROOT: Final = Path(__file__).parents[1]
LOCKS: Final = ROOT / "locks"
TESTED: Final = ROOT / "data" / "tested.txt"
LICENCES: Final = ROOT / "docs" / "licences.md"
APART: Final = frozenset({"torch", "triton"})
"""Packages of which each machine has its own build."""
TOOLS: Final = frozenset(
    {"hatchling", "editables", "packaging", "pathspec", "pluggy", "setuptools", "tomlkit"}
    | {"trove-classifiers"}
)
"""What builds our own package and those that come as source; installed first."""
_HEAD: Final = (
    "# The files an installation is made of: Python 3.11, x86-64 Linux. Written by `make lock`\n"
    "# from constraints.txt; do not edit. torch is apart.\n"
)
_PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def asked(extra: str | None = None) -> tuple[Requirement, ...]:
    """List what our own package asks for, with an extra; its extras of extras written out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras: Mapping[str, list[str]] = project["optional-dependencies"]

    def written_out(lines: Iterable[str]) -> Iterator[Requirement]:
        for one in map(Requirement, lines):
            if one.name != "onlyou":
                yield one
            for inner in sorted(one.extras) if one.name == "onlyou" else ():
                yield from written_out(extras[inner])

    return tuple(written_out([*project["dependencies"], *(extras[extra] if extra else ())]))


def names(extra: str | None = None) -> frozenset[str]:
    """Name every package that an installation with an extra needs, torch's own apart."""
    found = packages.closure(asked(extra))
    return frozenset(one for one in found if one not in APART and not one.startswith("nvidia-"))


def locks() -> Mapping[str, frozenset[str]]:
    """Say which packages each lock names."""
    base = names()
    besides = names("postgres") - base
    return {"build": TOOLS, "base": base, "postgres": besides, "dev": names("dev")}


def locked(text: str) -> dict[str, tuple[str, str]]:
    """Read a lock: each package's version and the SHA-256 of its file."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if "==" in line]
    parts = [line.split() for line in lines]
    return {
        canonicalize_name(pin.partition("==")[0]): (pin.partition("==")[2], mark.partition(":")[2])
        for pin, mark in parts
    }


def licence(name: str) -> str:
    """Say under which licence an installed package comes, as it says itself."""
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        return str(expression)
    classified = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier") or ()
        if one.startswith("License ::") and not one.endswith("OSI Approved")
    ]
    if classified:
        return ", ".join(classified)
    return str(told.get("License") or "not said").splitlines()[0][:60]


def licences() -> str:
    """Write the list of licences."""
    needed = {None: names(), "dev": names("dev")}
    lines = ["# Licences of what is installed", ""]
    for extra, title in ((None, "By the engine"), ("dev", "By its tests and tools besides")):
        mine = needed[extra] - (needed[None] if extra else frozenset())
        lines += [f"## {title}", "", "| package | version | licence |", "|---|---|---|"]
        lines += [f"| {one} | {metadata.version(one)} | {licence(one)} |" for one in sorted(mine)]
        lines += [""]
    told = "As packages say it themselves; written by `make lock`. torch and models are apart "
    return "\n".join([*lines[:2], f"{told}(docs/recipes.md).", "", *lines[2:]])


def main() -> None:
    """Write locks and licences."""
    pinned = packages.pins()
    wanted = {name: pinned[name] for name in names("dev") | TOOLS}
    files = _files(wanted)
    LOCKS.mkdir(exist_ok=True)
    for file, mine in locks().items():
        lines = "".join(_line(name, files) for name in sorted(mine))
        (LOCKS / f"{file}.txt").write_text(_HEAD + lines)
    TESTED.write_text("".join(f"{name}=={wanted[name]}\n" for name in sorted(names())))
    LICENCES.write_text(licences())
    sys.stdout.write(f"{len(files)} packages\n")


def _line(name: str, files: Mapping[str, tuple[str, str]]) -> str:
    version, digest = files[name]
    return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


def _files(wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Ask pip which file it would take for each, and what its hash is. Nothing is installed."""
    with tempfile.TemporaryDirectory() as folder:
        report, listed = Path(folder) / "report.json", Path(folder) / "wanted.txt"
        listed.write_text("".join(f"{name}=={version}\n" for name, version in wanted.items()))
        flags = ("--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", report)
        subprocess.run([*_PIP, "install", *flags, "-r", listed], check=True)
        told: list[dict[str, Any]] = json.loads(report.read_bytes())["install"]
    return {
        canonicalize_name(one["metadata"]["name"]): (
            one["metadata"]["version"],
            one["download_info"]["archive_info"]["hashes"]["sha256"],
        )
        for one in told
    }


if __name__ == "__main__":
    main()
