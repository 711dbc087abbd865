# SPDX-License-Identifier: Apache-2.0
"""As much of JSON Schema as the shipped schemas use, to hold receipts to them."""

import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

TYPES: Mapping[str, type] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
}  # fmt: skip
KEYWORDS = {
    "type", "required", "properties", "additionalProperties", "items", "minItems", "minLength",
    "minimum", "pattern", "enum", "const", "anyOf", "$schema", "$id", "$comment", "title",
}  # fmt: skip


def shipped(name: str) -> dict[str, Any]:
    text = (files("data") / "schemas" / f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def wrong(schema: Mapping[str, Any], value: Any, at: str = "$") -> Iterator[str]:
    """Say where a value is not what its schema says."""
    assert set(schema) <= KEYWORDS, f"{at}: this checker does not know {set(schema) - KEYWORDS}"
    kind = TYPES.get(schema.get("type", ""), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"{at}: no {schema['type']}"
        return
    yield from _among(schema, value, at)
    if isinstance(value, str):
        yield from _text(schema, value, at)
    if isinstance(value, list):
        yield from _list(schema, value, at)
    if isinstance(value, dict):
        yield from _object(schema, value, at)


def _among(schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    if "anyOf" in schema and all([*wrong(one, value, at)] for one in schema["anyOf"]):
        yield f"{at}: none of the alternatives"
    if value != schema.get("const", value):
        yield f"{at}: not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of the listed"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at}: too small"


def _text(schema: Mapping[str, Any], value: str, at: str) -> Iterator[str]:
    if len(value) < schema.get("minLength", 0):
        yield f"{at}: too short"
    if "pattern" in schema and re.search(schema["pattern"], value) is None:
        yield f"{at}: {value!r} is not like {schema['pattern']}"


def _list(schema: Mapping[str, Any], value: list[Any], at: str) -> Iterator[str]:
    if len(value) < schema.get("minItems", 0):
        yield f"{at}: too few"
    for number, one in enumerate(value):
        yield from wrong(schema.get("items", {}), one, f"{at}[{number}]")


def _object(schema: Mapping[str, Any], value: Mapping[str, Any], at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (
        f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value
    )
    if schema.get("additionalProperties") is False:
        yield from (f"{at}: {name} is not in the schema" for name in value if name not in known)
    for name, one in value.items():
        yield from wrong(known.get(name, {}), one, f"{at}.{name}")
