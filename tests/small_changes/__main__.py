# SPDX-License-Identifier: Apache-2.0
"""How many small changes of `consent/` a test notices: a sample, drawn by a seed.

`python -m tests.small_changes FOLDER [--sample N] [--seed S] [--processes P] [--seconds T]
[--only FILE:LINE:N ...]`

FOLDER takes a copy of what is committed (`FOLDER/code`), what was measured of it, and a line for
each change that was tried (`FOLDER/tried.*.jsonl`): a second run goes on where the first ended.
A change is tried with the tests that pass through its function: those of the file's own test file
first, then the others, until one fails or they would take too long. After every tenth
trial the test that noticed something is run on unchanged code, where it must notice nothing.
What no test noticed is given to the type check, which every commit has to pass.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.small_changes import score, session

ROOT: Final = Path(__file__).parents[2]


def prepare(folder: Path) -> Path:
    """Copy what is committed, once."""
    code = folder / "code"
    if not code.exists():
        code.mkdir(parents=True)
        packed = ["git", "archive", "HEAD"]
        tar = subprocess.run(packed, cwd=ROOT, check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(code)], input=tar.stdout, check=True)
    return code


def again(code: Path, folder: Path) -> int:
    """Go on in the copy, so that whatever is imported comes from there."""
    words = [sys.executable, "-m", "tests.small_changes", str(folder), *sys.argv[2:]]
    there = os.environ | {"PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}
    there.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(words, cwd=code, env=there, check=False).returncode


def main() -> int:
    """Prepare, draw, try, tell."""
    parser = argparse.ArgumentParser(description="How many changes of consent/ a test notices.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", nargs="*", default=())
    given = parser.parse_args()
    folder = given.folder.resolve()
    code = prepare(folder)
    if code.resolve() != ROOT:
        return again(code, folder)
    trying = session.begin(code, folder, given.processes, given.seconds)
    drawn = trying.named(given.only) if given.only else trying.drawn(given.sample, given.seed)
    trying.all(drawn, given.processes)
    sys.stdout.write(score.told(trying, drawn, given.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
