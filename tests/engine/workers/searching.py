# SPDX-License-Identifier: Apache-2.0
"""Search what Ray holds: its folder with logs and spill, and the memory of its own processes."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from generation import selfies
from generation.recipes import Likeness

CANARY = "KANARIENVOGEL-5f1c"
WORDS = f"a jazz singer called {CANARY}"
_PARTS = (b"raylet", b"gcs_server")
_CHUNK = 1 << 24


def likeness() -> bytes:
    """Measure a face in whose pixels and numbers the canary stands."""
    name = np.frombuffer(CANARY.encode(), np.uint8)
    pixels = np.resize(name, (16, 16, 3)).astype(np.uint8)
    vector = np.resize(np.frombuffer((CANARY * 4).encode()[:64], np.float32), 128)
    return selfies.pack(
        Likeness(
            pixels=pixels,
            box=(2, 2, 14, 14),
            landmarks=np.full((5, 2), 8, np.float32),
            vector=np.ascontiguousarray(vector),
            smile=0.5,
        )
    )


def processes(folder: Path) -> tuple[int, ...]:
    """Name Ray's own processes (its object store, its directory) that work in a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in command and any(one in command for one in _PARTS):
            found.append(int(path.name))
    return tuple(found)


def searched(folder: Path, pids: tuple[int, ...], needle: bytes) -> list[str]:
    """Name every file below a folder and every process whose memory holds some bytes."""
    files = [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and needle in path.read_bytes()
    ]
    return files + [f"memory of {pid}" for pid in pids if any(needle in m for m in _memory(pid))]


def _memory(pid: int) -> Iterator[bytes]:
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end in re.findall(r"^(\w+)-(\w+) rw", maps, re.MULTILINE):
            for at in range(int(start, 16), int(end, 16), _CHUNK):
                try:
                    memory.seek(at)
                    yield memory.read(min(_CHUNK, int(end, 16) - at))
                except (OSError, ValueError, OverflowError):
                    break
