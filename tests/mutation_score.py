# SPDX-License-Identifier: Apache-2.0
"""How many small changes of `consent/` a test notices: a sample, drawn by a seed, run by mutmut.

`python -m tests.mutation_score FOLDER [--sample N] [--seed S] [--children N]`

FOLDER takes a copy of what is committed, and everything mutmut writes; a second run goes on from
what the first one found. There are some 24,000 changes; a thousand of them drawn at random give
the score to about one in a hundred. Each is tried with the tests that pass through the changed
function, without PostgreSQL. Tests that read the code's own text are left out: to them every
change would be a finding.
"""

import argparse
import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT: Final = Path(__file__).parents[1]
READERS: Final = ("tests/consent/test_faults.py", "tests/consent/test_telling.py")
READERS_IN_VERIFY: Final = ("tests/consent/verify/test_single.py",)
KILLED: Final = frozenset({1, 3, 24, 36, 152, 255, -24, -11, -9})
"""What mutmut writes where a test failed, an error ended it, or it took far too long."""
UNTESTED: Final = frozenset({5, 33})
UNTRIED: Final = frozenset({None, 2, 34})
CONFIG: Final = """
[tool.mutmut]
source_paths = ["consent"]
also_copy = {copied}
pytest_add_cli_args = {arguments}
pytest_add_cli_args_test_selection = ["tests/consent"]
"""


def prepare(folder: Path) -> None:
    """Copy what is committed, and tell mutmut what to change."""
    if (folder / "pyproject.toml").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    tar = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=tar.stdout, check=True)
    copied = sorted(
        path.name for path in folder.iterdir() if path.name not in {"consent", "tests"}
    )
    left_out = [word for name in (*READERS, *READERS_IN_VERIFY) for word in ("--deselect", name)]
    arguments = ["-q", "--no-pg", "-p", "no:cacheprovider", "-W", "ignore", *left_out]
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIG.format(copied=json.dumps(copied), arguments=json.dumps(arguments)))


def run(folder: Path, names: Sequence[str], children: int) -> None:
    """Let mutmut try changes by name. Errors: its own, where the tests fail unchanged."""
    mutmut = Path(sys.executable).with_name("mutmut")
    tried = subprocess.run(
        [str(mutmut), "run", "--max-children", str(children), *names], cwd=folder, check=False
    )
    if not (folder / "mutants" / "mutmut-stats.json").exists():
        raise SystemExit(f"mutmut ended with {tried.returncode} before it tried anything")


def verdicts(folder: Path) -> dict[str, int | None]:
    """Read what mutmut wrote of each change: an exit code, None where it was not tried."""
    found: dict[str, int | None] = {}
    for file in sorted((folder / "mutants" / "consent").rglob("*.meta")):
        found |= json.loads(file.read_text("utf-8"))["exit_code_by_key"]
    return found


def drawn(names: Sequence[str], sample: int, seed: int) -> list[str]:
    """Draw a sample without repetition; the same for the same seed and code."""
    order = np.random.default_rng(seed).permutation(len(names))
    return [names[place] for place in order[:sample]]


def told(found: dict[str, int | None], names: Sequence[str]) -> dict[str, Any]:
    """Say what came of a sample: the score with its interval (Wilson, 95 %), and who survived."""
    counts = Counter(_what(found[name]) for name in names)
    tried = counts.total() - counts["not tried"]
    low, high = _wilson(counts["killed"], tried)
    return {
        "of": len(found),
        "sample": len(names),
        **counts,
        "score": round(counts["killed"] / max(1, tried), 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "survivors": sorted(_survivors(found, names)),
    }


def _what(code: int | None) -> str:
    if code in UNTRIED:
        return "not tried"
    return "killed" if code in KILLED else "no test" if code in UNTESTED else "survived"


def _survivors(found: dict[str, int | None], names: Sequence[str]) -> Iterator[str]:
    return (name for name in names if _what(found[name]) in {"survived", "no test"})


def _wilson(good: int, of: int) -> tuple[float, float]:
    """Return a 95 % interval of a share. Source: Wilson, 1927."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, good / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def main() -> int:
    """Prepare, draw, try, tell."""
    parser = argparse.ArgumentParser(description="How many changes of consent/ a test notices.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--children", type=int, default=2)
    given = parser.parse_args()
    prepare(given.folder)
    if not (given.folder / "mutants" / "mutmut-stats.json").exists():
        run(given.folder, ["consent.nothing_is_called_so*"], given.children)
    names = drawn(sorted(verdicts(given.folder)), given.sample, given.seed)
    run(given.folder, names, given.children)
    sys.stdout.write(json.dumps(told(verdicts(given.folder), names), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
