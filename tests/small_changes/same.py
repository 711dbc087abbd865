# SPDX-License-Identifier: Apache-2.0
"""Changes that change nothing anybody could observe, by rule; each rule is narrow and named.

They are left out before the draw, and counted. All others count, also those of which a reader
sees that they change nothing: those are survivors.
"""

from typing import Final

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, ParentNodeProvider

RULES: Final = {
    "typing": "the first argument of `cast` and `TypeVar`: nothing reads it when code runs",
}
_TYPING: Final = m.Call(func=m.OneOf(m.Name("cast"), m.Name("TypeVar")))


class Reader:
    """Says of a change in one file under which rule it changes nothing, if under any."""

    def __init__(self, wrapper: MetadataWrapper) -> None:
        self._parents = wrapper.resolve(ParentNodeProvider)

    def rule(self, before: cst.CSTNode, after: cst.CSTNode) -> str | None:
        """Name the rule of a change, None where it counts."""
        if m.matches(before, _TYPING) and _value(before) == _value(after):
            return "typing"
        above = self._parents.get(before)
        grand = self._parents.get(above) if above else None
        if grand and m.matches(grand, _TYPING) and _first(grand) is above:
            return "typing"
        return None


def _first(call: cst.CSTNode) -> cst.CSTNode | None:
    return call.args[0] if isinstance(call, cst.Call) and call.args else None


def _value(call: cst.CSTNode) -> object:
    """Return the last argument of a call that still has two."""
    if isinstance(call, cst.Call) and len(call.args) > 1:
        return call.args[-1]
    return None
