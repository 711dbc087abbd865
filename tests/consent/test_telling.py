# SPDX-License-Identifier: Apache-2.0
"""No line that is logged can name anybody: its sentence is fixed, its fields are closed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import consent
from consent.telling import TOLD, Fields, told

ROOT = Path(consent.__file__).parent.parent
ROOMS = ("consent", "feed", "generation", "engine")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception", "log"}
WHY = {"sentence", "why"}


def texts() -> Iterator[tuple[str, str]]:
    """Read every module of the rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Find every call of a logger in the rooms."""
    for name, text in texts():
        for call in logging_in(ast.parse(text)) if "logging" in text else ():
            yield f"{name}:{call.lineno}", call


def logging_in(tree: ast.Module) -> Iterator[ast.Call]:
    """Find the calls of whatever a module calls its logger, and of the library itself."""
    names, said = {"logging", "_log"}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in LEVELS and isinstance(node.func.value, ast.Name):
                said.append((node.func.value.id, node))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _makes_a_logger(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {one.id for one in targets if isinstance(one, ast.Name)}
    return iter([node for name, node in said if name in names])


def _makes_a_logger(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "attr", "") == "getLogger"


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
    prints = re.compile(r"(?<![\w.])print\(")
    assert [name for name, text in texts() if prints.search(text)] == []


def test_fields_go_under_one_name() -> None:
    assert told(count=3, recipe="photobooth") == {TOLD: {"count": 3, "recipe": "photobooth"}}
