# SPDX-License-Identifier: Apache-2.0
"""A program that reads the credentials of strangers' files, each in a process that then ends.

As the `darkroom` does: confined by the same limits and the same short list of system calls, for
c2pa needs no other. It is told which root is trusted, and knows no key. What comes back is
believed by nobody: `credentials` checks it.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

import c2pa

from consent import entries
from generation import darkroom
from generation.darkroom import LENGTH, SECONDS

CONSENT: Final = "org.onlyou.consent"
SETTINGS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "version": 1,
        "builder": {"thumbnail": {"enabled": False}},
        "verify": {
            "ocsp_fetch": False,
            "remote_manifest_fetch": False,
            "verify_after_sign": False,
        },
    }
)
_ABSENT: Final = (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.RemoteManifest)


class State(StrEnum):
    """What became of a file's credential."""

    TRUSTED = "trusted"
    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file's credential says; label and hash only where it is trusted."""

    state: State
    label: str | None = None
    sha256: str | None = None


def main(control: int, seconds: int = SECONDS) -> None:
    """Wait for files with credentials on a descriptor until whoever asked is gone."""
    answer(order(b"no picture", "image/jpeg", ""))
    darkroom.wait(control, seconds, answer)


def order(file: bytes, media_type: str, anchor: str) -> bytes:
    """Write down what is to be read, and which root (PEM) is trusted."""
    told = json.dumps([media_type, anchor]).encode()
    return LENGTH.pack(len(told)) + told + file


def answer(ordered: bytes) -> bytes:
    """Read the file of an order; answer with what its credential says."""
    (length,) = LENGTH.unpack_from(ordered)
    told, file = ordered[LENGTH.size :][:length], ordered[LENGTH.size + length :]
    media_type, anchor = json.loads(told)
    found = read(file, media_type, anchor)
    return json.dumps([found.state, found.label, found.sha256]).encode()


def read(file: bytes, media_type: str, anchor: str) -> Reading:
    """Read a file's credential; a reader that fails on one says that it does not hold."""
    trust = {"trust": {"user_anchors": anchor}} if anchor else {}
    try:
        with c2pa.Context.from_dict({**SETTINGS, **trust}) as trusting:
            reader = c2pa.Reader.try_create(media_type, io.BytesIO(file), None, trusting)
            if reader is None:
                return Reading(state=State.ABSENT)
            with reader:
                return _read(reader)
    except _ABSENT:
        return Reading(state=State.ABSENT)
    except c2pa.C2paError:
        return Reading(state=State.INVALID)


def _read(reader: c2pa.Reader) -> Reading:
    state = State((reader.get_validation_state() or State.INVALID).lower())
    active = reader.get_active_manifest() if state is State.TRUSTED else None
    if active is None:
        return Reading(state=state)
    stated = [{"label": one["label"], "data": one["data"]} for one in active["assertions"]]
    own: Mapping[str, Any] = next((one["data"] for one in stated if one["label"] == CONSENT), {})
    return Reading(state=state, label=own.get("label"), sha256=hashed(active["label"], stated))


def hashed(name: str, assertions: list[dict[str, Any]]) -> str:
    """Hash what a credential says and how it is called."""
    return sha256(entries.canonical({"name": name, "assertions": assertions})).hexdigest()
