# SPDX-License-Identifier: Apache-2.0
"""Read data/threats.toml, and write docs/threats.md from it: `make threats`.

Only what stands in the data stands on the page, apart from the words that explain it.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
DATA: Final = ROOT / "data" / "threats.toml"
PAGE: Final = ROOT / "docs" / "threats.md"
LINDDUN: Final[Mapping[str, str]] = {
    "linking": "joining what belongs to one person",
    "identifying": "finding out who it is",
    "non-repudiation": "being unable to deny",
    "detecting": "learning that something exists",
    "disclosure": "showing what was to stay private",
    "unawareness": "not knowing, or not being able to step in",
    "non-compliance": "doing what was not agreed to or is not allowed",
}
STRIDE: Final = frozenset(
    {"spoofing", "tampering", "repudiation", "information", "denial", "elevation"}
)
BOUNDARIES: Final = frozenset(
    {"client", "files", "worker", "database", "store", "network", "operator", "auditor", "supply"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """One thing that could go wrong, and what shows that it does not."""

    id: str
    title: str
    linddun: tuple[str, ...]
    stride: tuple[str, ...]
    crosses: str
    how: str
    stands: str
    remains: str
    tests: tuple[str, ...]
    slow: tuple[str, ...]


def read(text: str | None = None) -> tuple[Threat, ...]:
    """Read every threat. Errors: TypeError for a field that is missing or unknown."""
    found = tomllib.loads(DATA.read_text("utf-8") if text is None else text)
    return tuple(Threat(**_frozen(one)) for one in found["threat"])


def _frozen(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in one.items()}


# --- tests by their names


def unfound(named: str, *, slow: bool) -> str | None:
    """Say why a test would not be collected by its name, in the run where it is said to be."""
    path, _, name = named.partition("::")
    tests = _tests(path)
    if name not in tests:
        return f"{named} does not exist"
    if tests[name] != slow:
        return f"{named} is {'not ' if slow else ''}marked slow"
    return None


@cache
def _tests(path: str) -> Mapping[str, bool]:
    """List a file's tests as pytest collects them, and whether each is a long one."""
    file = ROOT / path
    if not file.is_file() or not file.name.startswith("test_"):
        return {}
    body = ast.parse(file.read_text("utf-8")).body
    whole = any(_says_slow(node) for node in body if isinstance(node, ast.Assign))
    return {name: whole or slow for name, slow in _functions(body)}


def _functions(body: list[ast.stmt]) -> Iterator[tuple[str, bool]]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, any(map(_says_slow, node.decorator_list))
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from ((f"{node.name}::{name}", slow) for name, slow in _functions(node.body))


def _says_slow(node: ast.AST) -> bool:
    return ast.unparse(node).removeprefix("pytestmark = ") == "pytest.mark.slow"


# --- the page

_HEAD: Final = """\
# Threats

Written from [`data/threats.toml`](../data/threats.toml) by `make threats`; do not edit. What can
go wrong, at which boundary of [security.md](security.md) it arrives, what stands against it, what
remains, and the tests that show it. A threat whose test does not exist fails the build.

The kinds are those of [LINDDUN](https://linddun.org) for what happens to people, and of STRIDE for
what happens to the system.
"""


def page(threats: tuple[Threat, ...]) -> str:
    """Write the whole page."""
    parts = [_HEAD, _kinds(threats), *map(_section, threats)]
    return "\n".join(parts)


def _kinds(threats: tuple[Threat, ...]) -> str:
    lines = ["| LINDDUN | means | threats |", "|---|---|---|"]
    for kind, meaning in LINDDUN.items():
        ids = ", ".join(one.id for one in threats if kind in one.linddun)
        lines.append(f"| {kind} | {meaning} | {ids} |")
    return "\n".join([*lines, ""])


def _section(one: Threat) -> str:
    kinds = ", ".join([*one.linddun, *(f"*{kind}*" for kind in one.stride)])
    lines = [f"## {one.id} {one.title}", "", f"{one.how} ({one.crosses}: {kinds})", ""]
    lines += [f"**Against it:** {one.stands}", ""]
    lines += [f"**Remains:** {one.remains}", ""] if one.remains else []
    lines += [_listed(named) for named in one.tests]
    lines += [f"{_listed(named)}, in the long runs" for named in one.slow]
    return "\n".join([*lines, ""])


def _listed(named: str) -> str:
    path, _, name = named.partition("::")
    said = name.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return f"- [{said}](../{path})"


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}\n")
