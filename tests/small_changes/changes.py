# SPDX-License-Identifier: Apache-2.0
"""Every small change that can be made to a function of `consent/`, and the text that each gives.

What is changed, and into what, is mutmut's list of operators: numbers, texts, comparisons,
arguments, assignments, branches. Unlike mutmut, which calls each changed function by way of a
stand-in, a change here is a new text of its file. So functions under a decorator are changed too,
and a test that reads a file finds it as it is.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, OuterFunctionProvider
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode
from typing_extensions import override

from tests.small_changes import same


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, by file and number; which function it is in, and why it changes nothing."""

    file: str
    number: int
    function: str
    start: int
    body: int
    end: int
    line: int
    before: str
    after: str
    rule: str | None

    @property
    def name(self) -> str:
        """Name a change of one commit."""
        return f"{self.file}:{self.line}:{self.number}"

    @property
    def module(self) -> str:
        """Name what an import asks for."""
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class _Visitor(MutationVisitor):
    """Go into functions whatever decorates them; all else as mutmut does."""

    METADATA_DEPENDENCIES = (PositionProvider, OuterFunctionProvider)

    @override
    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            return super()._skip_node_and_children(node.with_changes(decorators=()))
        return super()._skip_node_and_children(node)


def of_file(root: Path, file: str) -> Iterator[Change]:
    """Say every change of a file, in its order."""
    wrapper, mutations = _mutations(root / file)
    places = wrapper.resolve(PositionProvider)
    seen = same.Reader(wrapper)
    for number, mutation in enumerate(mutations):
        function = mutation.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef):
            continue
        yield Change(
            file=file,
            number=number,
            function=function.name.value,
            start=places[function].start.line,
            body=places[function.body].start.line,
            end=places[function].end.line,
            line=places[mutation.original_node].start.line,
            before=_code(wrapper.module, mutation.original_node),
            after=_code(wrapper.module, mutation.mutated_node),
            rule=seen.rule(mutation.original_node, mutation.mutated_node),
        )


def text(root: Path, change: Change) -> str:
    """Return a file's text with one change made."""
    wrapper, mutations = _mutations(root / change.file)
    mutation = mutations[change.number]
    changed = wrapper.module.deep_replace(mutation.original_node, mutation.mutated_node)
    assert isinstance(changed, cst.Module)
    return changed.code


def every(root: Path, kept: Path) -> list[Change]:
    """Return all changes of `consent/`; reading them takes a minute, so they are kept."""
    if not kept.exists():
        files = sorted(path.relative_to(root) for path in (root / "consent").rglob("*.py"))
        found = [change for file in files for change in of_file(root, str(file))]
        write(kept, found)
    return read(kept)


def write(path: Path, changes: Sequence[Change]) -> None:
    """Keep changes, one a line."""
    path.write_text("".join(json.dumps(asdict(change)) + "\n" for change in changes), "utf-8")


def read(path: Path) -> list[Change]:
    """Read changes that were kept."""
    return [Change(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _mutations(path: Path) -> tuple[MetadataWrapper, list[Mutation]]:
    module = cst.parse_module(path.read_text("utf-8"))
    wrapper = MetadataWrapper(module)
    visitor = _Visitor(mutation_operators, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    return wrapper, visitor.mutations


def _code(module: cst.Module, node: cst.CSTNode) -> str:
    return " ".join(module.code_for_node(node).split())[:400]
