# SPDX-License-Identifier: Apache-2.0
"""No line that is logged can name anybody: its sentence is fixed, its fields are closed."""

import ast
from collections.abc import Iterator
from pathlib import Path

import consent
from consent.telling import TOLD, Fields, told

ROOT = Path(consent.__file__).parent.parent
ROOMS = ("consent", "feed", "generation", "engine")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
WHY = {"sentence", "why"}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Find every call of a logger in the rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for call in logging_in(ast.parse(path.read_text("utf-8"))):
                yield f"{path.relative_to(ROOT)}:{call.lineno}", call


def logging_in(tree: ast.Module) -> Iterator[ast.Call]:
    """Find the calls of whatever a module calls its logger, and of the library itself."""
    names = {"logging", "_log"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and "getLogger" in ast.unparse(node):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {one.id for one in targets if isinstance(one, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id in names and node.func.attr in LEVELS:
                yield node


def fault(call: ast.Call) -> str | None:
    """Say what is wrong with a call, if anything is."""
    if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
        return "its sentence is no constant, or something is filled into it"
    for keyword in call.keywords:
        if keyword.arg == "exc_info":
            continue
        extra = keyword.value
        if keyword.arg != "extra" or not isinstance(extra, ast.Call | ast.Name):
            return f"{keyword.arg} is no field of ours"
        if isinstance(extra, ast.Call) and (wrong := _field(extra)):
            return wrong
    return None


def _field(extra: ast.Call) -> str | None:
    name = extra.func.attr if isinstance(extra.func, ast.Attribute) else extra.func.id  # type: ignore[attr-defined]
    if name != "told":
        return "its fields do not come from told()"
    for one in extra.keywords:
        if one.arg not in Fields.__annotations__:
            return f"{one.arg} is no field"
        if one.arg == "why" and getattr(one.value, "attr", None) not in WHY:
            return "why is no sentence of our own"
        if isinstance(one.value, ast.JoinedStr):
            return f"{one.arg} is put together"
    return None


def test_every_line_is_a_fixed_sentence_with_fields_of_the_closed_list() -> None:
    found = list(calls())
    assert len(found) > 25
    assert {place: why for place, call in found if (why := fault(call))} == {}


def test_the_look_itself_finds_what_it_is_for() -> None:
    wrong = (
        '_log.info(f"{name} left")',
        '_log.info("%s left", name)',
        '_log.info("left", extra={"name": name})',
        '_log.info("left", extra=told(name=name))',
        '_log.info("left", extra=told(why=str(error)))',
        '_log.info("left", extra=told(route=f"/people/{name}"))',
        "_log.info(sentence)",
    )
    for text in wrong:
        (call,) = logging_in(ast.parse(text))
        assert fault(call), text
    renamed = 'SAYS: Final = logging.getLogger("x")\nSAYS.warning(name)'
    assert [fault(call) for call in logging_in(ast.parse(renamed))] != [None]


def test_nothing_else_speaks_of_its_own_accord() -> None:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            names = {
                node.func.id
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert "print" not in names, path


def test_fields_go_under_one_name() -> None:
    assert told(count=3, recipe="photobooth") == {TOLD: {"count": 3, "recipe": "photobooth"}}
