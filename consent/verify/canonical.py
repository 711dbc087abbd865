# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON, base64url and the files of a bundle: bytes in, values out, never an error."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final


def base64url(raw: bytes) -> str:
    """Write bytes as entries carry them."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    """Read bytes as entries carry them. Errors: ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _no_float(text: str) -> Any:  # noqa: ANN401 - it never returns
    raise ValueError(f"{text} is no integer")


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_DECODER: Final = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)


def read_json(raw: bytes | None) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Read JSON with integers only; None for what is not such a thing, never an error."""
    try:
        return None if raw is None else _DECODER.decode(raw.decode())
    except (ValueError, RecursionError):
        return None


def canonical(value: Any) -> bytes:  # noqa: ANN401 - as above
    """Write a value as the one byte string that stands for it."""
    return _ENCODER.encode(value).encode()


_MOST_AT_ONCE: Final = 1 << 17
_BINARY: Final = getattr(os, "O_BINARY", 0)


class Folder:
    """The bundle's directory; whatever cannot be read is simply not there."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}/"

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None."""
        try:
            file = os.open(self._root + path, os.O_RDONLY | _BINARY)
        except (OSError, ValueError):
            return None
        try:
            parts = [os.read(file, _MOST_AT_ONCE)]
            while len(parts[-1]) == _MOST_AT_ONCE:
                parts.append(os.read(file, _MOST_AT_ONCE))
        except OSError:
            return None
        finally:
            os.close(file)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def part(self, path: str, start: int, length: int) -> bytes:
        """Return some bytes of a file, fewer where it has not so many."""
        try:
            with open(self._root + path, "rb", buffering=0) as file:  # noqa: PTH123 - it is fast
                file.seek(start)
                return file.read(length)
        except (OSError, ValueError, OverflowError):
            return b""

    def names(self, path: str) -> Iterator[str]:
        """Yield the names in a folder; none where there is no such folder."""
        try:
            with os.scandir(self._root + path) as found:
                for child in found:
                    yield child.name
        except OSError:
            return
