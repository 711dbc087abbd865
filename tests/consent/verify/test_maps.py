# SPDX-License-Identifier: Apache-2.0
"""Aggregates hash to their entry; maps of last entries are made anew."""

import hashlib

from tests.consent.findings import found_in
from tests.consent.forge import Forge


def test_statistics_that_hash_to_their_entry_are_no_finding(forge: Forge) -> None:
    words = b'{"inserts":3}'
    sha256 = hashlib.sha256(words).hexdigest()
    (forge.bundle / f"aggregates/{sha256}.json").write_bytes(words)
    entry = {"v": 1, "t": "aggregate", "at": forge.log[-1]["at"], "object": sha256}
    forge.add(len(forge.log), entry)
    assert found_in(forge.close()) == []
