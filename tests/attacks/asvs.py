# SPDX-License-Identifier: Apache-2.0
"""Read data/asvs.toml, and write docs/asvs.md from it."""

import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.attacks.threats import ROOT

DATA: Final = ROOT / "data" / "asvs.toml"
PAGE: Final = ROOT / "docs" / "asvs.md"
STATES: Final = ("met", "partly", "not", "none of ours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What one requirement asks for, and how we stand to it."""

    id: str
    level: int
    asks: str
    state: str
    how: str
    tests: Sequence[str]

    @property
    def chapter(self) -> str:
        """Name the chapter as the standard does."""
        return f"V{self.id.partition('.')[0]}"


def read() -> tuple[Requirement, ...]:
    """Read every requirement, in the standard's order."""
    found = tomllib.loads(DATA.read_text("utf-8"))["requirement"]
    return tuple(Requirement(**one) for one in found)


def chapters() -> dict[str, str]:
    """Read what each chapter is called, by its number."""
    named = tomllib.loads(DATA.read_text("utf-8"))["chapters"]
    return {one.partition(" ")[0]: one for one in named}


_HEAD: Final = """\
# OWASP ASVS 5.0.0

Written from [`data/asvs.toml`](../data/asvs.toml) by `make threats`; do not edit. Five chapters of
the [standard](https://github.com/OWASP/ASVS), at all levels, judged by ourselves; nobody else has
verified it. "None of ours" is what does not exist here. The other chapters were not gone through.
"""


def page(all_of_them: Sequence[Requirement]) -> str:
    """Write the whole page."""
    parts = [_HEAD, _sums(all_of_them)]
    for number, title in chapters().items():
        mine = [one for one in all_of_them if one.chapter == number]
        parts += [f"## {title}", "", "| # | level | asks | state | how | tests |"]
        parts += ["|---|---|---|---|---|---|", *map(_row, mine), ""]
    return "\n".join(parts)


def _sums(all_of_them: Sequence[Requirement]) -> str:
    lines = ["| chapter | " + " | ".join(STATES) + " |", "|---|" + "---|" * len(STATES)]
    for number, title in chapters().items():
        found = Counter(one.state for one in all_of_them if one.chapter == number)
        lines.append(f"| {title} | " + " | ".join(str(found[state]) for state in STATES) + " |")
    return "\n".join([*lines, ""])


def _row(one: Requirement) -> str:
    tests = "<br>".join(
        f"[{Path(path).name}](../{path})"
        for path in dict.fromkeys(named.partition("::")[0] for named in one.tests)
    )
    return f"| {one.id} | {one.level} | {one.asks} | {one.state} | {one.how} | {tests} |"


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
