# SPDX-License-Identifier: Apache-2.0
"""Tell from its bytes whether a weights file is what its name says: numbers or text, never code.

Rules:
1. A file is taken for what it can be shown to be, not for what it cannot: each format is read by
   its own structure, to the last byte, and whatever does not fit is refused.
2. Nothing here runs, unpickles or allocates what a file asks for.
Source: safetensors' format description (8 bytes of length, a JSON header, one gapless buffer);
Protocol Buffers' wire format, with the top-level fields of ONNX's and SentencePiece's messages.
"""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

_LONGEST_HEADER: Final = 100_000_000
_LONGEST_TEXT: Final = 64_000_000
_LENGTH: Final = 8
_NOWHERE: Final = (-1, -1, -1)
_BITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL"), 8),
}
_ONNX: Final = frozenset({*range(1, 9), 14, 20, 25, 26})
_SENTENCEPIECE: Final = frozenset(range(1, 6))
_EXTENSIONS: Final = 200
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}
_CODE: Final = (
    (b"PK\x03\x04", "a zip archive, as torch saves pickled weights"),
    *((bytes((0x80, protocol)), "a pickle, which can run code") for protocol in range(1, 6)),
)


class UnsafeFile(Exception):
    """A file holds, or may hold, something else than its name says; it is not opened."""


def check(path: Path) -> None:
    """Look whether a file's content is what its suffix names. Errors: UnsafeFile, OSError."""
    look = _LOOKS.get(path.suffix)
    if look is None:
        raise UnsafeFile(f"{path.name} is refused: files of this kind may hold code")
    with path.open("rb") as file:
        head = file.read(4)
        for magic, what in _CODE:
            if head.startswith(magic):
                raise UnsafeFile(f"{path.name} is refused: its content is {what}")
        size = file.seek(0, 2)
        file.seek(0)
        flaw = look(file, size)
    if flaw:
        raise UnsafeFile(f"{path.name} is refused: {flaw}")


# --- safetensors


def _safetensors(file: BinaryIO, size: int) -> str:
    length = int.from_bytes(file.read(_LENGTH), "little")
    if size < _LENGTH or not 2 <= length <= min(_LONGEST_HEADER, size - _LENGTH):  # noqa: PLR2004
        return "it does not begin as a safetensors file does"
    raw = file.read(length)
    header = _json(raw) if raw.startswith(b"{") else None
    if not isinstance(header, dict):
        return "its safetensors header is no JSON object"
    header.pop("__metadata__", None)
    end = 0
    for start, stop, width in sorted(map(_extent, header.values())):
        if start != end or stop - start != width:
            return "its tensors do not fill it without a gap"
        end = stop
    return "" if _LENGTH + length + end == size else "its tensors do not fill it without a gap"


def _extent(tensor: Any) -> tuple[int, int, int]:  # noqa: ANN401 - it is here to find out
    """Return where a tensor lies, and how wide its type and shape make it. Units: bytes."""
    try:
        start, stop = tensor["data_offsets"]
        bits, shape = _BITS[tensor["dtype"]], tensor["shape"]
        whole = all(type(one) is int and one >= 0 for one in (start, stop, *shape))
        return (start, stop, math.prod(shape, start=bits) // 8) if whole else _NOWHERE
    except (KeyError, TypeError, ValueError):
        return _NOWHERE


# --- text


def _json(raw: bytes) -> Any:  # noqa: ANN401 - whatever JSON can carry
    try:
        return json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None


def _json_file(file: BinaryIO, size: int) -> str:
    if size > _LONGEST_TEXT:
        return "it is longer than a configuration can be"
    return "it is no JSON" if _json(file.read()) is None else ""


def _text_file(file: BinaryIO, size: int) -> str:
    if size > _LONGEST_TEXT:
        return "it is longer than a word list can be"
    raw = file.read()
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "it is no text in UTF-8"
    return "it is no text" if b"\0" in raw else ""


# --- protocol buffers


def _message(known: frozenset[int], extensions: int | None) -> Callable[[BinaryIO, int], str]:
    def look(file: BinaryIO, size: int) -> str:
        at = 0
        while at < size:
            field, at = _skip(file, at, size)
            extended = extensions is not None and field >= extensions
            if field not in known and not extended:
                return "its fields are not those of its format"
        return "" if at == size and size else "it is empty or ends too early"

    return look


def _skip(file: BinaryIO, at: int, size: int) -> tuple[int, int]:
    """Step over one field; return its number, 0 for what is none, and where the next begins."""
    file.seek(at)
    key = _varint(file)
    field, wire = key >> 3, key & 7
    if wire == _VARINT:
        _varint(file)
        return field, file.tell()
    if wire == _BYTES:
        width = _varint(file)
        return (field, file.tell() + width) if width >= 0 else (0, size + 1)
    return (field, file.tell() + _FIXED[wire]) if wire in _FIXED else (0, size + 1)


def _varint(file: BinaryIO) -> int:
    """Read a base-128 number; -1 where none is."""
    value = 0
    for shift in range(0, 64, 7):
        byte = file.read(1)
        if not byte:
            return -1
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:  # noqa: PLR2004 - the last byte has no continuation bit
            return value
    return -1


_LOOKS: Final[Mapping[str, Callable[[BinaryIO, int], str]]] = {
    ".safetensors": _safetensors,
    ".json": _json_file,
    ".txt": _text_file,
    ".onnx": _message(_ONNX, None),
    ".model": _message(_SENTENCEPIECE, _EXTENSIONS),
}
