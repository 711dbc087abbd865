# SPDX-License-Identifier: Apache-2.0
"""The one place that says how log lines are written: for machines as JSON, for people as text.

Rules:
1. a line is a sentence that stands in our code, the fields of `consent.telling`, and of an error
   its kind and place: nobody's name, id, words, path, address or message
2. of another package's line only its template is written, and that only where it has one; what was
   filled in, or was written out beforehand, may be anybody's
3. lines of one request carry the same number, drawn here; it says nothing to anybody else
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import orjson
from typing_extensions import override

from consent.telling import TOLD, Fields

OURS: Final = ("consent", "feed", "generation", "engine", "onlyou")
"""The first part of our loggers' names."""
_LOUD: Final = ("uvicorn", "apscheduler", "alembic", "PIL", "httpx")
"""Packages that tell at length what they do when all is well."""
_KNOWN: Final = frozenset(Fields.__annotations__)
_WORD: Final = re.compile(r"[\w.,:;'(){}/*+ -]{0,160}", re.ASCII)
_UNREAD: Final = "?"
_asked: ContextVar[str] = ContextVar("asked", default="")


class Format(StrEnum):
    """How log lines are written."""

    JSON = "json"
    TEXT = "text"


class _Standard(logging.Handler):
    """Write on what is standard error at the moment, a line at a time."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; what cannot be written is lost rather than in anybody's way."""
        with suppress(OSError, ValueError):
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()


def configure(form: Format = Format.TEXT, level: int = logging.INFO) -> None:
    """Write every line of this process on standard error, in one form from now on."""
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one, _Standard)]:
        root.removeHandler(before)
    written = _Standard()
    written.setFormatter(JsonLines() if form is Format.JSON else TextLines())
    root.addHandler(written)
    root.setLevel(level)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def under(number: str) -> Iterator[None]:
    """Let every line in a block carry the same number."""
    before = _asked.set(number)
    try:
        yield
    finally:
        _asked.reset(before)


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    """Reduce a record to what may be written of it."""
    line: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "from": record.name,
        "said": _sentence(record),
    }
    if asked := _asked.get():
        line["request"] = asked
    line |= _fields(getattr(record, TOLD, {}))
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        line |= {"kind": type(error).__name__, "where": where(error)}
    return line


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Write a record as JSON."""
        return orjson.dumps(line_of(record)).decode()


class TextLines(logging.Formatter):
    """One line for people: time, level, where from, the sentence, then the fields."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Write a record as text."""
        line = line_of(record)
        head = " ".join(str(line.pop(part)) for part in ("at", "level", "from", "said"))
        return " ".join([head, *(f"{name}={_plain(value)}" for name, value in line.items())])


def where(error: BaseException) -> str:
    """Tell an error by its type and its innermost line of code, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.name} line {last.lineno}"


def _sentence(record: logging.LogRecord) -> str:
    """Take a line's sentence as it stands in code; what was filled in is left out."""
    if record.name.partition(".")[0] in OURS or record.args:
        return str(record.msg)
    return f"a line of {record.name}, which may hold anything"


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _checked(value) for name, value in told.items() if name in _KNOWN}


def _checked(value: object) -> object:
    """Let numbers and words pass, and counts by words."""
    match value:
        case bool() | int():
            return value
        case float():
            return round(value, 1)
        case str():
            return str(value) if _WORD.fullmatch(value) else _UNREAD
        case Mapping():
            return {_checked(str(name)): _checked(count) for name, count in value.items()}
        case _:
            return _UNREAD


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}:{count}" for name, count in value.items())
    text = str(value)
    return f'"{text}"' if " " in text else text
