# SPDX-License-Identifier: Apache-2.0
"""Changes that change nothing anybody could observe, by rule; each rule is narrow and named.

They are left out before the draw, and counted. All others count, also those of which a reader
sees that they change nothing: those are survivors.
"""

import re
from typing import Final

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, ParentNodeProvider

RULES: Final = {
    "typing": "the first argument of `cast` and `TypeVar`: nothing reads it when code runs",
    "strict": "`strict` of `zip`: it asserts what holds already, that both were made together",
    "case": "an SQL statement in small letters: its keywords and names mean the same",
}
_TYPING: Final = m.Call(func=m.OneOf(m.Name("cast"), m.Name("TypeVar")))


_STRICT: Final = m.Call(func=m.Name("zip"))
_VERBS: Final = "ALTER BEGIN COPY CREATE DELETE DROP GRANT INSERT PRAGMA REVOKE SELECT SET UPDATE"
_SQL: Final = re.compile(rf"[bfr]*['\"]+\s*({'|'.join(_VERBS.split())}) ")


class Reader:
    """Says of a change in one file under which rule it changes nothing, if under any."""

    def __init__(self, wrapper: MetadataWrapper) -> None:
        self._parents = wrapper.resolve(ParentNodeProvider)

    def rule(self, before: cst.CSTNode, after: cst.CSTNode) -> str | None:
        """Name the rule of a change, None where it counts."""
        if _drops_strict(before, after):
            return "strict"
        if isinstance(before, cst.SimpleString) and _small(before, after):
            return "case"
        if m.matches(before, _TYPING) and _value(before) == _value(after):
            return "typing"
        above = self._parents.get(before)
        grand = self._parents.get(above) if above else None
        if isinstance(above, cst.Arg) and above.keyword and above.keyword.value == "strict":
            return "strict"
        if grand and m.matches(grand, _TYPING) and _first(grand) is above:
            return "typing"
        return None


def _drops_strict(before: cst.CSTNode, after: cst.CSTNode) -> bool:
    """Say whether a call of `zip` has lost its `strict`, or another value for it, and no more."""
    if not m.matches(before, _STRICT) or not isinstance(after, cst.Call):
        return False
    assert isinstance(before, cst.Call)
    return _plain(before) == _plain(after)


def _plain(call: cst.Call) -> list[str]:
    bare = cst.Module([])
    named = (one for one in call.args if not (one.keyword and one.keyword.value == "strict"))
    return [bare.code_for_node(one.value) for one in named]


def _small(before: cst.SimpleString, after: cst.CSTNode) -> bool:
    changed = after.value if isinstance(after, cst.SimpleString) else None
    return bool(_SQL.match(before.value)) and changed == before.value.lower()


def _first(call: cst.CSTNode) -> cst.CSTNode | None:
    return call.args[0] if isinstance(call, cst.Call) and call.args else None


def _value(call: cst.CSTNode) -> object:
    """Return the last argument of a call that still has two."""
    if isinstance(call, cst.Call) and len(call.args) > 1:
        return call.args[-1]
    return None
