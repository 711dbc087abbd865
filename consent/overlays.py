# SPDX-License-Identifier: Apache-2.0
"""Overlays: a small file that names its base and changes single values of it.

Rules:
1. an overlay's id is its base's id, a plus sign and the name of the tier
2. it changes values that the base has; a key the base does not have is refused
3. it may not change rules: what may be done with a likeness is for a policy of its own
4. what is published is the whole: base and overlay written out as one file, sources included
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_OWN: Final = frozenset({"id", "title", "summary", "claims"})
_PROVENANCE: Final = frozenset({"value", "source", "as_of", "confidence"})


def overlaid(policy_id: str) -> str | None:
    """Name the policy that a tier's policy overlays, if it is one."""
    base, plus, _ = policy_id.partition("+")
    return base if plus else None


def merged(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> str:
    """Write base and overlay out as one policy file. Errors: ValueError, the file's fault."""
    changes = {key: value for key, value in overlay.items() if key != "base"}
    if missing := _OWN - set(changes):
        raise ValueError(f"an overlay says its own {min(missing)!r}")
    if overlaid(str(overlay["id"])) != base["id"]:
        raise ValueError(f"an overlay of {base['id']!r} is named {base['id']}+<tier>")
    if "rule" in changes:
        raise ValueError("an overlay changes values, not rules")
    head = f"# Written out from {base['id']} and the overlay {overlay['id']}.\n"
    return head + written(_over("", base, changes))


def _over(name: str, base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(changes) - set(base):
        raise ValueError(f"the base has no {name}{min(unknown)!r} to change")
    return dict(base) | {
        key: _over(f"{key}.", base[key], new) if _is_table(base[key], new) else new
        for key, new in changes.items()
    }


def _is_table(old: object, new: object) -> bool:
    """Say whether both are tables of values, not a value with its source."""
    return all(isinstance(one, dict) and not set(one) >= _PROVENANCE for one in (old, new))


def written(table: Mapping[str, Any]) -> str:
    """Write a policy's table as TOML, in its own order; the standard library only reads it."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not _is_section(value)}
    yield from (f"{key} = {_literal(value)}" for key, value in plain.items())
    for key, value in table.items():
        if key == "rule":
            for rule in value:
                yield from ("", "[[rule]]", *_lines(rule))
        elif _is_section(value):
            yield from _section(key, value)


def _section(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if _is_section(value)}
    yield from ("", f"[{name}]")
    yield from (f"{k} = {_literal(v)}" for k, v in table.items() if k not in inner)
    for key, value in inner.items():
        yield from _section(f"{name}.{key}", value)


def _is_section(value: object) -> bool:
    tables = isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    return tables or (isinstance(value, dict) and not set(value) >= _PROVENANCE)


def _literal(value: Any) -> str:  # noqa: ANN401 - TOML values have no narrower type
    match value:
        case dict():
            return "{ " + ", ".join(f"{k} = {_literal(v)}" for k, v in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case _:
            return repr(value)
