# SPDX-License-Identifier: Apache-2.0
"""Read a value out of a table, by the types of a dataclass: TOML and JSON alike.

Rules:
1. an unknown key, a missing one or a value of another type is an error that names its place
2. a whole number stands for a real one, and text that is a number does; nothing else is converted
3. tables and lists come out as frozen dataclasses, tuples and read-only mappings
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


def decoded(kind: type[_T], table: Any, where: str) -> _T:  # noqa: ANN401 - as it was read
    """Make a dataclass from a table. Errors: ValueError, TypeError: one sentence."""
    if not isinstance(table, Mapping):
        raise TypeError(f"{where} must be a table, got {table!r}")
    known = {f.name: f for f in fields(cast("Any", kind))}
    if unknown := set(table) - set(known):
        raise ValueError(f"unknown key {min(unknown)!r} in {where}")
    needed = {
        name for name, f in known.items() if f.default is MISSING and f.default_factory is MISSING
    }
    if missing := needed - set(table):
        raise ValueError(f"missing key {min(missing)!r} in {where}")
    hints = get_type_hints(kind)
    return kind(**{key: _as(hints[key], value, f"{where}.{key}") for key, value in table.items()})


def _as(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401 - hints and values are any
    hint = getattr(hint, "__supertype__", hint)
    origin, inner = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        return decoded(cast("Any", hint), value, where)
    if origin is tuple:
        return _tuple(inner, value, where)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(inner[1], value, where)
    if origin is Literal:
        return _word(inner, value, where)
    if origin in (Union, types.UnionType):
        return _any_of(inner, value, where)
    return _real(value, where) if hint is float else _plain(hint, value, where)


def _tuple(inner: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(value, list | tuple):
        raise TypeError(f"{where} must be a list, got {value!r}")
    hints = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
    if len(hints) != len(value):
        raise ValueError(f"{where} must have {len(hints)} parts, got {len(value)}")
    pairs = zip(hints, value, strict=True)
    return tuple(_as(one, part, f"{where}.{n}") for n, (one, part) in enumerate(pairs, 1))


def _mapping(hint: Any, value: Any, where: str) -> Mapping[str, Any]:  # noqa: ANN401
    if not isinstance(value, Mapping):
        raise TypeError(f"{where} must be a table, got {value!r}")
    return MappingProxyType({key: _as(hint, one, f"{where}.{key}") for key, one in value.items()})


def _word(known: tuple[Any, ...], value: Any, where: str) -> Any:  # noqa: ANN401
    if value not in known:
        raise ValueError(f"{where} is one of {', '.join(map(str, known))}, got {value!r}")
    return value


def _any_of(hints: tuple[Any, ...], value: Any, where: str) -> Any:  # noqa: ANN401
    if value is None and type(None) in hints:
        return None
    others = [one for one in hints if one is not type(None)]
    exact = [one for one in others if type(value) is one]
    if exact or len(others) == 1:
        return _as((exact or others)[0], value, where)
    names = " or ".join(getattr(one, "__name__", str(one)) for one in others)
    raise TypeError(f"{where} must be {names}, got {value!r}")


def _real(value: Any, where: str) -> float:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{where} must be a number, got {value!r}")
    try:
        return float(value)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{where} must be a number, got {_brief(value)}") from error


def _brief(value: int | float | str) -> str:
    """Write what was given so that it fits into a sentence; a number may have any digits."""
    return (
        "one too large"
        if isinstance(value, int)
        else repr(value[:40] if isinstance(value, str) else value)
    )


def _plain(hint: Any, value: Any, where: str) -> Any:  # noqa: ANN401
    if type(value) is not hint:
        raise TypeError(f"{where} must be {hint.__name__}, got {value!r}")
    return value
