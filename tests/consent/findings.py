# SPDX-License-Identifier: Apache-2.0
"""What tests of the verifier ask of a bundle, and a log that is not ours."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notes, verify
from tests.consent.frauds import Found

STRANGER = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"x" * 32))


_NAMES: Final = re.compile(r"\b[0-9a-f]{16,}\b|\b[\w-]{22}\b|\d+")
_SAID: Final = Path(__file__).parent / "golden" / "frauds.json"
"""What is said of each fraud, read once by us; numbers and names as #."""


def found_in(bundle: Path) -> list[Found]:
    """Return code and entry of every finding; each says in words what is wrong, and where."""
    found = verify.verify(bundle)["findings"]
    assert all(isinstance(one["detail"], str) and one["detail"] for one in found), found
    assert all("file" in one or one["seq"] is not None for one in found), found
    return [(one["code"], one["seq"]) for one in found]


def unnamed(sentences: Iterable[str]) -> list[str]:
    """Return each sentence once, with # for names and numbers."""
    return sorted({_NAMES.sub("#", one) for one in sentences})


def said_in(bundle: Path) -> list[str]:
    """Return what is said of a bundle, each sentence once."""
    found = verify.verify(bundle)["findings"]
    return unnamed(f"{one['code']}: {one['detail']}" for one in found)


def said_of(fraud: str) -> list[str]:
    """Return what is to be said of a fraud."""
    told: list[str] = json.loads(_SAID.read_text("utf-8"))[fraud]
    return told
