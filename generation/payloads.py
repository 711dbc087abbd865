# SPDX-License-Identifier: Apache-2.0
"""What a watermark carries: a 32-bit reference and its CRC-16, as 48 bits.

A reference is a random number that means nothing outside this installation; nobody's id is ever
in a picture. A damaged payload is read by trying its least certain bits both ways, so that one
reading can name several references: who reads must ask which of them was ever given out.
Source: CRC-16/CCITT, initial value 0xFFFF.
"""

import binascii
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 48
#: of the least certain bits, how many are tried both ways: 2^4 readings (docs/provenance.md)
UNSURE: Final = 4
_CRC_START: Final = 0xFFFF
_BYTES: Final = 4


def written(reference: int) -> NDArray[np.bool_]:
    """Write a reference as 48 bits, most significant first. Errors: ValueError beyond 32 bits."""
    if not 0 <= reference < 1 << 8 * _BYTES:
        raise ValueError(f"expected a reference of 32 bits, got {reference}")
    plain = reference.to_bytes(_BYTES, "big")
    checked = plain + binascii.crc_hqx(plain, _CRC_START).to_bytes(2, "big")
    return np.unpackbits(np.frombuffer(checked, np.uint8)).astype(np.bool_)


def read(bits: NDArray[np.bool_]) -> int | None:
    """Read a reference whose CRC holds, else None."""
    plain = np.packbits(bits[: 8 * _BYTES]).tobytes()
    return None if _wrong(bits) else int.from_bytes(plain, "big")


def readings(scores: NDArray[np.float32], unsure: int = UNSURE) -> tuple[int, ...]:
    """Read every reference that scores may mean: positive is 1, the nearer to 0 the less certain.

    Shapes: scores (48,). Noise gives a reading in one of 65,536 / 2^unsure cases.
    """
    bits = scores > 0
    weakest = np.argsort(np.abs(scores), kind="stable")[:unsure]
    wrong = np.array([_wrong(bits)], np.uint16)
    for bit in weakest:  # the CRC is linear: what a turned bit does to it is known beforehand
        wrong = np.concatenate((wrong, wrong ^ _TURNED[bit]))
    return tuple(_turned(bits, weakest, int(tried)) for tried in np.flatnonzero(wrong == 0))


def _wrong(bits: NDArray[np.bool_]) -> int:
    """Return the CRC that the reference should have, against the one it has: 0 where it holds."""
    checked = np.packbits(bits).tobytes()
    crc = int.from_bytes(checked[_BYTES:], "big")
    return binascii.crc_hqx(checked[:_BYTES], _CRC_START) ^ crc


def _turned(bits: NDArray[np.bool_], weakest: NDArray[np.intp], tried: int) -> int:
    """Read the reference with those of the weakest bits turned that `tried` names."""
    mended = bits.copy()
    for place, bit in enumerate(weakest):
        mended[bit] ^= bool(tried >> place & 1)
    return int.from_bytes(np.packbits(mended[: 8 * _BYTES]).tobytes(), "big")


def _effects() -> NDArray[np.uint16]:
    """Say what turning each of the 48 bits does to the CRC."""
    nothing = np.zeros(BITS, np.bool_)
    one_each = np.eye(BITS, dtype=np.bool_)
    return np.array([_wrong(one) ^ _wrong(nothing) for one in one_each], np.uint16)


_TURNED: Final = _effects()
