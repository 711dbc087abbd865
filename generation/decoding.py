# SPDX-License-Identifier: Apache-2.0
"""Have strangers' files decoded where they can do no harm: in the `darkroom`.

Rules:
1. No decoder sees a stranger's byte in this process.
2. An answer is pixels of a size that can be, or a short sentence; anything else, and no answer in
   time, is a file that cannot be decoded.
3. Where the darkroom cannot be had nothing is decoded: Broken(unavailable).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation import apart
from generation.apart import Apart
from generation.darkroom import HEAD, LONGER_SIDE, PIXELS, REFUSED, SECONDS

TOO_MUCH: Final = "cannot be decoded: it takes too much time or memory"
_LONGEST: Final = 200  # of a sentence, in bytes
_MOST: Final = HEAD.size + 3 * LONGER_SIDE**2


@dataclass(frozen=True, slots=True)
class Undecodable:
    """No pixels came of the file; `why` says so to its sender."""

    why: str


def decoded(file: bytes) -> NDArray[np.uint8] | Undecodable:
    """Turn a file into upright sRGB pixels, or say why not.

    Shapes: returns (H, W, 3) uint8 RGB, longer side at most 1400. Errors: Broken(unavailable)
    where no process can be had to do it.
    """
    return _DARKROOM.decoded(file)


def prepare() -> None:
    """Start the darkroom now, so that the first file does not wait for it.

    Errors: Broken(unavailable).
    """
    _DARKROOM.prepare()


def filtered() -> bool:
    """Say whether the kernel filters system calls where files are decoded, or limits alone hold.

    Errors: Broken(unavailable).
    """
    return _DARKROOM.filtered()


def _judged(answer: bytes) -> NDArray[np.uint8] | Undecodable:
    """Believe an answer as far as it can be believed."""
    if len(answer) < HEAD.size:
        return Undecodable(TOO_MUCH)
    kind, width, height = HEAD.unpack_from(answer)
    content = answer[HEAD.size :]
    if kind == REFUSED:
        said = content[:_LONGEST].decode("ascii", "replace")
        return Undecodable("".join(letter for letter in said if letter.isprintable()))
    fits = min(width, height) > 0 and max(width, height) <= LONGER_SIDE
    if kind != PIXELS or not fits or len(content) != 3 * width * height:
        return Undecodable(TOO_MUCH)
    return np.frombuffer(content, np.uint8).reshape(height, width, 3).copy()


class Darkroom(Apart):
    """The program that decodes. Units: seconds, for one file."""

    def __init__(self, seconds: int = SECONDS) -> None:
        super().__init__("generation.darkroom", most=_MOST, seconds=seconds)

    def decoded(self, file: bytes) -> NDArray[np.uint8] | Undecodable:
        """Do what `decoded` of this file does."""
        return _judged(self.answered(file))


_DARKROOM: Final = Darkroom()
apart.kept(_DARKROOM)
