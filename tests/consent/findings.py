# SPDX-License-Identifier: Apache-2.0
"""What tests of the verifier ask of a bundle, and a log that is not ours."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consent import notes, verify
from tests.consent.frauds import Found

STRANGER = notes.Signer("onlyou.test/log", Ed25519PrivateKey.from_private_bytes(b"x" * 32))


def found_in(bundle: Path) -> list[Found]:
    """Return code and entry of every finding."""
    return [(f["code"], f["seq"]) for f in verify.verify(bundle)["findings"]]
