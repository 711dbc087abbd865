# SPDX-License-Identifier: Apache-2.0
"""A process that turns strangers' files into pixels, each in a process of its own that then ends.

Rules:
1. One process waits, warm, and never looks at a file: for each it forks one that does.
2. That one gives up everything (`confinement`) before it reads the first byte, answers on the one
   descriptor that it was handed, and ends. Nothing of one person's file meets another's.
3. What it says first is how far a process is confined here, tried on one of its own: whether the
   kernel filters system calls. Where one is confined less than that, it looks at nothing.
4. Whoever takes longer than the limit is killed by the one that waits. When whoever asked is
   gone, all end.

What comes back is believed by nobody: `decoding` checks it. Imports Pillow and nothing of ours
but `confinement`. What else is to be read so (`notary`) says by which way (`wait`).
"""

import contextlib
import gc
import io
import os
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from generation import confinement

#: the longer side of what comes out, in pixels
LONGER_SIDE: Final = 1400
FORMATS: Final = ("JPEG", "PNG", "WEBP")
MEMORY: Final = 1 << 30
SECONDS: Final = 5

PIXELS: Final = b"P"
REFUSED: Final = b"R"
#: what stands before an answer: its kind, width and height
HEAD: Final = struct.Struct(">cII")
#: what stands before a file: its length
LENGTH: Final = struct.Struct(">Q")
ORDER: Final = b"j"
#: what it says once, when it waits for files: system calls are filtered, or limits alone hold
READY: Final = b"r"
LIMITED: Final = b"l"

_MODES: Final = frozenset({"RGB", "RGBA", "L", "LA", "P"})
_GREY: Final = (128, 128, 128, 255)
_CHUNK: Final = 1 << 20

Answering = Callable[[bytes], bytes]
"""Makes an answer of a file, in the process that has only that file."""


def main(control: int, seconds: int = SECONDS) -> None:
    """Wait for pictures on a descriptor until whoever asked is gone."""
    _warm()
    wait(control, seconds, answer)


def wait(control: int, seconds: int, answering: Answering) -> None:
    """Wait, as nobody, for files on a descriptor until whoever asked is gone."""
    confinement.become_nobody()
    gc.freeze()  # what is never collected is never written to, so that no page must be copied
    gc.disable()
    filtered = _filtered(seconds)
    with socket.socket(fileno=control) as orders:
        orders.sendall(READY if filtered else LIMITED)
        _serve(orders, seconds, answering, filtered=filtered)


def _filtered(seconds: int) -> bool:
    """Confine a process that has no file; say whether the kernel filters its system calls."""
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            os._exit(0 if _confined(seconds) else 1)
        os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _confined(seconds: int) -> bool:
    confinement.limit(memory=MEMORY, seconds=seconds)
    return confinement.forbid()


@dataclass(slots=True)
class _Working:
    """The processes that have a file, and when each must be done."""

    until: dict[int, float]

    def reap(self, now: float) -> None:
        """Forget who is done, kill who is late."""
        for pid, late in list(self.until.items()):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                del self.until[pid]
            elif now >= late:
                os.kill(pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill all."""
        for pid in self.until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _serve(orders: socket.socket, seconds: int, answering: Answering, *, filtered: bool) -> None:
    working = _Working({})
    while True:
        ready, _, _ = select.select([orders], [], [], 0.5 if working.until else None)
        working.reap(time.monotonic())
        if not ready:
            continue
        word, handed, _, _ = socket.recv_fds(orders, len(ORDER), 1)
        if word != ORDER or len(handed) != 1:
            break
        pid = os.fork()
        if pid == 0:
            _work(orders, handed[0], seconds, answering, filtered=filtered)
        os.close(handed[0])
        working.until[pid] = time.monotonic() + seconds
    working.end()


def _work(
    orders: socket.socket, handed: int, seconds: int, answering: Answering, *, filtered: bool
) -> None:
    """Answer for one file and end; whatever goes wrong, the end is all that is left to do."""
    with contextlib.suppress(BaseException):
        orders.close()
        if _confined(seconds) is filtered:
            _write(handed, answering(_read(handed)))
    os._exit(0)


def _read(handed: int) -> bytes:
    (length,) = LENGTH.unpack(_whole(handed, LENGTH.size))
    return _whole(handed, length)


def _whole(handed: int, length: int) -> bytes:
    parts, left = [], length
    while left:
        part = os.read(handed, min(left, _CHUNK))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _write(handed: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handed, view) :]


# --- pixels


def answer(file: bytes) -> bytes:
    """Turn a file into an answer: pixels, or a sentence that says why not."""
    try:
        made = _decoded(file)
    except Exception as fault:  # noqa: BLE001  # whatever a broken file makes a decoder raise
        made = f"cannot be decoded: {said(fault)}"
    if isinstance(made, str):
        return HEAD.pack(REFUSED, 0, 0) + made.encode()
    return HEAD.pack(PIXELS, *made.size) + made.tobytes()


def said(fault: Exception) -> str:
    """Say in words what a decoder made of a broken file."""
    match fault:
        case UnidentifiedImageError():
            return "it is neither JPEG, PNG nor WebP"
        case OSError():
            return "it is damaged or ends too early"
        case _:
            return f"it is damaged ({type(fault).__name__})"


def _decoded(file: bytes) -> Image.Image | str:
    with Image.open(io.BytesIO(file), formats=FORMATS) as image:
        if image.mode not in _MODES:
            return f"expected 8-bit RGB or grey, got {image.mode}"
        image.draft("RGB", (LONGER_SIDE, LONGER_SIDE))
        upright = ImageOps.exif_transpose(_opaque(image))
        upright = _in_srgb(upright, image.info.get("icc_profile"))
        upright.thumbnail((LONGER_SIDE, LONGER_SIDE), Image.Resampling.LANCZOS)
        return upright.convert("RGB")


def _opaque(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image if image.mode in {"RGB", "L"} else image.convert("RGB")
    ground = Image.new("RGBA", image.size, _GREY)
    ground.alpha_composite(image.convert("RGBA"))
    flat = ground.convert("RGB")
    flat.info = dict(image.info)
    return flat


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile or image.mode != "RGB":
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile says nothing; the pixels are taken as sRGB
    return turned or image


def _warm() -> None:
    """Go every way once with pictures of our own, so that nothing is left to be loaded."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGBA", (LONGER_SIDE + 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 6
    for form in FORMATS:
        file = io.BytesIO()
        kind = picture.convert("RGB") if form == "JPEG" else picture
        kind.save(file, form, exif=exif, icc_profile=profile)
        answer(file.getvalue())
    answer(b"no picture")
